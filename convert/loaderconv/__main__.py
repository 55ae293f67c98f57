"""Starts the command line: `loaderconv` and `python -m loaderconv`."""

import os
import sys


def main() -> None:
    """Run the command line and leave with one of the exit codes of `loaderconv --help`."""
    try:
        from loaderconv.cli.app import app  # noqa: PLC0415 - a Ctrl-C during these imports is no reason for a traceback

        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as problem:  # of typer's own output, such as the help; commands deal with theirs
        _leave_without_output(problem)


def _leave_without_output(problem: OSError) -> None:
    """Say that standard output does not take anything, and let the rest go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    print(f"error: Standard output could not be written: {problem.strerror}.", file=sys.stderr)  # noqa: T201
    print("hint: Check free space, and where the output goes.", file=sys.stderr)  # noqa: T201
    sys.exit(6)


if __name__ == "__main__":
    main()
