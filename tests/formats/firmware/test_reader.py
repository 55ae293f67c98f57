"""Firmware files: what the contents tell, which addresses come out, and what is refused."""

import struct
import sys
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaderconv_formats.firmware import reader
from loaderconv_formats.firmware.image import FirmwareImage
from loaderconv_formats.firmware.reader import read_firmware
from loaderconv_schemas.errors import LoaderConvError, UnreadableInput, UsageProblem
from support.fuzzing import edited, fuzz_settings

END = ":00000001FF"


def record(kind: int, offset: int, data: bytes) -> str:
    body = bytes([len(data), offset >> 8, offset & 0xFF, kind]) + data
    return ":" + (body + bytes([-sum(body) & 0xFF])).hex().upper()


def upper(address: int) -> str:
    return record(4, 0, struct.pack(">H", address >> 16))


def hex_file(*pieces: tuple[int, bytes], width: int = 16) -> bytes:
    lines = []
    for address, data in pieces:
        for at in range(0, len(data), width):
            lines += [upper(address + at), record(0, (address + at) & 0xFFFF, data[at : at + width])]
    return ("\r\n".join([*lines, END]) + "\r\n").encode()


def elf_file(
    *segments: tuple[int, int, bytes, int], kind: int = 1, machine: int = 40, elf_type: int = 2, class_: int = 1
) -> bytes:
    """Return a program with segments of physical address, virtual address, bytes and size in memory."""
    start = 52 + 32 * len(segments)
    ident = b"\x7fELF" + bytes([class_, 1, 1]) + bytes(9)
    header = struct.pack("<HHIIIIIHHHHHH", elf_type, machine, 1, 0, 52, 0, 0, 52, 32, len(segments), 0, 0, 0)
    headers, contents = b"", b""
    for physical, virtual, data, size in segments:
        headers += struct.pack("<8I", kind, start + len(contents), virtual, physical, len(data), size, 5, 4)
        contents += data
    return ident + header + headers + contents


def loaded_with_its_headers(*section_offsets: int) -> bytes:
    """Return a program whose segment starts with the headers of the file; "code" stands at offset 84."""
    data = bytearray(elf_file((0, 0, b"code", 4)))
    struct.pack_into("<5I", data, 52 + 4, 0, 0x0800_0000, 0x0800_0000, len(data), len(data))
    struct.pack_into("<I", data, 32, len(data))
    struct.pack_into("<HH", data, 46, 40, len(section_offsets) + 2)
    sections = [(8, 2, 0), (1, 0, 10), *((1, 2, offset) for offset in section_offsets)]  # two of them load nothing
    return bytes(data) + b"".join(
        struct.pack("<10I", 0, kind, flags, 0, offset, 2, 0, 0, 1, 0) for kind, flags, offset in sections
    )


def read(folder: Path, data: bytes, name: str = "firmware.bin", address: int | None = None) -> FirmwareImage:
    path = folder / name
    path.write_bytes(data)
    return read_firmware(path, address)


def pieces(image: FirmwareImage) -> list[tuple[int, bytes]]:
    return [(piece.address, piece.data) for piece in image.pieces]


