"""What a target has no room for: RAM to the last byte, other RAM, names, sectors, chips."""

from pathlib import Path

import pytest

from loaderconv.conversion.request import ConversionRequest
from loaderconv.conversion.targets.iar import PlannedIar
from loaderconv.conversion.targets.planned import Planned
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.chip import Chip
from loaderconv_schemas.device import Device, SectorRun
from loaderconv_schemas.errors import ExitCode, UsageProblem
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.memory import Part
from loaderconv_schemas.plan import RegionKind
from support.command import assert_failure, run
from support.conversions import CONVERSIONS
from support.loader_models import addresses, segment
from support.planning import (
    RAM,
    assert_refused,
    carry_out,
    device,
    device_of,
    flm,
    iar,
    iar_interface,
    others,
    plan,
    refusal,
    sectors,
    stldr,
)

PAIRS = [pytest.param(source, target, id=f"{source}-to-{target}") for source in Flavour for target in others(source)]
each_pair = pytest.mark.parametrize(("flavour", "target"), PAIRS)


NOT_ASCII = ("Gr\u00f6\u00dfe", "\u95ea\u5b58")

BASE = RAM.start
FAR = 0x3000_0000


def far_source(flavour: Flavour, described: Device | None = None) -> Loader:
    """Return a source that is bound to another memory than the target's RAM, or to none."""
    others_of: dict[str, object] = {} if described is None else {"device": described}
    match flavour:
        case Flavour.FLM:
            return flm(**others_of)
        case Flavour.STLDR:
            return stldr(segment(Part.CODE, FAR, 128, zeros=32), **others_of)
        case Flavour.IAR:
            pieces = (segment(Part.CODE, FAR, 128), segment(Part.DATA, FAR + 0x100, b"", zeros=0x200))
            return iar(*pieces, iar_interface=iar_interface(FAR, FAR + 0x100), **others_of)


