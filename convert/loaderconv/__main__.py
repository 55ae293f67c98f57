"""Starts the command line: `loaderconv` and `python -m loaderconv`."""

import sys


def main() -> None:
    """Run the command line and leave with one of the exit codes of `loaderconv --help`."""
    try:
        from loaderconv.cli.app import app  # noqa: PLC0415 - a Ctrl-C during these imports is no reason for a traceback

        app()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
