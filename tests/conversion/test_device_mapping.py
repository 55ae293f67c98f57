"""A device in the words of another flavour: exact, or a loss that is named."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from loaderconv.conversion.request import ConversionRequest
from loaderconv.conversion.targets.device_losses import device_losses
from loaderconv.conversion.targets.flm_device import as_flash_device
from loaderconv.conversion.targets.iar_device import as_iar_device
from loaderconv.conversion.targets.stldr_device import as_storage_device
from loaderconv_formats.flm import flash_device
from loaderconv_formats.flm.flash_device import pack_flash_device, parse_flash_device
from loaderconv_formats.stldr import storage_info
from loaderconv_formats.stldr.storage_info import pack_storage_info, parse_storage_info
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device, DeviceKind
from loaderconv_schemas.loader import Flavour
from loaderconv_schemas.plan import Loss
from support.loader_models import addresses
from support.loader_strategies import flm_devices, stldr_devices
from support.planning import MADE, device, device_of, flm, iar, others, plan, sectors, stldr

PAIRS = [pytest.param(source, target, id=f"{source}-to-{target}") for source in Flavour for target in others(source)]
each_pair = pytest.mark.parametrize(("flavour", "target"), PAIRS)

UNKNOWN, NOR = DeviceKind.UNKNOWN, DeviceKind.NOR_FLASH

TO_STLDR = {
    DeviceKind.UNKNOWN: (3, NOR),
    DeviceKind.MCU_FLASH: (1, DeviceKind.MCU_FLASH),
    DeviceKind.NOR_FLASH_8_BIT: (3, NOR),
    DeviceKind.NOR_FLASH_16_BIT: (3, NOR),
    DeviceKind.NOR_FLASH_32_BIT: (3, NOR),
    DeviceKind.SPI_FLASH: (7, DeviceKind.SPI_FLASH),
}
TO_FLM = {
    DeviceKind.UNKNOWN: (0, UNKNOWN),
    DeviceKind.MCU_FLASH: (1, DeviceKind.MCU_FLASH),
    DeviceKind.NAND_FLASH: (0, UNKNOWN),
    DeviceKind.NOR_FLASH: (3, DeviceKind.NOR_FLASH_16_BIT),
    DeviceKind.SRAM: (0, UNKNOWN),
    DeviceKind.PSRAM: (0, UNKNOWN),
    DeviceKind.PC_CARD: (0, UNKNOWN),
    DeviceKind.SPI_FLASH: (5, DeviceKind.SPI_FLASH),
    DeviceKind.I2C_FLASH: (0, UNKNOWN),
    DeviceKind.SDRAM: (0, UNKNOWN),
    DeviceKind.I2C_EEPROM: (0, UNKNOWN),
}


def request(target: Flavour, **changes: object) -> ConversionRequest:
    wanted = {"target": target, "file_name": "x", "name": "x", **changes}
    return ConversionRequest(**wanted)  # type: ignore[arg-type]


class TestKinds:
    def test_the_tables_leave_no_kind_out(self) -> None:
        assert set(TO_STLDR) == set(flash_device.KINDS.values())
        assert set(TO_FLM) == {UNKNOWN, *storage_info.KINDS.values()}
        assert set(TO_STLDR) | set(TO_FLM) == set(DeviceKind)

    @pytest.mark.parametrize(("kind", "expected"), TO_STLDR.items(), ids=str)
    def test_of_an_flm_as_a_stldr(self, kind: DeviceKind, expected: tuple[int, DeviceKind]) -> None:
        after = plan(flm(device=device(kind=kind)), Flavour.STLDR).plan.device
        assert (after.type_code, after.kind) == expected
        assert parse_storage_info(pack_storage_info(after)).device.kind is expected[1]

    @pytest.mark.parametrize(("kind", "expected"), TO_FLM.items(), ids=str)
    def test_of_a_stldr_as_an_flm(self, kind: DeviceKind, expected: tuple[int, DeviceKind]) -> None:
        after = plan(stldr(device=device(kind=kind)), Flavour.FLM).plan.device
        assert (after.type_code, after.kind) == expected
        assert parse_flash_device(pack_flash_device(after)).device.kind is expected[1]

    @pytest.mark.parametrize(("target", "expected"), [(Flavour.STLDR, (3, NOR)), (Flavour.FLM, (0, UNKNOWN))])
    def test_of_an_iar_loader_which_has_none(self, target: Flavour, expected: tuple[int, DeviceKind]) -> None:
        after = plan(iar(device=device(kind=UNKNOWN, type_code=None)), target).plan.device
        assert (after.type_code, after.kind) == expected

    @pytest.mark.parametrize("flavour", [Flavour.FLM, Flavour.STLDR])
    @pytest.mark.parametrize("kind", DeviceKind)
    def test_as_an_iar_loader_which_has_none(self, kind: DeviceKind, flavour: Flavour) -> None:
        planned = plan(MADE[flavour](device=device(kind=kind)), Flavour.IAR).plan
        assert (planned.device.type_code, planned.device.kind) == (None, UNKNOWN)
        assert (f"device type {kind}" in facts(planned.losses)) is (kind is not UNKNOWN)

    @pytest.mark.parametrize("kind", [DeviceKind.MCU_FLASH, DeviceKind.SPI_FLASH])
    def test_what_both_know_comes_back(self, kind: DeviceKind) -> None:
        there = as_storage_device(device(kind=kind), "x")
        back = as_flash_device(there, 256, request(Flavour.FLM))
        assert back.kind is kind

    @pytest.mark.parametrize("kind", [*TO_STLDR, *TO_FLM])
    def test_a_change_is_told_with_both_kinds(self, kind: DeviceKind) -> None:
        for after in (
            as_storage_device(device(kind=kind), "x"),
            as_flash_device(device(kind=kind), 256, request(Flavour.FLM)),
        ):
            told = [each for each in device_losses(device(kind=kind), after, "") if "device type" in each.fact]
            if after.kind is kind:
                assert told == []
            else:
                assert [(each.fact, each.consequence) for each in told] == [
                    (f"device type {kind}", f"the host is told {after.kind}")
                ]


class TestTimeouts:
    @pytest.mark.parametrize(
        ("field", "title", "default"),
        [("program_timeout_ms", "program timeout", 1000), ("erase_timeout_ms", "erase timeout", 15000)],
    )
    def test_an_flm_gets_a_default_where_the_source_tells_none(self, field: str, title: str, default: int) -> None:
        planned = plan(stldr(device=device(**{field: None})), Flavour.FLM).plan
        assert getattr(planned.device, field) == default
        (told,) = (each for each in planned.losses if each.fact.startswith(title))
        assert f"{default} ms" in told.consequence
        assert f"--{title.replace(' ', '-')}" in told.consequence

    @pytest.mark.parametrize("field", ["program_timeout_ms", "erase_timeout_ms"])
    @pytest.mark.parametrize("value", [0, 1, 77, 0xFFFF_FFFF])
    def test_what_the_user_gives_is_no_loss(self, field: str, value: int) -> None:
        without = device(program_timeout_ms=1, erase_timeout_ms=1).model_copy(update={field: None})
        changes: dict[str, object] = {field: value}
        planned = plan(stldr(device=without), Flavour.FLM, **changes).plan
        assert getattr(planned.device, field) == value
        assert not any("timeout" in each.fact for each in planned.losses)

    @pytest.mark.parametrize("target", [Flavour.STLDR, Flavour.IAR])
    def test_others_have_no_place_for_them(self, target: Flavour) -> None:
        planned = plan(flm(device=device(program_timeout_ms=0, erase_timeout_ms=3000)), target).plan
        assert (planned.device.program_timeout_ms, planned.device.erase_timeout_ms) == (None, None)
        assert {"program timeout of 0 ms", "erase timeout of 3000 ms"} <= facts(planned.losses)


class TestErasedValue:
    @pytest.mark.parametrize("value", [0, 0x5A, 0xFF])
    @pytest.mark.parametrize(("flavour", "target"), [(Flavour.FLM, Flavour.STLDR), (Flavour.STLDR, Flavour.FLM)])
    def test_both_descriptors_have_it(self, flavour: Flavour, target: Flavour, value: int) -> None:
        planned = plan(MADE[flavour](device=device(erased_value=value)), target).plan
        assert planned.device.erased_value == value
        assert not any("erased value" in each.fact for each in planned.losses)

    @pytest.mark.parametrize("target", [Flavour.FLM, Flavour.STLDR])
    def test_of_an_iar_loader_it_is_0xff(self, target: Flavour) -> None:
        assert plan(iar(device=device(erased_value=None)), target).plan.device.erased_value == 0xFF

    @pytest.mark.parametrize("flavour", [Flavour.FLM, Flavour.STLDR])
    @pytest.mark.parametrize("value", [0, 0x5A, 0xFF])
    def test_an_iar_loader_knows_0xff_only(self, value: int, flavour: Flavour) -> None:
        planned = plan(MADE[flavour](device=device(erased_value=value)), Flavour.IAR).plan
        assert planned.device.erased_value is None
        assert (f"erased value 0x{value:02x}" in facts(planned.losses)) is (value != 0xFF)

    @pytest.mark.parametrize(("flavour", "target"), PAIRS)
    def test_the_shim_fills_with_the_source_s(self, flavour: Flavour, target: Flavour) -> None:
        planned = plan(MADE[flavour](device=device(erased_value=0x5A)), target)
        offset = planned.shim.layout.table["erased_value"]
        assert planned.table[offset] == 0x5A


class TestNames:
    def test_an_flm_keeps_the_source_s(self) -> None:
        planned = plan(stldr(), Flavour.FLM).plan
        assert planned.device.name == "W25Q64"
        assert not any("device name" in each.fact for each in planned.losses)

    @pytest.mark.parametrize("blank", ["", "  "])
    def test_an_flm_without_one_gets_the_output_s(self, blank: str) -> None:
        assert plan(stldr(device=device(name=blank)), Flavour.FLM).plan.device.name == "x"

    def test_an_flm_gets_the_one_that_the_user_chose(self) -> None:
        planned = plan(stldr(), Flavour.FLM, name_is_given=True).plan
        assert planned.device.name == "x"
        assert 'device name "W25Q64"' in facts(planned.losses)

    @pytest.mark.parametrize("target", [Flavour.STLDR, Flavour.IAR])
    def test_others_are_called_as_their_file(self, target: Flavour) -> None:
        planned = plan(flm(), target).plan
        assert planned.device.name == "x"
        (told,) = (each for each in planned.losses if "device name" in each.fact)
        assert (told.fact, told.consequence) == ('device name "W25Q64"', 'the host shows "x" instead')

    @pytest.mark.parametrize("target", [Flavour.STLDR, Flavour.IAR])
    def test_the_same_name_is_no_loss(self, target: Flavour) -> None:
        planned = plan(flm(), target, name="W25Q64").plan
        assert not any("device name" in each.fact for each in planned.losses)


def test_sectors_stay_the_same_sectors() -> None:
    """Neighbours of one size become one run; that is another way to write the same."""
    before = device_of(sectors((4, 0x1000), (4, 0x1000), (2, 0x4000)))
    for flavour in Flavour:
        for target in others(flavour):
            planned = plan(MADE[flavour](device=before), target).plan
            assert planned.device.sectors == sectors((8, 0x1000), (2, 0x4000))
            assert not any("sector" in each.fact for each in planned.losses)


def facts(losses: tuple[Loss, ...]) -> set[str]:
    return {each.fact for each in losses}


def changes_to_name(before: Device, after: Device) -> Iterator[str]:
    """Yield, for all that the other descriptor says otherwise, words that a loss must have.

    A kind has another number in each flavour; the number alone means nothing.
    """
    if before.name != after.name:
        yield f'device name "{before.name}"'
    if before.kind is not after.kind and (before.kind is not UNKNOWN or after.type_code is not None):
        yield f"device type {before.kind}"
    if before.page_size_bytes != after.page_size_bytes:
        yield f"page of {before.page_size_bytes} bytes"
    if before.erased_byte != after.erased_byte:
        yield f"erased value 0x{before.erased_byte:02x}"
    for field, title in (("program_timeout_ms", "program timeout"), ("erase_timeout_ms", "erase timeout")):
        old, new = getattr(before, field), getattr(after, field)
        if old != new:
            yield f"{title} of {old} ms" if old is not None else f"{title}, which the source does not tell"


RAM_BEHIND = addresses(0xE000_0000, 0xE010_0000)
"""Where none of these devices reaches."""


@st.composite
def sound_devices(draw: st.DrawFn) -> Device:
    """A device of either flavour on which a conversion may rely, or one as a .flash file describes it."""
    drawn = draw(st.one_of(flm_devices, stldr_devices))
    smallest = min(run.sector_size_bytes for run in drawn.sectors)
    plain: dict[str, object] = {"type_code": None, "kind": UNKNOWN, "erased_value": None}
    plain |= {"program_timeout_ms": None, "erase_timeout_ms": None}
    sound = {
        "sectors": drawn.sectors[:10],
        "size_bytes": drawn.sectors[:10][-1].end_offset_bytes,
        "base_address": drawn.base_address % (1 << 30),
        "page_size_bytes": draw(st.integers(1, min(smallest, 4096))),
    }
    return drawn.model_copy(update={**sound, **(plain if draw(st.booleans()) else {})})


@each_pair
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(before=sound_devices(), name_is_given=st.booleans())
def test_nothing_changes_without_a_loss(flavour: Flavour, target: Flavour, before: Device, name_is_given: bool) -> None:
    match target:
        case Flavour.STLDR:
            after = as_storage_device(before, "x")
        case Flavour.FLM:
            after = as_flash_device(
                before, max(1, before.page_size_bytes // 2), request(target, name_is_given=name_is_given)
            )
        case _:
            after = as_iar_device(before, "x")
    assert (after.base_address, after.size_bytes) == (before.base_address, before.size_bytes)
    named = [each.fact for each in device_losses(before, after, "It")]
    assert sorted(named) == sorted(changes_to_name(before, after))
    every = [(run.offset_bytes, run.end_offset_bytes, run.sector_size_bytes) for run in after.sectors]
    assert all(
        any(
            start <= run.offset_bytes and run.end_offset_bytes <= end and run.sector_size_bytes == size
            for start, end, size in every
        )
        for run in before.sectors
    )


MEMORY_OF_SOURCES = AddressRange(start=0x2000_0000, size_bytes=0x10_0000)


@each_pair
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much], deadline=None)
@given(before=sound_devices())
def test_a_plan_names_all_of_them(flavour: Flavour, target: Flavour, before: Device) -> None:
    assume(not before.range.overlaps(MEMORY_OF_SOURCES))
    planned = plan(MADE[flavour](device=before), target, given_ram=RAM_BEHIND).plan
    assert set(changes_to_name(before, planned.device)) <= facts(planned.losses)
