"""The file that a command wrote, as text."""

from typing import Protocol

from rich.console import RenderableType

from loaderconv.report.blocks import bullets, heading, section


class Written(Protocol):
    """What the results of conversions and rewrites have in common; see their models."""

    @property
    def output(self) -> str | None:
        """Path as the user gave it; None for a dry run."""

    @property
    def output_size_bytes(self) -> int | None:
        """Size of the file."""

    @property
    def output_sha256(self) -> str | None:
        """Of the file, hex."""

    @property
    def checks(self) -> tuple[str, ...]:
        """What was re-read and compared, one sentence each."""


def written_blocks(report: Written) -> list[RenderableType]:
    """Return the file with what was verified, or that there is none."""
    if report.output is None or report.output_size_bytes is None:
        return [heading("Dry run: nothing was written.")]
    rows = [
        ("File", report.output),
        ("Size", f"{report.output_size_bytes:,} bytes"),
        ("SHA-256", str(report.output_sha256)),
    ]
    return [section("Written", rows), *bullets("Verified", report.checks, style="green")]
