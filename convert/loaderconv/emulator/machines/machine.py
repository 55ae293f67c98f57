"""What a machine is made of, and how one is described before a loader needs it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.flash_memory import FlashMemory
from loaderconv.emulator.devices.peripheral import Peripheral
from loaderconv.emulator.start_condition import StartCondition
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device


@dataclass(frozen=True)
class Need:
    """What of a loader decides on its machine; neither its name nor its bytes.

    Attributes:
        device: the memory that it serves.
        image: addresses to which it is loaded, in order; empty for one that runs anywhere.
        cpu: the core for which it was built, as far as that is known.
        is_cpu_known: the file or the user tells; a core that was only guessed speaks for no machine.
        start: the state in which it meets the machine.
        constants: words of its image that look like addresses of peripherals (0x40000000..0x5FFFFFFF, 0xA0000000..) or
            like the JEDEC id of a memory.
    """

    device: Device
    image: tuple[AddressRange, ...]
    cpu: CpuModel
    start: StartCondition = StartCondition.AFTER_RESET
    constants: frozenset[int] = frozenset()
    is_cpu_known: bool = True


@dataclass(frozen=True)
class Machine:
    """A core's surroundings, fresh.

    Attributes:
        title: for a person ("STM32F7 with QUADSPI and a serial NOR of 16 MiB").
        cpu: the core.
        ram: where code and data may be.
        peripherals: the models; their windows do not overlap.
        memory: what the loader erases and programs; None where nothing models it.
        begin_call: to be called when a routine of the loader under test begins; a machine whose answers depend on what
            a call did so far begins anew, whatever happened before.
        remarks: lists of what devices ignored and what did no harm as far as the models tell.
        reset: what a reset of the chip does to its devices; contents of memories stay.
        stand_ins: code of the machine's own that a loader calls, as a mask ROM's; its accesses count as the loader's.
        guesses: by address, how often a register that nothing models was given a guessed value to end a poll.
    """

    title: str
    cpu: CpuModel
    ram: tuple[AddressRange, ...]
    peripherals: tuple[Peripheral, ...]
    memory: FlashMemory | None
    guesses: Mapping[int, int] = field(default_factory=dict)
    stand_ins: tuple[AddressRange, ...] = ()
    begin_call: Callable[[], None] = lambda: None
    remarks: tuple[Sequence[str], ...] = ()
    reset: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class MachineKind:
    """One entry of the list of machines.

    Attributes:
        name: for `--machine`.
        summary: one line for a person.
        fits: whether it would serve a loader; of several that do, the first in the list is taken.
        starts: conditions that it can be in, beside AFTER_RESET and SECOND_SESSION, which all can.
        build: makes a fresh one.
    """

    name: str
    summary: str
    fits: Callable[[Need], bool]
    starts: frozenset[StartCondition]
    build: Callable[[Need], Machine]
