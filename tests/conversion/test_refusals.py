"""What cannot behave as its source is refused, with the fact in the message."""

from dataclasses import replace

import pytest

from loaderconv.conversion.plan import plan_conversion
from loaderconv.conversion.request import ConversionRequest
from loaderconv.conversion.source import source_of
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfRelocation, ElfSection, SegmentView
from loaderconv_formats.elf.writer import write_elf
from loaderconv_formats.loader_file import LoaderFile, parse_loader, read_loader_file
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import ConversionRefused, ExitCode, UsageProblem
from loaderconv_schemas.loader import Flavour
from loaderconv_schemas.memory import Part
from support.converted import convert
from support.flm_builder import build
from support.flm_recipe import FlmRecipe
from support.paths import FIXTURES


def plan(source: LoaderFile, **changes: object) -> None:
    wanted = {"target": Flavour.STLDR, "file_name": "x.stldr", "name": "x", **changes}
    request = ConversionRequest(**wanted)  # type: ignore[arg-type]
    plan_conversion(source_of(source, "x.FLM"), request)


def strict() -> LoaderFile:
    return read_loader_file(FIXTURES / "strict_flm.FLM")


def refusal(source: LoaderFile, **changes: object) -> str:
    with pytest.raises(ConversionRefused) as refused:
        plan(source, **changes)
    assert refused.value.exit_code is ExitCode.REFUSED
    assert refused.value.hint
    return refused.value.message


def test_ram_that_is_the_device() -> None:
    message = refusal(strict(), given_ram=AddressRange(start=0x8FFF_F000, size_bytes=0x8000))
    assert "0x90000000..0x9000ffff" in message


@pytest.mark.parametrize("missing_bytes", [1, 256, 2000])
def test_ram_that_is_too_small_by(missing_bytes: int) -> None:
    _, made = convert(strict())
    needed = made.memory_map[-1].range.start + made.device.page_size_bytes - made.ram.start
    plan(strict(), given_ram=AddressRange(start=0x2000_0000, size_bytes=needed))
    message = refusal(strict(), given_ram=AddressRange(start=0x2000_0000, size_bytes=needed - missing_bytes))
    assert f"needs {needed} bytes" in message


@pytest.mark.parametrize(("kind", "name"), [(2, "R_ARM_ABS32"), (47, "R_ARM_THM_MOVW_ABS_NC")])
def test_relocations_that_hold_addresses(kind: int, name: str) -> None:
    source = strict()
    code = next(section for section in source.image.sections if section.name == "PrgCode")
    relocations = ElfSection(".rel", c.SHT_REL, content=[ElfRelocation(0x40, kind, None, None)], info_section=code)
    source.image.sections.append(relocations)
    assert f"{name} at 0x00000040" in refusal(source)


def test_relocations_relative_to_pc_are_no_reason() -> None:
    source = strict()
    code = next(section for section in source.image.sections if section.name == "PrgCode")
    source.image.sections.append(
        ElfSection(".rel", c.SHT_REL, content=[ElfRelocation(0x40, 10, None, None)], info_section=code)
    )
    plan(source)


def test_static_base_outside_of_the_image() -> None:
    source = strict()
    placement = source.loader.placement.model_copy(update={"static_base": 0x1000_0000})
    loader = source.loader.model_copy(update={"placement": placement})
    assert "0x10000000" in refusal(replace(source, loader=loader))


def test_segments_that_overlap() -> None:
    source = strict()
    code = next(segment for segment in source.loader.segments if segment.part is Part.CODE)
    again = code.model_copy(update={"address": code.address + 4})
    loader = source.loader.model_copy(update={"segments": (*source.loader.segments, again)})
    assert "overlap" in refusal(replace(source, loader=loader))


def test_data_and_descriptor_in_one_segment_stay_together() -> None:
    """A linker script may put PrgData and DevDscr into the second PT_LOAD: the data must not be lost with it."""
    source = parse_loader(build(FlmRecipe(zi_size_bytes=0)), "built")
    image = source.image
    first, second = image.load_segments
    rw = next(section for section in image.sections if section.name == "PrgData")
    cut = rw.address - first.address
    second.data = first.data[cut:] + second.data
    second.address = second.physical_address = rw.address
    second.memory_size_bytes = len(second.data)
    first.data = first.data[:cut]
    first.memory_size_bytes = len(first.data)
    for section in image.sections:
        if section.name in ("PrgData", "DevDscr"):
            section.content = SegmentView(second, section.address - second.address)
    joined = parse_loader(write_elf(image), "joined")
    data = b"".join(segment.data for segment in joined.loader.image_segments)
    assert b"RW data." in data


@pytest.mark.parametrize(
    "recipe",
    [
        FlmRecipe(runs=((0x1000, 0), (0x800, 0x8000), (0x1000, 0x4000))),
        FlmRecipe(runs=((0x3000, 0),)),
        FlmRecipe(runs=((0, 0),)),
        FlmRecipe(runs=()),
        FlmRecipe(runs=((0x1000, 0x1000),), base_address=0x9000_0000),
        FlmRecipe(size_bytes=0),
        FlmRecipe(page_size_bytes=0),
        FlmRecipe(base_address=0xFFFF_F000),
    ],
)
def test_geometry_that_leads_astray(recipe: FlmRecipe) -> None:
    message = refusal(parse_loader(build(recipe), "built"))
    assert any(word in message for word in ("sector", "page", "size", "address space"))


def test_ram_base_off_the_grid_is_a_usage_problem() -> None:
    with pytest.raises(UsageProblem, match="0x20000010"):
        ConversionRequest(
            target=Flavour.STLDR,
            file_name="x.stldr",
            name="x",
            given_ram=AddressRange(start=0x2000_0010, size_bytes=0x8000),
        )
