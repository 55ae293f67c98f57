"""A conversion's plan and result as text."""

from rich.console import Group, RenderableType
from rich.text import Text

from loaderconv.report.blocks import bullets, heading, plain, section
from loaderconv.report.device import device_rows
from loaderconv.report.output import written_blocks
from loaderconv.report.units import address_text, offset_text, size_text
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.loader import Flavour
from loaderconv_schemas.pass_conversions import PassConversions
from loaderconv_schemas.plan import ConversionPlan, ConversionReport, PlannedEntryPoint, RegionKind

_REGION_STYLES = {RegionKind.IMAGE: "", RegionKind.HOST: "dim", RegionKind.INSTALLED: "cyan"}

_READING = (Routine.READ, Routine.VERIFY, Routine.CHECKSUM, Routine.BLANK_CHECK)


def conversion_report(report: ConversionReport) -> RenderableType:
    """Return what the user reads after a conversion or a dry run."""
    plan = report.plan
    parts = [
        _title(plan),
        section("Device", [*device_rows(plan.device), *_offset_rows(plan)]),
        _memory_map(plan),
        *_algorithm(plan),
        _entry_points(plan),
        *bullets("Lost", [f"{loss.fact}: {loss.consequence}." for loss in plan.losses]),
        *bullets("Required", plan.requirements),
        *bullets("Warnings", [f"{warning.message} [{warning.code}]" for warning in plan.warnings], style="yellow"),
        *written_blocks(report.outputs, report.checks, report.verified),
    ]
    return Group(*parts)


def conversions_report(report: PassConversions) -> RenderableType:
    """Return the same for several passes, one below the other."""
    blocks: list[RenderableType] = []
    for number, each in enumerate(report.conversions):
        blocks += [Text(), Text()] if number else []
        blocks += [Text(f"Pass {each.number}", "bold underline"), conversion_report(each.report)]
    return Group(*blocks)


def _title(plan: ConversionPlan) -> Text:
    origin = ", ".join(filter(None, (plan.source, plan.source_identity.cpu, plan.source_identity.toolchain)))
    return plain(f"{plan.source_file} ({origin}) to {plan.target}", "bold")


def _offset_rows(plan: ConversionPlan) -> list[tuple[str, str]]:
    """Return how the source's addresses differ from the host's, where they do."""
    if not plan.address_delta:
        return []
    seen = (plan.device.base_address + plan.address_delta) % ADDRESS_SPACE_BYTES
    return [("Offset", f"{offset_text(plan.address_delta)} is added: the source sees it at {address_text(seen)}")]


def _memory_map(plan: ConversionPlan) -> RenderableType:
    """Return one line a region; as plain lines, a narrow terminal breaks them and loses nothing."""
    sizes = [f"{region.range.size_bytes:,}" for region in plan.memory_map]
    widest = max(map(len, sizes))
    lines = [
        Text(f"  {region.range}  {size.rjust(widest)}  {region.name}", _REGION_STYLES[region.kind], overflow="fold")
        for region, size in zip(plan.memory_map, sizes, strict=True)
    ]
    title = f"RAM {plan.ram} ({size_text(plan.ram.size_bytes)}), image {size_text(plan.image.size_bytes)}"
    chip = [] if plan.chip is None else [plain(f"  of {plan.chip}", "dim")]
    return Group(heading(title), *chip, *lines)


def _algorithm(plan: ConversionPlan) -> list[RenderableType]:
    """Return what the IDE has to be told of an FLM that is not free to lie anywhere."""
    if plan.target is not Flavour.FLM:
        return []
    rows = [("RAMstart", address_text(plan.ram.start)), ("RAMsize", f"0x{plan.ram.size_bytes:x}")]
    return [section("RAM for the algorithm, in the IDE or the pack", rows)]


def _entry_points(plan: ConversionPlan) -> RenderableType:
    rows = [(entry.symbol, f"{address_text(entry.address)}  {_carrier(entry)}") for entry in plan.entry_points]
    title = "Entry points, from the start of the image" if plan.target is Flavour.FLM else "Entry points"
    return section(title, rows)


def _carrier(entry: PlannedEntryPoint) -> str:
    if entry.carried_by:
        return "calls " + ", ".join(entry.carried_by)
    return "reads the mapped device" if entry.routine in _READING else "calls nothing of the source"
