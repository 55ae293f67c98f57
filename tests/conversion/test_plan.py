"""What a plan tells its reader: routines and who does their work, what the host must provide, what is lost."""

import json

import pytest

from loaderconv.conversion.source import Source
from loaderconv_schemas.bundle import PassFacts
from loaderconv_schemas.device import DeviceKind
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.iar import IarSettings
from loaderconv_schemas.loader import Architecture, Flavour, FloatAbi, Identity, Loader, Notice
from loaderconv_schemas.memory import Part, Placement, PlacementKind
from loaderconv_schemas.plan import ConversionPlan
from support.loader_models import entry, segment
from support.matrix import FLMS, IARS, STLDRS, Origin
from support.planning import (
    LINK_ADDRESS,
    MADE,
    device,
    flm,
    iar,
    iar_interface,
    others,
    plan,
    routines,
    stldr,
)

PAIRS = [pytest.param(source, target, id=f"{source}-to-{target}") for source in Flavour for target in others(source)]
each_pair = pytest.mark.parametrize(("flavour", "target"), PAIRS)

REAL_PAIRS = [
    pytest.param(origin, target, id=f"{origin}-to-{target}")
    for origins, flavour in ((FLMS, Flavour.FLM), (STLDRS, Flavour.STLDR), (IARS, Flavour.IAR))
    for origin in origins
    for target in others(flavour)
]

ALL = {
    Flavour.STLDR: ["Init", "Write", "Read", "SectorErase", "MassErase", "Verify", "CheckSum"],
    Flavour.FLM: ["Init", "UnInit", "EraseSector", "ProgramPage", "EraseChip", "BlankCheck", "Verify"],
    Flavour.IAR: [
        "FlashInitEntry",
        "FlashWriteEntry",
        "FlashEraseWriteEntry",
        "FlashChecksumEntry",
        "FlashSignoffEntry",
    ],
}
READERS = {
    Flavour.STLDR: {"Read", "Verify", "CheckSum"},
    Flavour.FLM: {"Verify", "BlankCheck"},
    Flavour.IAR: {"FlashChecksumEntry"},
}


def flm_with(*others_of: tuple[str, Routine], page: int = 256) -> Loader:
    return flm(entries=routines(Flavour.FLM, 0, *others_of), device=device(page_size_bytes=page))


def exported(plan_of: ConversionPlan) -> list[str]:
    return [each.symbol for each in plan_of.entry_points]


def carriers(plan_of: ConversionPlan) -> dict[str, tuple[str, ...]]:
    return {each.symbol: each.carried_by for each in plan_of.entry_points}


class TestEntryPoints:
    @each_pair
    def test_all_where_the_device_can_be_read(self, flavour: Flavour, target: Flavour) -> None:
        assert exported(plan(MADE[flavour](), target).plan) == ALL[target]

    @each_pair
    def test_without_reading_those_that_read_are_left_out(self, flavour: Flavour, target: Flavour) -> None:
        expected = [symbol for symbol in ALL[target] if symbol not in READERS[target]]
        assert exported(plan(MADE[flavour](), target, with_read=False).plan) == expected

    @pytest.mark.parametrize(("page", "is_kept"), [(256, True), (4, True), (2, False), (257, False)])
    def test_an_flm_s_own_verify_needs_no_reading_as_long_as_pages_are_words(self, page: int, is_kept: bool) -> None:
        source = flm_with(("Verify", Routine.VERIFY), page=page)
        assert ("Verify" in exported(plan(source, Flavour.STLDR, with_read=False).plan)) is is_kept

    def test_an_flm_s_own_read_is_not_called_without_reading(self) -> None:
        source = flm_with(("Read", Routine.READ))
        assert carriers(plan(source, Flavour.STLDR).plan)["Read"] == ("Read",)
        planned = plan(source, Flavour.STLDR, with_read=False)
        assert not {"Read", "CheckSum"} & set(exported(planned.plan))
        assert "Read" not in planned.parts.routines

    @each_pair
    def test_addresses_are_the_shim_s(self, flavour: Flavour, target: Flavour) -> None:
        planned = plan(MADE[flavour](), target)
        offsets = [each.address - planned.layout.shim.start for each in planned.plan.entry_points]
        assert offsets == [planned.shim.routines[symbol].offset_bytes for symbol in exported(planned.plan)]
        assert len(set(offsets)) == len(offsets)


