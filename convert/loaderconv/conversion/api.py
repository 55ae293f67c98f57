"""A conversion in memory, for Python programs: from a Loader to a Loader."""

from typing import Any, TypedDict, Unpack

from loaderconv.chips.lookup import find_chip
from loaderconv.conversion.linking.link import link
from loaderconv.conversion.plan import plan_conversion
from loaderconv.conversion.request import ConversionRequest
from loaderconv.conversion.source import Source
from loaderconv.conversion.verification.structure import verify_program
from loaderconv_formats.elf.writer import write_elf
from loaderconv_formats.passes import chosen_pass, facts_of, loader_of
from loaderconv_formats.xml.quoting import quoted
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.bundle import Bundle, Pass
from loaderconv_schemas.chip import Chip
from loaderconv_schemas.device import SectorRun
from loaderconv_schemas.errors import UsageProblem
from loaderconv_schemas.loader import Flavour, Loader, Notice


class Wishes(TypedDict, total=False):
    """What a caller may ask of a conversion; what is left out is decided as on the command line.

    Attributes:
        name: device name of the result, where its flavour has one; without it the source's name.
        ram: RAM that the new host may use.
        chip: the target's chip, or its name, whose RAM counts where `ram` is left out.
        with_read: the device can be read at its address, or through the source's Read.
        relocate_to: where a relocatable IAR loader shall run. Other code moves by the relocations in its file, which a
            Loader does not keep: convert the file with the command line.
        geometry: sectors that count instead of those that the source describes.
        page_size_bytes: likewise for the page.
        program_timeout_ms: likewise for the longest time to program a page.
        erase_timeout_ms: likewise for the longest time to erase a sector.
        init_once: the source's initialisation cannot be called a second time.
    """

    name: str
    ram: AddressRange
    chip: Chip | str
    with_read: bool
    relocate_to: int
    geometry: tuple[SectorRun, ...]
    page_size_bytes: int
    program_timeout_ms: int
    erase_timeout_ms: int
    init_once: bool


def convert_loader(
    loader: Loader | Bundle, to: Flavour | str, pass_number: int | None, **wishes: Unpack[Wishes]
) -> Loader:
    """Return a loader of another flavour, with warnings and requirements as its notices; see `loaderconv.convert`."""
    unknown = sorted(set(wishes) - set(Wishes.__annotations__))
    if unknown:
        raise TypeError(f"convert() takes no argument {unknown[0]!r}; choose from {', '.join(Wishes.__annotations__)}")
    target = _flavour(to)
    bundle = loader if isinstance(loader, Bundle) else Bundle(passes=(Pass(loader=loader),))
    each = chosen_pass(bundle, pass_number, several_hint="Choose one with pass_number.")
    source = Source(loader_of(each, bundle), facts=facts_of(each))
    planned = plan_conversion(source, _request(source.loader, target, wishes))
    linked = link(planned)
    verify_program(write_elf(linked.document), linked)
    required = (Notice(code="required", message=each) for each in planned.plan.requirements)
    return linked.loader.model_copy(update={"notices": (*planned.plan.warnings, *required)})


def _flavour(text: str) -> Flavour:
    """Return the flavour of that name, in capitals or not."""
    for flavour in Flavour:
        if flavour.lower() == text.lower():
            return flavour
    raise UsageProblem(f"There is no flavour {quoted(text)}.", hint=f"Choose from {', '.join(Flavour)}.")


def _request(loader: Loader, target: Flavour, wishes: Wishes) -> ConversionRequest:
    others: dict[str, Any] = {**wishes}
    ram, chip = others.pop("ram", None), others.pop("chip", None)
    if not isinstance(ram, AddressRange | None):
        raise TypeError(f"ram is an AddressRange, not {type(ram).__name__}")
    name = others.pop("name", loader.identity.name)
    return ConversionRequest(
        target=target,
        file_name=f"{name}.{target.lower()}",
        name=name,
        name_is_given="name" in wishes,
        given_ram=ram,
        chip=find_chip(chip) if isinstance(chip, str) else chip,
        **others,
    )
