"""The name in the descriptor, and what stands behind it."""

import pytest

from loaderconv.rewriting.device_name import patch_descriptor
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage
from loaderconv_formats.elf.reader import read_elf
from loaderconv_formats.elf.writer import write_elf
from loaderconv_formats.loader_file import parse_loader
from loaderconv_schemas.errors import ConversionRefused, ExitCode, UsageProblem
from support.flm_builder import build
from support.flm_recipe import FlmRecipe
from support.paths import FIXTURES
from support.rewriting import codes, fixture, rewritten, saved, section_of, storage_info

STLDR = (FIXTURES / "strict_stldr.stldr").read_bytes()
FLM = (FIXTURES / "strict_flm.FLM").read_bytes()
IAR = next((FIXTURES / "iar").rglob("strict_iar.out")).read_bytes()


def test_stldr_gets_the_name_of_its_file() -> None:
    result = rewritten(STLDR, out="W25Q64_BOARD.stldr")
    assert codes(result) == ["device-name"]
    assert result.changes[0].message == "DeviceName was 'strict_stldr', now 'W25Q64_BOARD'."
    assert parse_loader(result.data, "x").loader.described_device.name == "W25Q64_BOARD"


def test_linked_program_becomes_a_stldr() -> None:
    result = rewritten(saved(fixture("strict_stldr.stldr")), out="NAME.stldr")
    assert parse_loader(result.data, "x").loader.described_device.name == "NAME"


def test_flm_keeps_its_name_unless_another_is_asked_for() -> None:
    assert codes(rewritten(FLM, out="other.FLM")) == []
    result = rewritten(FLM, out="other.FLM", name="Another flash")
    assert codes(result) == ["device-name"]
    assert parse_loader(result.data, "x").loader.described_device.name == "Another flash"


@pytest.mark.parametrize(("data", "longest"), [(STLDR, 99), (FLM, 127)])
def test_longest_name(data: bytes, longest: int) -> None:
    result = rewritten(data, name="N" * longest)
    assert parse_loader(result.data, "x").loader.described_device.name == "N" * longest
    with pytest.raises(UsageProblem, match=f"1 to {longest} printable"):
        rewritten(data, name="N" * (longest + 1))


@pytest.mark.parametrize("name", ["", "  ", "Größe", "tab\t", "\x7f"])
def test_names_that_no_descriptor_can_hold(name: str) -> None:
    with pytest.raises(UsageProblem, match="DeviceName"):
        rewritten(STLDR, name=name)


def test_what_gave_a_name_that_cannot_be_is_named_in_ascii() -> None:
    with pytest.raises(UsageProblem, match=r"The name 'Gr\\xf6\\xdfe' that OUT or --name gives") as problem:
        rewritten(STLDR, out="Größe.stldr")
    assert problem.value.message.isascii()


def test_file_name_that_no_descriptor_can_hold_needs_a_name() -> None:
    with pytest.raises(UsageProblem) as problem:
        rewritten(STLDR, out="Größe.stldr")
    assert "--name" in problem.value.hint
    assert codes(rewritten(STLDR, out="Größe.stldr", name="strict_stldr")) == []


def test_iar_executable_has_no_name() -> None:
    with pytest.raises(UsageProblem, match="no name") as problem:
        rewritten(IAR, name="name")
    assert problem.value.exit_code == ExitCode.USAGE
    assert codes(rewritten(IAR)) == []


def with_junk(image: ElfImage) -> bytes:
    section = section_of(storage_info(image))
    segment = image.load_segments[1]
    assert segment.address == section.address
    segment.data = segment.data[:60] + b"built on Friday" + segment.data[75:]
    return write_elf(image)


def test_junk_behind_the_name_goes_with_the_old_name_only() -> None:
    data = with_junk(fixture("strict_stldr.stldr"))
    kept = rewritten(data, name="strict_stldr")
    assert codes(kept) == []
    assert b"built on Friday" in kept.data
    assert b"built on Friday" not in rewritten(data, name="other").data


def test_old_name_that_is_longer_leaves_nothing_behind() -> None:
    segment = read_elf(rewritten(STLDR, name="s").data).load_segments[1]
    assert segment.data[:100] == b"s".ljust(100, b"\0")


def test_descriptor_over_zeroed_data_is_found_through_its_section() -> None:
    data = build(FlmRecipe(is_descriptor_over_zi=True, zi_size_bytes=4096))
    before = parse_loader(data, "x").loader
    after = parse_loader(rewritten(data, name="new").data, "x").loader
    assert after.described_device == before.described_device.model_copy(update={"name": "new"})
    assert after.image_segments == before.image_segments


def test_absolute_descriptor_is_found_in_its_segment() -> None:
    image = fixture("strict_flm.FLM")
    symbol = next(each for each in image.symbols if each.name == "FlashDevice")
    symbol.section, symbol.special_index = None, c.SHN_ABS
    result = rewritten(saved(image), name="new")
    assert parse_loader(result.data, "x").loader.described_device.name == "new"


def test_descriptor_outside_of_every_segment_is_still_renamed() -> None:
    image = fixture("strict_stldr_at_zero.stldr")
    section = section_of(storage_info(image))
    section.content = section.data
    del image.segments[0]
    result = rewritten(saved(image), name="new")
    assert codes(result) == ["descriptor-size", "device-name"]
    assert parse_loader(result.data, "x").loader.described_device.name == "new"


def test_descriptor_without_bytes_is_refused() -> None:
    image = fixture("strict_flm.FLM")
    symbol = next(each for each in image.symbols if each.name == "FlashDevice")
    section_of(symbol).content = None
    with pytest.raises(ConversionRefused, match="no bytes"):
        patch_descriptor(image, symbol, 2, b"x")