class TestWhoDoesTheWork:
    @pytest.mark.parametrize(("origin", "target"), REAL_PAIRS)
    @pytest.mark.parametrize("with_read", [True, False])
    def test_symbols_of_the_source_all_of_which_the_shim_knows(
        self, origin: Origin, target: Flavour, with_read: bool
    ) -> None:
        source = origin.source()
        planned = plan(source, target, with_read=with_read, **dict(origin.changes))
        interface = source.loader.iar_interface
        listed = source.loader.entry_points if interface is None else interface.c_layer
        symbols = {each.symbol for each in listed}
        for each in planned.plan.entry_points:
            assert set(each.carried_by) <= symbols & set(planned.parts.routines), each.symbol
        by_routine = {each.routine: each.carried_by for each in planned.plan.entry_points}
        assert all(by_routine[routine] for routine in (Routine.INIT, Routine.PROGRAM_PAGE, Routine.ERASE_SECTOR))

    def test_of_an_flm_as_a_stldr(self) -> None:
        source = flm_with(("EraseChip", Routine.ERASE_CHIP), ("Verify", Routine.VERIFY), ("Read", Routine.READ))
        assert carriers(plan(source, Flavour.STLDR).plan) == {
            "Init": ("UnInit", "Init"),
            "Write": ("ProgramPage",),
            "Read": ("Read",),
            "SectorErase": ("EraseSector",),
            "MassErase": ("EraseChip",),
            "Verify": ("Verify", "Read"),
            "CheckSum": ("Read",),
        }

    def test_of_a_stldr_as_an_flm(self) -> None:
        entries = routines(
            Flavour.STLDR,
            LINK_ADDRESS,
            ("Read", Routine.READ),
            ("MassErase", Routine.ERASE_CHIP),
            ("Verify", Routine.VERIFY),
            ("CheckSum", Routine.CHECKSUM),
        )
        assert carriers(plan(stldr(entries=entries), Flavour.FLM).plan) == {
            "Init": ("Init",),
            "UnInit": ("Init",),
            "EraseSector": ("SectorErase",),
            "ProgramPage": ("Write",),
            "EraseChip": ("MassErase",),
            "BlankCheck": ("Read",),
            "Verify": ("Read",),
        }

    def test_of_an_iar_loader_as_a_stldr(self) -> None:
        assert carriers(plan(iar(), Flavour.STLDR).plan) == {
            "Init": ("FlashInit",),
            "Write": ("FlashWrite",),
            "Read": (),
            "SectorErase": ("FlashErase",),
            "MassErase": ("FlashInit", "FlashErase"),
            "Verify": (),
            "CheckSum": (),
        }

    @pytest.mark.parametrize("flavour", [Flavour.FLM, Flavour.STLDR])
    def test_a_chip_is_erased_sector_by_sector_where_there_is_no_other_way(self, flavour: Flavour) -> None:
        target = Flavour.STLDR if flavour is Flavour.FLM else Flavour.FLM
        symbol = "MassErase" if target is Flavour.STLDR else "EraseChip"
        expected = "EraseSector" if flavour is Flavour.FLM else "SectorErase"
        assert carriers(plan(MADE[flavour](), target).plan)[symbol] == (expected,)

    def test_sign_off_is_left_to_the_source_unless_it_may_be_initialised_once(self) -> None:
        known = iar_interface(LINK_ADDRESS, LINK_ADDRESS + 0x100)
        c_layer = (*known.c_layer, entry(Routine.SIGNOFF, "FlashSignoff", LINK_ADDRESS + 64))
        source = iar(iar_interface=known.model_copy(update={"c_layer": c_layer}))
        assert carriers(plan(source, Flavour.FLM).plan)["UnInit"] == ("FlashSignoff",)
        assert carriers(plan(source, Flavour.FLM, init_once=True).plan)["UnInit"] == ()


