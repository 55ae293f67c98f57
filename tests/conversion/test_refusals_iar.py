"""What of an IAR loader cannot become another flavour: the message has the fact, the hint the way out."""

from dataclasses import replace
from pathlib import Path

import pytest

import loaderconv
from loaderconv.conversion.source import Source
from loaderconv_formats.loader_file import parse_loader, read_loader_file
from loaderconv_formats.passes import chosen_pass, loader_of
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.bundle import Bundle, FileRole, Pass, PassFacts, Reference, ReferenceState
from loaderconv_schemas.device import SectorRun
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.errors import ConversionRefused, ExitCode, UsageProblem
from loaderconv_schemas.iar import IarSettings
from loaderconv_schemas.loader import Architecture, Flavour, Identity, Loader
from loaderconv_schemas.memory import Part, Placement, PlacementKind
from support.iar_builder import build
from support.iar_recipe import IarRecipe, arm_state_shaped
from support.loader_models import DEVICE, addresses, segment
from support.paths import FIXTURES
from support.planning import (
    LINK_ADDRESS,
    assert_refused,
    carry_out,
    device,
    device_of,
    iar,
    iar_interface,
    others,
    plan,
    refusal,
    routines,
    sectors,
)

CODE = LINK_ADDRESS & -8
VARIABLES = CODE + 0x100

TARGETS = others(Flavour.IAR)
each_target = pytest.mark.parametrize("target", TARGETS)

PRINTS_A_LAYOUT = segment(Part.CODE, CODE, bytes(64) + b"%d 0x%x\0" + bytes(56))


def built(recipe: IarRecipe) -> Loader:
    return parse_loader(build(recipe), "built").loader.model_copy(update={"device": DEVICE})


def relocatable(*, base: int = 0, alignment: int = 4) -> Loader:
    placement = Placement(kind=PlacementKind.RELOCATABLE_IAR, static_base=base, alignment_bytes=alignment)
    found = (segment(Part.CODE, 0, 128), segment(Part.DATA, 0x100, b"", zeros=0x200))
    return iar(*found, placement=placement, iar_interface=iar_interface(0, 0x100))


def test_an_iar_loader_is_one_already() -> None:
    assert_refused(iar(), Flavour.IAR, "IAR already", "loaderconv rewrite")


class TestNoCode:
    @each_target
    @pytest.mark.parametrize("spelled", ["MACRO", "macro"])
    def test_macros(self, spelled: str, target: Flavour) -> None:
        source = iar(iar_settings=IarSettings(executable=spelled, macro="$TOOLKIT_DIR$\\setup.mac"))
        assert_refused(source, target, "set of C-SPY macros", "$TOOLKIT_DIR$\\setup.mac")

    @each_target
    def test_macros_without_a_file(self, target: Flavour) -> None:
        source = iar(iar_settings=IarSettings(executable="MACRO"))
        assert refusal(source, target).hint == "What to write anew is in its macro file."

    @each_target
    def test_an_executable_that_was_not_found(self, tmp_path: Path, target: Flavour) -> None:
        path = tmp_path / "lonely.flash"
        path.write_bytes((FIXTURES / "iar/config/flashloader/Strict/strict_iar.flash").read_bytes())
        (loader,) = loaderconv.read(path).loaders
        assert_refused(loader, target, "executable of lonely was not found", "--toolkit-dir")

    def test_a_pass_whose_flash_file_was_not_found(self) -> None:
        reference = Reference(
            role=FileRole.FLASH, named_in="x.board", spelled="$X$\\y.flash", state=ReferenceState.MISSING, note="gone"
        )
        bundle = Bundle(passes=(Pass(loader=None),), references=(reference,))
        with pytest.raises(ConversionRefused, match=r"y\.flash.* is missing \(gone\)") as caught:
            loader_of(bundle.passes[0], bundle)
        assert "--toolkit-dir" in caught.value.hint
        assert caught.value.exit_code is ExitCode.REFUSED

    @each_target
    def test_no_flash_file(self, target: Flavour) -> None:
        assert_refused(iar(device=None), target, "which memory made serves", ".flash file")


