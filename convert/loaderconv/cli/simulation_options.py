"""The options that say on which machine a loader is run."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from loaderconv.cli.memory_argument import parse_ram

if TYPE_CHECKING:
    from loaderconv.simulation.rig import Wish


class Cpu(StrEnum):
    """The cores that can be emulated."""

    CORTEX_M0 = "cortex-m0"
    CORTEX_M3 = "cortex-m3"
    CORTEX_M4 = "cortex-m4"
    CORTEX_M7 = "cortex-m7"
    CORTEX_M33 = "cortex-m33"


class Start(StrEnum):
    """The conditions in which a loader may meet its machine."""

    RESET = "reset"
    SECOND_SESSION = "second-session"
    MAPPED = "mapped"
    QPI = "qpi"
    FOUR_BYTE = "4-byte"
    BUSY = "busy"
    CLOCKS_GATED = "clocks-gated"


MachineOption = Annotated[
    str | None,
    typer.Option(
        "--machine",
        metavar="NAME",
        help="The devices around the core (simulate --machine list prints them); else they follow from the loader.",
    ),
]
CpuOption = Annotated[
    Cpu | None, typer.Option("--cpu", help="The core; without it the one for which the loader was built.")
]
RamOption = Annotated[
    str | None, typer.Option("--ram", metavar="BASE:SIZE", help="RAM for the host, such as 0x20000000:32K.")
]
StartOption = Annotated[Start, typer.Option("--start", help="The condition in which the loader meets the machine.")]
PassOption = Annotated[
    int | None, typer.Option("--pass", metavar="N", min=1, help="The pass of a .board that is meant, from 1.")
]


def wish_of(machine: str | None, cpu: Cpu | None, ram: str | None, start: Start) -> "Wish":
    """Return what the options ask for.

    Raises:
        UsageProblem: `--ram` is not a range.
    """
    # Imported here so that `loaderconv --help` need not wait for the models.
    from loaderconv.emulator.cpu_models import CpuModel  # noqa: PLC0415
    from loaderconv.emulator.start_condition import StartCondition  # noqa: PLC0415
    from loaderconv.simulation.rig import Wish  # noqa: PLC0415

    return Wish(
        machine=machine,
        cpu=None if cpu is None else CpuModel(cpu),
        ram=None if ram is None else parse_ram(ram),
        start=StartCondition(start),
    )
