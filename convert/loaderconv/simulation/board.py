"""The emulated target of a loader: a core with RAM and devices, and nothing downloaded."""

from collections.abc import Callable
from dataclasses import dataclass

from loaderconv.emulator.access import Access
from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.machines.machine import Machine, MachineKind, Need
from loaderconv.emulator.memory_map import GRAIN_BYTES
from loaderconv.emulator.start_condition import StartCondition
from loaderconv.simulation.aliases import alias_of
from loaderconv.simulation.host_ram import ram_for
from loaderconv.simulation.ranges import on_grid
from loaderconv.simulation.subject import Subject
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange
from loaderconv_schemas.errors import UsageProblem

ALWAYS_POSSIBLE = (StartCondition.AFTER_RESET, StartCondition.SECOND_SESSION)


@dataclass(frozen=True)
class Board:
    """A machine around a core.

    Attributes:
        kind: of the machine.
        machine: the devices.
        core: the emulated processor.
        ram: what of the RAM a host gets.
    """

    kind: MachineKind
    machine: Machine
    core: UnicornCore
    ram: AddressRange


def board_on(
    kind: MachineKind,
    subject: Subject,
    need: Need,
    *,
    ram: AddressRange | None = None,
    on_access: Callable[[Access], None] | None = None,
) -> Board:
    """Return a fresh machine for a loader.

    Args:
        kind: of the machine.
        subject: the loader.
        need: what the machine is built for.
        ram: for the host; None: of the machine's.
        on_access: told of each access of the code to a device.

    Raises:
        UsageProblem: the machine cannot be in the condition, or the emulator is missing.
        RunFailed: image, stack and buffer do not fit into its RAM.
    """
    if need.start not in (*ALWAYS_POSSIBLE, *kind.starts):
        possible = ", ".join(sorted([*ALWAYS_POSSIBLE, *kind.starts]))
        raise UsageProblem(
            f"The machine {kind.name} cannot be in the condition {need.start}: {need.start.meaning}.",
            hint=f"Choose from {possible}, or another machine with --machine.",
        )
    machine = kind.build(need)
    host_ram = ram_for(subject.loader, machine.ram if ram is None else (ram,), machine.title)
    memory = on_grid([*machine.ram, *need.image, host_ram], GRAIN_BYTES)
    base = _host_base(subject)
    devices = (*machine.peripherals, *alias_of(machine.peripherals, need.device.range, base, memory))
    core = UnicornCore(machine.cpu, ram=memory, peripherals=devices, on_access=on_access)
    return Board(kind, machine, core, host_ram)


def _host_base(subject: Subject) -> int:
    """Return where the host has the first byte of the memory, which is not always where the loader has it."""
    own = subject.loader.described_device.base_address
    return (own - subject.facts.address_delta) % ADDRESS_SPACE_BYTES