class TestWrongCode:
    @each_target
    def test_arm_state(self, target: Flavour) -> None:
        assert_refused(built(arm_state_shaped()), target, "not built for a Cortex-M core", "Thumb code")

    @each_target
    def test_another_core(self, target: Flavour) -> None:
        identity = Identity(name="made", architecture=Architecture.NOT_CORTEX_M)
        assert_refused(iar(identity=identity), target, "not built for a Cortex-M core", "rebuild")

    @each_target
    @pytest.mark.parametrize("missing", ["FlashInit", "FlashWrite", "FlashErase"])
    def test_a_function_behind_the_stubs_is_missing(self, missing: str, target: Flavour) -> None:
        source = built(IarRecipe(omitted=(missing,)))
        assert_refused(source, target, f"has no {missing}.", "FlashInit, FlashWrite, FlashErase")

    @each_target
    def test_no_interface_at_all(self, target: Flavour) -> None:
        assert_refused(iar(iar_interface=None), target, "theFlashParams", "symbol table")

    @each_target
    def test_no_parameter_block(self, target: Flavour) -> None:
        source = iar(iar_interface=iar_interface(CODE, VARIABLES, parameters=None))
        assert_refused(source, target, "theFlashParams", "symbol table")

    @each_target
    def test_segments_that_overlap(self, target: Flavour) -> None:
        source = iar(segment(Part.CODE, CODE, 128), segment(Part.DATA, CODE + 127, b"", zeros=0x200))
        assert_refused(source, target, "0x20004000..0x2000407f and 0x2000407f..0x2000427e", "linker script")


class TestArguments:
    def source(self, *arguments: str, of_pass: bool = True, **known: object) -> Source:
        settings = IarSettings(executable="x.out", arguments=() if of_pass else arguments)
        loader = iar(iar_interface=iar_interface(CODE, VARIABLES, **known), iar_settings=settings)
        return Source(loader, facts=PassFacts(args=arguments if of_pass else ()))

    @each_target
    @pytest.mark.parametrize("of_pass", [True, False])
    def test_of_a_loader_that_takes_none(self, of_pass: bool, target: Flavour) -> None:
        source = self.source("--jtag", "8", of_pass=of_pass, arguments=None)
        assert_refused(source, target, "arguments (--jtag 8), and the loader takes none", "Take the arguments out")

    @each_target
    def test_too_many(self, target: Flavour) -> None:
        source = self.source("a", "b", "c")
        assert_refused(source, target, "room for 2 arguments of 12 bytes in all, the files give 3", "Shorten")

    @each_target
    @pytest.mark.parametrize("argument", ["twelve bytes", "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"])
    def test_too_long_with_their_end(self, argument: str, target: Flavour) -> None:
        assert_refused(self.source(argument), target, "give 1 of 13 bytes", "Shorten")

    @each_target
    def test_as_many_and_as_long_as_there_is_room_for(self, target: Flavour) -> None:
        pieces = plan(self.source("12345", "67890"), target).parts.pieces
        variables = next(piece for piece in pieces if piece.address == VARIABLES)
        assert variables.data[32:].startswith(b"12345\x0067890\0")


class TestDynamicGeometry:
    @each_target
    @pytest.mark.parametrize(
        "given", [{}, {"geometry": sectors((16, 0x1000))}, {"page_size_bytes": 256}], ids=["nothing", "sectors", "page"]
    )
    def test_needs_sectors_and_page(self, given: dict[str, object], target: Flavour) -> None:
        variables = segment(Part.DATA, VARIABLES, b"", zeros=0x200)
        assert_refused(iar(PRINTS_A_LAYOUT, variables), target, "dynamic", "with --geometry and --page", **given)

    @each_target
    def test_is_static_once_both_are_given(self, target: Flavour) -> None:
        source = iar(PRINTS_A_LAYOUT, segment(Part.DATA, VARIABLES, b"", zeros=0x200))
        runs = sectors((2, 0x4000))
        planned = plan(source, target, geometry=runs, page_size_bytes=512)
        assert planned.parts.fields["refused_results"] == 0
        assert planned.plan.device.sectors == runs


