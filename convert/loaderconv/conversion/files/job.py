"""A conversion from file to file, or file to files."""

from pathlib import Path

from loaderconv.conversion.files.made import MadeConversion, make
from loaderconv.conversion.files.options import ConversionOptions
from loaderconv.conversion.files.outputs import check_output
from loaderconv.conversion.files.source_file import SourceFile, read_source_file
from loaderconv_formats.file_names import shown
from loaderconv_formats.output_file import check_destination, write_all_complete
from loaderconv_formats.passes import chosen_pass
from loaderconv_schemas.errors import naming
from loaderconv_schemas.plan import ConversionReport

_SEVERAL_HINT = "Choose one with --pass N, or name a folder as OUT to convert each into a file of its own."


def preview_file(source: Path, output: Path, options: ConversionOptions) -> ConversionReport:
    """Do everything but the writing, and do not mind an output that exists.

    Raises:
        LoaderConvError: as `convert_file`, but for the writing.
    """
    return ConversionReport(plan=_made(source, output, options, replace=True).plan)


def convert_file(source: Path, output: Path, options: ConversionOptions, *, replace: bool = False) -> ConversionReport:
    """Convert the loader at `source` into a file at `output`, and the files that belong beside that.

    An FLM gets an `<algorithm>` element beside it. An IAR loader is an executable, a `.flash` and a `.board` of one
    stem, whichever of them `output` is.

    Args:
        source: file to read; it is never changed, nor is any other that belongs to it.
        output: file to write; complete, read back and verified with all others, or none of them is there.
        options: what is wanted.
        replace: existing outputs may be replaced.

    Raises:
        UsageProblem: the output path cannot be meant, or it is open which pass is.
        UnreadableInput: the input is no loader.
        ConversionRefused: another command is for this input, or the result could not behave as the source.
        RunFailed: it did not, in the emulator.
        OutputNotWritten: the file system refused.
    """
    made = _made(source, output, options, replace=replace)
    write_all_complete(made.files)
    return made.written()


def _made(source: Path, output: Path, options: ConversionOptions, *, replace: bool) -> MadeConversion:
    check_output(source, output, options.target, replace=replace)
    file = read_source_file(source, options.source, options.target, options.search)
    with naming(shown(source)):
        each = chosen_pass(file.bundle, options.pass_number, several_hint=_SEVERAL_HINT)
        made = make(file.source(each), output, options)
    check_inputs_kept(file, made)
    return made


def check_inputs_kept(file: SourceFile, made: MadeConversion) -> None:
    """Refuse to replace any file that belongs to the input. Raises UsageProblem."""
    for path in made.files:
        for read in file.files:
            check_destination(read, path, replace=True)
