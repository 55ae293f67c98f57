"""Loaders as the readers make them: hypothesis strategies for every flavour, with nothing left to put right."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from hypothesis import strategies as st

from loaderconv_formats.elf.build_facts import PC_RELATIVE_CONSTANTS, PI_FLAG, ROPI_WORD, WRITABLE_EVIDENCE
from loaderconv_formats.flm import abi as flm_abi
from loaderconv_formats.flm import flash_device
from loaderconv_formats.iar import abi as iar_abi
from loaderconv_formats.stldr import abi as stldr_abi
from loaderconv_formats.stldr import storage_info
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device, DeviceKind, SectorRun
from loaderconv_schemas.entry_point import EntryPoint, Routine
from loaderconv_schemas.iar import ArgumentBlock, IarInterface
from loaderconv_schemas.loader import Architecture, Flavour, FloatAbi, Identity, Loader
from loaderconv_schemas.memory import Part, Placement, PlacementKind, RamNeed, Segment

NAME = "made"
"""The readers take it from the file's name."""

READ_ONLY_EVIDENCE = (PI_FLAG, ROPI_WORD, PC_RELATIVE_CONSTANTS)
"""What shows that code and constants may move, in the readers' order."""

TOOLCHAINS = (
    "ARM Compiler 5.06 update 6",
    "ARM Compiler 6.16",
    "ARM Linker, 5040049 [Build 49]",
    "ARM Linker, 5.03",
    "IAR ANSI C/C++ Compiler V9.30.1.335",
    "IAR ELF Linker V8.50.9.278",
    "GCC: (Arm GNU Toolchain 13.2) 13.2.1",
    "clang version 15.0.7",
)

PRINTABLE = "".join(chr(code) for code in range(0x20, 0x7F))
OPTION = "ABCxyz0123456789_.+-"
"""Letters that a `--cpu` option may hold."""

ADDRESSES = st.integers(0, 0xFFFF_FFFF)
EVEN_ADDRESSES = st.integers(0, 0x7FFF_E000).map(lambda half: half * 2)
WORDS = st.integers(0, 0xFFFF_FFFF)
ALIGNMENTS = st.sampled_from([1 << power for power in range(10)])

SAME_MEMORY_BYTES = 1 << 16
"""Gaps up to this size count as RAM that a loader needs."""

identities = st.builds(
    Identity,
    name=st.just(NAME),
    toolchain=st.none() | st.sampled_from(TOOLCHAINS),
    cpu=st.none() | st.text(OPTION, min_size=1, max_size=30) | st.text(PRINTABLE, max_size=30),
    architecture=st.none() | st.sampled_from(Architecture),
    float_abi=st.none() | st.sampled_from(FloatAbi),
)


@st.composite
def evidence(draw: st.DrawFn) -> tuple[str, ...]:
    """Any part of what files can say on position independence, in the readers' order."""
    return tuple(words for words in (*READ_ONLY_EVIDENCE, *WRITABLE_EVIDENCE) if draw(st.booleans()))


@dataclass(frozen=True)
class Range:
    """Bytes and zeros at consecutive addresses; without bytes it is in another memory."""

    address: int
    data: bytes
    zeros_bytes: int
    writable: bool
    executable: bool

    @property
    def bytes_end(self) -> int:
        return self.address + len(self.data)

    @property
    def end(self) -> int:
        return self.bytes_end + self.zeros_bytes

    def segment(self, part: Part, start: int, end: int) -> Segment:
        """Return a part of the range as the readers give it."""
        return Segment(
            part=part,
            address=start,
            data=self.data[start - self.address : max(0, end - self.address)],
            memory_size_bytes=end - start,
            writable=self.writable,
            executable=self.executable,
        )


