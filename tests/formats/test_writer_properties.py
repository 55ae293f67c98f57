"""Whatever a Loader says, a file made from it says the same; and the file is the only one that is made."""

from hypothesis import example, given
from hypothesis import strategies as st

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.build_facts import WRITABLE_EVIDENCE, BuildFacts, build_facts
from loaderconv_formats.elf.build_notes import add_build_notes, elf_flags, segment_flags
from loaderconv_formats.elf.facts import facts_of
from loaderconv_formats.elf.image import ElfImage, ElfSymbol
from loaderconv_formats.elf.reader import read_elf
from loaderconv_formats.elf.second_reader import second_reading
from loaderconv_formats.elf.writer import write_elf
from loaderconv_formats.flm.flash_device import pack_flash_device, parse_flash_device
from loaderconv_formats.loader_file import parse_loader
from loaderconv_formats.loader_writer import loader_document, new_program
from loaderconv_formats.stldr.storage_info import pack_storage_info, parse_storage_info
from loaderconv_schemas.device import Device
from loaderconv_schemas.errors import ConversionRefused, UnreadableInput
from loaderconv_schemas.loader import Identity, Loader
from support.flm_builder import build as build_flm
from support.flm_recipe import FlmRecipe
from support.fuzzing import fuzz_settings, mutated
from support.loader_strategies import (
    NAME,
    READ_ONLY_EVIDENCE,
    TOOLCHAINS,
    evidence,
    flm_devices,
    flm_loaders,
    iar_loaders,
    identities,
    stldr_devices,
    stldr_loaders,
)
from support.reading import read_or_refusal
from support.stldr_builder import build as build_stldr
from support.stldr_recipe import gcc_shaped as gcc_stldr
from support.stldr_recipe import keil_shaped as keil_stldr

COMMENT = "loaderconv 0.0.0"


def check_round_trip(loader: Loader) -> None:
    """Check that a loader comes back, and that the file is canonical for two readers."""
    data = new_program(loader, comment=COMMENT)
    assert data == write_elf(loader_document(loader, comment=COMMENT))
    image = read_elf(data)
    assert write_elf(image) == data
    assert facts_of(image).difference(second_reading(data)) is None
    read = parse_loader(data, NAME).loader
    assert read.model_copy(update={"notices": ()}) == loader
    if loader.iar_interface is None:
        assert read.notices == ()


@fuzz_settings
@given(flm_loaders())
def test_an_flm_comes_back(loader: Loader) -> None:
    check_round_trip(loader)


@fuzz_settings
@given(stldr_loaders())
def test_a_stldr_comes_back(loader: Loader) -> None:
    check_round_trip(loader)


@fuzz_settings
@given(iar_loaders())
def test_an_iar_executable_comes_back(loader: Loader) -> None:
    check_round_trip(loader)


ORIGINALS = [
    build_flm(FlmRecipe()),
    build_flm(FlmRecipe(descriptor_section="PrgCode", descriptor_shipped_bytes=192)),
    build_flm(FlmRecipe(data_gap_bytes=60, code_address=0x1000)),
    build_stldr(gcc_stldr()),
    build_stldr(keil_stldr()),
]

TOLD = ("flavour", "identity", "device", "entry_points", "image_segments", "placement", "ram")


@fuzz_settings
@given(mutated(ORIGINALS))
def test_what_is_read_of_a_damaged_file_comes_back_or_is_refused(data: bytes) -> None:
    source = read_or_refusal(data)
    if isinstance(source, UnreadableInput):
        return
    try:
        written = new_program(source.loader, comment=COMMENT)
    except ConversionRefused:
        return
    assert write_elf(read_elf(written)) == written
    read = parse_loader(written, source.loader.identity.name).loader
    for aspect in TOLD:
        assert getattr(read, aspect) == getattr(source.loader, aspect)


def facts_read(identity: Identity, shown: tuple[str, ...], comment: str) -> BuildFacts:
    """Write notes into a file with one function and read them."""
    image = ElfImage(flags=elf_flags(identity))
    flags = c.PF_R | c.PF_X | segment_flags(shown)
    body = image.add_load_segment(0x100, bytes(16), flags=flags, alignment=4)
    code = image.add_view(".text", body, address=0x100, size_bytes=16, flags=c.SHF_ALLOC | c.SHF_EXECINSTR, alignment=4)
    image.symbols.append(ElfSymbol("Init", 0x101, 4, c.STT_FUNC, section=code))
    add_build_notes(image, identity, shown, comment)
    return build_facts(read_elf(write_elf(image)))


quoting_comments = st.lists(
    st.text(max_size=20) | st.sampled_from((*TOOLCHAINS, "--cpu=Cortex-M3", "----cpu Cortex-M3", "GCC: (\u00e9) 1.2"))
).map(" ".join)


@fuzz_settings
@given(identities, evidence(), quoting_comments)
@example(Identity(name=NAME), (), "converted from --cpu=--cpu=M7.FLM by ARM Compiler 5.06 update 6")
@example(Identity(name=NAME, toolchain=TOOLCHAINS[6]), (), "x" * (1 << 17))
def test_facts_come_back_whatever_the_comment_quotes(identity: Identity, shown: tuple[str, ...], comment: str) -> None:
    assert facts_read(identity, shown, comment) == BuildFacts(
        toolchain=identity.toolchain,
        cpu=identity.cpu,
        architecture=identity.architecture,
        float_abi=identity.float_abi,
        read_only_independent=tuple(words for words in READ_ONLY_EVIDENCE if words in shown),
        writable_independent=tuple(words for words in WRITABLE_EVIDENCE if words in shown),
    )


@fuzz_settings
@given(flm_devices)
def test_flash_device_comes_back(device: Device) -> None:
    packed = pack_flash_device(device)
    assert len(packed) == 4256
    assert parse_flash_device(packed).device == device


@fuzz_settings
@given(stldr_devices)
def test_storage_info_comes_back(device: Device) -> None:
    packed = pack_storage_info(device)
    assert len(packed) == 200
    assert parse_storage_info(packed).device == device