class TestContents:
    @pytest.mark.parametrize(
        ("name", "data", "address", "expected"),
        [
            pytest.param("a.bin", b"\1\2", 0x9000_0000, [(0x9000_0000, b"\1\2")], id="binary"),
            pytest.param("a.img", b"\1\2", 0, [(0, b"\1\2")], id="binary by its address"),
            pytest.param("a.bin", b":not hex", 0, [(0, b":not hex")], id="binary that starts with a colon"),
            pytest.param("a.bin", b"\xff" * 4, 0xFFFF_FFFC, [(0xFFFF_FFFC, b"\xff" * 4)], id="binary up to the top"),
            pytest.param("a.hex", hex_file((0x9000_0000, b"abc")), None, [(0x9000_0000, b"abc")], id="hex"),
            pytest.param("a.bin", hex_file((8, b"abc")), None, [(8, b"abc")], id="hex with the name of a binary"),
            pytest.param("a", b"\n " + hex_file((8, b"abc")), None, [(8, b"abc")], id="hex behind blanks"),
            pytest.param("a.hex", hex_file((8, b"abc")) + b"\n\n\x1a", None, [(8, b"abc")], id="hex before blanks"),
            pytest.param("a.hex", hex_file((8, b"abc")).lower(), None, [(8, b"abc")], id="hex in small letters"),
            pytest.param("a.hex", f"{record(0, 8, b'a')}\n{END}".encode(), None, [(8, b"a")], id="hex of 16 bits"),
            pytest.param(
                "a.hex",
                "\r".join([record(2, 0, b"\x10\x00"), record(0, 8, b"a"), record(5, 0, bytes(4)), END]).encode(),
                None,
                [(0x10008, b"a")],
                id="hex with segments, an entry, and line ends of a Macintosh",
            ),
            pytest.param(
                "a.hex",
                hex_file((0x9000_0004, b"efgh"), (0x0800_0000, b"x"), (0x9000_0000, b"abcd")),
                None,
                [(0x0800_0000, b"x"), (0x9000_0000, b"abcdefgh")],
                id="hex, sorted and merged",
            ),
            pytest.param(
                "a.hex",
                hex_file((0, b"abcd"), (2, b"cdef"), (1, b"b")),
                None,
                [(0, b"abcdef")],
                id="hex that says the same twice",
            ),
            pytest.param(
                "a.elf",
                elf_file((0x0800_0000, 0x0800_0000, b"code", 4), (0x0800_0010, 0x2000_0000, b"data", 64)),
                None,
                [(0x0800_0000, b"code"), (0x0800_0010, b"data")],
                id="program, at its physical addresses and without BSS",
            ),
            pytest.param(
                "a.bin",
                elf_file((4, 4, b"5678", 4), (0, 0, b"1234", 4), (0x2000_0000, 0x2000_0000, b"", 64)),
                None,
                [(0, b"12345678")],
                id="program, sorted and merged, with the name of a binary",
            ),
            pytest.param(
                "a.elf", loaded_with_its_headers(86), None, [(0x0800_0056, b"de")], id="program, from its first section"
            ),
            pytest.param(
                "a.elf", loaded_with_its_headers(), None, [(0x0800_0054, b"code")], id="program, behind its headers"
            ),
        ],
    )
    def test_gives_bytes_at_addresses(
        self, tmp_path: Path, name: str, data: bytes, address: int | None, expected: list[tuple[int, bytes]]
    ) -> None:
        image = read(tmp_path, data, name, address)
        assert pieces(image) == expected
        assert image.name == name

    def test_batches_of_lines_carry_the_upper_half_of_the_address_on(self, tmp_path: Path) -> None:
        lines = [upper(0x9000_0000), *(record(0, at, b"\5") for at in range(9000)), END]
        assert pieces(read(tmp_path, "\n".join(lines).encode())) == [(0x9000_0000, b"\5" * 9000)]

    def test_a_gap_of_gigabytes_takes_no_memory(self, tmp_path: Path) -> None:
        data = hex_file((0, b"low"), (0xFFFF_FFF0, b"high"))
        read(tmp_path, data)  # loads the library
        tracemalloc.start()
        image = read(tmp_path, data)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert pieces(image) == [(0, b"low"), (0xFFFF_FFF0, b"high")]
        assert peak < 32 << 20

    def test_a_program_may_be_larger_than_loaders_are(self, tmp_path: Path) -> None:
        program = elf_file((0, 0, b"code", 4))
        assert pieces(read(tmp_path, program + bytes(17 << 20))) == [(0, b"code")]


