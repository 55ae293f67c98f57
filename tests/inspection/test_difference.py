"""In what two loaders differ: every fact of the model that has a meaning, and nothing else."""

import pytest

from loaderconv.inspection.difference import bundle_differences
from loaderconv_schemas.bundle import Bundle, Pass
from loaderconv_schemas.device import DeviceKind, SectorRun
from loaderconv_schemas.difference import Difference, Unit
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.iar import ArgumentBlock, IarSettings, IgnoredRange
from loaderconv_schemas.loader import Architecture, Flavour, FloatAbi, Identity, Loader, Notice
from loaderconv_schemas.memory import Part, Placement, PlacementKind, RamNeed
from support.loader_models import DEVICE, addresses, bundle, entry, interface, loader, segment

Row = tuple[str, int | str | None, int | str | None, Unit | None]

CODE = segment(Part.CODE, 0, 0x100)
INIT = entry(Routine.INIT, "Init", 0x10)
BASIC = loader(Flavour.FLM, CODE, entries=(INIT,))
ALONE = {
    Flavour.FLM: BASIC,
    Flavour.STLDR: loader(Flavour.STLDR, CODE, entries=(INIT,)),
    Flavour.IAR: loader(Flavour.IAR, CODE, entries=(INIT,)),
}


def rows(left: Loader | Bundle, right: Loader | Bundle) -> list[Row]:
    first, second = (bundle(each) if isinstance(each, Loader) else each for each in (left, right))
    return [(each.aspect, each.left, each.right, each.unit) for each in bundle_differences(first, second)]


def changed(**fields: object) -> Loader:
    return BASIC.model_copy(update=fields)


def with_device(**fields: object) -> Loader:
    return changed(device=DEVICE.model_copy(update=fields))


