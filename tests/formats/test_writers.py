"""A file made from a Loader gives the Loader again: fixtures, real files, and every shape that the builder knows."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from loaderconv_formats.elf.facts import facts_of
from loaderconv_formats.elf.reader import read_elf
from loaderconv_formats.elf.second_reader import second_reading
from loaderconv_formats.elf.writer import write_elf
from loaderconv_formats.loader_file import parse_loader
from loaderconv_formats.loader_writer import loader_document
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.memory import Part
from support.arm_attributes import POSITION_INDEPENDENT, aeabi
from support.elf_builder import ExtraSymbol
from support.elf_numbers import EABI3, PF_R, PF_W, PF_X, SHF_ALLOC, SHF_WRITE, STT_FUNC, STV_DEFAULT
from support.flm_builder import build as build_flm
from support.flm_recipe import (
    BUILD_ATTRIBUTES,
    GCC_SEGMENT_FLAGS,
    SHORT_FLASH_DEVICE_SIZE_BYTES,
    FlmRecipe,
    gcc_shaped,
    routines_without,
)
from support.iar_builder import build as build_iar
from support.iar_recipe import (
    IarRecipe,
    arm_state_shaped,
    overlay_shaped,
    relocatable_shaped,
    sparse_shaped,
    stubs_with,
)
from support.loader_strategies import flash_device_bytes, storage_info_bytes
from support.paths import FIXTURES, all_corpus_flms
from support.stldr_builder import build as build_stldr
from support.stldr_recipe import SHORT_STORAGE_INFO_SIZE_BYTES, StldrRecipe, stripped_shaped
from support.stldr_recipe import gcc_shaped as gcc_stldr
from support.stldr_recipe import keil_shaped as keil_stldr
from support.stldr_recipe import routines_without as stldr_routines_without
from support.toolchain import ARM_OBJDUMP, ARM_READELF, needs_elflint, needs_toolchain
from support.transplant import STRICT_SHAPES

SUFFIXES = (".FLM", ".stldr", ".out", ".elf")
FILES = [
    pytest.param(path, id=path.relative_to(FIXTURES).as_posix())
    for path in sorted(FIXTURES.rglob("*"))
    if path.suffix in SUFFIXES
]

CURED = {"name-junk", "name-not-printable", "absolute-sector-addresses", "short-descriptor"}
"""What is odd about a descriptor and not about the device: a descriptor that is made anew has none of it."""

COMMENT = "loaderconv 0.0.0"

FLM_SHAPES = {
    "as armlink": FlmRecipe(),
    "code at 0x1000": FlmRecipe(code_address=0x1000),
    "code at 0x20000004": FlmRecipe(code_address=0x2000_0004),
    "gap of 4 bytes": FlmRecipe(data_gap_bytes=4),
    "gap of 60 bytes": FlmRecipe(data_gap_bytes=60),
    "no RW": FlmRecipe(rw=b""),
    "no ZI": FlmRecipe(zi_size_bytes=0),
    "no data": FlmRecipe(rw=b"", zi_size_bytes=0),
    "empty PrgData": FlmRecipe(rw=b"", zi_size_bytes=0, has_empty_data=True),
    "bytes behind the descriptor": FlmRecipe(behind_descriptor=b"debug data"),
    "RW of odd size": FlmRecipe(rw=b"five.", zi_size_bytes=3),
    "large ZI": FlmRecipe(zi_size_bytes=8192),
    "descriptor behind ZI": FlmRecipe(is_descriptor_over_zi=False),
    "section of another name": FlmRecipe(descriptor_section=".rodata"),
    "short descriptor": FlmRecipe(descriptor_shipped_bytes=SHORT_FLASH_DEVICE_SIZE_BYTES),
    "descriptor symbol without size": FlmRecipe(descriptor_symbol_size_bytes=0),
    "Vers and Res": FlmRecipe(version=1, reserved=7),
    "junk behind the name": FlmRecipe(device_name=b"Name\0junk"),
    "name not ASCII": FlmRecipe(device_name=b"Fl\xe4sh \x1b[1m"),
    "longest name": FlmRecipe(device_name=b"n" * 127),
    "no name": FlmRecipe(device_name=b""),
    "unknown type": FlmRecipe(device_type=0x1234),
    "external flash": FlmRecipe(device_type=5, base_address=0x9000_0000, size_bytes=1 << 28, runs=((1 << 16, 0),)),
    "erased to 0": FlmRecipe(erased_value=0),
    "time limits": FlmRecipe(program_timeout_ms=40_000, erase_timeout_ms=0),
    "several runs": FlmRecipe(runs=((0x400, 0), (0x800, 0x2000), (0x4000, 0x8000))),
    "511 runs": FlmRecipe(size_bytes=511 * 16, runs=tuple((16, 16 * number) for number in range(511))),
    "uneven run": FlmRecipe(size_bytes=0x1_0100),
    "first run not at 0": FlmRecipe(runs=((0x1000, 0x2000),)),
    "absolute runs": FlmRecipe(are_sector_addresses_absolute=True),
    "odd page": FlmRecipe(page_size_bytes=0x1200),
    "mandatory routines only": FlmRecipe(routines=routines_without("EraseChip", "Verify", "BlankCheck")),
    "mandatory routine missing": FlmRecipe(routines=routines_without("ProgramPage")),
    "Read": FlmRecipe(extra_symbols=(ExtraSymbol("Read", value=1, kind=STT_FUNC, section="PrgCode"),)),
    "no Thumb bit": FlmRecipe(is_thumb=False),
    "default visibility and an entry": FlmRecipe(visibility=STV_DEFAULT, entry=1),
    "older EABI": FlmRecipe(flags=EABI3),
    "hard float": FlmRecipe(flags=0x0500_0400),
    "ROPI only": FlmRecipe(
        program_flags=GCC_SEGMENT_FLAGS, build_attributes=BUILD_ATTRIBUTES.replace("$RWPI", "$~RWPI")
    ),
    "flags only": FlmRecipe(build_attributes=""),
    "build attributes only": FlmRecipe(program_flags=GCC_SEGMENT_FLAGS),
    "no comment": FlmRecipe(comment=b""),
}

SHARED_SHAPES = {
    "in PrgCode": FlmRecipe(descriptor_section="PrgCode"),
    "in PrgCode, 176 bytes": FlmRecipe(descriptor_section="PrgCode", descriptor_shipped_bytes=176),
    "as GCC": gcc_shaped(b""),
    "as clang": gcc_shaped(aeabi(POSITION_INDEPENDENT, cpu_name=b"cortex m0, odd")),
}
"""Here the descriptor has no segment of its own, so that its bytes are a part of the image."""

STRICT_SHARED = {"FlashDevice inside PrgCode", "one segment"}
FLM_SHAPES |= {f"strict: {name}": recipe for name, recipe in STRICT_SHAPES.items() if name not in STRICT_SHARED}
SHARED_SHAPES |= {f"strict: {name}": STRICT_SHAPES[name] for name in sorted(STRICT_SHARED)}


STLDR_SHAPES = {
    "as IAR": StldrRecipe(),
    "as GCC": gcc_stldr(),
    "as Keil": keil_stldr(),
    "stripped": stripped_shaped(),
    "zeros in another memory": replace(
        gcc_stldr(), zi_address=0x2402_0000, zi_size_bytes=0x200, is_zi_in_segment=False
    ),
    "p_memsz up to another memory": replace(gcc_stldr(), zi_address=0x2402_0000),
    "no data": StldrRecipe(data=b"", zi_size_bytes=0),
    "code not writable": StldrRecipe(program_flags=PF_R | PF_X),
    "code not executable": StldrRecipe(program_flags=PF_R | PF_W),
    "RWPI without variables": replace(keil_stldr(), data=b"", zi_size_bytes=0),
    "RWPI, descriptor writable": replace(keil_stldr(), descriptor_section_flags=SHF_ALLOC | SHF_WRITE),
    "ROPI and RWPI by word": StldrRecipe(build_attributes=BUILD_ATTRIBUTES),
    "RWPI by attributes": replace(gcc_stldr(), arm_attributes=aeabi(POSITION_INDEPENDENT)),
    "136 bytes": StldrRecipe(
        descriptor_shipped_bytes=SHORT_STORAGE_INFO_SIZE_BYTES,
        descriptor_symbol_size_bytes=SHORT_STORAGE_INFO_SIZE_BYTES,
    ),
    "junk behind the name": StldrRecipe(device_name=b"built\0by hand"),
    "longest name": StldrRecipe(device_name=b"n" * 99),
    "three groups": StldrRecipe(groups=((32, 0x1000), (1, 0x2_0000), (511, 0x4_0000)), size_bytes=0x800_0000),
    "ten groups": StldrRecipe(groups=((1, 0x1000),) * 10, size_bytes=0xA000),
    "no groups": StldrRecipe(groups=()),
    "sectors beyond the device": StldrRecipe(size_bytes=1),
    "type out of the table": StldrRecipe(device_type=11),
    "SectorErase missing": StldrRecipe(routines=stldr_routines_without("SectorErase")),
    "Init missing": StldrRecipe(routines=stldr_routines_without("Init"), entry=0),
    "no Thumb bit": StldrRecipe(is_thumb=False),
}

IAR_SHAPES = {
    "ordinary": IarRecipe(),
    "relocatable": relocatable_shaped(),
    "relocatable without PreInit": replace(relocatable_shaped(), stubs=stubs_with()),
    "Arm state": arm_state_shaped(),
    "FlashInit in the buffer": overlay_shaped(),
    "code in ITCM": sparse_shaped(),
    "all stubs": IarRecipe(stubs=stubs_with("FlashChecksumEntry", "FlashSignoffEntry")),
    "parameters in the file": IarRecipe(are_parameters_in_file=True),
    "parameters of 24 bytes": IarRecipe(parameters_size_bytes=24),
    "no version": IarRecipe(framework_version=None),
    "no arguments": IarRecipe(argument_slots=None),
    "no vector table": IarRecipe(has_vector_table=False),
    "stack by the vector table": IarRecipe(omitted=("CSTACK$$Limit",), vector_stack_word=0x2000_FFF0),
    "no stack symbols": IarRecipe(omitted=("CSTACK$$Base", "CSTACK$$Limit"), has_vector_table=False),
    "no buffer symbols": IarRecipe(omitted=("FlashBufferStart", "FlashBufferEnd")),
    "buffer the wrong way round": IarRecipe(buffer=(0x2000_F000, 0x2000_0800)),
    "empty buffer": IarRecipe(buffer=(0x2000_0800, 0x2000_0800)),
    "buffer symbols are functions": IarRecipe(are_buffer_symbols_functions=True),
    "data to initialise": IarRecipe(init_table=bytes(range(16))),
}


def written(loader: Loader) -> bytes:
    """Return the file for a loader, after a check that it is canonical for both readers."""
    data = write_elf(loader_document(loader, comment=COMMENT))
    assert write_elf(loader_document(loader, comment=COMMENT)) == data
    image = read_elf(data)
    assert write_elf(image) == data
    assert facts_of(image).difference(second_reading(data)) is None
    return data


def with_new_descriptor(loader: Loader) -> Loader:
    """Return what must come back: a stldr's descriptor lies at 0, and no descriptor has what a new one cures."""
    kept = tuple(notice for notice in loader.notices if notice.code not in CURED)
    if loader.flavour is Flavour.IAR:
        return loader
    assert loader.device is not None
    old = next(segment for segment in loader.segments if segment.part is Part.DESCRIPTOR)
    is_flm = loader.flavour is Flavour.FLM
    data = flash_device_bytes(loader.device) if is_flm else storage_info_bytes(loader.device)
    new = old.model_copy(update={"address": old.address if is_flm else 0, "data": data, "memory_size_bytes": len(data)})
    return loader.model_copy(update={"segments": (*loader.image_segments, new), "notices": kept})


