"""A new file is handed out only where it says what the loader says."""

import pytest

from loaderconv_formats.elf.image import ElfImage, ElfSymbol
from loaderconv_formats.elf.writer import write_elf
from loaderconv_formats.loader_file import parse_loader
from loaderconv_formats.loader_writer import loader_document, new_program
from loaderconv_schemas.device import DeviceKind
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.memory import Part
from support.flm_builder import build as build_flm
from support.flm_recipe import FlmRecipe
from support.iar_builder import build as build_iar
from support.iar_recipe import IarRecipe, relocatable_shaped
from support.loader_models import DEVICE, segment
from support.stldr_builder import build as build_stldr
from support.stldr_recipe import StldrRecipe, gcc_shaped

COMMENT = "loaderconv 0.0.0"

BUILT = {
    "FLM": parse_loader(build_flm(FlmRecipe()), "made").loader,
    "FLM with an odd descriptor": parse_loader(
        build_flm(FlmRecipe(device_name=b"Name\0junk", are_sector_addresses_absolute=True)), "made"
    ).loader,
    "stldr": parse_loader(build_stldr(StldrRecipe()), "made").loader,
    "stldr as GCC": parse_loader(build_stldr(gcc_shaped()), "made").loader,
    "IAR": parse_loader(build_iar(IarRecipe()), "made").loader,
    "relocatable": parse_loader(build_iar(relocatable_shaped()), "made").loader,
}


def refusal(loader: Loader) -> str:
    with pytest.raises(ConversionRefused) as caught:
        new_program(loader, comment=COMMENT)
    assert caught.value.hint
    return caught.value.message


@pytest.mark.parametrize("loader", BUILT.values(), ids=BUILT)
def test_what_comes_back_is_handed_out(loader: Loader) -> None:
    assert new_program(loader, comment=COMMENT) == write_elf(loader_document(loader, comment=COMMENT))


def test_the_memory_of_an_iar_loader_is_not_its_file_s_matter() -> None:
    described = BUILT["IAR"].model_copy(update={"device": DEVICE})
    assert new_program(described, comment=COMMENT) == new_program(BUILT["IAR"], comment=COMMENT)


def test_what_another_flavour_does_not_know_may_be_added() -> None:
    unknown = {"type_code": 7, "erased_value": None, "program_timeout_ms": None, "erase_timeout_ms": None}
    device = BUILT["FLM"].described_device.model_copy(update={**unknown, "kind": DeviceKind.SPI_FLASH})
    data = new_program(BUILT["FLM"].model_copy(update={"device": device}), comment=COMMENT)
    written = parse_loader(data, "made").loader.described_device
    assert (written.kind, written.type_code, written.erased_value) == (DeviceKind.SPI_FLASH, 5, 0xFF)


def test_a_number_under_other_bytes_is_not_lost_silently() -> None:
    """Readers find frameworkVersion through its section, and two have its address."""
    loader = BUILT["IAR"]
    assert loader.iar_interface is not None
    assert loader.iar_interface.framework_version_address is not None
    cover = segment(Part.CODE, loader.segments[0].address, bytes(0x400))
    covered = loader.model_copy(update={"segments": (cover, *loader.segments)})
    assert "its iar_interface.framework_version would be lost" in refusal(covered)


@pytest.mark.parametrize(
    ("name", "aspect", "update"),
    [
        pytest.param("FLM", "identity.toolchain", {"toolchain": "a compiler"}, id="toolchain"),
        pytest.param("stldr", "placement.alignment_bytes", {"alignment_bytes": 3}, id="alignment"),
        pytest.param("FLM", "device.name", {"name": "Fl\u00e4sh"}, id="device's name"),
    ],
)
def test_what_is_lost_is_named(name: str, aspect: str, update: dict[str, object]) -> None:
    part = aspect.split(".", maxsplit=1)[0]
    changed = getattr(BUILT[name], part).model_copy(update=update)
    assert f"its {aspect} would be lost" in refusal(BUILT[name].model_copy(update={part: changed}))


def test_segments_that_become_one_are_named() -> None:
    """Zeros of another memory that start right behind the bytes would be a part of those."""
    code, data = BUILT["IAR"].segments
    behind = segment(Part.DATA, code.range.end, b"", zeros=16)
    assert "its image_segments would be lost" in refusal(
        BUILT["IAR"].model_copy(update={"segments": (code, behind, data)})
    )


def test_a_file_that_is_no_loader_is_not_handed_out() -> None:
    loader = BUILT["FLM"].model_copy(update={"flavour": Flavour.IAR, "iar_interface": None})
    assert "how C-SPY drives" in refusal(loader)


@pytest.mark.parametrize("number", [1 << 32, -1])
def test_a_number_that_no_field_can_hold_is_refused(number: int) -> None:
    image = ElfImage()
    image.symbols.append(ElfSymbol("end", number))
    with pytest.raises(ConversionRefused, match="more than 32 bits"):
        write_elf(image)
