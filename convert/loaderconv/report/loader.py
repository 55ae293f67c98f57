"""One loader as text."""

from collections.abc import Sequence

from rich.console import Group, RenderableType

from loaderconv.report.blocks import bullets, grid, heading, section
from loaderconv.report.device import device_rows
from loaderconv.report.memory_map import DrawnMemoryMap
from loaderconv.report.units import address_text, size_text
from loaderconv_schemas.entry_point import EntryPoint
from loaderconv_schemas.iar import IarInterface, IarSettings
from loaderconv_schemas.inspection import InspectedLoader
from loaderconv_schemas.memory import Placement, RamNeed


def identity_rows(loader: InspectedLoader) -> list[tuple[str, str]]:
    """Return names and values: where the loader comes from, and where it may run."""
    identity = loader.identity
    core = ", ".join(filter(None, (identity.cpu, identity.architecture)))
    if identity.float_abi is not None:
        core = f"{core or 'unknown'}, {identity.float_abi} float"
    return [
        ("Toolchain", identity.toolchain or "unknown"),
        ("Core", core or "unknown"),
        ("Placement", _placement(loader.placement)),
    ]


def loader_blocks(loader: InspectedLoader) -> list[RenderableType]:
    """Return all other blocks of a loader."""
    blocks: list[RenderableType] = []
    if loader.device is not None:
        blocks.append(section("Device", device_rows(loader.device)))
    if loader.entry_points:
        blocks.append(_entry_points("Entry points", loader.entry_points))
    if loader.iar_interface is not None:
        blocks += _interface(loader.iar_interface)
    if loader.iar_settings is not None:
        blocks.append(section("Settings", _settings(loader.iar_settings)))
    if loader.memory_map:
        blocks.append(Group(heading(f"Memory: {_ram(loader.ram)}"), DrawnMemoryMap(loader.memory_map)))
    odd = [f"{notice.message} [{notice.code}]" for notice in loader.notices]
    return [*blocks, *bullets("What was odd", odd, style="yellow")]


def _placement(placement: Placement) -> str:
    text = str(placement.kind)
    if placement.static_base is not None:
        text += f", data through r9 = {address_text(placement.static_base)}"
    return f"{text} ({'; '.join(placement.evidence)})" if placement.evidence else text


def _ram(ram: RamNeed) -> str:
    stack = "unknown" if ram.stack_bytes is None else size_text(ram.stack_bytes)
    return f"image {size_text(ram.image_bytes)}, buffer {size_text(ram.page_buffer_bytes)}, stack {stack}"


def _entry_points(title: str, entries: Sequence[EntryPoint]) -> RenderableType:
    sizes = [size_text(entry.size_bytes) if entry.size_bytes else "" for entry in entries]
    widest = max(map(len, sizes))
    rows = [
        (
            str(entry.routine),
            address_text(entry.address),
            size.rjust(widest),
            entry.symbol if entry.thumb else f"{entry.symbol} (Arm code)",
        )
        for entry, size in zip(entries, sizes, strict=True)
    ]
    return Group(heading(title), grid(rows))


def _interface(interface: IarInterface) -> list[RenderableType]:
    rows = []
    if interface.framework_version is not None:
        rows.append(("Framework", str(interface.framework_version)))
    if interface.break_address is not None:
        rows.append(("Calls end at", address_text(interface.break_address)))
    if interface.stack_pointer is not None:
        rows.append(("Stack pointer", address_text(interface.stack_pointer)))
    if interface.arguments is not None:
        text = size_text(interface.arguments.text.size_bytes)
        rows.append(("Arguments", f"up to {interface.arguments.max_count} in {text}"))
    blocks = [_entry_points("Functions behind the stubs", interface.c_layer)] if interface.c_layer else []
    return [*blocks, section("C-SPY", rows)] if rows else blocks


def _settings(settings: IarSettings) -> list[tuple[str, str]]:
    rows = [("exe", settings.executable)]
    if settings.macro is not None:
        rows.append(("macro", settings.macro))
    if settings.aggregate:
        rows.append(("aggregate", "several blocks may share a transfer"))
    if settings.online:
        rows.append(("online", "on-chip flash that takes flash breakpoints"))
    if settings.relocatable:
        rows.append(("relocatable_exe", "the host chooses the address"))
    return rows + [("" if number else "args", text) for number, text in enumerate(settings.arguments)]
