"""Mask ROM with tables of functions that nobody has: every call is taken down, and answered with 0.

NXP's loaders call flash drivers in ROM: a word at a known address is the address of a function, or of a table of them
(LPC553x reference manual, chapter "ROM API"; i.MX RT and LPC18xx likewise). What is in the ROM is not known here, but
0 is what those functions return when all is well.

So a word of the ROM reads as the address of a node, which serves as both: code that can be called, and a table whose
entries are addresses of code. All of that code hands r0 to r3 to a small window, by which the model learns of the
call, and returns what it reads there. Entry 0 of a table is no function; in the known ones it is a version number.
"""

import struct
from dataclasses import dataclass

from loaderconv.emulator.devices.peripheral import Window
from loaderconv_schemas.address_range import AddressRange

ROMS = (
    AddressRange(start=0x0020_0000, size_bytes=0x4_0000),
    AddressRange(start=0x0300_0000, size_bytes=0x4_0000),
    AddressRange(start=0x1040_0000, size_bytes=0x1_0000),
    AddressRange(start=0x1300_0000, size_bytes=0x4_0000),
)
"""i.MX RT, LPC55 (non-secure), LPC18xx and LPC43xx, LPC55 (secure)."""

CODE = AddressRange(start=0x13F0_0000, size_bytes=0x2_8000)
"""Where the code lies to which all pointers lead; nothing is there on the chips."""

CALLS = AddressRange(start=0x13F8_0000, size_bytes=0x400)
"""Where that code reports to."""

NODES = 64
NODE_BYTES = 0x100
ENTRIES = 60
FIRST_STUB = CODE.start + NODES * NODE_BYTES
STUB_BYTES = 8
HANDLER = CODE.end - 0x100

MOV_IP_PC = 0x46FC
SHORT_BRANCH = 0xE000
PC_AHEAD_BYTES = 4
VENEER = NODE_BYTES - 4

REPORT = struct.pack(
    "<HHHHHHHHHHHHI",
    0xB410,  # push {r4}
    0x4C05,  # ldr r4, [pc, #20]: the word at the end
    0xF8C4, 0xC000,  # str.w ip, [r4]
    0x6060,  # str r0, [r4, #4]
    0x60A1,  # str r1, [r4, #8]
    0x60E2,  # str r2, [r4, #12]
    0x6123,  # str r3, [r4, #16]
    0x6960,  # ldr r0, [r4, #20]
    0xBC10,  # pop {r4}
    0x4770,  # bx lr
    0xBF00,  # nop
    CALLS.start,
)  # fmt: skip
LAST_ARGUMENT = 0x10
WORD_BYTES = 4
THUMB_BIT = 1


@dataclass(frozen=True)
class RomCall:
    """A call into the ROM.

    Attributes:
        pointer_address: where in the ROM the loader found its way.
        entry: of the table to which the pointer leads; 0 where the pointer was called itself.
        arguments: r0 to r3.
    """

    pointer_address: int
    entry: int
    arguments: tuple[int, ...]

    def __str__(self) -> str:
        listed = ", ".join(f"0x{argument:x}" for argument in self.arguments)
        return f"call through 0x{self.pointer_address:08x}, entry {self.entry}: {listed}"


class MaskRom:
    """The ROMs, their stand-in code and the record of calls.

    Attributes:
        calls: in order.
        violations: always empty.
    """

    def __init__(self, roms: tuple[AddressRange, ...] = ROMS) -> None:
        self.calls: list[RomCall] = []
        self.violations: list[str] = []
        self._roms = roms
        self._pointers: dict[int, int] = {}
        self._report: list[int] = []

    def windows(self) -> tuple[Window, ...]:
        """Return the ROMs, and the window for reports."""
        return (*(self._rom_window(rom) for rom in self._roms), Window("ROM calls", CALLS, _answer, self._take))

    def code(self) -> tuple[tuple[int, bytes], ...]:
        """Return where there is code, and what."""
        nodes = b"".join(_node(number) for number in range(NODES))
        stubs = b"".join(_stub(FIRST_STUB + number * STUB_BYTES) for number in range(NODES * ENTRIES))
        contents = (nodes + stubs).ljust(HANDLER - CODE.start, b"\0") + REPORT
        return ((CODE.start, contents.ljust(CODE.size_bytes, b"\0")),)

    def _rom_window(self, rom: AddressRange) -> Window:
        def read(offset: int, size_bytes: int) -> int:
            address = rom.start + offset & -WORD_BYTES
            node = address // WORD_BYTES % NODES
            self._pointers[node] = address
            return (_node_address(node) | THUMB_BIT) >> 8 * (offset & 3) & (1 << 8 * size_bytes) - 1

        def write(offset: int, _size_bytes: int, _value: int) -> None:
            self.violations.append(f"mask ROM written at 0x{rom.start + offset:08x}")

        return Window("mask ROM", rom, read, write)

    def _take(self, offset: int, _size_bytes: int, value: int) -> None:
        """Take the address of a stub, then r0 to r3."""
        self._report = [value] if not offset else [*self._report, value]
        if offset != LAST_ARGUMENT:
            return
        caller, *arguments = self._report
        caller -= PC_AHEAD_BYTES
        if caller >= FIRST_STUB:
            node, entry = divmod((caller - FIRST_STUB) // STUB_BYTES, ENTRIES)
            entry += 1
        else:
            node, entry = (caller - CODE.start) // NODE_BYTES, 0
        self.calls.append(RomCall(self._pointers.get(node, 0), entry, tuple(arguments)))


def _answer(_offset: int, _size_bytes: int) -> int:
    return 0


def _node_address(number: int) -> int:
    return CODE.start + number * NODE_BYTES


def _node(number: int) -> bytes:
    """Return a node: code, a table, and the way to the report.

    A pointer to it has the Thumb bit set, so a table's entries lie at odd addresses; entry 1 starts at offset 5.
    """
    start = _node_address(number)
    code = struct.pack("<HH", MOV_IP_PC, SHORT_BRANCH | (VENEER - 2 - PC_AHEAD_BYTES) // 2)
    first = FIRST_STUB + number * ENTRIES * STUB_BYTES
    table = b"".join(struct.pack("<I", first + entry * STUB_BYTES | THUMB_BIT) for entry in range(ENTRIES))
    return (code + b"\0" + table).ljust(VENEER, b"\0") + _branch(start + VENEER, HANDLER)


def _stub(address: int) -> bytes:
    return (struct.pack("<H", MOV_IP_PC) + _branch(address + 2, HANDLER)).ljust(STUB_BYTES, b"\0")


def _branch(source: int, target: int) -> bytes:
    """Return B.W forwards (Armv7-M manual, A7.7.12, T4), near enough that I1 and I2 are 0, so J1 and J2 are 1."""
    distance = target - source - PC_AHEAD_BYTES
    return struct.pack("<HH", 0xF000 | distance >> 12, 0xB800 | distance >> 1 & 0x7FF)