class TestWithinOneFlavour:
    @pytest.mark.parametrize("flavour", Flavour)
    def test_a_loader_means_the_same_as_itself(self, flavour: Flavour) -> None:
        assert rows(ALONE[flavour], ALONE[flavour]) == []

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({"name": "MX25"}, ("device name", "W25Q64", "MX25", None)),
            ({"kind": DeviceKind.UNKNOWN, "type_code": 9}, ("device kind", "SPI flash", "type 9", None)),
            ({"base_address": 0}, ("base address", 0x9000_0000, 0, Unit.ADDRESS)),
            ({"size_bytes": 4}, ("device size", 0x1_0000, 4, Unit.BYTES)),
            ({"page_size_bytes": 4}, ("page size", 256, 4, Unit.BYTES)),
            ({"erased_value": 0}, ("erased value", "0xff", "0x00", None)),
            ({"program_timeout_ms": 5}, ("program timeout", 100, 5, Unit.MILLISECONDS)),
            ({"erase_timeout_ms": 5}, ("erase timeout", 3000, 5, Unit.MILLISECONDS)),
        ],
        ids=lambda value: value[0] if isinstance(value, tuple) else "",
    )
    def test_device(self, fields: dict[str, object], expected: Row) -> None:
        assert rows(BASIC, with_device(**fields)) == [expected]

    def test_sectors_are_compared_run_by_run(self) -> None:
        runs = (
            SectorRun(offset_bytes=0, sector_size_bytes=0x1000, count=4),
            SectorRun(offset_bytes=0x4000, sector_size_bytes=0x4000, count=3),
        )
        assert rows(BASIC, with_device(sectors=runs)) == [
            ("sectors, run 1", "16 x 4096 bytes from offset 0x0", "4 x 4096 bytes from offset 0x0", None),
            ("sectors, run 2", None, "3 x 16384 bytes from offset 0x4000", None),
        ]

    def test_one_run_in_two_entries_means_the_same(self) -> None:
        runs = (
            SectorRun(offset_bytes=0, sector_size_bytes=0x1000, count=4),
            SectorRun(offset_bytes=0x4000, sector_size_bytes=0x1000, count=12),
        )
        assert rows(BASIC, with_device(sectors=runs)) == []

    def test_sectors_behind_a_hole_are_no_run_of_the_first(self) -> None:
        runs = (
            SectorRun(offset_bytes=0, sector_size_bytes=0x1000, count=4),
            SectorRun(offset_bytes=0x8000, sector_size_bytes=0x1000, count=8),
        )
        assert len(rows(BASIC, with_device(sectors=runs))) == 2

    def test_no_device_is_one_difference(self) -> None:
        assert rows(BASIC, changed(device=None)) == [("device", "W25Q64", None, None)]

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({"toolchain": "ARM Compiler 5.06"}, ("toolchain", None, "ARM Compiler 5.06", None)),
            ({"cpu": "Cortex-M4"}, ("CPU", None, "Cortex-M4", None)),
            ({"architecture": Architecture.V6_M}, ("architecture", None, "ARMv6-M", None)),
            ({"float_abi": FloatAbi.HARD}, ("floating point ABI", None, "hard", None)),
        ],
        ids=lambda value: value[0] if isinstance(value, tuple) else "",
    )
    def test_origin(self, fields: dict[str, object], expected: Row) -> None:
        assert rows(BASIC, changed(identity=Identity.model_validate({"name": "made", **fields}))) == [expected]

    def test_file_names_and_oddities_mean_nothing(self) -> None:
        odd = changed(identity=Identity(name="other"), notices=(Notice(code="name-junk", message="Odd."),))
        assert rows(BASIC, odd) == []

    @pytest.mark.parametrize(
        ("other", "expected"),
        [
            (entry(Routine.INIT, "init", 0x10), ("init: symbol", "Init", "init", None)),
            (entry(Routine.INIT, "Init", 0x20), ("init: address", 0x10, 0x20, Unit.ADDRESS)),
            (entry(Routine.INIT, "Init", 0x10, thumb=False), ("init: instructions", "Thumb", "Arm", None)),
        ],
        ids=lambda value: value[0] if isinstance(value, tuple) else "",
    )
    def test_entry_points(self, other: object, expected: Row) -> None:
        assert rows(BASIC, changed(entry_points=(other,))) == [expected]

    def test_missing_and_additional_routines(self) -> None:
        verify = entry(Routine.VERIFY, "Verify", 0x20)
        assert rows(BASIC, changed(entry_points=(verify,))) == [
            ("routine: init", "Init", None, None),
            ("routine: verify", None, "Verify", None),
        ]

    def test_sizes(self) -> None:
        parts = (segment(Part.CODE, 0, 0x80), segment(Part.DATA, 0x80, 8, zeros=4))
        assert rows(BASIC, changed(segments=parts)) == [
            ("code size", 0x100, 0x80, Unit.BYTES),
            ("data size", 0, 8, Unit.BYTES),
            ("zero-initialised size", 0, 4, Unit.BYTES),
            ("segment 2 of 2: link address", None, 0x80, Unit.ADDRESS),
        ]

    def test_one_other_byte_of_code_is_seen(self) -> None:
        patched = segment(Part.CODE, 0, CODE.data[:-1] + b"\0")
        ((aspect, left, right, unit),) = rows(BASIC, changed(segments=(patched,)))
        assert (aspect, unit) == ("code bytes", None)
        assert str(left).startswith("SHA-256 ")
        assert left != right

    def test_descriptor_has_no_bytes_of_its_own_meaning(self) -> None:
        descriptors = [segment(Part.DESCRIPTOR, at, bytes_) for at, bytes_ in ((0x1000, b"a"), (0x2000, b"bb"))]
        first, second = (changed(segments=(CODE, each)) for each in descriptors)
        assert rows(first, second) == []

    def test_a_second_segment_elsewhere_is_seen(self) -> None:
        first, second = (changed(segments=(CODE, segment(Part.DATA, at, 8))) for at in (0x2400_0000, 0x3000_0000))
        assert rows(first, second) == [("segment 2 of 2: link address", 0x2400_0000, 0x3000_0000, Unit.ADDRESS)]

    def test_stldr_with_a_short_descriptor(self) -> None:
        loaders = [
            loader(Flavour.STLDR, CODE, segment(Part.DESCRIPTOR, 0, size), entries=(INIT,)) for size in (136, 200)
        ]
        assert ("descriptor size", 136, 200, Unit.BYTES) in rows(*loaders)

    def test_link_address(self) -> None:
        moved = segment(Part.CODE, 0x1000, 0x100)
        assert rows(BASIC, changed(segments=(moved,))) == [("link address", 0, 0x1000, Unit.ADDRESS)]

    def test_placement(self) -> None:
        free = Placement(kind=PlacementKind.POSITION_INDEPENDENT, static_base=0x80, alignment_bytes=8)
        assert rows(BASIC, changed(placement=free)) == [
            ("static base", None, 0x80, Unit.ADDRESS),
            ("placement", "absolute", "position independent", None),
            ("alignment", 4, 8, Unit.BYTES),
        ]

    def test_ram(self) -> None:
        need = RamNeed(image_bytes=1, page_buffer_bytes=2, stack_bytes=3)
        assert rows(BASIC, changed(ram=need)) == [
            ("RAM for the image", 0x100, 1, Unit.BYTES),
            ("RAM for the buffer", 256, 2, Unit.BYTES),
            ("RAM for the stack", None, 3, Unit.BYTES),
        ]


