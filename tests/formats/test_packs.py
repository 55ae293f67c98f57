"""What is read of packs: devices with their RAM, and nothing of what is made to harm."""

import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaderconv_formats.pack import device_memories, device_tree, pack_file
from loaderconv_formats.pack.device_memories import chips_of
from loaderconv_formats.pack.device_tree import parse_pdsc
from loaderconv_formats.pack.reader import read_pack
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.chip import Chip
from loaderconv_schemas.errors import UnreadableInput
from support.fuzzing import fuzz_settings
from support.packs import IRAM, SRAM, device, family, pdsc_text, read_chips, write_pdsc, zipped

DESCRIPTION = pdsc_text(family(device("STRICT1", IRAM)))


def memory(start: int, size: int, name: str = "RAM", access: str = "rwx", more: str = "") -> str:
    return f'<memory name="{name}" access="{access}" start="0x{start:08x}" size="0x{size:x}" {more}/>'


def at(start: int, size: int) -> AddressRange:
    return AddressRange(start=start, size_bytes=size)


class TestMemories:
    def test_old_style(self) -> None:
        (chip,) = read_chips(device("A", '<memory id="IROM1" start="0" size="0x10000" default="1"/>', IRAM))
        assert (chip.name, chip.vendor, chip.ram) == ("A", "Strict Silicon", (at(0x2000_0000, 0x8000),))

    def test_new_style(self) -> None:
        flash, peripheral = memory(0, 0x1000, "FLASH", "rx"), memory(0x4000_0000, 0x1000, "GPIO", "rwp")
        (chip,) = read_chips(device("A", flash, peripheral, SRAM))
        assert chip.ram == (at(0x2000_0000, 0x8000),)

    def test_decimal_numbers(self) -> None:
        (chip,) = read_chips(device("A", '<memory id="IRAM1" start="536870912" size="4096"/>'))
        assert chip.ram == (at(0x2000_0000, 4096),)

    def test_ram_is_in_address_order_and_the_default_is_the_marked_one(self) -> None:
        (chip,) = read_chips(
            device("A", memory(0x3000_0000, 64, "C"), memory(0x2400_0000, 64, "B", more='default="1"'), SRAM)
        )
        assert [each.start for each in chip.ram] == [0x2000_0000, 0x2400_0000, 0x3000_0000]
        assert chip.default_ram == chip.loader_ram == at(0x2400_0000, 64)

    def test_default_that_executes_comes_before_one_that_does_not(self) -> None:
        marked = 'default="1"'
        (chip,) = read_chips(
            device("A", memory(0x2000_0000, 64, "A", "rw", marked), memory(0x2100_0000, 64, "B", "rwx", marked))
        )
        assert chip.default_ram.start == 0x2100_0000

    def test_first_one_where_none_is_marked(self) -> None:
        (chip,) = read_chips(device("A", memory(0x2100_0000, 64, "A"), memory(0x2000_0000, 64, "B")))
        assert chip.default_ram.start == 0x2100_0000

    def test_external_loaders_of_an_stm32h7_go_to_axi_sram(self) -> None:
        axi = memory(0x2400_0000, 0x80000, "AXI")
        chips = read_chips(*(device(name, SRAM, axi) for name in ("STM32H743ZITx", "STM32H7S3L8Hx", "STM32F429ZITx")))
        assert [chip.loader_ram.start for chip in chips] == [0x2400_0000, 0x2000_0000, 0x2000_0000]
        assert {chip.default_ram.start for chip in chips} == {0x2000_0000}

    def test_empty_memory_is_no_ram(self) -> None:
        assert read_chips(device("A", memory(0x2000_0000, 0))) == ()

    def test_whole_address_space(self) -> None:
        (chip,) = read_chips(device("A", memory(0, 1 << 32)))
        assert chip.ram == (at(0, 1 << 32),)


