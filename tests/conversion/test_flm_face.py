"""What hosts of an FLM may ask beyond whole pages: parts, odd buffers, blank checks, verification at its limits."""

import pytest

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.strict_controller import StrictController
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.loader import Flavour
from support.flm_calls import FlmCalls
from support.matrix import IARS, RAMS, STLDRS, Origin, SeenEverywhere, convert
from support.strict import pattern

HOST = AddressRange(start=0x2100_0000, size_bytes=0x8000)
BUFFER = 0x2100_4000
SOURCES = [pytest.param(origin, id=str(origin)) for origin in (*STLDRS, *IARS)]
END = 0x1_0000


def rig(origin: Origin) -> tuple[FlmCalls, UnicornCore, StrictController, int]:
    """Return a converted loader in phase 2, on a stack 4 beside a multiple of 8, and where its device starts."""
    controller = StrictController()
    core = UnicornCore(CpuModel.CORTEX_M0, ram=[*RAMS, HOST], peripherals=[SeenEverywhere(controller)])
    _, loader, _ = convert(origin.source(), Flavour.FLM, **dict(origin.changes))
    flm = FlmCalls(core, loader, HOST.start + 4, stack_top=0x2100_7004, return_address=0x2100_7800)
    base = loader.described_device.base_address
    assert flm.call("Init", base, 0, 2) == 0
    return flm, core, controller, base


@pytest.mark.parametrize("origin", SOURCES)
@pytest.mark.parametrize(
    ("offset", "size", "shift"), [(0, 1, 1), (255, 2, 3), (0x0FFF, 0x1003, 1), (0x3FFE, 5, 2), (7, 4096, 0)]
)
def test_any_part_from_any_buffer(origin: Origin, offset: int, size: int, shift: int) -> None:
    flm, core, controller, base = rig(origin)
    data = pattern(size)
    core.write_memory(BUFFER + shift, data)
    assert flm.call("ProgramPage", base + offset, size, BUFFER + shift) == 0
    expected = (b"\xff" * offset + data).ljust(END, b"\xff")
    assert bytes(controller.array) == expected
    assert flm.call("UnInit", 2) == 0
    assert flm.call("Init", base, 0, 3) == 0
    assert flm.call("Verify", base + offset, size, BUFFER + shift) == base + offset + size
    for wrong in {0, size // 2, size - 1}:
        changed = bytearray(data)
        changed[wrong] ^= 0x80
        core.write_memory(BUFFER + shift, bytes(changed))
        assert flm.call("Verify", base + offset, size, BUFFER + shift) == base + offset + wrong
    assert controller.violations == []


@pytest.mark.parametrize("origin", SOURCES)
def test_a_refusal_is_no_match_where_both_would_be_1(origin: Origin) -> None:
    flm, core, _, base = rig(origin)
    assert base > 0
    core.write_memory(BUFFER, b"\xff")
    assert flm.call("Verify", 0, 1, BUFFER) != 1


@pytest.mark.parametrize("origin", SOURCES)
def test_blank_check_tells_blank_from_programmed(origin: Origin) -> None:
    flm, core, controller, base = rig(origin)
    core.write_memory(BUFFER, b"\x00")
    assert flm.call("ProgramPage", base + 0x1234, 1, BUFFER) == 0
    assert flm.call("UnInit", 2) == 0
    assert flm.call("Init", base, 0, 1) == 0
    assert flm.call("BlankCheck", base, 0x1234, 0xFF) == 0
    assert flm.call("BlankCheck", base, 0x1235, 0xFF) == 1
    assert flm.call("BlankCheck", base + 0x1234, 1, 0x00) == 0
    assert flm.call("BlankCheck", base + 0x1235, END - 0x1235, 0xFF) == 0
    assert flm.call("BlankCheck", base + 1, END, 0xFF) == 1, "beyond the device"
    assert controller.violations == []


@pytest.mark.parametrize("origin", SOURCES)
@pytest.mark.parametrize("phase", [0, 1, 2, 3, 4, 0xFFFF_FFFF])
def test_whatever_the_phase_every_routine_works(origin: Origin, phase: int) -> None:
    """pyOCD and probe-rs pass 1 to 3; others have been seen to pass 0."""
    flm, core, controller, base = rig(origin)
    core.write_memory(BUFFER, b"\x5a")
    assert flm.call("Init", base, 0, phase) == 0
    assert flm.call("EraseSector", base) == 0
    assert flm.call("ProgramPage", base, 1, BUFFER) == 0
    assert flm.call("Verify", base, 1, BUFFER) == base + 1
    assert flm.call("EraseChip") == 0
    assert flm.call("UnInit", phase) == 0
    assert bytes(controller.array) == b"\xff" * END
    assert controller.violations == []


@pytest.mark.parametrize("origin", SOURCES)
def test_the_device_is_readable_after_every_un_init(origin: Origin) -> None:
    """uVision, pyOCD and probe-rs read it themselves, after whatever they did last."""
    flm, core, controller, base = rig(origin)
    core.write_memory(BUFFER, b"\x12\x34")
    for phase, routine, arguments in ((2, "ProgramPage", (base, 2, BUFFER)), (1, "EraseSector", (base + 0x1000,))):
        assert flm.call("Init", base, 0, phase) == 0
        assert flm.call(routine, *arguments) == 0
        assert flm.call("UnInit", phase) == 0
        assert core.read_memory(base, 4) == b"\x12\x34\xff\xff"
    assert flm.call("Init", base, 0, 1) == 0
    assert flm.call("EraseChip") == 0
    assert flm.call("UnInit", 1) == 0
    assert core.read_memory(base, 4) == b"\xff\xff\xff\xff"
    assert controller.violations == []
