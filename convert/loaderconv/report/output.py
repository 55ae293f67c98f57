"""The files that a command wrote, as text."""

from collections.abc import Sequence

from rich.console import RenderableType

from loaderconv.report.blocks import bullets, heading, section
from loaderconv_schemas.plan import VerificationLevel, WrittenFile


def written_blocks(
    files: Sequence[WrittenFile], checks: Sequence[str], level: VerificationLevel | None = None
) -> list[RenderableType]:
    """Return the files with what was verified, or that there are none.

    Args:
        files: what was written; empty for a dry run.
        checks: what was re-read and compared, one sentence each.
        level: how far, where the command has several levels.
    """
    if not files:
        return [heading("Dry run: nothing was written.")]
    rows = [row for file in files for row in _rows(file)]
    title = "Verified" if level is None else f"Verified ({level})"
    return [section("Written", rows), *bullets(title, checks, style="green")]


def _rows(file: WrittenFile) -> list[tuple[str, str]]:
    return [("File", file.path), ("Size", f"{file.size_bytes:,} bytes"), ("SHA-256", file.sha256)]
