"""Whatever is done to a file: it is read, refused with a reason, converted or refused with a reason. Nothing else."""

import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from loaderconv.conversion.linking.link import link
from loaderconv.conversion.linking.linked import Linked
from loaderconv.conversion.plan import plan_conversion
from loaderconv.conversion.request import ConversionRequest
from loaderconv.conversion.source import source_of
from loaderconv.conversion.verification.structure import verify_program
from loaderconv_formats.elf.writer import write_elf
from loaderconv_formats.loader_file import LoaderFile, parse_loader
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import ConversionRefused, UnreadableInput
from loaderconv_schemas.loader import Flavour
from support.arm_attributes import POSITION_INDEPENDENT, aeabi
from support.flm_builder import build
from support.flm_recipe import ExtraSymbol, FlmRecipe, gcc_shaped, routines_without
from support.fuzzing import fuzz_settings, mutated
from support.paths import fixture_flms
from support.reading import loader_of, read_or_refusal

RAM = AddressRange(start=0x2000_0000, size_bytes=32 * 1024)
REQUEST = ConversionRequest(target=Flavour.STLDR, file_name="fuzzed.stldr", name="fuzzed", given_ram=RAM)

RECIPES = (
    FlmRecipe(),
    FlmRecipe(descriptor_shipped_bytes=176, data_gap_bytes=4, code_address=0x1000, entry=1),
    FlmRecipe(descriptor_section="PrgCode", descriptor_shipped_bytes=192, runs=((0x400, 0), (0x800, 0x8000))),
    FlmRecipe(routines=routines_without("EraseChip", "Verify", "BlankCheck"), rw=b"", page_size_bytes=0x180),
    FlmRecipe(are_sector_addresses_absolute=True, device_name=b"Name\0junk", descriptor_shipped_bytes=176),
    FlmRecipe(extra_symbols=(ExtraSymbol("Read", value=1, kind=2, section="PrgCode"),), zi_size_bytes=0),
    gcc_shaped(aeabi(POSITION_INDEPENDENT, cpu_name=b"cortex-m0")),
)
FLMS = [path.read_bytes() for path in fixture_flms()] + [build(recipe) for recipe in RECIPES]


def convert(source: LoaderFile) -> tuple[bytes, Linked]:
    linked = link(plan_conversion(source_of(source, "fuzzed.FLM"), REQUEST))
    return write_elf(linked.document), linked


STLDRS = [convert(parse_loader(data, "fuzzed"))[0] for data in FLMS[:3]]


@fuzz_settings
@given(mutated(FLMS))
def test_damaged_flm_is_read_or_refused(data: bytes) -> None:
    outcome = read_or_refusal(data)
    assert isinstance(outcome, UnreadableInput) or outcome.loader.segments


@fuzz_settings
@given(mutated(STLDRS))
def test_damaged_stldr_is_read_or_refused(data: bytes) -> None:
    outcome = read_or_refusal(data)
    assert isinstance(outcome, UnreadableInput) or outcome.loader.segments


@fuzz_settings
@given(st.binary(max_size=2000), st.booleans())
def test_bytes_without_sense_are_refused(data: bytes, has_elf_header: bool) -> None:
    header = b"\x7fELF\x01\x01\x01".ljust(16, b"\0") + struct.pack("<HH", 2, 40) if has_elf_header else b""
    assert isinstance(read_or_refusal(header + data), UnreadableInput)


@pytest.mark.filterwarnings("ignore:.*is not a valid:RuntimeWarning")  # LIEF, of symbol types
@fuzz_settings
@given(mutated(FLMS))
def test_damaged_flm_converts_or_is_refused(data: bytes) -> None:
    """A result is complete: both readers agree on it, and every routine that it calls lies in its image."""
    source = read_or_refusal(data)
    if isinstance(source, UnreadableInput):
        return
    try:
        written, linked = convert(source)
    except ConversionRefused:
        return
    assert source.loader.flavour is Flavour.FLM
    assert len(verify_program(written, linked)) == 3
    (image,) = linked.loader.image_segments
    assert all(entry.address in image.range for entry in linked.loader.entry_points)
    carried = [each.range for each in source.loader.image_segments if each.data]
    for entry in source.loader.entry_points:
        assert any(entry.address in each for each in carried), f"{entry.symbol} is not part of the image"