@st.composite
def ranges(draw: st.DrawFn) -> list[Range]:
    """Code, perhaps more bytes behind it, perhaps zeros in other memories."""
    address = draw(
        st.sampled_from([0, 4, 0x100, 0x1000, 0x2000_0004, 0x2400_0004])
        | st.integers(0, 0x3FFF).map(lambda word: 4 * word)
    )
    zeros = st.sampled_from([0, 4, 60, 64, 300])
    found = [
        Range(address, draw(st.binary(min_size=8, max_size=120)), draw(zeros), draw(st.booleans()), executable=True)
    ]
    for _ in range(draw(st.integers(0, 2))):
        address = found[-1].end + draw(st.sampled_from([0, 1, 4, 64, 65, 0x1_0000, 0x1_0001]))
        data = draw(st.binary(min_size=1, max_size=40))
        found.append(Range(address, data, draw(zeros), draw(st.booleans()), draw(st.booleans())))
    for _ in range(draw(st.integers(0, 2))):
        address = found[-1].end + draw(st.sampled_from([65, 0x1000, 0x402_0000]))
        found.append(Range(address, b"", draw(st.integers(1, 5000)), draw(st.booleans()), executable=False))
    return found


@st.composite
def entry_points(
    draw: st.DrawFn, routines: Mapping[str, Routine], where: Range, *, thumb: bool, always: tuple[str, ...] = ()
) -> tuple[EntryPoint, ...]:
    """Some of a flavour's routines, at least one, in the order of its table."""
    chosen = draw(st.sets(st.sampled_from(sorted(routines)), min_size=1)) | set(always)
    offsets = st.integers(0, (len(where.data) - 1) // 2)
    even = where.address + where.address % 2
    return tuple(
        EntryPoint(
            routine=routine,
            symbol=symbol,
            address=even + 2 * min(draw(offsets), (where.bytes_end - 1 - even) // 2),
            thumb=thumb,
            size_bytes=draw(st.integers(0, 500)),
        )
        for symbol, routine in routines.items()
        if symbol in chosen
    )


@st.composite
def sector_runs(draw: st.DrawFn, max_runs: int) -> tuple[SectorRun, ...]:
    """Runs that follow each other from offset 0, at least one sector in each."""
    runs: list[SectorRun] = []
    for _ in range(draw(st.integers(1, max_runs))):
        offset = runs[-1].end_offset_bytes if runs else 0
        size, count = draw(st.integers(1, 0x1_0000)), draw(st.integers(1, 512))
        runs.append(SectorRun(offset_bytes=offset, sector_size_bytes=size, count=count))
    return tuple(runs)


@st.composite
def devices(
    draw: st.DrawFn, kinds: Mapping[int, DeviceKind], *, max_name: int, max_runs: int, has_times: bool
) -> Device:
    """A device as a descriptor gives it."""
    type_code = draw(st.sampled_from(sorted(kinds)) | st.integers(0, 0xFFFF))
    runs = draw(sector_runs(max_runs))
    return Device(
        name=draw(st.text(PRINTABLE, max_size=max_name)),
        kind=kinds.get(type_code, DeviceKind.UNKNOWN),
        type_code=type_code,
        base_address=draw(ADDRESSES),
        size_bytes=runs[-1].end_offset_bytes,
        page_size_bytes=draw(WORDS),
        erased_value=draw(st.integers(0, 255)),
        program_timeout_ms=draw(WORDS) if has_times else None,
        erase_timeout_ms=draw(WORDS) if has_times else None,
        sectors=runs,
    )


flm_devices = devices(flash_device.KINDS, max_name=127, max_runs=20, has_times=True)
stldr_devices = devices(storage_info.KINDS, max_name=99, max_runs=10, has_times=False)


def flash_device_bytes(device: Device) -> bytes:
    """Return FlashDevice up to its terminator."""
    assert device.type_code is not None
    header = (0x0101, device.name.encode(), device.type_code, device.base_address, device.size_bytes)
    rest = (device.page_size_bytes, 0, device.erased_byte, device.program_timeout_ms, device.erase_timeout_ms)
    runs = b"".join(struct.pack("<II", run.sector_size_bytes, run.offset_bytes) for run in device.sectors)
    return struct.pack("<H128sHIIIIB3xII", *header, *rest) + runs + b"\xff" * 8


def storage_info_bytes(device: Device) -> bytes:
    """Return StorageInfo."""
    assert device.type_code is not None
    header = (device.name.encode(), device.type_code, device.base_address, device.size_bytes, device.page_size_bytes)
    runs = b"".join(struct.pack("<II", run.count, run.sector_size_bytes) for run in device.sectors)
    return (struct.pack("<100sH2xIIIB3x", *header, device.erased_byte) + runs).ljust(200, b"\0")


def descriptor_segment(address: int, data: bytes) -> Segment:
    """Return a descriptor as the readers give it."""
    return Segment(
        part=Part.DESCRIPTOR,
        address=address,
        data=data,
        memory_size_bytes=len(data),
        writable=False,
        executable=False,
    )


def ram_bytes(found: list[Range]) -> int:
    """Return the RAM for ranges; gaps count where both sides are in one memory."""
    gaps = [later.address - earlier.end for earlier, later in pairwise(found)]
    return sum(each.end - each.address for each in found) + sum(gap for gap in gaps if gap <= SAME_MEMORY_BYTES)


@st.composite
def flm_loaders(draw: st.DrawFn) -> Loader:
    """An FLM whose static base lies anywhere in its image, or nowhere."""
    found, shown, device = draw(ranges()), draw(evidence()), draw(flm_devices)
    inside = draw(st.sampled_from(found))
    static_base = draw(st.none() | st.just(inside.address) | st.integers(inside.address, inside.end - 1))
    segments: list[Segment] = []
    for each in found:
        cut = each.end if static_base is None else min(max(static_base, each.address), each.end)
        segments += [each.segment(Part.CODE, each.address, cut)] if each.address < cut else []
        segments += [each.segment(Part.DATA, cut, each.end)] if cut < each.end else []
    bytes_end = max(each.bytes_end for each in found if each.data)
    may_move = bool(set(shown) & set(READ_ONLY_EVIDENCE)) and (
        static_base is None or bool(set(shown) & set(WRITABLE_EVIDENCE))
    )
    return Loader(
        flavour=Flavour.FLM,
        identity=draw(identities),
        device=device,
        entry_points=draw(entry_points(flm_abi.ROUTINES, found[0], thumb=draw(st.booleans()))),
        segments=(*segments, descriptor_segment(bytes_end + -bytes_end % 4, flash_device_bytes(device))),
        placement=Placement(
            kind=PlacementKind.POSITION_INDEPENDENT if may_move else PlacementKind.ABSOLUTE,
            static_base=static_base,
            alignment_bytes=draw(ALIGNMENTS),
            evidence=shown,
        ),
        ram=RamNeed(image_bytes=ram_bytes(found), page_buffer_bytes=device.page_size_bytes),
    )


def plain_segments(found: list[Range]) -> tuple[Segment, ...]:
    """Return ranges as segments where nothing but executable tells code from data."""
    return tuple(each.segment(Part.CODE if each.executable else Part.DATA, each.address, each.end) for each in found)


@st.composite
def stldr_loaders(draw: st.DrawFn) -> Loader:
    """A stldr; where it tells that r9 is used, r9 points anywhere into its bytes, or there is nothing to point to."""
    found, shown, device = draw(ranges()), draw(evidence()), draw(stldr_devices)
    static_base = None
    if set(shown) & set(WRITABLE_EVIDENCE):
        inside = draw(st.sampled_from([each for each in found if each.data]))
        static_base = draw(st.none() | st.just(inside.address) | st.integers(inside.address, inside.end - 1))
    taken = [AddressRange(start=each.address, size_bytes=each.end - each.address) for each in found]
    places = (start + -start % 4 for start in (0, *(each.end for each in taken)))
    free = next(
        start for start in places if not any(AddressRange(start=start, size_bytes=200).overlaps(each) for each in taken)
    )
    return Loader(
        flavour=Flavour.STLDR,
        identity=draw(identities),
        device=device,
        entry_points=draw(entry_points(stldr_abi.ROUTINES, found[0], thumb=draw(st.booleans()))),
        segments=(*plain_segments(found), descriptor_segment(free, storage_info_bytes(device))),
        placement=Placement(
            kind=PlacementKind.ABSOLUTE,
            static_base=static_base,
            alignment_bytes=draw(ALIGNMENTS),
            evidence=shown,
        ),
        ram=RamNeed(
            image_bytes=ram_bytes(found),
            page_buffer_bytes=device.page_size_bytes,
            stack_bytes=stldr_abi.HOST_STACK_BYTES,
        ),
    )


def bytes_apart_from(found: list[Range], *others: AddressRange | None) -> int:
    """Count, one by one, the addresses of ranges that lie in none of the others."""
    outside = [each for each in others if each is not None]
    addresses = (address for each in found for address in range(each.address, each.end))
    return sum(not any(address in other for other in outside) for address in addresses)


@st.composite
def address_ranges(draw: st.DrawFn, *, min_size: int = 0, max_size: int = 0x1000) -> AddressRange:
    """A range between two even addresses."""
    half = draw(st.integers(min_size // 2, max_size // 2))
    return AddressRange(start=draw(EVEN_ADDRESSES), size_bytes=2 * half)


@st.composite
def interfaces(draw: st.DrawFn, code: Range, *, thumb: bool) -> IarInterface:
    """What C-SPY finds by symbol; the parameter block and FlashBreak are always there."""
    stack = draw(st.none() | address_ranges())
    stack_pointer = draw(st.none() | ADDRESSES) if stack is None else stack.end
    even = code.address + code.address % 2
    version_offset = draw(st.none() | st.just(even - code.address))
    arguments = st.builds(ArgumentBlock, count_address=ADDRESSES, vector=address_ranges(), text=address_ranges())
    return IarInterface(
        parameters=AddressRange(start=draw(EVEN_ADDRESSES), size_bytes=draw(st.sampled_from([20, 20, 16]))),
        buffer=draw(st.none() | address_ranges()),
        break_address=draw(EVEN_ADDRESSES),
        stack=stack,
        stack_pointer=stack_pointer,
        vector_table=None if stack_pointer is None else draw(st.none() | ADDRESSES),
        arguments=draw(st.none() | arguments),
        framework_version=None
        if version_offset is None
        else int.from_bytes(code.data[version_offset : version_offset + 2], "little"),
        framework_version_address=None if version_offset is None else code.address + version_offset,
        c_layer=draw(entry_points(iar_abi.C_LAYER, code, thumb=thumb)),
        init_table=draw(st.none() | address_ranges(min_size=2)),
    )


@st.composite
def iar_loaders(draw: st.DrawFn) -> Loader:
    """An IAR executable, relocatable or not, for Cortex-M or not."""
    found, identity = draw(ranges()), draw(identities)
    thumb = identity.architecture is not Architecture.NOT_CORTEX_M
    entries = draw(entry_points(iar_abi.ROUTINES, found[0], thumb=thumb, always=("FlashInitEntry",)))
    interface = draw(interfaces(found[0], thumb=thumb))
    is_relocatable = any(entry.routine is Routine.PRE_INIT for entry in entries)
    return Loader(
        flavour=Flavour.IAR,
        identity=identity,
        device=None,
        entry_points=entries,
        segments=plain_segments(found),
        placement=Placement(
            kind=PlacementKind.RELOCATABLE_IAR if is_relocatable else PlacementKind.ABSOLUTE,
            static_base=draw(st.none() | ADDRESSES) if is_relocatable else None,
            alignment_bytes=draw(ALIGNMENTS),
            evidence=draw(evidence()),
        ),
        ram=RamNeed(
            image_bytes=bytes_apart_from(found, interface.stack, interface.buffer),
            page_buffer_bytes=0 if interface.buffer is None else interface.buffer.size_bytes,
            stack_bytes=None if interface.stack is None else interface.stack.size_bytes,
        ),
        iar_interface=interface,
    )
