"""What a rewrite changed, as text."""

from rich.console import Group, RenderableType
from rich.text import Text

from loaderconv.report.blocks import bullets, heading
from loaderconv.report.output import written_blocks
from loaderconv_schemas.rewriting import RewriteReport


def rewrite_report(report: RewriteReport) -> RenderableType:
    """Return what the user reads after a rewrite or a dry run."""
    return Group(Text(f"{report.source_file}: {report.kind}", "bold"), *_changes(report), *written_blocks(report))


def _changes(report: RewriteReport) -> list[RenderableType]:
    if not report.changes:
        return [heading("Changes: none")]
    return bullets("Changes", [f"{change.message} [{change.code}]" for change in report.changes])