@fuzz_settings
@given(mutated(STLDRS))
def test_stldr_is_never_converted(data: bytes) -> None:
    """Damage may turn it into something unreadable, but into no FLM."""
    source = read_or_refusal(data)
    if isinstance(source, LoaderFile):
        with pytest.raises(ConversionRefused, match=r"of the flavour stldr already|position independent"):
            convert(source)


@st.composite
def geometries(draw: st.DrawFn) -> tuple[tuple[tuple[int, int], ...], int]:
    """Return runs of (sector size, offset) without gaps and the size that they fill."""
    runs = []
    offset = 0
    for _ in range(draw(st.integers(1, 12))):
        size, count = draw(st.integers(1, 0x4_0000)), draw(st.integers(1, 500))
        runs.append((size, offset))
        offset += size * count
    return tuple(runs), offset


@st.composite
def recipes(draw: st.DrawFn) -> FlmRecipe:
    """Return an FLM that says true things only."""
    runs, size_bytes = draw(geometries())
    printable = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
    base_address = draw(st.integers(0, (1 << 32) - size_bytes))
    return FlmRecipe(
        device_name=draw(st.text(printable, max_size=127)).encode("ascii"),
        device_type=draw(st.integers(0, 0xFFFF)),
        version=draw(st.sampled_from((1, 0x0101))),
        base_address=base_address,
        size_bytes=size_bytes,
        page_size_bytes=draw(st.integers(0, 0xFFFF_FFFF)),
        erased_value=draw(st.integers(0, 255)),
        program_timeout_ms=draw(st.integers(0, 0xFFFF_FFFF)),
        erase_timeout_ms=draw(st.integers(0, 0xFFFF_FFFF)),
        runs=runs,
        are_sector_addresses_absolute=base_address > 0 and draw(st.booleans()),
        descriptor_shipped_bytes=draw(st.integers(160 + 8 * (len(runs) + 1), 4256)),
        code_address=draw(st.integers(0, 0x1000_0000).map(lambda value: value * 4)),
        data_gap_bytes=draw(st.integers(0, 16).map(lambda value: value * 4)),
        rw=draw(st.binary(max_size=64)),
        zi_size_bytes=draw(st.integers(0, 4096)),
        is_descriptor_over_zi=draw(st.booleans()),
    )


@fuzz_settings
@given(recipes())
@example(FlmRecipe(base_address=0xFFFF_0000, size_bytes=0x1_0000))
def test_values_come_back_as_they_were_written(recipe: FlmRecipe) -> None:
    loader = loader_of(recipe)
    device = loader.device
    assert device.name.encode("ascii") == recipe.device_name
    assert (device.type_code, device.base_address, device.size_bytes) == (
        recipe.device_type,
        recipe.base_address,
        recipe.size_bytes,
    )
    assert (device.page_size_bytes, device.erased_value) == (recipe.page_size_bytes, recipe.erased_value)
    assert (device.program_timeout_ms, device.erase_timeout_ms) == (recipe.program_timeout_ms, recipe.erase_timeout_ms)
    assert tuple((run.sector_size_bytes, run.offset_bytes) for run in device.sectors) == recipe.runs
    assert sum(run.size_bytes for run in device.sectors) == recipe.size_bytes
    image: dict[int, int] = {}
    for each in loader.image_segments:
        image.update(enumerate(each.data, start=each.address))
    data_address = recipe.code_address + 28 + recipe.data_gap_bytes
    assert bytes(image[data_address + number] for number in range(len(recipe.rw))) == recipe.rw
    has_data = bool(recipe.rw or recipe.zi_size_bytes)
    assert loader.placement.static_base == (data_address if has_data else None)