class TestInheritance:
    def test_all_levels_add_up(self) -> None:
        (chip,) = read_chips(
            memory(0x1000_0000, 1, "A"),
            '<subFamily DsubFamily="S">',
            memory(0x2000_0000, 2, "B"),
            device("D", memory(0x3000_0000, 3, "C")),
            "</subFamily>",
        )
        assert chip.ram == (at(0x1000_0000, 1), at(0x2000_0000, 2), at(0x3000_0000, 3))

    def test_lower_level_wins_also_where_the_upper_one_comes_later(self) -> None:
        (chip,) = read_chips(device("D", memory(0x2000_0000, 64, "SRAM")), SRAM)
        assert chip.ram == (at(0x2000_0000, 64),)

    def test_siblings_do_not_mix(self) -> None:
        chips = read_chips(device("A", SRAM), device("B", memory(0x2100_0000, 64)))
        assert [len(chip.ram) for chip in chips] == [1, 1]

    def test_variants_are_chips_too(self) -> None:
        variant = f'<variant Dvariant="AT6">{memory(0x2100_0000, 64)}</variant>'
        plain, variant_chip = read_chips(device("A", SRAM, variant))
        assert (plain.name, len(plain.ram), variant_chip.name, len(variant_chip.ram)) == ("A", 1, "AT6", 2)

    def test_memories_elsewhere_do_not_count(self) -> None:
        board = f"<environment>{memory(0x6000_0000, 64, 'SDRAM')}</environment>"
        (chip,) = read_chips(device("A", SRAM, board))
        assert len(chip.ram) == 1
        text = pdsc_text(family(device("A", SRAM))).replace(b"</package>", b"<boards><memory/></boards></package>")
        assert len(chips_of(parse_pdsc(text), "")) == 1


class TestProcessors:
    CORES = '<processor Pname="CM7" Dcore="Cortex-M7"/><processor Pname="CM4" Dcore="Cortex-M4"/>'

    def test_each_has_its_own_and_the_shared_ones(self) -> None:
        shared = memory(0x3800_0000, 64, "SHARED")
        own = memory(0x2400_0000, 64, "AXI", more='Pname="CM7"') + memory(0x1000_0000, 64, "D2", more='Pname="CM4"')
        large, small = read_chips(self.CORES, device("STM32H745ZITx", shared, own))
        assert (large.name, [each.start for each in large.ram]) == ("STM32H745ZITx:CM7", [0x2400_0000, 0x3800_0000])
        assert (small.name, [each.start for each in small.ram]) == ("STM32H745ZITx:CM4", [0x1000_0000, 0x3800_0000])
        assert large.loader_ram.start == 0x2400_0000
        assert small.loader_ram == small.default_ram

    def test_same_name_for_two_processors_is_two_memories(self) -> None:
        both = memory(0x2400_0000, 64, more='Pname="CM7"') + memory(0x1000_0000, 64, more='Pname="CM4"')
        assert [chip.ram[0].start for chip in read_chips(self.CORES, device("D", both))] == [0x2400_0000, 0x1000_0000]

    def test_one_chip_where_all_is_shared(self) -> None:
        assert [chip.name for chip in read_chips(self.CORES, device("D", SRAM))] == ["D"]


