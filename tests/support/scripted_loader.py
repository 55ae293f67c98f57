"""An IAR loader in Python behind the Core protocol: it records what C-SPY asks for, and answers what a test wants."""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from loaderconv.hosts.c_spy import CSpyHost
from loaderconv.hosts.core import GENERAL_REGISTERS, Budget, Register, Stop, StopReason
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.bundle import PassFacts
from loaderconv_schemas.device import Device, DeviceKind, SectorRun
from loaderconv_schemas.entry_point import EntryPoint, Routine
from loaderconv_schemas.iar import IarInterface, IarSettings
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.memory import Part
from support.loader_models import addresses, entry, interface, loader, segment

RAM_START = 0x2000_0000
RAM_BYTES = 0x4000
BREAK = RAM_START + 0x100
PARAMETERS = RAM_START + 0x3000
STACK_TOP = RAM_START + 0x4000
BUFFER = addresses(RAM_START + 0x1000, RAM_START + 0x1400)

STUBS = {
    Routine.INIT: "FlashInitEntry",
    Routine.PROGRAM_PAGE: "FlashWriteEntry",
    Routine.ERASE_SECTOR: "FlashEraseWriteEntry",
    Routine.CHECKSUM: "FlashChecksumEntry",
    Routine.SIGNOFF: "FlashSignoffEntry",
    Routine.PRE_INIT: "FlashPreInitEntry",
}
MANDATORY = (Routine.INIT, Routine.PROGRAM_PAGE, Routine.ERASE_SECTOR)

IMAGE = b"image" * 8

DEVICE = Device(
    name="scripted",
    kind=DeviceKind.UNKNOWN,
    base_address=0x9000_0000,
    size_bytes=0x2000,
    page_size_bytes=0x100,
    sectors=(
        SectorRun(offset_bytes=0, sector_size_bytes=0x400, count=4),
        SectorRun(offset_bytes=0x1000, sector_size_bytes=0x800, count=2),
    ),
)


BASE = DEVICE.base_address
INIT, WRITE, ERASE = Routine.INIT, Routine.PROGRAM_PAGE, Routine.ERASE_SECTOR
CHECKSUM, SIGNOFF = Routine.CHECKSUM, Routine.SIGNOFF


def span(start: int, end: int) -> AddressRange:
    """Return addresses of the device by their offsets."""
    return AddressRange(start=BASE + start, size_bytes=end - start)


@dataclass(frozen=True)
class StubCall:
    """What one stub found in theFlashParams, and in the buffer where the call brings data or a list."""

    routine: Routine
    base: int
    count: int
    offset: int
    block_size: int
    data: bytes = b""


@dataclass(frozen=True)
class Reply:
    """What a stub leaves behind; None leaves a word as it was."""

    result: int = 0
    offset: int | None = None
    block_size: int | None = None
    text: bytes = b""
    sp_moved_by: int = 0


@dataclass
class ScriptedLoader:
    """RAM that reads as zeros before anything is written, and stubs that do nothing but what is scripted.

    Attributes:
        replies: what a routine answers each time; success for the others.
        calls: everything the host asked for.
        memory: bytes by address.
        downloads: how often the image came.
    """

    replies: Mapping[Routine, Callable[[StubCall], Reply]] = field(default_factory=dict)
    calls: list[StubCall] = field(default_factory=list)
    memory: dict[int, int] = field(default_factory=dict)
    registers: dict[Register, int] = field(default_factory=dict)
    downloads: int = 0

    @property
    def marked_registers(self) -> tuple[Register, ...]:
        return GENERAL_REGISTERS

    def read_memory(self, address: int, size_bytes: int) -> bytes:
        return bytes(self.memory.get(at, 0) for at in range(address, address + size_bytes))

    def write_memory(self, address: int, data: bytes) -> None:
        self.downloads += data == IMAGE
        self.memory.update(enumerate(data, address))

    def read_register(self, register: Register) -> int:
        return self.registers[register]

    def write_register(self, register: Register, value: int) -> None:
        self.registers[register] = value

    def run(self, stop_address: int, budget: Budget, meanwhile: Callable[[], None] | None = None) -> Stop:
        assert meanwhile is None, "there is one buffer"
        assert stop_address == BREAK
        routine = list(STUBS)[(self.registers[Register.PC] - RAM_START) // 8]
        base, count, offset, buffer, block_size = struct.unpack("<IIIII", self.read_memory(PARAMETERS, 20))
        assert buffer == BUFFER.start or routine is Routine.PRE_INIT, "FlashPreInitEntry gets no parameters"
        size = {Routine.PROGRAM_PAGE: count, Routine.ERASE_SECTOR: count if block_size else 8 * count}.get(routine, 0)
        call = StubCall(routine, base, count, offset, block_size, self.read_memory(buffer, size))
        self.calls.append(call)
        reply = self.replies[routine](call) if routine in self.replies else Reply()
        words = (
            base,
            reply.result,
            offset if reply.offset is None else reply.offset,
            buffer,
            block_size if reply.block_size is None else reply.block_size,
        )
        self.write_memory(PARAMETERS, struct.pack("<IIIII", *words))
        self.write_memory(BUFFER.start, reply.text)
        self.registers[Register.SP] += reply.sp_moved_by
        return Stop(StopReason.STOP_ADDRESS, stop_address, instructions=10)

    def routines(self) -> list[Routine]:
        """Return the order of the calls."""
        return [call.routine for call in self.calls]

    def of(self, routine: Routine) -> list[StubCall]:
        """Return the calls of one routine."""
        return [call for call in self.calls if call.routine is routine]


def always(reply: Reply) -> Callable[[StubCall], Reply]:
    """Return a script that does not look at the call."""
    return lambda _call: reply


def host_for(scripted: ScriptedLoader, made: Loader | None = None, **facts: object) -> CSpyHost:
    """Return the host, with facts of its pass that differ from none."""
    return CSpyHost(scripted, made or model(), facts=PassFacts.model_validate(facts))


def scripted_interface(**known: object) -> IarInterface:
    """Return the interface of the model, with what differs."""
    usual: dict[str, object] = {
        "parameters": addresses(PARAMETERS, PARAMETERS + 20),
        "buffer": BUFFER,
        "break_address": BREAK,
        "stack_pointer": STACK_TOP,
        "stack": addresses(STACK_TOP - 0x400, STACK_TOP),
    }
    return interface(**{**usual, **known})


def model(
    *optional: Routine,
    device: Device | None = DEVICE,
    aggregate: bool = False,
    args: tuple[str, ...] = (),
    **other: object,
) -> Loader:
    """Return the model of a scripted loader with the mandatory stubs and optional ones."""
    entries = [_stub(routine) for routine in STUBS if routine in MANDATORY or routine in optional]
    settings = IarSettings(executable="scripted.out", aggregate=aggregate, arguments=args)
    fields = {"iar_interface": scripted_interface(), "iar_settings": settings, **other}
    return loader(Flavour.IAR, segment(Part.CODE, RAM_START, IMAGE), device=device, entries=entries, **fields)


def _stub(routine: Routine) -> EntryPoint:
    return entry(routine, STUBS[routine], RAM_START + 8 * list(STUBS).index(routine))