class TestIar:
    def test_interface(self) -> None:
        arguments = ArgumentBlock(count_address=0, vector=addresses(0x40, 0x60), text=addresses(0x60, 0x80))
        left, right = (
            loader(Flavour.IAR, CODE, iar_interface=each)
            for each in (
                interface(parameters=addresses(0x20, 0x34), framework_version=200),
                interface(buffer=addresses(0x100, 0x200), break_address=4, stack_pointer=8, arguments=arguments),
            )
        )
        assert rows(left, right) == [
            ("parameter block address", 0x20, None, Unit.ADDRESS),
            ("buffer address", None, 0x100, Unit.ADDRESS),
            ("break address", None, 4, Unit.ADDRESS),
            ("stack pointer", None, 8, Unit.ADDRESS),
            ("arguments that fit", None, 8, None),
            ("framework version", 200, None, None),
        ]

    def test_settings(self) -> None:
        left, right = (
            loader(Flavour.IAR, CODE, iar_settings=each)
            for each in (
                IarSettings(executable="a.out"),
                IarSettings(executable="b.out", macro="b.mac", aggregate=True, arguments=("--x", "1")),
            )
        )
        assert rows(left, right) == [
            ("exe", "a.out", "b.out", None),
            ("macro", None, "b.mac", None),
            ("aggregate", "no", "yes", None),
            ("default arguments", None, "--x, 1", None),
        ]

    def test_executable_and_description_that_one_side_lacks(self) -> None:
        described = loader(Flavour.IAR, CODE, iar_settings=IarSettings(executable="a.out"))
        bare = loader(Flavour.IAR, CODE, iar_interface=interface())
        assert rows(described, bare) == [
            ("executable", None, "found", None),
            (".flash file", "found", None, None),
        ]


class TestPasses:
    def test_facts_of_a_pass(self) -> None:
        made = loader(Flavour.IAR, CODE)
        ignored = (IgnoredRange(kind="CODE", range=addresses(0x10, 0x20)),)
        right = Pass(
            loader=made,
            range=addresses(0, 0x100),
            address_delta=0x7000_0000,
            absolute_start=4,
            args=("--a", "--b"),
            loader_offset=8,
            ignored=ignored,
        )
        assert rows(bundle(made), Bundle(passes=(right,))) == [
            ("range", None, "0x00000000..0x000000ff", None),
            ("address delta", 0, 0x7000_0000, Unit.ADDRESS),
            ("absolute start", None, 4, Unit.ADDRESS),
            ("arguments", None, "--a, --b", None),
            ("loader offset", None, 8, Unit.ADDRESS),
            ("ignored", None, "CODE 0x00000010..0x0000001f", None),
        ]

    def test_ranges_that_no_pass_programs(self) -> None:
        made = bundle(loader(Flavour.IAR, CODE))
        ignored = (IgnoredRange(kind="DATA_Z", range=addresses(0, 0x10)),)
        assert rows(made, made.model_copy(update={"ignored": ignored})) == [
            ("ignored", None, "DATA_Z 0x00000000..0x0000000f", None)
        ]

    def test_passes_are_compared_by_number(self) -> None:
        one, other = loader(Flavour.IAR, CODE), loader(Flavour.IAR, CODE, device=None)
        assert rows(bundle(one, one), bundle(one, other)) == [("pass 2: device", "W25Q64", None, None)]

    def test_more_passes_on_one_side(self) -> None:
        one = loader(Flavour.IAR, CODE)
        assert rows(bundle(one), bundle(one, None, one)) == [
            ("passes", 1, 3, None),
            ("pass 2", None, "no loader", None),
            ("pass 3", None, "W25Q64", None),
        ]

    def test_loader_that_could_not_be_read(self) -> None:
        assert rows(bundle(loader(Flavour.IAR, CODE)), bundle(None)) == [("loader", "W25Q64", None, None)]
        assert rows(bundle(None), bundle(None)) == []

    def test_facts_of_a_pass_are_no_difference_to_other_flavours(self) -> None:
        ranged = Pass(loader=ALONE[Flavour.IAR], range=addresses(0, 0x100))
        ignored = (IgnoredRange(kind="CODE", range=addresses(0, 0x10)),)
        aspects = {row[0] for row in rows(bundle(BASIC), Bundle(passes=(ranged,), ignored=ignored))}
        assert not {"range", "ignored"} & aspects


