"""The files of a conversion: the loader, and what its hosts need beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from loaderconv.conversion.files.iar_files import described_by, iar_paths
from loaderconv_formats.detection import open_xml, promised_kind
from loaderconv_formats.file_names import shown
from loaderconv_formats.output_file import check_destination
from loaderconv_formats.pack.algorithm import Algorithm, algorithm_bytes, read_algorithm
from loaderconv_schemas.errors import LoaderConvError, UsageProblem
from loaderconv_schemas.file_kind import FileKind
from loaderconv_schemas.loader import Flavour
from loaderconv_schemas.plan import ConversionPlan

_KINDS = {
    Flavour.FLM: (FileKind.FLM,),
    Flavour.STLDR: (FileKind.STLDR,),
    Flavour.IAR: (FileKind.IAR_EXECUTABLE, FileKind.IAR_FLASH, FileKind.IAR_BOARD),
}

_ADVICE = {
    Flavour.FLM: "Give the output a name that ends in .FLM.",
    Flavour.STLDR: "Give the output a name that ends in .stldr; STM32CubeProgrammer lists no others.",
    Flavour.IAR: "Give the output a name that ends in .board, .flash or .out; the other two files get its stem.",
}


@dataclass(frozen=True)
class Outputs:
    """What a conversion writes.

    Attributes:
        files: bytes by place, those that refer to others before these.
        checks: what of the files beside the loader was read back and compared, one sentence each.
    """

    files: Mapping[Path, bytes]
    checks: tuple[str, ...]


def output_paths(output: Path, target: Flavour) -> tuple[Path, ...]:
    """Return the places of all files, the one that the user named first."""
    match target:
        case Flavour.STLDR:
            return (output,)
        case Flavour.FLM:
            return (output, _algorithm_path(output))
        case Flavour.IAR:
            paths = iar_paths(output)
            return tuple(dict.fromkeys((output, paths.board, paths.flash, paths.executable)))


def check_output(source: Path, output: Path, target: Flavour, *, replace: bool) -> None:
    """Refuse an output that cannot be meant, before any work is done.

    Raises:
        UsageProblem: no such folder, the input itself, an existing file without `replace`, or a suffix that stands for
            another kind of file.
        OutputNotWritten: the file system does not take such a name.
    """
    check_destination(source, output, replace=replace)
    check_suffix(output, target)
    for path in output_paths(output, target)[1:]:
        check_destination(source, path, replace=replace)


def check_suffix(output: Path, target: Flavour) -> None:
    """Raise UsageProblem where the suffix promises another kind of file; .elf and the like promise nothing."""
    promised = promised_kind(output.suffix)
    if promised is not None and promised not in _KINDS[target]:
        raise UsageProblem(
            f"{shown(output.suffix)} stands for {promised}, and the output is {_KINDS[target][0]}.",
            hint=_ADVICE[target],
        )


def outputs_of(output: Path, program: bytes, plan: ConversionPlan, toolkit_dir: Path | None) -> Outputs:
    """Return the files of a converted loader.

    Args:
        output: the file that the user named.
        program: bytes of the loader.
        plan: what was decided.
        toolkit_dir: for IAR, what `$TOOLKIT_DIR$` stands for.

    Raises:
        UsageProblem: no other file can refer to a file of such a name.
        ConversionRefused: a value that a file beside the loader cannot hold.
    """
    match plan.target:
        case Flavour.STLDR:
            return Outputs({output: program}, ())
        case Flavour.FLM:
            path = _algorithm_path(output)
            check = f"Read back: {shown(path.name)} names the FLM, its device range, RAMstart and RAMsize as planned."
            return Outputs({path: _algorithm(output, path, plan), output: program}, (check,))
        case Flavour.IAR:
            paths = iar_paths(output)
            described = described_by(paths, plan.device, toolkit_dir)
            check = "Read back: the .flash and the .board hold device, range and references as planned."
            return Outputs({**described, paths.executable: program}, (check,))


def _algorithm_path(output: Path) -> Path:
    return output.with_name(f"{output.stem}.pdsc.xml")


def _algorithm(output: Path, path: Path, plan: ConversionPlan) -> bytes:
    planned = Algorithm(shown(output.name), plan.device.range, plan.ram)
    data = algorithm_bytes(planned)
    if read_algorithm(open_xml(data)) != planned:
        raise LoaderConvError(
            f"{shown(path)} would not say what was planned.",
            hint="This is a defect of loaderconv; nothing was written. Please report it with the input file.",
        )
    return data