def least_ram(planned: Planned) -> int:
    """Return what a plan in plenty of RAM shows to be needed."""
    page = planned.plan.device.page_size_bytes
    if isinstance(planned, PlannedIar):
        return planned.iar.buffer.start + max(page, 256) - BASE
    if planned.plan.target is Flavour.STLDR:
        data = next(each for each in planned.plan.memory_map if each.name.startswith("data"))
        return data.range.start + page - BASE
    own = planned.plan.image.end - planned.plan.ram.start
    up = lambda value: -(-value // 16) * 16  # noqa: E731
    return up(own) + 2 * up(page) + 512


class TestRamToTheLastByte:
    @each_pair
    @pytest.mark.parametrize("page", [1, 256, 1024])
    def test_enough_is_enough_and_one_byte_less_is_not(self, flavour: Flavour, target: Flavour, page: int) -> None:
        source = far_source(flavour, device(page_size_bytes=page))
        needed = least_ram(plan(source, target))
        exact = carry_out(plan(source, target, given_ram=AddressRange(start=BASE, size_bytes=needed)))
        assert exact.loader.flavour is target
        less = AddressRange(start=BASE, size_bytes=needed - 1)
        fact = f"leaves {max(page, 256) - 1} bytes" if target is Flavour.IAR else f"needs {needed} bytes"
        assert_refused(source, target, fact, "--ram", given_ram=less)

    @each_pair
    @pytest.mark.parametrize("size", [0, 1, 4, 64, 256, 1024])
    def test_next_to_nothing(self, flavour: Flavour, target: Flavour, size: int) -> None:
        ram = AddressRange(start=BASE, size_bytes=size)
        assert "--ram" in refusal(far_source(flavour), target, given_ram=ram).hint

    def test_the_message_of_a_stldr_adds_up(self) -> None:
        found = refusal(flm(), Flavour.STLDR, given_ram=addresses(BASE, BASE + 1000))
        numbers = [int(word.strip("(),.")) for word in found.message.split() if word.strip("(),.").isdigit()]
        needed, image, stack, page, there = numbers
        assert (needed, page, there) == (image + stack + page, 256, 1000)
        plan(flm(), Flavour.STLDR, given_ram=addresses(BASE, BASE + needed))

    @each_pair
    def test_ram_that_ends_with_the_address_space(self, flavour: Flavour, target: Flavour) -> None:
        """C-SPY's buffer may not end there: no symbol can hold the address behind it."""
        ram = addresses(0xFFFF_0000, 1 << 32)
        if target is Flavour.IAR:
            assert_refused(far_source(flavour), target, "end of the address space", "last byte", given_ram=ram)
        else:
            assert carry_out(plan(far_source(flavour), target, given_ram=ram)).loader.flavour is target

    @each_pair
    def test_too_little_ram_at_the_end_of_the_address_space(self, flavour: Flavour, target: Flavour) -> None:
        refusal(far_source(flavour), target, given_ram=addresses(0xFFFF_FF00, 1 << 32))


class TestRamThatIsTheDevice:
    @each_pair
    @pytest.mark.parametrize(
        "ram",
        [
            addresses(0x8FFF_0000, 0x9000_0100),
            addresses(0x9000_FF00, 0x9002_0000),
            addresses(0x9000_4000, 0x9000_C000),
        ],
    )
    def test_is_none(self, flavour: Flavour, target: Flavour, ram: AddressRange) -> None:
        fact = f"{ram} overlaps the device 0x90000000..0x9000ffff"
        assert_refused(far_source(flavour), target, fact, "--ram BASE:SIZE", given_ram=ram)

    @each_pair
    @pytest.mark.parametrize("ram", [addresses(0x8FFF_0000, 0x9000_0000), addresses(0x9001_0000, 0x9002_0000)])
    def test_right_beside_it_is_ram(self, flavour: Flavour, target: Flavour, ram: AddressRange) -> None:
        image = plan(far_source(flavour), target, given_ram=ram).plan.image
        assert ram.start <= image.start < image.end <= ram.end


class TestSourceInTheRamOfAStldr:
    @pytest.mark.parametrize("address", [BASE, BASE + 1, BASE + 3])
    def test_where_cube_programmer_writes_its_word(self, address: int) -> None:
        source = iar(segment(Part.CODE, address, 128), iar_interface=iar_interface(address, FAR))
        assert_refused(
            source, Flavour.STLDR, f"at 0x{address:08x}, where CubeProgrammer writes a BKPT", "--ram, --chip"
        )

    def test_right_behind_it(self) -> None:
        source = iar(segment(Part.CODE, BASE + 4, 128), iar_interface=iar_interface(BASE + 4, FAR))
        carry_out(plan(source, Flavour.STLDR))

    def test_the_word_may_be_the_initial_sp_of_c_spy(self) -> None:
        known = iar_interface(BASE + 64, FAR, vector_table=BASE)
        planned = plan(iar(segment(Part.CODE, BASE, 128), iar_interface=known), Flavour.STLDR)
        carry_out(planned)
        assert [address for _, address in planned.layout.carried] == [BASE + 4]

    def test_a_vector_table_elsewhere_is_no_reason(self) -> None:
        known = iar_interface(BASE + 64, FAR, vector_table=BASE + 0x40)
        assert_refused(
            iar(segment(Part.CODE, BASE, 128), iar_interface=known), Flavour.STLDR, "0x20000000", "some bytes higher"
        )

    @pytest.mark.parametrize("start", [BASE - 64, RAM.end - 64])
    def test_partly_inside(self, start: int) -> None:
        source = iar(segment(Part.CODE, start, 128), iar_interface=iar_interface(start, FAR))
        where = addresses(start, start + 128)
        assert_refused(source, Flavour.STLDR, f"bound to {where}, which the RAM {RAM} holds only in part", "--ram")

    @pytest.mark.parametrize("start", [BASE - 64, RAM.end - 64])
    def test_its_stack_partly_inside(self, start: int) -> None:
        stack = AddressRange(start=start, size_bytes=128)
        source = iar(segment(Part.CODE, FAR, 128), iar_interface=iar_interface(FAR, FAR + 0x100, stack=stack))
        assert_refused(source, Flavour.STLDR, f"bound to {stack}, which the RAM {RAM} holds only in part", "--ram")

    def test_its_stack_where_cube_programmer_writes_its_word(self) -> None:
        stack = AddressRange(start=BASE, size_bytes=128)
        source = iar(segment(Part.CODE, FAR, 128), iar_interface=iar_interface(FAR, FAR + 0x100, stack=stack))
        refusal(source, Flavour.STLDR)

    def test_up_to_where_the_host_needs_the_rest(self) -> None:
        """A source high up in the RAM leaves no room behind it for the host's stack and buffer."""
        start = RAM.end - 0x400
        source = iar(segment(Part.CODE, start, 128), iar_interface=iar_interface(start, FAR))
        assert_refused(source, Flavour.STLDR, "bytes of RAM at 0x20000000", "--ram")


class TestPlaceForAnFlm:
    CHIP = Chip(
        name="made",
        ram=(addresses(0x1000_0000, 0x1000_0800), addresses(BASE, BASE + 0x8000)),
        default_ram=addresses(BASE, BASE + 0x8000),
        loader_ram=addresses(BASE, BASE + 0x8000),
        source="this test",
    )

    @pytest.mark.parametrize("flavour", [Flavour.STLDR, Flavour.IAR])
    def test_source_bound_to_where_the_chip_has_no_ram(self, flavour: Flavour) -> None:
        source = far_source(flavour)
        found = refusal(source, Flavour.FLM, given_ram=None, chip=self.CHIP)
        assert found.message.startswith("The source is bound to 0x30000000..")
        assert found.message.endswith("where made has no RAM.")
        assert "--chip" in found.hint

    def test_ram_that_the_user_names_is_believed(self) -> None:
        chip = self.CHIP.model_copy(update={"ram": (*self.CHIP.ram, addresses(0x3000_0000, 0x3000_1000))})
        planned = plan(far_source(Flavour.STLDR), Flavour.FLM, chip=chip)
        assert planned.plan.ram == RAM

    def test_other_ram_of_the_chip_is_tried(self) -> None:
        """The source takes nearly all of the RAM that is meant for loaders."""
        small = segment(Part.CODE, BASE + 0x200, 64, zeros=0x7800)
        chip = self.CHIP.model_copy(update={"ram": (addresses(0x1000_0000, 0x1000_8000), self.CHIP.default_ram)})
        assert plan(stldr(small), Flavour.FLM, given_ram=None, chip=chip).plan.ram.start == 0x1000_0000

    def test_no_gap(self) -> None:
        source = stldr(segment(Part.CODE, BASE + 0x1000, 64))
        ram = addresses(BASE, BASE + 0x2000)
        found = refusal(source, Flavour.FLM, given_ram=ram)
        assert "0x20001000..0x2000103f" in found.message
        assert f"free piece of {ram} has {0xF00}" in found.message
        assert "--page" in found.hint

    def test_smaller_pages_are_a_way_out_indeed(self) -> None:
        source = stldr(segment(Part.CODE, BASE + 0x1000, 64))
        ram = addresses(BASE, BASE + 0x2400)
        assert_refused(source, Flavour.FLM, "bytes of RAM in one piece", "--page", given_ram=ram)
        assert plan(source, Flavour.FLM, given_ram=ram, page_size_bytes=64).plan.ram == addresses(BASE, BASE + 0xF00)


class TestBufferForCSpy:
    def test_too_small_for_a_page(self) -> None:
        source = flm(device=device(page_size_bytes=4096))
        needed = least_ram(plan(source, Flavour.IAR))
        ram = AddressRange(start=BASE, size_bytes=needed - 8)
        assert_refused(source, Flavour.IAR, "4088 bytes for C-SPY's buffer, 4096 are needed", "--ram", given_ram=ram)

    def test_too_small_for_any_loader(self) -> None:
        source = flm(device=device(page_size_bytes=1))
        needed = least_ram(plan(source, Flavour.IAR))
        ram = AddressRange(start=BASE, size_bytes=needed - 8)
        assert_refused(source, Flavour.IAR, "248 bytes for C-SPY's buffer, 256 are needed", "--ram", given_ram=ram)

    def test_no_gap_for_the_shim(self) -> None:
        ram = addresses(BASE, BASE + 0x1000)
        source = stldr(segment(Part.CODE, BASE + 0x600, 64))
        assert_refused(source, Flavour.IAR, f"and the RAM {ram} has no such gap", "--ram", given_ram=ram)


class TestRunsForFlashDevice:
    def device_with_runs(self, count: int) -> Device:
        return device_of(sectors(*((1, 0x1000 if number % 2 else 0x2000) for number in range(count))))

    def test_512_are_too_many(self) -> None:
        source = iar(device=self.device_with_runs(512))
        assert_refused(source, Flavour.FLM, "512 runs of sectors; FlashDevice has room for 511", "one loader for each")

    def test_511_are_not(self) -> None:
        described = self.device_with_runs(511)
        made = carry_out(plan(iar(device=described), Flavour.FLM)).loader.described_device
        assert made.sectors == described.sectors

    @pytest.mark.parametrize("count", [10, 11])
    def test_of_an_iar_loader_storage_info_takes_10(self, count: int) -> None:
        source = iar(device=self.device_with_runs(count))
        if count > 10:
            assert_refused(source, Flavour.STLDR, "11 runs of sectors", "at most 10 runs")
        else:
            assert len(plan(source, Flavour.STLDR).plan.device.sectors) == count

    def test_runs_that_the_user_gives_count(self) -> None:
        runs = self.device_with_runs(11).sectors
        assert_refused(flm(), Flavour.STLDR, "11 runs of sectors", "one loader for each", geometry=runs)


class TestRequest:
    def ask(self, target: Flavour, **changes: object) -> UsageProblem:
        wanted: dict[str, object] = {"file_name": "x", "name": "x", **changes}
        with pytest.raises(UsageProblem) as caught:
            ConversionRequest(target=target, **wanted)  # type: ignore[arg-type]
        assert caught.value.exit_code is ExitCode.USAGE
        return caught.value

    @pytest.mark.parametrize("name", ["", " ", "n" * 128, "two\nlines", "tab\t", "nul\0", *NOT_ASCII])
    @pytest.mark.parametrize(("target", "most"), [(Flavour.STLDR, 99), (Flavour.FLM, 127)])
    def test_a_name_that_no_descriptor_holds(self, name: str, target: Flavour, most: int) -> None:
        problem = self.ask(target, name=name, name_is_given=True)
        assert f"1 to {most} printable ASCII characters" in problem.message
        assert "--name" in problem.hint

    @pytest.mark.parametrize("name", NOT_ASCII)
    @pytest.mark.parametrize("target", [Flavour.STLDR, Flavour.FLM])
    def test_a_name_of_other_letters_is_told_in_ascii(self, name: str, target: Flavour) -> None:
        assert self.ask(target, name=name, name_is_given=True).message.isascii()

    @pytest.mark.parametrize(("target", "most"), [(Flavour.STLDR, 99), (Flavour.FLM, 127)])
    def test_a_name_of_one_character_too_many(self, target: Flavour, most: int) -> None:
        self.ask(target, name="n" * (most + 1), name_is_given=True)
        source = stldr() if target is Flavour.FLM else flm()
        made = carry_out(plan(source, target, name="n" * most, name_is_given=True))
        assert made.loader.described_device.name == "n" * most

    def test_an_iar_loader_has_no_descriptor_to_hold_a_name(self) -> None:
        assert plan(flm(), Flavour.IAR, name="n" * 200).plan.device.name == "n" * 200

    @pytest.mark.parametrize("name", ["n" * 128, *NOT_ASCII])
    def test_the_name_of_an_output_does_not_matter_where_the_source_has_one(self, name: str) -> None:
        assert carry_out(plan(stldr(), Flavour.FLM, name=name)).loader.described_device.name == "W25Q64"

    @pytest.mark.parametrize("target", Flavour)
    @pytest.mark.parametrize("start", [BASE + 1, BASE + 0x80, BASE + 0xFF])
    def test_ram_that_starts_off_the_grid(self, start: int, target: Flavour) -> None:
        problem = self.ask(target, given_ram=AddressRange(start=start, size_bytes=0x1000))
        assert f"0x{start:08x} is not a multiple of 0x100" in problem.message
        assert "round it up" in problem.hint


def test_a_hole_between_sectors_that_the_user_gives() -> None:
    runs = (*sectors((1, 0x1000)), SectorRun(offset_bytes=0x2000, sector_size_bytes=0x1000, count=1))
    assert_refused(flm(), Flavour.STLDR, "offset 0x2000", "--geometry", geometry=runs)


@each_pair
def test_what_is_not_refused_leaves_the_map_inside_the_ram(flavour: Flavour, target: Flavour) -> None:
    planned = plan(far_source(flavour), target)
    kinds = (RegionKind.HOST,)
    assert all(RAM.start <= each.range.start < RAM.end for each in planned.plan.memory_map if each.kind in kinds)


@pytest.mark.parametrize("command", CONVERSIONS)
def test_on_the_command_line_a_refusal_is_exit_code_4_and_no_file(command: str, tmp_path: Path) -> None:
    conversion = CONVERSIONS[command]
    outcome = run(command, conversion.source, tmp_path / f"x{conversion.suffix}", "--ram", "0x20000000:1K")
    assert_failure(outcome, ExitCode.REFUSED)
    assert conversion.source.name in outcome.stderr
    assert "--ram" in outcome.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", CONVERSIONS)
def test_on_the_command_line_other_sectors_can_be_too_many_or_none(command: str, tmp_path: Path) -> None:
    conversion = CONVERSIONS[command]
    output = tmp_path / f"x{conversion.suffix}"
    given = ("--ram", "0x20000000:64K", "--geometry", "16x4K", "--page", "8K")
    outcome = run(command, conversion.source, output, *given)
    assert_failure(outcome, ExitCode.REFUSED)
    assert "page of 8192 bytes" in outcome.stderr
    assert list(tmp_path.iterdir()) == []


class TestSourceThatIsNotWhereItSays:
    @pytest.mark.parametrize("target", [Flavour.FLM, Flavour.IAR])
    def test_inside_the_device(self, target: Flavour) -> None:
        source = stldr(segment(Part.CODE, 0x9000_0004, 128))
        assert_refused(source, target, "bound to 0x90000004..0x90000083, which belongs to the device", "in RAM")

    @pytest.mark.parametrize("flavour", [Flavour.STLDR, Flavour.IAR])
    @pytest.mark.parametrize("target", list(Flavour))
    def test_where_the_chip_has_no_ram(self, flavour: Flavour, target: Flavour) -> None:
        if flavour is not target:
            chip = Chip(name="made", ram=(RAM,), default_ram=RAM, loader_ram=RAM, source="a test")
            assert_refused(far_source(flavour), target, "where made has no RAM", "--chip", chip=chip)

    @pytest.mark.parametrize("distance", [0, 0xF_FFFF])
    def test_right_behind_the_ram_of_a_stldr(self, distance: int) -> None:
        """CubeProgrammer takes all RAM that it knows for its buffer."""
        code = segment(Part.CODE, RAM.end + distance, 128)
        source = iar(code, iar_interface=iar_interface(code.address, FAR))
        assert_refused(source, Flavour.STLDR, "right behind the RAM", "--ram BASE:SIZE")

    def test_in_another_memory(self) -> None:
        code = segment(Part.CODE, RAM.end + 0x10_0000, 128)
        carry_out(plan(iar(code, iar_interface=iar_interface(code.address, FAR)), Flavour.STLDR))
