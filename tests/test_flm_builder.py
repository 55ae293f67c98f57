"""The ELF builder of the tests: readelf and pyelftools find in its files what the recipe said."""

import io
import shutil
import struct
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import Symbol, SymbolTableSection

from support.elf_numbers import EABI3, EM_386, EM_RISCV, STT_FUNC, STV_DEFAULT
from support.flm_builder import build, flash_device
from support.flm_recipe import (
    BUILD_ATTRIBUTES,
    FLASH_DEVICE_SIZE_BYTES,
    RETURN_ZERO,
    ROUTINES,
    SHORT_FLASH_DEVICE_SIZE_BYTES,
    ExtraSymbol,
    FlmRecipe,
    gcc_shaped,
    routines_without,
)

READELF = shutil.which("arm-none-eabi-readelf")


def elf_of(recipe: FlmRecipe) -> ELFFile:
    return ELFFile(io.BytesIO(build(recipe)))


def symbols_of(elf: ELFFile) -> dict[str, Symbol]:
    table = elf.get_section_by_name(".symtab")
    assert isinstance(table, SymbolTableSection)
    return {symbol.name: symbol for symbol in table.iter_symbols()}


def sections_of(elf: ELFFile) -> list[tuple[str, str, int, int]]:
    """Name, type, address and size of the loaded sections."""
    return [
        (section.name, section["sh_type"], section["sh_addr"], section["sh_size"])
        for section in elf.iter_sections()
        if section["sh_flags"] & 2
    ]


def bytes_of_symbol(elf: ELFFile, name: str) -> bytes:
    """The bytes from a symbol to the end of its section, found through its section index."""
    symbol = symbols_of(elf)[name]
    section = elf.get_section(symbol["st_shndx"])
    return bytes(section.data()[(symbol["st_value"] & ~1) - section["sh_addr"] :])


class TestDefault:
    def test_layout_is_that_of_armlink(self) -> None:
        elf = elf_of(FlmRecipe())
        assert sections_of(elf) == [
            ("PrgCode", "SHT_PROGBITS", 0, 28),
            ("PrgData", "SHT_PROGBITS", 28, 8),
            ("PrgData", "SHT_NOBITS", 36, 16),
            ("DevDscr", "SHT_PROGBITS", 36, FLASH_DEVICE_SIZE_BYTES),
        ]
        program, descriptor = elf.iter_segments()
        assert [each["p_flags"] for each in (program, descriptor)] == [0x30000007, 0x20000004]
        assert (program["p_offset"], program["p_filesz"], program["p_memsz"]) == (52, 36, 52)
        assert (descriptor["p_vaddr"], descriptor["p_offset"]) == (36, 88)
        assert elf["e_phoff"] > max(section["sh_offset"] for section in elf.iter_sections())
        assert elf["e_shoff"] == elf["e_phoff"] + 2 * 32

    def test_header(self) -> None:
        header = elf_of(FlmRecipe()).header
        assert (header["e_type"], header["e_machine"], header["e_entry"]) == ("ET_EXEC", "EM_ARM", 0)
        assert header["e_flags"] == 0x05000200

    def test_symbols(self) -> None:
        symbols = symbols_of(elf_of(FlmRecipe()))
        for number, name in enumerate(ROUTINES):
            symbol = symbols[name]
            assert (symbol["st_value"], symbol["st_size"]) == (4 * number + 1, 4)
            assert symbol["st_info"] == {"bind": "STB_GLOBAL", "type": "STT_FUNC"}
            assert symbol["st_other"]["visibility"] == "STV_HIDDEN"
        assert symbols["FlashDevice"]["st_size"] == FLASH_DEVICE_SIZE_BYTES
        assert symbols[BUILD_ATTRIBUTES]["st_shndx"] == "SHN_ABS"

    def test_contents(self) -> None:
        elf = elf_of(FlmRecipe())
        assert elf.get_segment(0).data() == RETURN_ZERO * 7 + b"RW data."
        descriptor = bytes_of_symbol(elf, "FlashDevice")
        assert descriptor == flash_device(FlmRecipe())
        assert struct.unpack_from("<H", descriptor) == (0x0101,)
        assert descriptor[2:20] == b"Builder Flash 64K\0"
        assert struct.unpack_from("<HIIII", descriptor, 130)[0] == 1
        assert struct.unpack_from("<IIIIB", descriptor, 132) == (0x0800_0000, 0x1_0000, 0x400, 0, 0xFF)
        assert struct.unpack_from("<IIIIII", descriptor, 152) == (100, 3000, 0x1000, 0, 0xFFFFFFFF, 0xFFFFFFFF)

    def test_it_is_the_same_every_time(self) -> None:
        assert build(FlmRecipe()) == build(FlmRecipe())


