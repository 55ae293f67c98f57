"""A conversion from file to file."""

import hashlib
from pathlib import Path

from loaderconv.conversion.flm_to_stldr import PlannedStldr, plan_flm_to_stldr
from loaderconv.conversion.link_stldr import link_stldr
from loaderconv.conversion.request import StldrRequest
from loaderconv.conversion.verify_stldr import verify_stldr
from loaderconv_formats.detection import promised_kind
from loaderconv_formats.elf.writer import write_elf
from loaderconv_formats.file_names import shown
from loaderconv_formats.loader_file import read_loader_file
from loaderconv_formats.output_file import check_destination, write_complete
from loaderconv_schemas.errors import UsageProblem, naming
from loaderconv_schemas.file_kind import FileKind
from loaderconv_schemas.plan import ConversionReport


def preview_flm_to_stldr(source: Path, output: Path, request: StldrRequest) -> ConversionReport:
    """Plan the conversion of the FLM at `source`; write nothing, and do not mind an output that exists.

    Raises:
        LoaderConvError: as `convert_flm_to_stldr`, as far as it gets.
    """
    _check_output(source, output, replace=True)
    return ConversionReport(plan=_plan(source, request).plan)


def convert_flm_to_stldr(
    source: Path, output: Path, request: StldrRequest, *, replace: bool = False
) -> ConversionReport:
    """Convert the FLM at `source` into an stldr at `output`.

    Args:
        source: file to read; it is never changed.
        output: file to write; complete, read back and verified, or not there at all.
        request: what is wanted.
        replace: an existing output may be replaced.

    Raises:
        UsageProblem: the output path cannot be meant.
        UnreadableInput: the input is no loader.
        ConversionRefused: the result could not behave as the source.
        OutputNotWritten: the file system refused.
    """
    _check_output(source, output, replace=replace)
    planned = _plan(source, request)
    loader, document = link_stldr(planned)
    data = write_elf(document)
    checks = verify_stldr(data, loader)
    write_complete(output, data)
    return ConversionReport(
        plan=planned.plan,
        output=shown(output),
        output_size_bytes=len(data),
        output_sha256=hashlib.sha256(data).hexdigest(),
        checks=checks,
    )


def _check_output(source: Path, output: Path, *, replace: bool) -> None:
    """Raise UsageProblem where the output cannot be meant."""
    check_destination(source, output, replace=replace)
    promised = promised_kind(output.suffix)
    if promised not in (None, FileKind.STLDR):
        raise UsageProblem(
            f"{shown(output.suffix)} stands for {promised}, and the output is {FileKind.STLDR}.",
            hint="Give the output a name that ends in .stldr; STM32CubeProgrammer lists no others.",
        )


def _plan(source: Path, request: StldrRequest) -> PlannedStldr:
    loader_file = read_loader_file(source)
    with naming(shown(source)):
        return plan_flm_to_stldr(loader_file, shown(source.name), request)
