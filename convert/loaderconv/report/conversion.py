"""A conversion's plan and result as text."""

from rich.console import Group, RenderableType
from rich.text import Text

from loaderconv.report.blocks import bullets, heading, section
from loaderconv.report.device import device_rows
from loaderconv.report.output import written_blocks
from loaderconv.report.units import address_text, size_text
from loaderconv_schemas.plan import ConversionPlan, ConversionReport, RegionKind

_REGION_STYLES = {RegionKind.IMAGE: "", RegionKind.HOST: "dim"}


def conversion_report(report: ConversionReport) -> RenderableType:
    """Return what the user reads after a conversion or a dry run."""
    plan = report.plan
    parts = [
        _title(plan),
        section("Device", device_rows(plan.device)),
        _memory_map(plan),
        _entry_points(plan),
        *bullets("Lost", [f"{loss.fact}: {loss.consequence}." for loss in plan.losses]),
        *bullets("Required", plan.requirements),
        *bullets("Warnings", [f"{warning.message} [{warning.code}]" for warning in plan.warnings], style="yellow"),
        *written_blocks(report),
    ]
    return Group(*parts)


def _title(plan: ConversionPlan) -> Text:
    origin = ", ".join(filter(None, (plan.source, plan.source_identity.cpu, plan.source_identity.toolchain)))
    return Text.assemble((f"{plan.source_file} ({origin}) to {plan.target}", "bold"))


def _memory_map(plan: ConversionPlan) -> RenderableType:
    """Return one line a region; as plain lines, a narrow terminal breaks them and loses nothing."""
    sizes = [f"{region.range.size_bytes:,}" for region in plan.memory_map]
    widest = max(map(len, sizes))
    lines = [
        Text(f"  {region.range}  {size.rjust(widest)}  {region.name}", _REGION_STYLES[region.kind], overflow="fold")
        for region, size in zip(plan.memory_map, sizes, strict=True)
    ]
    title = f"RAM {plan.ram} ({size_text(plan.ram.size_bytes)}), image {size_text(plan.image.size_bytes)}"
    return Group(heading(title), *lines)


def _entry_points(plan: ConversionPlan) -> RenderableType:
    rows = []
    for entry in plan.entry_points:
        carrier = "calls " + ", ".join(entry.carried_by) if entry.carried_by else "reads the mapped device"
        rows.append((entry.symbol, f"{address_text(entry.address)}  {carrier}"))
    return section("Entry points", rows)
