"""C-SPY driving our own IAR loaders over the controller that forgives nothing: passes and sessions."""

import pytest

from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.strict_controller import ARRAY_BASE, Mode
from loaderconv.simulation.round_trip import round_trip
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.bundle import Pass
from loaderconv_schemas.errors import UsageProblem
from support.c_spy_rig import BOOT_WINDOW, DEVICE, EVERY_PASS, loader_of, overlay, passes_of, rig, span
from support.strict import ERASED, pattern


@pytest.mark.parametrize("cpu", CpuModel)
@pytest.mark.parametrize("used", EVERY_PASS.values(), ids=EVERY_PASS.keys())
def test_every_loader_passes_the_scenario(used: Pass, cpu: CpuModel) -> None:
    machine = rig(used, cpu)
    assert [entry.observed for entry in round_trip(machine.host) if not entry.passed] == []
    assert machine.controller.violations == []


@pytest.mark.parametrize("used", EVERY_PASS.values(), ids=EVERY_PASS.keys())
def test_large_job_and_another_session(used: Pass) -> None:
    """Data larger than any buffer, over blocks of both sizes; after the sign-off it works once more."""
    host, _, controller = rig(used)
    base = host.device.base_address
    for start, data in ((0x2F01, pattern(0x7803)), (0x0F01, pattern(0x203))):
        assert host.erase(AddressRange(start=base, size_bytes=DEVICE.size_bytes)).succeeded
        assert host.program(base + start, data).succeeded
        assert host.verify(base + start, data).succeeded
        expected = bytearray([ERASED]) * DEVICE.size_bytes
        expected[start : start + len(data)] = data
        assert controller.array == expected
        assert host.read(AddressRange(start=base + start, size_bytes=len(data))).data == data
        assert (controller.mode, controller.is_unlocked) == (Mode.MAPPED_READ, False)
    assert controller.violations == []


def test_both_passes_of_a_board_reach_the_same_memory() -> None:
    first, second = passes_of("strict_iar.board")
    assert rig(first).host.device.base_address == ARRAY_BASE
    host, _, controller = rig(second)
    assert host.device.base_address == BOOT_WINDOW.start
    assert host.erase_and_program(BOOT_WINDOW.start + 0x1100, b"boot").succeeded
    assert controller.array[0x1000:0x2000] == (b"\xff" * 0x100 + b"boot").ljust(0x1000, b"\xff")
    assert controller.counters.mapped_reads == 0x100, "the pass's argument makes the loader read back what it wrote"
    assert not host.erase(DEVICE).succeeded, "the pass serves other addresses"
    assert controller.violations == []


def test_unknown_argument_is_refused_with_the_loader_s_own_words() -> None:
    used = passes_of("strict_iar.board")[0].model_copy(update={"args": ("--read-back", "--read-bac")})
    host, _, controller = rig(used)
    outcome = host.program(ARRAY_BASE, b"x")
    assert (outcome.succeeded, outcome.detail) == (False, 'Init failed: FlashInitEntry returned 4: "Unknown argument"')
    assert not any(controller.array)
    assert controller.violations == []


@pytest.mark.parametrize("args", [("--read-back",) * 6, ("--read-back" * 6,)])
def test_arguments_that_would_overwrite_the_loader_are_refused(args: tuple[str, ...]) -> None:
    used = passes_of("strict_iar.board")[0].model_copy(update={"args": args})
    with pytest.raises(UsageProblem, match="strict_iar has room for 5 arguments with 64 bytes of text"):
        rig(used).host.erase(DEVICE)


def test_arguments_of_the_flash_file_hold_where_the_pass_has_none() -> None:
    used = passes_of("strict_iar.board")[0]
    settings = loader_of(used).iar_settings
    assert settings is not None
    changed = settings.model_copy(update={"arguments": ("--read-back",)})
    host, _, controller = rig(Pass(loader=loader_of(used).model_copy(update={"iar_settings": changed})))
    assert host.erase_and_program(ARRAY_BASE, b"x").succeeded
    assert controller.counters.mapped_reads == 0x100


def test_loader_whose_init_is_overwritten_is_downloaded_for_each_session() -> None:
    used = overlay()
    host, core, controller = rig(used)
    interface = loader_of(used).iar_interface
    assert interface is not None
    assert interface.init_lies_in_buffer
    init = interface.c_layer[0].address
    host.erase_and_program(ARRAY_BASE, pattern(0x1000))
    assert core.read_memory(init, 64) == pattern(64)
    assert host.signoff().succeeded
    assert host.erase_and_program(ARRAY_BASE + 0x1000, pattern(0x1000)).succeeded
    assert controller.array[:0x2000] == pattern(0x1000) * 2
    assert controller.violations == []


@pytest.mark.parametrize("start", [0, 0x2000_0000, 0x2000_4000, 0x2020_0008])
def test_relocatable_loader_runs_where_the_pass_puts_it(start: int) -> None:
    used = passes_of("strict_iar_relocatable.board")[0].model_copy(update={"loader_offset": start})
    host, core, controller = rig(used)
    assert host.erase_and_program(ARRAY_BASE + 0x1003, pattern(777)).succeeded
    assert controller.array[0x1003 : 0x1003 + 777] == pattern(777)
    interface = loader_of(used).iar_interface
    assert interface is not None
    assert interface.stack is not None
    assert host.stack.start == interface.stack.start + start
    assert 0 < host.stack.size_bytes - core.untouched_bytes(host.stack) <= 256
    assert controller.violations == []


def test_layout_of_the_device_replaces_a_placeholder() -> None:
    host, _, controller = rig(passes_of("strict_iar_dynamic.flash")[0])
    assert (len(host.device.sectors), host.device.page_size_bytes) == (1, 8)
    host.erase(span(0x1000, 0x1001))
    assert controller.counters.sectors_erased == 1
    assert host.device.page_size_bytes == 256
    assert [(run.count, run.sector_size_bytes) for run in host.device.sectors] == [(4, 0x1000), (3, 0x4000)]
    assert controller.violations == []