ODDITIES = {
    "default": FlmRecipe(),
    "short descriptor": FlmRecipe(descriptor_shipped_bytes=SHORT_FLASH_DEVICE_SIZE_BYTES),
    "code at 0x1000": FlmRecipe(code_address=0x1000),
    "gap": FlmRecipe(data_gap_bytes=4),
    "no RW": FlmRecipe(rw=b""),
    "no ZI": FlmRecipe(zi_size_bytes=0),
    "no data": FlmRecipe(rw=b"", zi_size_bytes=0),
    "descriptor behind ZI": FlmRecipe(is_descriptor_over_zi=False),
    "descriptor in code": FlmRecipe(descriptor_section="PrgCode"),
    "descriptor elsewhere": FlmRecipe(descriptor_section="device_info"),
    "GCC": gcc_shaped(b"A\x10\0\0\0aeabi\0\x01\x06\0\0\0"),
    "entry": FlmRecipe(entry=1),
    "EABIv3": FlmRecipe(flags=EABI3),
    "extra sections": FlmRecipe(extra_sections=((".debug_info", b"\1\2\3"),)),
    "no symtab": FlmRecipe(has_symtab=False),
    "odd routine sizes": FlmRecipe(routines=dict.fromkeys(ROUTINES, b"\x70\x47")),
}


@pytest.mark.toolchain
@pytest.mark.skipif(READELF is None, reason="arm-none-eabi-readelf is not installed")
@pytest.mark.parametrize("recipe", ODDITIES.values(), ids=ODDITIES.keys())
def test_readelf_has_no_complaint(recipe: FlmRecipe, tmp_path: Path) -> None:
    file = tmp_path / "built.FLM"
    file.write_bytes(build(recipe))
    assert READELF is not None
    # Without -A: the attributes above are only the head of a real section.
    result = subprocess.run([READELF, "-hlSsrn", "--wide", file], capture_output=True, text=True, check=True)
    assert result.stderr == ""
    assert "PrgCode" in result.stdout


@pytest.mark.parametrize("recipe", ODDITIES.values(), ids=ODDITIES.keys())
def test_segments_hold_what_their_sections_hold(recipe: FlmRecipe) -> None:
    elf = elf_of(recipe)
    segments = list(elf.iter_segments())
    for section in elf.iter_sections():
        if not section["sh_flags"] & 2 or section["sh_type"] == "SHT_NOBITS":
            continue
        start, end = section["sh_offset"], section["sh_offset"] + section["sh_size"]
        (segment,) = [
            each for each in segments if each["p_offset"] <= start and end <= each["p_offset"] + each["p_filesz"]
        ]
        assert section["sh_addr"] - segment["p_vaddr"] == start - segment["p_offset"]


