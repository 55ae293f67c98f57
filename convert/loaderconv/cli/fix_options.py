"""What `--fix`, `--in-place` and `--output-dir` mean together."""

from collections.abc import Callable
from pathlib import Path

from loaderconv_schemas.errors import UsageProblem


def fixed_to(output_dir: Path | None, *, fix: bool, in_place: bool) -> Callable[[Path], Path] | None:
    """Return what says where the repaired form of a file goes; None where nothing is to be repaired.

    Raises:
        UsageProblem: it is open where they go, or they go somewhere although nothing is to be repaired.
    """
    if not fix:
        if in_place or output_dir is not None:
            raise UsageProblem("--in-place and --output-dir go with --fix.", hint="Add --fix, or leave them out.")
        return None
    if in_place == (output_dir is not None):
        raise UsageProblem(
            "--fix needs to know where repaired files go.", hint="Give either --output-dir DIR or --in-place."
        )
    if output_dir is None:
        return lambda path: path
    from loaderconv.lint.fixing import beside  # noqa: PLC0415 - loads what writes files

    return beside(output_dir)