class TestRequirements:
    def said(self, source: Loader, target: Flavour, **changes: object) -> str:
        return "\n".join(plan(source, target, **changes).plan.requirements)

    @pytest.mark.parametrize("flavour", [Flavour.STLDR, Flavour.IAR])
    def test_an_flm_s_host_is_told_ram_and_where_the_source_goes(self, flavour: Flavour) -> None:
        planned = plan(MADE[flavour](), Flavour.FLM)
        said = "\n".join(planned.plan.requirements)
        assert f"RAMstart 0x{planned.plan.ram.start:08x} and RAMsize 0x{planned.plan.ram.size_bytes:x}" in said
        assert all(str(install.range) in said for install in planned.layout.installs)

    @each_pair
    def test_ram_start_is_of_an_flm_alone(self, flavour: Flavour, target: Flavour) -> None:
        assert ("RAMstart" in self.said(MADE[flavour](), target)) is (target is Flavour.FLM)

    @pytest.mark.parametrize("flavour", [Flavour.FLM, Flavour.IAR])
    def test_cube_programmer_is_told_ram_and_name(self, flavour: Flavour) -> None:
        planned = plan(MADE[flavour](), Flavour.STLDR)
        data = next(each.range.start for each in planned.plan.memory_map if each.name.startswith("data"))
        said = "\n".join(planned.plan.requirements)
        assert f"at least {data + 256 - 0x2000_0000} bytes of RAM at 0x20000000" in said
        assert "under the name x.stldr" in said

    @each_pair
    def test_the_core_is_named_or_said_to_be_unknown(self, flavour: Flavour, target: Flavour) -> None:
        assert "does not say for which core" in self.said(MADE[flavour](), target)
        identity = Identity(name="made", architecture=Architecture.V7E_M)
        assert "must run ARMv7E-M code" in self.said(MADE[flavour](identity=identity), target)

    @each_pair
    def test_reading_is_asked_for_where_the_source_has_no_read(self, flavour: Flavour, target: Flavour) -> None:
        wanted = "The device must be readable at 0x90000000 after"
        assert wanted in self.said(MADE[flavour](), target)
        assert wanted not in self.said(MADE[flavour](), target, with_read=False)
        assert wanted not in self.said(MADE[flavour](device=device(kind=DeviceKind.MCU_FLASH)), target)

    @pytest.mark.parametrize("flavour", [Flavour.FLM, Flavour.STLDR])
    def test_reading_is_not_asked_for_where_the_source_reads_itself(self, flavour: Flavour) -> None:
        start = 0 if flavour is Flavour.FLM else LINK_ADDRESS
        source = MADE[flavour](entries=routines(flavour, start, ("Read", Routine.READ)))
        for target in others(flavour):
            assert "must be readable" not in self.said(source, target)

    @pytest.mark.parametrize("target", others(Flavour.IAR))
    def test_macros_become_work_for_the_user(self, target: Flavour) -> None:
        source = iar(iar_settings=IarSettings(executable="x.out", macro="$PROJ_DIR$\\x.mac"))
        planned = plan(source, target).plan
        assert any("$PROJ_DIR$\\x.mac" in each and "start-up script" in each for each in planned.requirements)
        assert any(each.fact == "the macro file $PROJ_DIR$\\x.mac" for each in planned.losses)
        assert not any("macro" in each for each in plan(iar(), target).plan.requirements)

    @pytest.mark.parametrize("target", others(Flavour.IAR))
    def test_flash_init_must_bear_a_second_call_unless_it_gets_none(self, target: Flavour) -> None:
        assert "--init-once" in self.said(iar(), target)
        assert "--init-once" not in self.said(iar(), target, init_once=True)

    @each_pair
    def test_padding_where_the_source_takes_whole_pages(self, flavour: Flavour, target: Flavour) -> None:
        assert ("Programming 0xff must leave a byte" in self.said(MADE[flavour](), target)) is (
            flavour is not Flavour.STLDR
        )
        of_bytes = MADE[flavour](device=device(page_size_bytes=1))
        assert "must leave a byte" not in self.said(of_bytes, target)

    @pytest.mark.parametrize("target", others(Flavour.STLDR))
    def test_a_stldr_s_interrupts_may_be_masked(self, target: Flavour) -> None:
        assert "SysTick" in self.said(stldr(), target)


class TestLosses:
    def facts(self, source: Loader, target: Flavour, **changes: object) -> dict[str, str]:
        return {each.fact: each.consequence for each in plan(source, target, **changes).plan.losses}

    @each_pair
    def test_no_read_costs_reading_and_verification(self, flavour: Flavour, target: Flavour) -> None:
        facts = self.facts(MADE[flavour](), target, with_read=False)
        assert "not exported (--no-read)" in facts["reading the device"]
        assert "verification" in facts
        assert not {"reading the device", "verification"} & set(self.facts(MADE[flavour](), target))

    def test_an_flm_with_a_verify_of_its_own_keeps_it(self) -> None:
        source = flm_with(("Verify", Routine.VERIFY))
        assert "verification" not in self.facts(source, Flavour.STLDR, with_read=False)

    @pytest.mark.parametrize("target", others(Flavour.FLM))
    def test_blank_check(self, target: Flavour) -> None:
        assert "BlankCheck" in self.facts(flm_with(("BlankCheck", Routine.BLANK_CHECK)), target)
        assert "BlankCheck" not in self.facts(flm(), target)

    def test_the_last_un_init(self) -> None:
        assert "the last UnInit" in self.facts(flm(), Flavour.STLDR)
        assert "the last UnInit" not in self.facts(flm(), Flavour.IAR)

    @pytest.mark.parametrize("target", others(Flavour.STLDR))
    def test_verify_and_checksum_of_a_stldr(self, target: Flavour) -> None:
        entries = routines(Flavour.STLDR, LINK_ADDRESS, ("Verify", Routine.VERIFY), ("CheckSum", Routine.CHECKSUM))
        assert "not called" in self.facts(stldr(entries=entries), target)["Verify and CheckSum"]

    @pytest.mark.parametrize("target", others(Flavour.IAR))
    def test_arguments_are_fixed_or_none(self, target: Flavour) -> None:
        settings = IarSettings(executable="x.out", arguments=("--fast",))
        assert "arguments" in self.facts(iar(), target)
        assert "the choice of arguments (--fast)" in self.facts(iar(iar_settings=settings), target)

    @pytest.mark.parametrize(("origin", "target"), REAL_PAIRS[:2])
    def test_debug_information(self, origin: Origin, target: Flavour) -> None:
        source = origin.source()
        assert source.image is not None
        has_debug = any(each.name.startswith(".debug") for each in source.image.sections)
        told = [each.fact for each in plan(source, target).plan.losses]
        assert ("debug information" in told) is has_debug


