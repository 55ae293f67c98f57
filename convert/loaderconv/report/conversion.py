"""A conversion's plan and result as text."""

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from loaderconv.report.units import address_text, size_text
from loaderconv_schemas.device import Device, SectorRun
from loaderconv_schemas.plan import ConversionPlan, ConversionReport, RegionKind

_REGION_STYLES = {RegionKind.IMAGE: "", RegionKind.HOST: "dim"}


def conversion_report(report: ConversionReport) -> RenderableType:
    """Return what the user reads after a conversion or a dry run."""
    plan = report.plan
    parts = [
        _title(plan),
        _device(plan),
        _memory_map(plan),
        _entry_points(plan),
        *_bullets("Lost", [f"{loss.fact}: {loss.consequence}." for loss in plan.losses]),
        *_bullets("Required", plan.requirements),
        *_bullets("Warnings", [f"{warning.message} [{warning.code}]" for warning in plan.warnings], style="yellow"),
        *_result(report),
    ]
    return Group(*parts)


def _title(plan: ConversionPlan) -> Text:
    origin = ", ".join(filter(None, (plan.source, plan.source_identity.cpu, plan.source_identity.toolchain)))
    return Text.assemble((f"{plan.source_file} ({origin}) to {plan.target}", "bold"))


def _device(plan: ConversionPlan) -> RenderableType:
    device = plan.device
    rows = [
        ("Name", device.name),
        ("Type", str(device.kind)),
        ("Range", f"{device.range} ({size_text(device.size_bytes)})"),
        ("Page", f"{size_text(device.page_size_bytes)}, erased value 0x{device.erased_value:02x}"),
    ]
    rows += [
        (
            "Sectors" if number == 0 else "",
            f"{run.count} x {size_text(run.sector_size_bytes)} from {_start(device, run)}",
        )
        for number, run in enumerate(device.sectors)
    ]
    return _section("Device", rows)


def _start(device: Device, run: SectorRun) -> str:
    return address_text(device.base_address + run.offset_bytes)


def _memory_map(plan: ConversionPlan) -> RenderableType:
    """Return one line a region; as plain lines, a narrow terminal breaks them and loses nothing."""
    sizes = [f"{region.range.size_bytes:,}" for region in plan.memory_map]
    widest = max(map(len, sizes))
    lines = [
        Text(f"  {region.range}  {size.rjust(widest)}  {region.name}", _REGION_STYLES[region.kind], overflow="fold")
        for region, size in zip(plan.memory_map, sizes, strict=True)
    ]
    heading = f"RAM {plan.ram} ({size_text(plan.ram.size_bytes)}), image {size_text(plan.image.size_bytes)}"
    return Group(_heading(heading), *lines)


def _entry_points(plan: ConversionPlan) -> RenderableType:
    rows = []
    for entry in plan.entry_points:
        carrier = "calls " + ", ".join(entry.carried_by) if entry.carried_by else "reads the mapped device"
        rows.append((entry.symbol, f"{address_text(entry.address)}  {carrier}"))
    return _section("Entry points", rows)


def _result(report: ConversionReport) -> list[RenderableType]:
    if report.output is None or report.output_size_bytes is None:
        return [_heading("Dry run: nothing was written.")]
    rows = [
        ("File", report.output),
        ("Size", f"{report.output_size_bytes:,} bytes"),
        ("SHA-256", str(report.output_sha256)),
    ]
    return [_section("Written", rows), *_bullets("Verified", report.checks, style="green")]


def _section(title: str, rows: list[tuple[str, str]]) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(Text(name), Text(value))
    return Group(_heading(title), Padding(table, (0, 0, 0, 2), expand=False))


def _bullets(title: str, sentences: "list[str] | tuple[str, ...]", style: str = "") -> list[RenderableType]:
    """Return a headed list, nothing where there is nothing to list."""
    if not sentences:
        return []
    table = Table.grid(padding=(0, 1))
    table.add_column()
    table.add_column(overflow="fold")
    for sentence in sentences:
        table.add_row(Text("-", style), Text(sentence))
    return [_heading(title, style), Padding(table, (0, 0, 0, 2), expand=False)]


def _heading(text: str, style: str = "") -> Text:
    return Text(f"\n{text}", f"bold {style}".strip())
