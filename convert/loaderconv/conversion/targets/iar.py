"""Plans an IAR loader: what will be where, what is lost, what the user must see to."""

from dataclasses import dataclass

from loaderconv.conversion.request import ConversionRequest
from loaderconv.conversion.source import Source
from loaderconv.conversion.sources.parts import SourceParts
from loaderconv.conversion.targets.advice import (
    padding_requirements,
    ram_warnings,
    reading_losses,
    reading_requirements,
    second_piece_warnings,
)
from loaderconv.conversion.targets.device_losses import device_losses
from loaderconv.conversion.targets.iar_device import as_iar_device
from loaderconv.conversion.targets.iar_layout import IarLayout, iar_install_count, iar_layout
from loaderconv.conversion.targets.layout import sizes_of
from loaderconv.conversion.targets.pages import transfer_page_of
from loaderconv.conversion.targets.planned import Planned, TargetFacts, check_ram, conversion_plan
from loaderconv.conversion.targets.table import table_bytes
from loaderconv.shims.blob import Shim
from loaderconv_schemas.memory import RamNeed


@dataclass(frozen=True)
class PlannedIar(Planned):
    """A plan with what only C-SPY needs.

    Attributes:
        iar: vector table, stack and buffer.
    """

    iar: IarLayout


def plan_iar(source: Source, parts: SourceParts, shim: Shim, request: ConversionRequest) -> PlannedIar:
    """Decide everything, and write nothing.

    Raises:
        ConversionRefused: the result could not behave as the source.
    """
    check_ram(request, parts)
    device = as_iar_device(parts.device, request.name)
    page = transfer_page_of(parts, parts.device)
    sizes = sizes_of(
        parts,
        shim,
        run_count=len(device.sectors),
        install_count=iar_install_count(parts),
        page_bytes=page,
    )
    placed = iar_layout(parts, device, request.ram, sizes)
    layout = placed.layout
    facts = TargetFacts(
        device=device,
        ram=request.ram,
        regions=layout.regions,
        image=layout.image,
        losses=(
            *device_losses(parts.device, device, "A .flash file"),
            *reading_losses(parts, request, "FlashChecksumEntry is"),
        ),
        requirements=(
            f"The target must have RAM at {request.ram}; C-SPY may use all of it.",
            *padding_requirements(parts),
            *reading_requirements(parts, request, "FlashChecksumEntry and C-SPY itself"),
        ),
        warnings=(*ram_warnings(request), *second_piece_warnings(parts)),
    )
    plan = conversion_plan(source, request, parts, layout, shim, facts)
    ram = RamNeed(
        image_bytes=layout.image.size_bytes + sum(piece.size_bytes for piece in placed.fixed),
        page_buffer_bytes=placed.buffer.size_bytes,
        stack_bytes=placed.stack.size_bytes,
    )
    table = table_bytes(parts, device, layout, shim, sizes, request)
    return PlannedIar(plan, parts, layout, shim, table, ram, placed)