class TestPlace:
    @each_target
    def test_a_relocatable_loader_without_an_address(self, target: Flavour) -> None:
        assert_refused(relocatable(), target, "nothing says where", "--relocate")

    @each_target
    def test_the_address_of_the_board_file_will_do(self, target: Flavour) -> None:
        source = Source(relocatable(), facts=PassFacts(loader_offset=0x2000_4100))
        planned = plan(source, target)
        assert planned.parts.pieces[0].address == 0x2000_4100
        assert planned.plan.static_base == 0x2000_4100

    @each_target
    def test_the_user_s_address_counts_more(self, target: Flavour) -> None:
        source = Source(relocatable(), facts=PassFacts(loader_offset=0x2000_4100))
        assert plan(source, target, relocate_to=0x2000_5000).parts.pieces[0].address == 0x2000_5000

    @each_target
    def test_where_r9_would_be_0(self, target: Flavour) -> None:
        assert_refused(relocatable(), target, "static base would be 0", "--relocate", relocate_to=0)

    @each_target
    def test_beyond_the_address_space(self, target: Flavour) -> None:
        assert_refused(relocatable(), target, "32-bit address space", "--relocate", relocate_to=0xFFFF_FF00)

    @each_target
    def test_with_its_last_range_beyond_the_address_space(self, target: Flavour) -> None:
        assert_refused(relocatable(), target, "32-bit address space", "--relocate", relocate_to=0xFFFF_FE00)

    @each_target
    @pytest.mark.parametrize(("base", "alignment"), [(0x2000_4001, 4), (0x2000_4002, 4), (0x2000_4100, 512)])
    def test_where_its_sections_are_not_aligned(self, base: int, alignment: int, target: Flavour) -> None:
        source = Source(relocatable(alignment=alignment), facts=PassFacts(loader_offset=base))
        assert f"0x{base:08x}" in refusal(source, target).message

    @each_target
    def test_an_absolute_loader_without_relocations_stays(self, target: Flavour) -> None:
        file = read_loader_file(FIXTURES / "iar/config/flashloader/Strict/strict_iar.out")
        source = Source(file.loader.model_copy(update={"device": DEVICE}), image=file.image)
        assert_refused(source, target, "no relocations", "--emit-relocs", relocate_to=0x2001_0000)

    @each_target
    def test_an_absolute_loader_without_its_file_stays(self, target: Flavour) -> None:
        assert_refused(iar(), target, "one ELF file", "the executable", relocate_to=0x2001_0000)


class TestPasses:
    def source(self, **facts: object) -> Source:
        return Source(iar(), facts=PassFacts.model_validate(facts))

    @each_target
    def test_an_absolute_offset_without_a_range(self, target: Flavour) -> None:
        assert_refused(self.source(absolute_start=0x9000_0000), target, "abs_offset", "range in the .board")

    @each_target
    @pytest.mark.parametrize(
        "wanted", [addresses(0x8FFF_0000, 0x9000_0000), addresses(0x9001_0000, 0x9002_0000), addresses(0, 0x1000)]
    )
    def test_a_range_without_sectors(self, wanted: AddressRange, target: Flavour) -> None:
        fact = f"The pass is for {wanted}, where the loader has no sectors: they start at 0x90000000."
        assert_refused(self.source(range=wanted), target, fact, "flash_base")

    @each_target
    def test_an_offset_that_moves_the_memory_beyond_the_address_space(self, target: Flavour) -> None:
        source = self.source(address_delta=0x9000_8000)
        assert_refused(source, target, "0xffff8000 of 65536 bytes goes beyond the address space", "")

    def test_several_and_none_chosen(self) -> None:
        bundle = Bundle(passes=(Pass(loader=iar(), range=addresses(0, 0x100)), Pass(loader=None)))
        with pytest.raises(
            UsageProblem, match=r"2 passes: 1: 0x00000000\.\.0x000000ff, made; 2: all addresses"
        ) as caught:
            chosen_pass(bundle, None, several_hint="Choose one.")
        assert (caught.value.hint, caught.value.exit_code) == ("Choose one.", ExitCode.USAGE)

    @pytest.mark.parametrize("number", [-1, 0, 2])
    def test_one_that_there_is_not(self, number: int) -> None:
        with pytest.raises(UsageProblem, match=f"no pass {number}: the loader has 1 pass") as caught:
            chosen_pass(Bundle(passes=(Pass(loader=iar()),)), number, several_hint="")
        assert "1: all addresses, made" in caught.value.hint


