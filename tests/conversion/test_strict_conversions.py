"""The whole job, phases, errors and stack of converted loaders of our own."""

import pytest

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.flash_geometry import STRICT_NOR_64K
from loaderconv.emulator.devices.strict_controller import ARRAY_BASE, Operation, StrictController
from loaderconv.hosts.core import Budget, Register, StopReason
from loaderconv.hosts.cube_programmer import TransferStyle
from loaderconv.shims.blob import MAX_STACK_BYTES
from loaderconv_formats.loader_file import read_loader_file
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.entry_point import Routine
from support.converted import RAM
from support.paths import FIXTURES
from support.strict import ERASED, GEOMETRIES, STYLES, pattern, rig_for


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES.keys())
@pytest.mark.parametrize("stem", GEOMETRIES)
def test_whole_job(stem: str, style: TransferStyle) -> None:
    """Erase, program at page + 4, verify right and wrong, sum up, erase all: each answer is the truth."""
    rig, controller = rig_for(stem, style)
    device = rig.host.device
    controller.array[:] = bytes(len(controller.array))
    first_two = 2 * device.sectors[0].sector_size_bytes

    assert rig.host.erase(AddressRange(start=ARRAY_BASE, size_bytes=first_two)).succeeded
    assert controller.array[:first_two] == bytes([ERASED]) * first_two
    assert not any(controller.array[first_two:]), "a sector outside of the request was erased"

    start = device.page_size_bytes + 4
    data = pattern(min(3 * device.page_size_bytes, first_two - start - 200) + 101)
    assert rig.host.program(ARRAY_BASE + start, data).succeeded
    expected = bytearray([ERASED]) * first_two
    expected[start : start + len(data)] = data
    assert controller.array[:first_two] == expected

    assert rig.host.verify(ARRAY_BASE + start, data).succeeded
    assert not rig.host.verify(ARRAY_BASE + start, bytes([data[0] ^ 1]) + data[1:]).succeeded
    assert not rig.host.verify(ARRAY_BASE + start, data[:-1] + bytes([data[-1] ^ 0x80])).succeeded
    checked = rig.host.checksum(AddressRange(start=ARRAY_BASE + start, size_bytes=len(data)), initial=1000)
    assert int.from_bytes(checked.data, "little") == 1000 + sum(data)
    assert rig.host.read(AddressRange(start=ARRAY_BASE + start - 3, size_bytes=len(data) + 6)).data == bytes(
        expected[start - 3 : start + len(data) + 3]
    )

    assert rig.host.erase_all().succeeded
    assert controller.array == bytes([ERASED]) * device.size_bytes
    assert controller.violations == []


@pytest.mark.parametrize("cpu", CpuModel)
def test_every_core(cpu: CpuModel) -> None:
    rig, controller = rig_for("strict_flm", STYLES["odd buffer, odd chunks"], cpu=cpu)
    data = pattern(1000)

    assert rig.host.erase(AddressRange(start=ARRAY_BASE, size_bytes=0x1000)).succeeded
    assert rig.host.program(ARRAY_BASE + 7, data).succeeded
    assert rig.host.verify(ARRAY_BASE + 7, data).succeeded
    assert controller.array[7:1007] == data
    assert controller.violations == []


def test_init_passes_the_device_address_and_ends_in_the_verify_phase() -> None:
    rig, controller = rig_for("strict_flm")

    rig.host.read(AddressRange(start=ARRAY_BASE, size_bytes=4))
    first = rig.calls[0]
    assert (first.routine, first.arguments) == ("Init", (ARRAY_BASE, 0, 3))
    assert rig.routines_called() == ["Init"]
    rig.host.read(AddressRange(start=ARRAY_BASE, size_bytes=4))
    assert rig.routines_called() == ["UnInit", "Init"], "a second Init must leave the phase in force first"
    assert controller.violations == []


def test_phases_change_only_when_they_must() -> None:
    rig, _ = rig_for("strict_flm")

    rig.host.erase(AddressRange(start=ARRAY_BASE, size_bytes=0x2000))
    assert rig.routines_called() == ["Init", "UnInit", "Init", "EraseSector", "EraseSector"]
    rig.host.program(ARRAY_BASE, bytes(512))
    assert rig.routines_called() == ["UnInit", "Init", "UnInit", "Init", "ProgramPage", "ProgramPage"]
    rig.host.verify(ARRAY_BASE, bytes(512))
    assert rig.routines_called() == ["UnInit", "Init", "Verify", "Verify"]