class TestDamage:
    @pytest.mark.parametrize(
        ("element", "fact"),
        [
            ('<memory id="IRAM1" size="0x10"/>', "has no start"),
            ('<memory id="IRAM1" start="0"/>', "has no size"),
            ('<memory start="0" size="0x10"/>', "neither a name nor an id"),
            ('<memory id="IRAM1" start="0x" size="0x10"/>', "no number of 32 bits"),
            ('<memory id="IRAM1" start="-1" size="0x10"/>', "no number of 32 bits"),
            ('<memory id="IRAM1" start="0x100000001" size="1"/>', "no number of 32 bits"),
            (f'<memory id="IRAM1" start="0" size="0x{"F" * 100_000}"/>', "no number of 32 bits"),
            (f'<memory id="IRAM1" start="0" size="{"9" * 100_000}"/>', "no number of 32 bits"),
            ('<memory id="IRAM1" start="0xFFFFFFFF" size="2"/>', "beyond the 32-bit address space"),
            ('<memory id="IRAM1" start="0x100000000" size="0"/>', "beyond the 32-bit address space"),
        ],
    )
    def test_memory(self, element: str, fact: str) -> None:
        with pytest.raises(UnreadableInput, match=f"<memory> in line 2 .*{fact}") as refused:
            read_chips(device("A", element))
        assert len(refused.value.message) < 200
        assert refused.value.hint

    def test_memory_that_is_no_ram_may_be_odd(self) -> None:
        assert len(read_chips(device("A", '<memory name="FLASH" access="rx" start="?"/>', SRAM))) == 1

    def test_device_without_a_name(self) -> None:
        with pytest.raises(UnreadableInput, match="<device> in line 2 has no Dname"):
            read_chips(f"<device>{SRAM}</device>")

    def test_truncated_xml(self) -> None:
        for end in range(len(DESCRIPTION)):
            with pytest.raises(UnreadableInput):
                parse_pdsc(DESCRIPTION[:end])

    @pytest.mark.parametrize("data", [b"", b"hello", b"\0" * 100, b"\x7fELF", b"<html/>", b"\xff\xfe<"])
    def test_other_files(self, data: bytes) -> None:
        with pytest.raises(UnreadableInput):
            parse_pdsc(data)

    @pytest.mark.parametrize(
        "declaration",
        ['<!DOCTYPE package [<!ENTITY e "x">]>', "<!DOCTYPE package>", '<!DOCTYPE a SYSTEM "http://127.0.0.1/x">'],
    )
    def test_declarations_are_refused(self, declaration: str) -> None:
        head, mark, rest = DESCRIPTION.partition(b"?>\n")
        with pytest.raises(UnreadableInput, match="document type declaration"):
            parse_pdsc(head + mark + declaration.encode() + rest)

    def test_depth(self) -> None:
        with pytest.raises(UnreadableInput, match="inside each other"):
            parse_pdsc(b"<package>" + b"<a>" * 100_000)

    def test_bounds_of_counts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(device_tree, "MAX_ELEMENTS", 1000)
        monkeypatch.setattr(device_memories, "MAX_CHIPS", 5)
        monkeypatch.setattr(device_memories, "MAX_MEMORIES", 3)
        with pytest.raises(UnreadableInput, match="more than 1000 elements"):
            parse_pdsc(b"<package>" + b"<a/>" * 1000)
        assert len(read_chips(SRAM, *(device(f"D{n}") for n in range(5)))) == 5
        with pytest.raises(UnreadableInput, match="more than 5 devices"):
            read_chips(SRAM, *(device(f"D{n}") for n in range(6)))
        assert len(read_chips(device("A", *(memory(n << 8, 64, f"M{n}") for n in range(3))))[0].ram) == 3
        with pytest.raises(UnreadableInput, match="more than 3 memories"):
            read_chips(device("A", *(memory(n << 8, 64, f"M{n}") for n in range(4))))

    @fuzz_settings
    @given(st.integers(0, len(DESCRIPTION) - 1), st.binary(max_size=8))
    def test_any_change_is_read_or_refused(self, place: int, change: bytes) -> None:
        data = DESCRIPTION[:place] + change + DESCRIPTION[place + len(change) :]
        assert all(chip.source.isascii() and chip.name.isascii() for chip in chips_or_none(data))


class TestFiles:
    def test_description(self, tmp_path: Path) -> None:
        (chip,) = read_pack(write_pdsc(tmp_path, device("A", SRAM), name="Strict.Examples_DFP.pdsc"))
        assert chip.source == "Strict.Examples_DFP.pdsc, Strict.Examples_DFP.2.1.0"

    @pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
    def test_archive(self, tmp_path: Path, method: int) -> None:
        path = tmp_path / "no suffix"
        path.write_bytes(zipped({"Flash/a.FLM": b"\x7fELF", "a.PDSC": DESCRIPTION}, method))
        assert [chip.name for chip in read_pack(path)] == ["STRICT1"]

    def test_description_at_the_top_counts(self, tmp_path: Path) -> None:
        other = pdsc_text(family(device("OTHER", SRAM)))
        assert archive_names(tmp_path, {"examples/b.pdsc": other, "a.pdsc": DESCRIPTION}) == ["STRICT1"]
        assert archive_names(tmp_path, {"pack/b.pdsc": other}) == ["OTHER"]

    def test_two_descriptions(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableInput, match=r'2 \.pdsc files, for instance "a\.pdsc" and "b\.pdsc"'):
            archive_names(tmp_path, {"a.pdsc": DESCRIPTION, "b.pdsc": DESCRIPTION})

    @pytest.mark.parametrize("members", [{}, {"a.FLM": b"x"}], ids=["empty", "others only"])
    def test_no_description(self, tmp_path: Path, members: dict[str, bytes]) -> None:
        with pytest.raises(UnreadableInput, match=r"a\.pack: The archive holds no \.pdsc"):
            archive_names(tmp_path, members)

    def test_no_devices(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableInput, match="describes no device with RAM"):
            read_pack(write_pdsc(tmp_path))

    def test_no_such_file(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableInput, match="cannot be read"):
            read_pack(tmp_path / "missing.pack")
        with pytest.raises(UnreadableInput, match="not a regular file"):
            read_pack(tmp_path)
        with pytest.raises(UnreadableInput, match="cannot be read"):
            read_pack(Path("a\0b"))

    def test_truncated_archive(self, tmp_path: Path) -> None:
        whole = zipped({"a.pdsc": DESCRIPTION})
        path = tmp_path / "a.pack"
        for end in range(len(whole)):
            path.write_bytes(whole[:end])
            with pytest.raises(UnreadableInput):
                read_pack(path)

    @fuzz_settings
    @given(st.data())
    def test_damaged_archive_is_read_or_refused(self, data: st.DataObject) -> None:
        whole = bytearray(zipped({"a.pdsc": DESCRIPTION}))
        for _ in range(data.draw(st.integers(1, 4))):
            whole[data.draw(st.integers(4, len(whole) - 1))] = data.draw(st.integers(0, 255))
        outcome = extracted(bytes(whole))
        assert outcome in {DESCRIPTION, None}


