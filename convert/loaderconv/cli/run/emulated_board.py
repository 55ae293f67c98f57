"""`--probe emulated:cortex-m7[:FILE]`: a target in the emulator in place of a board."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from loaderconv_formats.file_names import shown
from loaderconv_formats.output_file import write_complete
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import RunFailed, UnreadableInput, UsageProblem

if TYPE_CHECKING:
    from loaderconv.emulator.devices.flash_memory import FlashMemory
    from loaderconv.simulation.board import Board
    from loaderconv.simulation.subject import Subject

PREFIX = "emulated:"
CORES = ("cortex-m0", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33")
_HINT = f"Write --probe emulated:CORE, with one of {', '.join(CORES)}; a file for the memory may follow."


@dataclass(frozen=True)
class EmulatedProbeName:
    """What `--probe` says of an emulated target.

    Attributes:
        cpu: name of its core.
        memory_file: where the contents of its memory are kept; None: they are gone afterwards.
    """

    cpu: str
    memory_file: Path | None

    def __str__(self) -> str:
        return PREFIX + self.cpu


def parse_emulated(probe: str | None) -> EmulatedProbeName | None:
    """Return what is meant by `emulated:...`, None for any other probe.

    Raises:
        UsageProblem: there is no such core.
    """
    if probe is None or not probe.startswith(PREFIX):
        return None
    cpu, _, file_name = probe.removeprefix(PREFIX).partition(":")
    if cpu not in CORES:
        raise UsageProblem(f"There is no emulated core {cpu!r}.", hint=_HINT)
    return EmulatedProbeName(cpu, Path(file_name) if file_name else None)


def emulated_board(
    subject: "Subject", name: EmulatedProbeName, *, machine: str | None, ram: AddressRange | None
) -> "tuple[Board, FlashMemory]":
    """Return a fresh machine for a loader, and the memory that the loader serves.

    Args:
        subject: the loader.
        name: the core.
        machine: name of a kind of machine; None: what follows from the loader.
        ram: for the host; None: of the machine's.

    Raises:
        UsageProblem: there is no such machine, or the emulator is missing.
        RunFailed: nothing models the memory, or the loader does not fit into its RAM.
    """
    from loaderconv.emulator.cpu_models import CpuModel  # noqa: PLC0415
    from loaderconv.emulator.machines.registry import choose_machine  # noqa: PLC0415
    from loaderconv.simulation.board import board_on  # noqa: PLC0415
    from loaderconv.simulation.rig import Wish, need_of  # noqa: PLC0415

    need = need_of(subject, Wish(cpu=CpuModel(name.cpu)))
    board = board_on(choose_machine(need, machine), subject, need, ram=ram)
    memory = board.machine.memory
    if memory is None:
        raise RunFailed(
            f"{subject.name} serves a memory of which there is no model, so an emulated board has none.",
            hint="Choose a machine with --machine (simulate --machine list prints them), or use a real board.",
        )
    return board, memory


@contextmanager
def kept_memory(memory: "FlashMemory", file: Path | None) -> Iterator[None]:
    """Fill a memory from a file before, where the file exists, and write it back after, whatever came of the run.

    Raises:
        UnreadableInput: the file cannot be read, or has another size than the memory.
        OutputNotWritten: the file cannot be written.
    """
    if file is None:
        yield
        return
    if file.exists():
        memory.poke(0, _contents(file, memory.size_bytes))
    try:
        yield
    finally:
        write_complete(file, memory.peek(0, memory.size_bytes))


def _contents(file: Path, size_bytes: int) -> bytes:
    try:
        contents = file.read_bytes()
    except OSError as problem:
        raise UnreadableInput(
            f"{shown(file)} cannot be read: {problem.strerror or problem}.", hint="Name another file for the memory."
        ) from problem
    if len(contents) != size_bytes:
        raise UnreadableInput(
            f"{shown(file)} has {len(contents)} bytes, and the memory has {size_bytes}.",
            hint="It belongs to another memory: name another file, or remove it to begin with an empty one.",
        )
    return contents
