"""The builders of stldrs and IAR loaders: readelf finds nothing wrong in the shapes that their recipes have."""

import io
import shutil
import subprocess
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from support.elf_builder import ElfFile, Section, Segment, Symbol, build_elf
from support.iar_builder import build as build_iar
from support.iar_recipe import (
    IarRecipe,
    arm_state_shaped,
    overlay_shaped,
    relocatable_shaped,
    sparse_shaped,
)
from support.stldr_builder import build as build_stldr
from support.stldr_builder import storage_info
from support.stldr_recipe import StldrRecipe, gcc_shaped, keil_shaped, stripped_shaped

READELF = shutil.which("arm-none-eabi-readelf")

FILES = {
    "stldr": build_stldr(StldrRecipe()),
    "stldr of GCC": build_stldr(gcc_shaped()),
    "stldr of Keil": build_stldr(keil_shaped()),
    "stripped stldr": build_stldr(stripped_shaped()),
    "IAR": build_iar(IarRecipe()),
    "IAR, relocatable": build_iar(relocatable_shaped()),
    "IAR, Arm state": build_iar(arm_state_shaped()),
    "IAR, overlay": build_iar(overlay_shaped()),
    "IAR, sparse": build_iar(sparse_shaped()),
}


@pytest.mark.toolchain
@pytest.mark.skipif(READELF is None, reason="arm-none-eabi-readelf is not installed")
@pytest.mark.parametrize("data", FILES.values(), ids=FILES.keys())
def test_readelf_has_no_complaint(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "built.elf"
    file.write_bytes(data)
    assert READELF is not None
    result = subprocess.run([READELF, "-hlSsrn", "--wide", file], capture_output=True, text=True, check=True)
    assert result.stderr == ""
    assert "LOAD" in result.stdout


@pytest.mark.parametrize("data", FILES.values(), ids=FILES.keys())
def test_segments_hold_what_their_sections_hold(data: bytes) -> None:
    elf = ELFFile(io.BytesIO(data))
    segments = list(elf.iter_segments())
    for section in elf.iter_sections():
        if not section["sh_flags"] & 2 or section["sh_type"] == "SHT_NOBITS":
            continue
        start, end = section["sh_offset"], section["sh_offset"] + section["sh_size"]
        (segment,) = [
            each for each in segments if each["p_offset"] <= start and end <= each["p_offset"] + each["p_filesz"]
        ]
        assert section["sh_addr"] - segment["p_vaddr"] == start - segment["p_offset"]


def test_tables_in_front() -> None:
    names = [section.name for section in ELFFile(io.BytesIO(FILES["IAR"])).iter_sections()]
    assert names[:4] == ["", ".symtab", ".strtab", ".shstrtab"]


def test_descriptor_lies_over_a_hole() -> None:
    """As GNU ld makes it: two segments claim the address, only one has the bytes."""
    elf = ELFFile(io.BytesIO(FILES["stldr of GCC"]))
    code, descriptor = elf.iter_segments()
    at = descriptor["p_vaddr"] - code["p_vaddr"]
    assert code.data()[at : at + 200] == bytes(200)
    assert descriptor.data() == storage_info(gcc_shaped())


def test_a_section_that_does_not_follow_its_segment_is_refused() -> None:
    first = Section("first", address=0x1000, data=bytes(4))
    second = Section("second", address=0x1008, data=bytes(4))
    with pytest.raises(ValueError, match="'second' lies elsewhere"):
        build_elf(ElfFile([first, second], [Segment(5, [first, second])], [Symbol("a", section=first)]))