class TestWarnings:
    @each_pair
    def test_what_the_reader_noticed_comes_first(self, flavour: Flavour, target: Flavour) -> None:
        notice = Notice(code="odd", message="It is odd.")
        assert plan(MADE[flavour](notices=(notice,)), target).plan.warnings[0] == notice

    @each_pair
    def test_hard_float_and_assumed_ram(self, flavour: Flavour, target: Flavour) -> None:
        identity = Identity(name="made", float_abi=FloatAbi.HARD)
        planned = plan(MADE[flavour](identity=identity), target, given_ram=None).plan
        assert {"hard-float", "default-ram"} <= {each.code for each in planned.warnings}
        assert not {"hard-float", "default-ram"} & {each.code for each in plan(MADE[flavour](), target).plan.warnings}

    @pytest.mark.parametrize("flavour", [Flavour.FLM, Flavour.IAR])
    def test_names_that_cube_programmer_would_not_take(self, flavour: Flavour) -> None:
        codes = [each.code for each in plan(MADE[flavour](), Flavour.STLDR, file_name="y.stldr").plan.warnings]
        assert "name-mismatch" in codes
        assert "name-mismatch" not in [each.code for each in plan(MADE[flavour](), Flavour.STLDR).plan.warnings]


class TestOfAPass:
    @pytest.mark.parametrize("target", others(Flavour.IAR))
    def test_the_delta_is_in_plan_and_table(self, target: Flavour) -> None:
        source = iar(device=device(base_address=0))
        facts = PassFacts(address_delta=0x7000_0000)
        planned = plan(Source(source, facts=facts), target)
        assert (planned.plan.address_delta, planned.plan.device.base_address) == (0x7000_0000, 0x9000_0000)
        offset = planned.shim.layout.table["address_delta"]
        assert int.from_bytes(planned.table[offset : offset + 4], "little") == 0x7000_0000
        offset = planned.shim.layout.table["init_address"]
        assert planned.table[offset : offset + 4] == bytes(4)


@pytest.mark.parametrize(("origin", "target"), REAL_PAIRS)
def test_a_plan_survives_json(origin: Origin, target: Flavour) -> None:
    planned = plan(origin.source(), target, **dict(origin.changes)).plan
    text = planned.model_dump_json()
    assert ConversionPlan.model_validate_json(text) == planned
    assert json.loads(text)["version"] == 1


@each_pair
def test_a_plan_names_its_source_and_shim(flavour: Flavour, target: Flavour) -> None:
    planned = plan(MADE[flavour](), target).plan
    assert (planned.source, planned.target) == (flavour, target)
    assert planned.shim == f"{target.lower()}_over_{flavour.lower()}"
    assert planned.source_identity.name == "made"
    assert planned.source_sha256 is None


@pytest.mark.parametrize("target", others(Flavour.FLM))
def test_r9_of_an_flm_moves_with_it(target: Flavour) -> None:
    planned = plan(flm(), target)
    assert planned.plan.static_base == planned.layout.moved(128)
    without = Placement(kind=PlacementKind.POSITION_INDEPENDENT, alignment_bytes=4)
    assert plan(flm(segment(Part.CODE, 0, 64), placement=without), target).plan.static_base is None


@pytest.mark.parametrize("target", others(Flavour.STLDR))
def test_r9_of_a_stldr_stays(target: Flavour) -> None:
    placement = Placement(kind=PlacementKind.ABSOLUTE, static_base=LINK_ADDRESS + 64, alignment_bytes=4)
    assert plan(stldr(placement=placement), target).plan.static_base == LINK_ADDRESS + 64
