"""Fuzzes one target until its time is over; `run.py` starts it, with libFuzzer's options behind target and folder."""

import hashlib
import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[1]))

with atheris.instrument_imports(include=["elftools", "loaderconv.lint", "loaderconv_formats", "loaderconv_schemas"]):
    from fuzz.targets import TARGETS


def main() -> None:
    """Hand the inputs of libFuzzer to the target; an exception saves its input and ends the process."""
    name, findings, *options = sys.argv[1:]
    check = TARGETS[name].check

    def check_and_save(data: bytes) -> None:
        try:
            check(data)
        except BaseException:
            # libFuzzer does the same, unless its timer ends the process while the exception is on its way.
            Path(findings, f"{name}-crash-{hashlib.sha1(data, usedforsecurity=False).hexdigest()}").write_bytes(data)
            raise

    atheris.Setup([sys.argv[0], *options], check_and_save)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
