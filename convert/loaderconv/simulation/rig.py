"""Puts a loader on a machine: core, devices, host, and memory for the host to work in."""

from collections.abc import Callable
from dataclasses import dataclass

from loaderconv.emulator.access import Access
from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.machines.machine import Machine, MachineKind, Need
from loaderconv.emulator.machines.registry import choose_machine
from loaderconv.emulator.start_condition import StartCondition
from loaderconv.hosts.budgets import Budgets
from loaderconv.hosts.choice import host_for
from loaderconv.hosts.core import Budget
from loaderconv.hosts.cube_programmer import TransferStyle
from loaderconv.hosts.host import Host
from loaderconv.simulation.board import board_on
from loaderconv.simulation.constants import peripheral_constants
from loaderconv.simulation.cpu_choice import core_of
from loaderconv.simulation.subject import Subject
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange

BUDGET = Budget(instructions=50_000_000)


AS_TRACED = TransferStyle(static_base=0)
"""STM32CubeProgrammer sets no r9, and traces show that it holds 0 (docs/formats/stldr.md, How hosts drive it)."""


@dataclass(frozen=True)
class Wish:
    """What a user may want of a run; what is left out follows from the loader.

    Attributes:
        machine: name of a kind of machine.
        cpu: the core.
        ram: RAM for the host.
        start: the condition in which the loader meets the machine.
        style: in what versions of STM32CubeProgrammer differ.
        budget: how long one call of a routine may take.
    """

    machine: str | None = None
    cpu: CpuModel | None = None
    ram: AddressRange | None = None
    start: StartCondition = StartCondition.AFTER_RESET
    style: TransferStyle = AS_TRACED
    budget: Budget = BUDGET


@dataclass
class Rig:
    """A loader on its machine, downloaded by its host.

    Attributes:
        subject: the loader.
        kind: of the machine.
        machine: the devices.
        core: the emulated processor.
        host: with the loader.
        ram: what the host was given.
        start: the condition in which the loader met the machine.
        image: where the loader lies in memory.
        budget: how long one call of a routine may take.
    """

    subject: Subject
    kind: MachineKind
    machine: Machine
    core: UnicornCore
    host: Host
    ram: AddressRange
    start: StartCondition
    image: tuple[AddressRange, ...]
    budget: Budget = BUDGET

    def download_again(self, style: TransferStyle) -> None:
        """Begin a second session on the same machine: RAM is loaded anew, nothing is reset."""
        self.host = _host(self.core, self.subject, self.ram, style, _no_reset, self.budget)

    def place(self, address: int) -> str | None:
        """Return the name of a place in the loader's code, for an address in memory."""
        return self.subject.symbols.place(address - self.host.moved_by)


def build_rig(subject: Subject, wish: Wish, on_access: Callable[[Access], None] | None = None) -> Rig:
    """Return a fresh machine with the loader downloaded.

    Raises:
        UsageProblem: there is no machine of that name, it cannot be in that condition, or the emulator is missing.
        RunFailed: no machine is known for such a loader, or its image, stack and buffer do not fit into RAM.
        ConversionRefused: nothing describes its memory.
    """
    need = need_of(subject, wish)
    kind = choose_machine(need, wish.machine)
    return rig_on(kind, subject, need, wish, on_access)


def rig_on(
    kind: MachineKind, subject: Subject, need: Need, wish: Wish, on_access: Callable[[Access], None] | None = None
) -> Rig:
    """Return the same on a machine of a given kind. Raises as `build_rig`."""
    board = board_on(kind, subject, need, ram=wish.ram, on_access=on_access)
    core, machine, ram = board.core, board.machine, board.ram
    host = _host(core, subject, ram, wish.style, machine.reset, wish.budget)
    image = tuple(
        AddressRange(start=(each.address + host.moved_by) % ADDRESS_SPACE_BYTES, size_bytes=each.memory_size_bytes)
        for each in subject.loader.image_segments
        if each.memory_size_bytes
    )
    return Rig(subject, kind, machine, core, host, ram, wish.start, image, wish.budget)


def need_of(subject: Subject, wish: Wish) -> Need:
    """Return what decides on the machine of a loader.

    Raises:
        ConversionRefused: nothing describes its memory.
    """
    loader = subject.loader
    return Need(
        device=loader.described_device,
        image=subject.taken,
        cpu=wish.cpu or core_of(loader.identity),
        start=wish.start,
        constants=peripheral_constants(loader.image_segments),
        is_cpu_known=wish.cpu is not None or loader.identity.architecture is not None,
    )


def _no_reset() -> None:
    """Leave the devices as they are."""


def _host(
    core: UnicornCore,
    subject: Subject,
    ram: AddressRange,
    style: TransferStyle,
    reset: Callable[[], None],
    budget: Budget,
) -> Host:
    budgets = Budgets(budget)
    return host_for(core, subject.loader, ram, facts=subject.facts, style=style, reset=reset, budgets=budgets)
