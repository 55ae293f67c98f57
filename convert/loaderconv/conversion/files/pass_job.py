"""A conversion of each pass of a loader into files of its own, in a folder."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from loaderconv.conversion.files.job import check_inputs_kept
from loaderconv.conversion.files.made import MadeConversion, make
from loaderconv.conversion.files.options import ConversionOptions
from loaderconv.conversion.files.outputs import check_output
from loaderconv.conversion.files.source_file import read_source_file
from loaderconv_formats.file_names import shown
from loaderconv_formats.output_file import write_all_complete
from loaderconv_formats.passes import chosen_pass
from loaderconv_schemas.errors import OutputNotWritten, UsageProblem, naming
from loaderconv_schemas.loader import Flavour
from loaderconv_schemas.pass_conversions import PassConversion, PassConversions
from loaderconv_schemas.plan import ConversionReport

_SUFFIXES = {Flavour.FLM: ".FLM", Flavour.STLDR: ".stldr", Flavour.IAR: ".board"}


def preview_passes(source: Path, folder: Path, options: ConversionOptions) -> PassConversions:
    """Do everything but the writing, and do not mind outputs that exist.

    Raises:
        LoaderConvError: as `convert_passes`, but for the writing.
    """
    made = _made(source, folder, options, replace=True)
    return _report({number: ConversionReport(plan=each.plan) for number, each in made.items()})


def convert_passes(source: Path, folder: Path, options: ConversionOptions, *, replace: bool = False) -> PassConversions:
    """Convert passes of the loader at `source`, the second one into `folder/<stem of source>_pass2<suffix>`.

    Args:
        source: file to read; it is never changed, nor is any other that belongs to it.
        folder: where to write; it is made where it does not exist. All files are complete, or none is there.
        options: what is wanted; without a number of a pass, all passes are.
        replace: existing outputs may be replaced.

    Raises:
        UsageProblem: the folder cannot be meant.
        UnreadableInput: the input is no loader.
        ConversionRefused: of one pass at least, the result could not behave as the source.
        RunFailed: it did not, in the emulator.
        OutputNotWritten: the file system refused.
    """
    made = _made(source, folder, options, replace=replace)
    _write(folder, {path: data for each in made.values() for path, data in each.files.items()})
    return _report({number: each.written() for number, each in made.items()})


def _made(source: Path, folder: Path, options: ConversionOptions, *, replace: bool) -> Mapping[int, MadeConversion]:
    _check_folder(folder)
    file = read_source_file(source, options.source, options.target, options.search)
    count = len(file.bundle.passes)
    made = {}
    for number in range(1, count + 1) if options.pass_number is None else [options.pass_number]:
        output = folder / f"{source.stem}_pass{number}{_SUFFIXES[options.target]}"
        if folder.is_dir():
            check_output(source, output, options.target, replace=replace)
        with naming(f"{shown(source)}, pass {number}"):
            each = chosen_pass(file.bundle, number, several_hint="")
            made[number] = make(file.source(each), output, options)
        if folder.is_dir():
            check_inputs_kept(file, made[number])
    return made


def _check_folder(folder: Path) -> None:
    try:
        usable = folder.is_dir() or (folder.parent.is_dir() and not folder.exists() and not folder.is_symlink())
    except OSError:
        usable = False
    if not usable:
        raise UsageProblem(
            f"{shown(folder)} is no folder, and none can be made there.",
            hint="Name an existing folder, or one to make.",
        )


def _write(folder: Path, files: Mapping[Path, bytes]) -> None:
    """Write all files; a folder that was made for them goes again where that fails."""
    is_new = not folder.is_dir()
    try:
        folder.mkdir(exist_ok=True)
        write_all_complete(files)
    except OSError as problem:
        raise OutputNotWritten(
            f"The folder {shown(folder)} could not be made: {problem.strerror or problem}.",
            hint="Choose another folder.",
        ) from problem
    except OutputNotWritten:
        if is_new:
            with suppress(OSError):
                folder.rmdir()
        raise


def _report(reports: Mapping[int, ConversionReport]) -> PassConversions:
    return PassConversions(
        conversions=tuple(PassConversion(number=number, report=report) for number, report in reports.items())
    )