class TestBombs:
    def test_well_packed_zeros(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableInput, match="more than 250 times"):
            archive_names(tmp_path, {"a.pdsc": b"<package>" + b" " * (8 << 20)})

    def test_size(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pack_file, "MAX_PDSC_BYTES", len(DESCRIPTION))
        assert archive_names(tmp_path, {"a.pdsc": DESCRIPTION}) == ["STRICT1"]
        longer = DESCRIPTION + b"\n"
        with pytest.raises(UnreadableInput, match=f"{len(longer)} bytes or more"):
            archive_names(tmp_path, {"a.pdsc": longer})
        path = tmp_path / "a.pdsc"
        path.write_bytes(longer)
        with pytest.raises(UnreadableInput, match=f"{len(longer)} bytes or more"):
            read_pack(path)

    def test_size_that_the_archive_hides(self, tmp_path: Path) -> None:
        whole = zipped({"a.pdsc": b"<package>" + b" " * (8 << 20)})
        real, said = struct.pack("<I", (8 << 20) + 9), struct.pack("<I", 100)
        path = tmp_path / "a.pack"
        path.write_bytes(whole.replace(real, said))
        with pytest.raises(UnreadableInput, match="damaged"):
            read_pack(path)

    def test_long_directory(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pack_file, "MAX_DIRECTORY_BYTES", 64 << 10)
        members = {f"{number:0100}": b"" for number in range(1000)}
        with pytest.raises(UnreadableInput, match="damaged or incomplete"):
            archive_names(tmp_path, {**members, "a.pdsc": DESCRIPTION})

    @pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_other_methods(self, tmp_path: Path, method: int) -> None:
        path = tmp_path / "a.pack"
        path.write_bytes(zipped({"a.pdsc": DESCRIPTION}, method))
        with pytest.raises(UnreadableInput, match="packs use deflate"):
            read_pack(path)

    def test_encrypted(self, tmp_path: Path) -> None:
        whole = bytearray(zipped({"a.pdsc": DESCRIPTION}))
        whole[whole.index(b"PK\1\2") + 8] |= 1
        path = tmp_path / "a.pack"
        path.write_bytes(whole)
        with pytest.raises(UnreadableInput, match="is encrypted"):
            read_pack(path)


def archive_names(folder: Path, members: dict[str, bytes]) -> list[str]:
    """Return the names of the chips in an archive with these members."""
    path = folder / "a.pack"
    path.write_bytes(zipped(members))
    return [chip.name for chip in read_pack(path)]


def chips_or_none(data: bytes) -> tuple[Chip, ...]:
    """Return the chips of a description, none where it is refused."""
    try:
        return chips_of(parse_pdsc(data), "a.pdsc")
    except UnreadableInput:
        return ()


def extracted(archive: bytes) -> bytes | None:
    """Return the description in an archive, None where it is refused."""
    import tempfile  # noqa: PLC0415 - hypothesis and tmp_path do not go together

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.pack")
        path.write_bytes(archive)
        try:
            return pack_file.read_pdsc(path)
        except UnreadableInput:
            return None