class TestFactsOfIar:
    @pytest.mark.parametrize(
        ("field", "value", "expected"),
        [
            ("online", True, ("online", "no", "yes", None)),
            ("relocatable", True, ("relocatable", "no", "yes", None)),
            ("aggregate", True, ("aggregate", "no", "yes", None)),
            ("macro", "a.mac", ("macro", None, "a.mac", None)),
        ],
    )
    def test_settings(self, field: str, value: object, expected: Row) -> None:
        plain = IarSettings(executable="a.out")
        first, second = (
            ALONE[Flavour.IAR].model_copy(update={"iar_settings": each})
            for each in (plain, plain.model_copy(update={field: value}))
        )
        assert rows(first, second) == [expected]

    def test_stack_address(self) -> None:
        known = interface().model_copy(update={"stack": addresses(0x2000_0000, 0x2000_0100)})
        moved = known.model_copy(update={"stack": addresses(0x2000_1000, 0x2000_1100)})
        first, second = (ALONE[Flavour.IAR].model_copy(update={"iar_interface": each}) for each in (known, moved))
        assert rows(first, second) == [("stack address", 0x2000_0000, 0x2000_1000, Unit.ADDRESS)]

    @pytest.mark.parametrize(
        ("field", "value", "aspect"),
        [
            ("iar_settings", IarSettings(executable="a.out"), ".flash file"),
            ("iar_interface", interface(), "executable"),
            ("device", DEVICE, "device"),
        ],
    )
    def test_what_only_one_side_has(self, field: str, value: object, aspect: str) -> None:
        without = ALONE[Flavour.IAR].model_copy(update={field: None})
        with_it = without.model_copy(update={field: value})
        for first, second in ((without, with_it), (with_it, without)):
            ((found, left, right, _),) = rows(first, second)
            assert found == aspect
            assert (left is None) is (first is without)
            assert (right is None) is (second is without)


class TestAcrossFlavours:
    def test_the_same_driver(self) -> None:
        assert rows(BASIC, ALONE[Flavour.STLDR]) == []

    def test_timeouts_that_the_other_has_no_field_for(self) -> None:
        bare = DEVICE.model_copy(update={"program_timeout_ms": None, "erase_timeout_ms": None})
        assert rows(BASIC, loader(Flavour.STLDR, CODE, entries=(INIT,), device=bare)) == []

    def test_routines_that_the_other_has_no_place_for(self) -> None:
        flm = changed(entry_points=(INIT, entry(Routine.UNINIT, "UnInit", 0x20), entry(Routine.VERIFY, "Verify", 0x30)))
        stldr = loader(Flavour.STLDR, CODE, entries=(INIT, entry(Routine.CHECKSUM, "CheckSum", 0x20)))
        assert rows(flm, stldr) == [("routine: verify", "Verify", None, None)]

    def test_names_addresses_and_bytes_are_each_flavours_own(self) -> None:
        erase = (entry(Routine.ERASE_SECTOR, "EraseSector", 0x20), entry(Routine.ERASE_SECTOR, "SectorErase", 0x2000))
        flm = loader(Flavour.FLM, CODE, entries=erase[:1])
        other = segment(Part.CODE, 0x2000_0004, bytes(0x100))
        stldr = loader(Flavour.STLDR, other, entries=erase[1:], device=DEVICE.model_copy(update={"type_code": 7}))
        assert rows(flm, stldr) == []

    def test_iar_has_no_field_for_the_kind_of_memory(self) -> None:
        described = DEVICE.model_copy(update={"kind": DeviceKind.UNKNOWN, "type_code": None, "erased_value": None})
        assert rows(BASIC, loader(Flavour.IAR, CODE, entries=(INIT,), device=described)) == []

    def test_iar_calls_its_memory_like_the_file(self) -> None:
        """A copy of a .flash under another name means the same."""
        first, second = (
            loader(Flavour.IAR, CODE, device=DEVICE.model_copy(update={"type_code": None, "name": name}))
            for name in ("a", "b")
        )
        assert rows(first, second) == []


def test_exchanging_the_files_exchanges_the_values() -> None:
    left, right = bundle(BASIC), bundle(ALONE[Flavour.IAR].model_copy(update={"device": None}))
    there = bundle_differences(left, right)
    back = bundle_differences(right, left)
    assert there == tuple(
        Difference(aspect=each.aspect, left=each.right, right=each.left, unit=each.unit) for each in back
    )
    assert there