@pytest.mark.parametrize(
    ("operation", "run"),
    [
        (Operation.MODE_CHANGE, lambda rig: rig.host.read(AddressRange(start=ARRAY_BASE, size_bytes=4))),
        (Operation.ERASE_SECTOR, lambda rig: rig.host.sector_erase(ARRAY_BASE, ARRAY_BASE)),
        (Operation.ERASE_CHIP, lambda rig: rig.host.erase_all()),
        (Operation.PROGRAM_PAGE, lambda rig: rig.host.program(ARRAY_BASE, bytes(256))),
    ],
)
def test_errors_of_the_device_reach_the_host_and_do_not_stick(operation: Operation, run) -> None:  # type: ignore[no-untyped-def]
    rig, controller = rig_for("strict_flm")

    controller.fail_next(operation)
    assert not run(rig).succeeded
    assert run(rig).succeeded, "the next attempt must start over"
    assert controller.violations == []


def test_an_error_when_the_phase_ends_reaches_the_host() -> None:
    rig, controller = rig_for("strict_flm")
    wanted = AddressRange(start=ARRAY_BASE, size_bytes=4)
    assert rig.host.read(wanted).succeeded

    controller.fail_next(Operation.MODE_CHANGE)
    assert not rig.host.read(wanted).succeeded
    assert rig.routines_called()[-1] == "UnInit"


def test_a_phase_that_cannot_be_left_counts_as_left() -> None:
    """UnInit fails between Init(3) and Init(1): the erase fails, and the next attempt starts with Init."""
    rig, controller = rig_for("strict_flm")
    symbol = next(symbol for symbol in rig.file.image.symbols if symbol.name == "flm.UnInit")
    failures = [Operation.MODE_CHANGE]
    rig.core.observe(symbol.address, lambda: controller.fail_next(failures.pop()) if failures else None)

    assert not rig.host.sector_erase(ARRAY_BASE, ARRAY_BASE).succeeded
    assert rig.routines_called() == ["Init", "UnInit"]
    rig.host.call(Routine.INIT)
    assert rig.routines_called()[0] == "Init"


def test_stack_stays_in_what_the_host_leaves() -> None:
    rig, _ = rig_for("strict_flm", STYLES["odd buffer, odd chunks"])
    rig.host.program(ARRAY_BASE + 3, pattern(900))
    rig.host.verify(ARRAY_BASE + 3, pattern(900))
    rig.host.erase_all()
    used = rig.host.stack.size_bytes - rig.core.untouched_bytes(rig.host.stack)
    assert 0 < used <= 256


@pytest.mark.parametrize("stem", ["strict_flm", "strict_flm_onchip", "strict_flm_no_chip"])
def test_the_shim_takes_no_more_stack_than_it_says(stem: str) -> None:
    rig, _ = rig_for(stem, STYLES["odd buffer, odd chunks"])
    rig.host.program(ARRAY_BASE + 3, pattern(900))
    rig.host.verify(ARRAY_BASE + 3, pattern(900))
    rig.host.erase_all()
    deepest = min(call.sp for call in rig.calls)
    assert 0 < rig.host.stack.end - deepest <= MAX_STACK_BYTES


def test_the_image_survives_all_calls() -> None:
    """Code and table keep their bytes; the phase, the driver's data and the page buffer are all that changes."""
    rig, _ = rig_for("strict_flm", STYLES["tiny chunks"])
    before = rig.core.read_memory(rig.plan.image.start, rig.plan.image.size_bytes)
    rig.host.erase_all()
    rig.host.program(ARRAY_BASE + 1, pattern(500))
    rig.host.verify(ARRAY_BASE + 1, pattern(500))
    after = rig.core.read_memory(rig.plan.image.start, rig.plan.image.size_bytes)
    writable = [r.range for r in rig.plan.memory_map if r.name in ("shim parameters", "PrgData", "page buffer")]
    changed = [rig.plan.image.start + i for i, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
    assert all(any(address in part for part in writable) for address in changed)


def test_fixture_would_notice_a_wrong_static_base() -> None:
    """The same FLM called with a wrong r9 refuses: that the conversions pass means r9 was right."""
    loader = read_loader_file(FIXTURES / "strict_flm.FLM").loader
    controller = StrictController(STRICT_NOR_64K)
    core = UnicornCore(CpuModel.CORTEX_M0, ram=[RAM], peripherals=[controller])
    for segment in loader.image_segments:
        core.write_memory(RAM.start + segment.address, segment.data.ljust(segment.memory_size_bytes, b"\0"))
    core.write_memory(RAM.start + 0x4000, b"\x00\xbe\x00\xbe")
    init = loader.entry_point(Routine.INIT)
    assert init is not None
    for register, value in (
        (Register.R0, ARRAY_BASE),
        (Register.R1, 0),
        (Register.R2, 1),
        (Register.R9, RAM.start),
        (Register.SP, RAM.start + 0x5000),
        (Register.LR, RAM.start + 0x4001),
        (Register.PC, RAM.start + init.address),
    ):
        core.write_register(register, value)
    assert core.run(RAM.start + 0x4000, Budget(instructions=10_000)).reason is StopReason.STOP_ADDRESS
    assert core.read_register(Register.R0) != 0
