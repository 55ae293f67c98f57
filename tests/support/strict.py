"""Our own FLMs, converted, behind a controller that punishes every mistake of a shim."""

from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.flash_geometry import STRICT_MCU_32K, STRICT_NOR_64K, STRICT_NOR_ODD_PAGE
from loaderconv.emulator.devices.strict_controller import StrictController
from loaderconv.hosts.cube_programmer import TransferStyle
from support.converted import Rig, converted_rig
from support.paths import FIXTURES

ERASED = 0xFF


GEOMETRIES = {
    "strict_flm": STRICT_NOR_64K,
    "strict_flm_onchip": STRICT_MCU_32K,
    "strict_flm_no_chip": STRICT_NOR_64K,
    "strict_flm_reader": STRICT_NOR_64K,
    "strict_flm_odd_page": STRICT_NOR_ODD_PAGE,
}


STYLES = {
    "as in all logs": TransferStyle(),
    "sp 4 beside a multiple of 8": TransferStyle(stack_bytes=0x404),
    "odd buffer, odd chunks": TransferStyle(stack_bytes=0x404, buffer_offset_bytes=1, chunk_bytes=333),
    "whole pages from an odd buffer": TransferStyle(buffer_offset_bytes=1, chunk_bytes=1280),
    "tiny chunks": TransferStyle(buffer_offset_bytes=3, chunk_bytes=7),
}


def rig_for(
    stem: str,
    style: TransferStyle = STYLES["as in all logs"],
    *,
    with_read: bool = True,
    cpu: CpuModel = CpuModel.CORTEX_M0,
) -> tuple[Rig, StrictController]:
    controller = StrictController(GEOMETRIES[stem])
    rig = converted_rig(FIXTURES / f"{stem}.FLM", cpu, [controller], style=style, with_read=with_read)
    return rig, controller


def pattern(size_bytes: int) -> bytes:
    """Bytes of which no two neighbours, and no two at the distance of a page, are equal."""
    return bytes((index * 167 + (index >> 8) * 29 + 5) & 0xFF for index in range(size_bytes))
