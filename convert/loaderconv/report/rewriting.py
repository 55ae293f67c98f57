"""What a rewrite changed, as text."""

from rich.console import Group, RenderableType
from rich.text import Text

from loaderconv.report.blocks import bullets, heading
from loaderconv.report.output import written_blocks
from loaderconv_schemas.plan import WrittenFile
from loaderconv_schemas.rewriting import RewriteReport


def rewrite_report(report: RewriteReport) -> RenderableType:
    """Return what the user reads after a rewrite or a dry run."""
    title = Text(f"{report.source_file}: {report.kind}", "bold")
    return Group(title, *_changes(report), *written_blocks(_written(report), report.checks))


def _written(report: RewriteReport) -> list[WrittenFile]:
    if report.output is None or report.output_size_bytes is None or report.output_sha256 is None:
        return []
    return [WrittenFile(path=report.output, size_bytes=report.output_size_bytes, sha256=report.output_sha256)]


def _changes(report: RewriteReport) -> list[RenderableType]:
    if not report.changes:
        return [heading("Changes: none")]
    return bullets("Changes", [f"{change.message} [{change.code}]" for change in report.changes])