class TestGeometry:
    @each_target
    def test_a_gap_in_the_flash_file(self, target: Flavour) -> None:
        """No target has gaps: StorageInfo lists no offsets, and in FlashDevice a run reaches to the next."""
        runs = (*sectors((4, 0x1000)), SectorRun(offset_bytes=0x8000, sector_size_bytes=0x1000, count=8))
        source = iar(device=device_of(runs))
        assert_refused(source, target, "offset 0x8000 does not start where the one before ends, 0x4000", "sector")

    @each_target
    def test_a_gap_outside_of_the_pass_is_none(self, target: Flavour) -> None:
        runs = (*sectors((4, 0x1000)), SectorRun(offset_bytes=0x8000, sector_size_bytes=0x1000, count=8))
        source = Source(iar(device=device_of(runs)), facts=PassFacts(range=addresses(0x9000_8000, 0x9001_0000)))
        assert plan(source, target).plan.device.sectors == sectors((8, 0x1000))

    @each_target
    def test_a_page_larger_than_a_sector(self, target: Flavour) -> None:
        fact = "page of 8192 bytes is larger than a sector of 4096 bytes"
        assert_refused(iar(device=device(page_size_bytes=8192)), target, fact, "page")
        assert_refused(iar(), target, fact, "page", page_size_bytes=8192)

    @each_target
    def test_sectors_that_the_user_gives_need_no_device_of_that_size(self, target: Flavour) -> None:
        source = iar(device=device(size_bytes=5, sectors=()))
        assert plan(source, target, geometry=sectors((3, 0x2000))).plan.device.size_bytes == 0x6000


def test_a_name_that_an_flm_cannot_hold_has_a_way_out() -> None:
    source = iar(device=device(name="n" * 128))
    assert_refused(source, Flavour.FLM, "128 characters, FlashDevice has room for 127", "--name")
    assert carry_out(plan(iar(device=device(name="n" * 127)), Flavour.FLM)).loader.described_device.name == "n" * 127
    assert carry_out(plan(source, Flavour.FLM, name_is_given=True)).loader.described_device.name == "x"


@pytest.mark.parametrize("name", ["Gr\u00f6\u00dfe", "two\nlines", "\u95ea\u5b58"])
def test_a_name_of_other_letters(name: str) -> None:
    """A .flash file is called what its folder calls it."""
    assert_refused(iar(device=device(name=name)), Flavour.FLM, "FlashDevice", "--name")


@pytest.mark.parametrize("name", ["Gr\u00f6\u00dfe", "two\nlines"])
def test_a_name_of_other_letters_for_a_source_without_one(name: str) -> None:
    source = iar(device=device(name=" "))
    with pytest.raises((ConversionRefused, UsageProblem)) as caught:
        carry_out(plan(source, Flavour.FLM, name=name))
    assert "--name" in caught.value.hint


@pytest.mark.parametrize("field", ["program_timeout_ms", "erase_timeout_ms"])
def test_a_timeout_of_more_than_32_bits(field: str) -> None:
    changes: dict[str, object] = {field: 1 << 32}
    assert_refused(iar(), Flavour.FLM, "32 bits of FlashDevice", "50 days", **changes)
    carry_out(plan(iar(), Flavour.FLM, **{field: (1 << 32) - 1}))


def test_a_device_of_4_gib_leaves_no_ram() -> None:
    source = iar(device=device_of(sectors((0x1_0000, 0x1_0000)), base_address=0))
    assert_refused(source, Flavour.FLM, "overlaps the device", "--ram BASE:SIZE")


@each_target
def test_an_arm_symbol_behind_a_thumb_one(target: Flavour) -> None:
    functions = routines(Flavour.IAR, CODE, ("FlashChecksum", Routine.CHECKSUM))
    c_layer = (*functions[:-1], functions[-1].model_copy(update={"thumb": False}))
    source = iar(iar_interface=iar_interface(CODE, VARIABLES, c_layer=c_layer))
    assert_refused(source, target, "FlashChecksum at 0x20004030 is Arm code", ".thumb_func")


def test_a_loader_of_no_bytes() -> None:
    refusal(replace(Source(iar()), loader=iar(segment(Part.CODE, CODE, b""))), Flavour.FLM)