class TestRefusals:
    @pytest.mark.parametrize(
        ("name", "data", "address", "kind", "said"),
        [
            pytest.param("a.bin", b"\1", None, UsageProblem, "does not say where it belongs", id="binary, no address"),
            pytest.param("a.hex", hex_file((0, b"a")), 0, UsageProblem, "holds its addresses", id="hex and address"),
            pytest.param("a.elf", elf_file((0, 0, b"a", 1)), 0, UsageProblem, "holds its addresses", id="ELF, address"),
            pytest.param("a.dat", b"\1", None, UnreadableInput, "neither an ELF nor", id="unknown"),
            pytest.param("a.hex", b":100", 0, UnreadableInput, "neither an ELF nor", id="named .hex"),
            pytest.param("a.axf", b"\0\0\0\0", 0, UnreadableInput, "neither an ELF nor", id="named .axf"),
            pytest.param("a.s19", b"S0030000FC\n", None, UnreadableInput, "S-record", id="S-records"),
            pytest.param("a.bin", b"S1130000" + b"0" * 34, 0, UnreadableInput, "S-record", id="S-records named .bin"),
            pytest.param("a.uf2", b"UF2\nWQ]\x9e", 0, UnreadableInput, "UF2", id="UF2"),
            pytest.param("a.bin", b"", 0, UnreadableInput, "no bytes", id="empty binary"),
            pytest.param("a.bin", b"12", 0xFFFF_FFFF, UnreadableInput, "2 bytes at 0xffffffff", id="binary, 33 bits"),
            pytest.param("a.hex", END.encode(), None, UnreadableInput, "no bytes", id="empty hex"),
            pytest.param("a.hex", hex_file((0, b"ab"))[:-13], None, UnreadableInput, "no end record", id="hex cut off"),
            pytest.param(
                "a.hex", hex_file((0, b"a")) + hex_file((9, b"b")), None, UnreadableInput, "Line 4 stands", id="two hex"
            ),
            pytest.param(
                "a.hex",
                hex_file((0, b"ab"), (2, b"cd"), (1, b"x")),
                None,
                UnreadableInput,
                "both 0x62 and 0x78 for address 0x00000001",
                id="hex that contradicts itself",
            ),
            pytest.param(
                "a.hex",
                f"{upper(0xFFFF0000)}\n{record(0, 0xFFFF, b'ab')}\n{END}".encode(),
                None,
                UnreadableInput,
                "beyond the 32-bit address space",
                id="hex, 33 bits",
            ),
            pytest.param("a.elf", elf_file(), None, UnreadableInput, "no bytes", id="ELF without segments"),
            pytest.param("a.elf", elf_file((0, 0, b"", 9)), None, UnreadableInput, "no bytes", id="ELF, BSS only"),
            pytest.param(
                "a.elf", elf_file((0, 0, b"a", 1), kind=4), None, UnreadableInput, "no bytes", id="no PT_LOAD"
            ),
            pytest.param("a.elf", elf_file(machine=3), None, UnreadableInput, "not for Arm", id="ELF for a PC"),
            pytest.param("a.elf", elf_file(class_=2), None, UnreadableInput, "not 32-bit", id="ELF of 64 bits"),
            pytest.param("a.elf", elf_file(elf_type=1), None, UnreadableInput, "not a linked", id="object file"),
            pytest.param(
                "a.elf", elf_file((0, 0, b"ab", 2))[:-1], None, UnreadableInput, "Segment 0 ends", id="ELF cut"
            ),
            pytest.param(
                "a.elf", elf_file((0, 0, b"a", 1))[:60], None, UnreadableInput, "behind the end", id="no headers"
            ),
            pytest.param("a.elf", b"\x7fELF", None, UnreadableInput, "contradict", id="ELF cut in its header"),
            pytest.param(
                "a.elf",
                elf_file((0, 0, b"ab", 2), (1, 1, b"xy", 2)),
                None,
                UnreadableInput,
                "both 0x62 and 0x78 for address 0x00000001",
                id="ELF that contradicts itself",
            ),
            pytest.param(
                "a.elf",
                elf_file((0xFFFF_FFFF, 0, b"ab", 2)),
                None,
                UnreadableInput,
                "beyond the 32-bit",
                id="ELF, 33 bits",
            ),
        ],
    )
    def test_says_why(
        self, tmp_path: Path, name: str, data: bytes, address: int | None, kind: type[LoaderConvError], said: str
    ) -> None:
        with pytest.raises(kind, match=said) as caught:
            read(tmp_path, data, name, address)
        assert name in caught.value.message
        assert caught.value.hint

    @pytest.mark.parametrize(
        ("broken", "said"),
        [
            pytest.param(":0100000061FF", "Line 6000 is damaged: record has invalid checksum", id="checksum"),
            pytest.param(":02000000619D", "Line 6000 is damaged: record has invalid length", id="length"),
            pytest.param(":0100000961", "Line 6000 is damaged", id="short"),
            pytest.param(":01000000zz00", "Line 6000 is damaged", id="no digits"),
            pytest.param("0100000061 9E", "Line 6000 is damaged", id="no colon"),
            pytest.param(record(9, 0, b"a"), "Line 6000 is damaged: record has invalid record type", id="type"),
            pytest.param(":\xe4\xf6", "Line 6000 is damaged", id="no ASCII"),
        ],
    )
    def test_names_the_damaged_line(self, tmp_path: Path, broken: str, said: str) -> None:
        lines = [record(0, number, b"\0") for number in range(5999)]
        with pytest.raises(UnreadableInput, match=said):
            read(tmp_path, "\n".join([*lines, broken, END]).encode("latin-1"))

    def test_size(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reader, "MAX_FIRMWARE_BYTES", 1 << 20)
        assert read(tmp_path, bytes(1 << 20), address=0).size_bytes == 1 << 20
        with pytest.raises(UnreadableInput, match="more than 1 MiB"):
            read(tmp_path, bytes((1 << 20) + 1), address=0)

    def test_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableInput, match="cannot be read"):
            read_firmware(tmp_path / "missing.bin", 0)

    def test_hex_without_the_library(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "intelhex", None)
        with pytest.raises(UsageProblem, match="not installed") as caught:
            read(tmp_path, hex_file((0, b"a")))
        assert caught.value.hint == 'Install it with: pip install "loaderconv[probe]"'