def check_comes_back(data: bytes) -> None:
    source = parse_loader(data, "source").loader
    assert parse_loader(written(source), "source").loader == with_new_descriptor(source)


@pytest.mark.parametrize("path", FILES)
def test_fixtures_come_back(path: Path) -> None:
    check_comes_back(path.read_bytes())


@pytest.mark.corpus
@pytest.mark.parametrize("path", all_corpus_flms())
def test_real_files_come_back(path: Path) -> None:
    check_comes_back(path.read_bytes())


@pytest.mark.parametrize("recipe", FLM_SHAPES.values(), ids=FLM_SHAPES)
def test_flm_shapes_come_back(recipe: FlmRecipe) -> None:
    check_comes_back(build_flm(recipe))


@pytest.mark.parametrize("recipe", STLDR_SHAPES.values(), ids=STLDR_SHAPES)
def test_stldr_shapes_come_back(recipe: StldrRecipe) -> None:
    check_comes_back(build_stldr(recipe))


@pytest.mark.parametrize("recipe", IAR_SHAPES.values(), ids=IAR_SHAPES)
def test_iar_shapes_come_back(recipe: IarRecipe) -> None:
    check_comes_back(build_iar(recipe))


@pytest.mark.parametrize("recipe", SHARED_SHAPES.values(), ids=SHARED_SHAPES)
def test_a_descriptor_among_the_image_moves_behind_it(recipe: FlmRecipe) -> None:
    """Where it was, the new one's 4256 bytes would cover other bytes of the image."""
    source = parse_loader(build_flm(recipe), "source").loader
    read = parse_loader(written(source), "source").loader
    *image, descriptor = read.segments
    assert tuple(image) == source.image_segments
    assert descriptor.data == with_new_descriptor(source).segments[-1].data
    assert descriptor.address >= max(segment.address + len(segment.data) for segment in image)
    assert read.model_copy(update={"segments": ()}) == source.model_copy(update={"segments": ()})


