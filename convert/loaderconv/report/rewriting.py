"""What a rewrite changed, as text."""

from rich.console import Group, RenderableType
from rich.text import Text

from loaderconv.report.blocks import bullets, heading, section
from loaderconv_schemas.rewriting import RewriteReport


def rewrite_report(report: RewriteReport) -> RenderableType:
    """Return what the user reads after a rewrite or a dry run."""
    return Group(Text(f"{report.source_file}: {report.kind}", "bold"), *_changes(report), *_result(report))


def _changes(report: RewriteReport) -> list[RenderableType]:
    if not report.changes:
        return [heading("Changes: none")]
    return bullets("Changes", [f"{change.message} [{change.code}]" for change in report.changes])


def _result(report: RewriteReport) -> list[RenderableType]:
    if report.output is None or report.output_size_bytes is None:
        return [heading("Dry run: nothing was written.")]
    rows = [
        ("File", report.output),
        ("Size", f"{report.output_size_bytes:,} bytes"),
        ("SHA-256", str(report.output_sha256)),
    ]
    return [section("Written", rows), *bullets("Verified", report.checks, style="green")]
