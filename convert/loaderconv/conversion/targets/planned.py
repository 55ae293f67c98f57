"""A plan with what the linker needs to carry it out."""

from dataclasses import dataclass

from loaderconv import __version__
from loaderconv.conversion.request import ConversionRequest
from loaderconv.conversion.source import Source
from loaderconv.conversion.sources.parts import SourceParts
from loaderconv.conversion.targets.advice import core_requirement, installed_requirements
from loaderconv.conversion.targets.exports import planned_entry_points
from loaderconv.conversion.targets.layout import Layout
from loaderconv.shims.blob import Shim
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.loader import Notice
from loaderconv_schemas.memory import RamNeed
from loaderconv_schemas.plan import ConversionPlan, Loss, Region


@dataclass(frozen=True)
class Planned:
    """What a conversion will do.

    Attributes:
        plan: for people.
        parts: what is carried.
        layout: addresses.
        shim: the code that joins both flavours.
        table: its parameters.
        ram: what the output needs.
    """

    plan: ConversionPlan
    parts: SourceParts
    layout: Layout
    shim: Shim
    table: bytes
    ram: RamNeed


@dataclass(frozen=True)
class TargetFacts:
    """What only the target's planner knows.

    Attributes:
        device: the memory as the output will describe it.
        ram: what the host uses.
        regions: the memory map.
        image: what the host downloads.
        losses: what the target has no place for.
        requirements: what its host must provide.
        warnings: what deserves a second look.
    """

    device: Device
    ram: AddressRange
    regions: tuple[Region, ...]
    image: AddressRange
    losses: tuple[Loss, ...]
    requirements: tuple[str, ...]
    warnings: tuple[Notice, ...]


def check_ram(request: ConversionRequest, parts: SourceParts) -> None:
    """Refuse RAM that is the device itself, and a source that is bound to what is no RAM of its own.

    Raises:
        ConversionRefused: with the addresses that do not fit.
    """
    if request.ram.overlaps(parts.device.range):
        raise ConversionRefused(
            f"The RAM {request.ram} overlaps the device {parts.device.range}.",
            hint="Give the RAM of the target with --ram BASE:SIZE.",
        )
    for each in () if parts.is_movable else parts.taken:
        if each.overlaps(parts.device.range):
            raise ConversionRefused(
                f"The source is bound to {each}, which belongs to the device {parts.device.range}.",
                hint="Take the loader from its origin again: its code must lie in RAM.",
            )
        if each.overlaps(request.ram) and not request.ram_is_default and not _contains(request.ram, each):
            raise ConversionRefused(
                f"The source is bound to {each}, which the RAM {request.ram} holds only in part.",
                hint="Give all of that RAM with --ram BASE:SIZE or --chip NAME, as the data sheet has it.",
            )
        if request.chip is not None and not any(_contains(ram, each) for ram in request.chip.ram):
            raise ConversionRefused(
                f"The source is bound to {each}, where {request.chip.name} has no RAM.",
                hint="Use a loader that was linked for this chip, or name the right one with --chip.",
            )


def _contains(ram: AddressRange, other: AddressRange) -> bool:
    return ram.start <= other.start and other.end <= ram.end


def conversion_plan(
    source: Source, request: ConversionRequest, parts: SourceParts, layout: Layout, shim: Shim, facts: TargetFacts
) -> ConversionPlan:
    """Return the plan, with what holds for every pair of flavours added to what the target's planner found."""
    debug = (
        (Loss(fact="debug information", consequence="the converted code cannot be stepped by source line"),)
        if source.image is not None and any(section.name.startswith(".debug") for section in source.image.sections)
        else ()
    )
    return ConversionPlan(
        made_by=f"loaderconv {__version__}",
        source_file=source.file_name,
        source_sha256=source.sha256,
        source=parts.loader.flavour,
        source_identity=parts.loader.identity,
        target=request.target,
        device=facts.device,
        address_delta=parts.address_delta,
        ram=facts.ram,
        chip=None if request.chip is None else f"{request.chip.name} ({request.chip.source})",
        memory_map=facts.regions,
        image=facts.image,
        entry_points=planned_entry_points(parts, request, shim, layout.shim.start),
        shim=shim.name,
        static_base=None if parts.static_base is None else layout.moved(parts.static_base),
        losses=(*facts.losses, *parts.losses, *debug),
        requirements=(
            *facts.requirements,
            *parts.requirements,
            *installed_requirements(parts),
            core_requirement(parts),
        ),
        warnings=(*parts.warnings, *facts.warnings),
    )