def test_a_name_that_fills_its_field_is_not_cut() -> None:
    source = parse_loader(build_flm(FlmRecipe(device_name=b"n" * 128)), "source").loader
    with pytest.raises(ConversionRefused, match="128 characters"):
        loader_document(source, comment=COMMENT)


@needs_toolchain
@pytest.mark.parametrize("path", FILES)
def test_other_tools_accept_what_is_written(path: Path, tmp_path: Path) -> None:
    output = tmp_path / "written.elf"
    output.write_bytes(written(parse_loader(path.read_bytes(), "source").loader))
    for command in ([ARM_READELF, "-aW"], [ARM_OBJDUMP, "-d"]):
        done = subprocess.run([*command, str(output)], capture_output=True, text=True, check=True)
        assert done.stderr == ""
        assert "arning" not in done.stdout


MEANT = (
    "alloc flag set but section not in any loaded segment",  # zeros in another memory
    "is writable but contains no writable sections",  # the model does not tell which bytes of such a segment are data
)


@needs_elflint
@pytest.mark.parametrize("path", FILES)
def test_elflint_finds_nothing_but_what_is_meant(path: Path, tmp_path: Path) -> None:
    output = tmp_path / "written.elf"
    output.write_bytes(written(parse_loader(path.read_bytes(), "source").loader))
    done = subprocess.run(["eu-elflint", "--gnu-ld", str(output)], capture_output=True, text=True, check=False)
    remarks = done.stdout.strip().splitlines()
    assert remarks == ["No errors"] or all(remark.endswith(MEANT) for remark in remarks)
