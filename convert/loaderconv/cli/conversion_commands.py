"""The six conversions as commands: `loaderconv flm-to-stldr` and so on."""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import Signature
from itertools import permutations

import typer

from loaderconv.cli.conversion_arguments import ConversionArguments, parameters_of
from loaderconv.cli.failures import with_exit_code

_NAMES = {"FLM": "a Keil .FLM", "stldr": "a .stldr", "IAR": "an IAR loader"}

_RESULTS = {
    "FLM": "an .FLM for uVision and pyOCD",
    "stldr": "a .stldr for STM32CubeProgrammer",
    "IAR": "a loader for IAR C-SPY",
}

_ABOUT_RESULTS = {
    "FLM": "Beside OUT.FLM, OUT.pdsc.xml is written: the <algorithm> element of a pack, with RAMstart and RAMsize.",
    "stldr": "Keep the name of OUT: CubeProgrammer compares it with the DeviceName inside.",
    "IAR": (
        "An .out, a .flash and a .board of the same name are written, whichever of them OUT is. They name each other by"
        " $TOOLKIT_DIR$ where they lie in the folder of --toolkit-dir, else by $PROJ_DIR$."
    ),
}

_ABOUT_PASSES = (
    "IN is a .board, .flash or .out; the others are found from there. A .board with several passes needs --pass, or a"
    " folder as OUT (one that exists, or a path that ends in a slash), in which each pass gets files of its own."
)

_OF_ALL = (
    "Prints the plan: where everything lies in RAM, what is lost, what the target must provide. The result is read back"
    " with two ELF readers before it is moved into place. A conversion that could not behave as its source is refused."
)


@dataclass(frozen=True)
class ConversionCommand:
    """One of the six.

    Attributes:
        source: name of the flavour of the input.
        target: likewise of the output.
    """

    source: str
    target: str

    @property
    def name(self) -> str:
        """By which the user calls it."""
        return f"{self.source}-to-{self.target}".lower()

    @property
    def help(self) -> str:
        """What `--help` says of it."""
        title = f"Convert {_NAMES[self.source]} into {_RESULTS[self.target]}."
        about_passes = [_ABOUT_PASSES] if self.source == "IAR" else []
        return "\n\n".join([title, _OF_ALL, _ABOUT_RESULTS[self.target], *about_passes])

    def function(self) -> Callable[..., None]:
        """Return what typer calls: a function with the options that make sense for this conversion."""

        def convert(**arguments: object) -> None:
            from loaderconv.cli.convert import run_conversion  # noqa: PLC0415 - `loaderconv --help` need not wait

            run_conversion(self.source, self.target, ConversionArguments(**arguments))  # type: ignore[arg-type]

        parameters = list(parameters_of(self.source, self.target))
        convert.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
        convert.__annotations__ = {each.name: each.annotation for each in parameters}
        return with_exit_code(convert)


def add_conversions(app: typer.Typer) -> None:
    """Register all six."""
    for source, target in permutations(_NAMES, 2):
        command = ConversionCommand(source, target)
        app.command(command.name, help=command.help)(command.function())
