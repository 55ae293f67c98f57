"""A rewrite from file to file."""

import hashlib
from pathlib import Path

from loaderconv.rewriting.elf_file import rewrite_elf
from loaderconv.rewriting.request import RewriteRequest
from loaderconv.rewriting.result import Rewritten
from loaderconv.rewriting.xml_file import rewrite_xml
from loaderconv_formats.detection import is_elf
from loaderconv_formats.file_bytes import read_file_bytes
from loaderconv_formats.file_names import shown
from loaderconv_formats.output_file import check_destination, write_complete
from loaderconv_schemas.errors import naming
from loaderconv_schemas.rewriting import RewriteReport


def preview_rewrite(source: Path, output: Path, request: RewriteRequest) -> RewriteReport:
    """Tell what a rewrite would change; write nothing, and do not mind an output that exists.

    Raises:
        LoaderConvError: as `rewrite_file`, as far as it gets.
    """
    check_destination(source, output, replace=True)
    _, report = _rewritten(source, request)
    return report


def rewrite_file(source: Path, output: Path, request: RewriteRequest, *, replace: bool = False) -> RewriteReport:
    """Write the loader file at `source` anew, in its own flavour, to `output`.

    Args:
        source: file to read, whatever its suffix; it is never changed.
        output: file to write; complete and read back, or not there at all.
        request: what is wanted.
        replace: an existing output may be replaced.

    Raises:
        UsageProblem: the output path cannot be meant, or an option makes no sense for this kind of file.
        UnreadableInput: the input is no loader.
        ConversionRefused: no host would take the result, or it would not be what the input is.
        OutputNotWritten: the file system refused.
    """
    check_destination(source, output, replace=replace)
    rewritten, report = _rewritten(source, request)
    write_complete(output, rewritten.data)
    return report.model_copy(
        update={
            "output": shown(output),
            "output_size_bytes": len(rewritten.data),
            "output_sha256": hashlib.sha256(rewritten.data).hexdigest(),
            "checks": rewritten.checks,
        }
    )


def _rewritten(source: Path, request: RewriteRequest) -> tuple[Rewritten, RewriteReport]:
    with naming(shown(source)):
        data = read_file_bytes(source)
        rewritten = rewrite_bytes(data, shown(source.stem), request)
    return rewritten, RewriteReport(
        source_file=shown(source),
        source_sha256=hashlib.sha256(data).hexdigest(),
        kind=rewritten.kind,
        changes=rewritten.changes,
    )


def rewrite_bytes(data: bytes, stem: str, request: RewriteRequest) -> Rewritten:
    """Rewrite the bytes of a file whose name without suffix is `stem`. Raises as `rewrite_file` does, but for paths."""
    return rewrite_elf(data, stem, request) if is_elf(data) else rewrite_xml(data, stem, request)