class TestOddities:
    def test_code_elsewhere(self) -> None:
        elf = elf_of(ODDITIES["code at 0x1000"])
        assert symbols_of(elf)["UnInit"]["st_value"] == 0x1005
        assert elf.get_segment(0)["p_vaddr"] == 0x1000

    def test_gap(self) -> None:
        elf = elf_of(ODDITIES["gap"])
        assert sections_of(elf)[1][2] == 32
        assert elf.get_segment(0).data() == RETURN_ZERO * 7 + bytes(4) + b"RW data."

    @pytest.mark.parametrize(
        ("name", "expected"),
        [("no RW", ["PrgCode", "PrgData", "DevDscr"]), ("no ZI", ["PrgCode", "PrgData", "DevDscr"])],
    )
    def test_data_left_out(self, name: str, expected: list[str]) -> None:
        assert [section[0] for section in sections_of(elf_of(ODDITIES[name]))] == expected

    def test_no_data_at_all(self) -> None:
        assert [section[0] for section in sections_of(elf_of(ODDITIES["no data"]))] == ["PrgCode", "DevDscr"]

    def test_descriptor_behind_zeroed_data(self) -> None:
        assert sections_of(elf_of(ODDITIES["descriptor behind ZI"]))[-1][2] == 52

    def test_short_descriptor(self) -> None:
        elf = elf_of(ODDITIES["short descriptor"])
        assert sections_of(elf)[-1][3] == 176
        assert symbols_of(elf)["FlashDevice"]["st_size"] == FLASH_DEVICE_SIZE_BYTES

    @pytest.mark.parametrize("section", ["PrgCode", "DeviceData", "device_info"])
    def test_descriptor_in_any_section(self, section: str) -> None:
        recipe = FlmRecipe(descriptor_section=section)
        elf = elf_of(recipe)
        assert bytes_of_symbol(elf, "FlashDevice") == flash_device(recipe)
        assert elf.get_section(symbols_of(elf)["FlashDevice"]["st_shndx"]).name == section
        assert elf.num_segments() == (1 if section == "PrgCode" else 2)

    def test_gcc_shape(self) -> None:
        elf = elf_of(ODDITIES["GCC"])
        (segment,) = elf.iter_segments()
        assert (segment["p_flags"], segment["p_filesz"]) == (7, segment["p_memsz"])
        assert [section[:2] for section in sections_of(elf)] == [
            ("PrgCode", "SHT_PROGBITS"),
            ("PrgData", "SHT_PROGBITS"),
            ("DevDscr", "SHT_PROGBITS"),
        ]
        assert ("SHT_ARM_ATTRIBUTES", ".ARM.attributes") in [
            (each["sh_type"], each.name) for each in elf.iter_sections()
        ]
        assert symbols_of(elf)["Init"]["st_other"]["visibility"] == "STV_DEFAULT"

    def test_descriptor_fields(self) -> None:
        recipe = FlmRecipe(
            device_name=b"name\0junk", base_address=0x100, runs=((0x800, 0), (0x200, 0x4000)), page_size_bytes=0x1000
        )
        absolute = flash_device(replace(recipe, are_sector_addresses_absolute=True))
        assert absolute[2:12] == b"name\0junk\0"
        assert struct.unpack_from("<IIII", absolute, 160) == (0x800, 0x100, 0x200, 0x4100)
        endless = flash_device(replace(recipe, is_run_table_terminated=False))
        assert endless[176:] == bytes(FLASH_DEVICE_SIZE_BYTES - 176)

    def test_missing_and_extra_symbols(self) -> None:
        extra = ExtraSymbol("Read", 0x11, 4, STT_FUNC, section="PrgCode")
        recipe = FlmRecipe(
            routines=routines_without("Verify", "EraseChip"), extra_symbols=(extra, ExtraSymbol("Abs", 7))
        )
        symbols = symbols_of(elf_of(recipe))
        assert not {"Verify", "EraseChip"} & set(symbols)
        assert (symbols["Read"]["st_value"], symbols["Read"]["st_shndx"]) == (0x11, 1)
        assert symbols["Abs"]["st_shndx"] == "SHN_ABS"

    def test_symbols_without_thumb_bit_or_hiding(self) -> None:
        symbol = symbols_of(elf_of(FlmRecipe(is_thumb=False, visibility=STV_DEFAULT)))["UnInit"]
        assert (symbol["st_value"], symbol["st_other"]["visibility"]) == (4, "STV_DEFAULT")

    def test_no_symbol_table(self) -> None:
        assert elf_of(ODDITIES["no symtab"]).get_section_by_name(".symtab") is None

    def test_last_name_without_nul(self) -> None:
        strings = elf_of(FlmRecipe(are_names_terminated=False)).get_section_by_name(".strtab")
        assert strings is not None
        assert strings.data().endswith(b"\0FlashDevice")

    @pytest.mark.parametrize(("number", "name"), [(EM_RISCV, "EM_RISCV"), (EM_386, "EM_386")])
    def test_other_machines(self, number: int, name: str) -> None:
        assert elf_of(FlmRecipe(machine=number))["e_machine"] == name

    @pytest.mark.parametrize("class_bits", [32, 64])
    @pytest.mark.parametrize("is_big_endian", [False, True])
    def test_other_classes_and_byte_orders(self, class_bits: int, is_big_endian: bool) -> None:
        elf = elf_of(FlmRecipe(class_bits=class_bits, is_big_endian=is_big_endian))
        assert (elf.elfclass, elf.little_endian) == (class_bits, not is_big_endian)
        assert elf.get_segment(0).data() == RETURN_ZERO * 7 + b"RW data."
        assert symbols_of(elf)["UnInit"]["st_value"] == 5
        assert elf.get_segment(0)["p_flags"] == 0x30000007