class TestProperties:
    @fuzz_settings
    @given(st.data())
    def test_formats_agree(self, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
        folder = tmp_path_factory.mktemp("firmware", numbered=True)
        memory = data.draw(st.dictionaries(st.integers(0xFFF0, 0x1_0040), st.integers(0, 255), min_size=1))
        cuts = data.draw(st.permutations(_runs(memory, data.draw(st.integers(1, 20)))))
        width = data.draw(st.integers(1, 20))
        from_hex = read(folder, hex_file(*cuts, width=width))
        from_elf = read(folder, elf_file(*((at, 0x2000_0000, each, len(each)) for at, each in cuts[:60])))
        assert _memory(from_hex) == memory
        assert _memory(from_elf) == {at: memory[at] for at in _addresses(cuts[:60])}
        for before, behind in zip(from_hex.pieces, from_hex.pieces[1:], strict=False):
            assert before.range.end < behind.address

    @fuzz_settings
    @given(
        edited(
            [hex_file((0, bytes(40)), (0x9000_0000, b"abc")), elf_file((0, 0, b"code", 4), (8, 8, b"data", 9))],
            [END.encode(), b"\n", upper(0xFFFF_0000).encode(), b"\xff\xff\xff\xff", b"\0\0\0\0"],
        ),
        st.sampled_from((None, 0, 0xFFFF_FFFE)),
    )
    def test_damage_is_told(self, tmp_path_factory: pytest.TempPathFactory, data: bytes, address: int | None) -> None:
        try:
            image = read(tmp_path_factory.mktemp("damaged", numbered=True), data, address=address)
        except (UnreadableInput, UsageProblem):
            return
        assert 0 < image.size_bytes <= len(data)
        assert all(piece.range.end <= 1 << 32 for piece in image.pieces)


def _runs(memory: dict[int, int], longest: int) -> list[tuple[int, bytes]]:
    """Cut a memory into pieces of some bytes at most."""
    found: list[tuple[int, bytes]] = []
    for address in sorted(memory):
        start, known = found[-1] if found else (-1, b"")
        if start + len(known) == address and len(known) < longest:
            found[-1] = (start, known + bytes([memory[address]]))
        else:
            found.append((address, bytes([memory[address]])))
    return found


def _addresses(cuts: Sequence[tuple[int, bytes]]) -> list[int]:
    return [start + offset for start, data in cuts for offset in range(len(data))]


def _memory(image: FirmwareImage) -> dict[int, int]:
    return {piece.address + offset: byte for piece in image.pieces for offset, byte in enumerate(piece.data)}
