"""Files are opened as what they are, once, with everything that they refer to."""

import os
import shutil
from pathlib import Path

import pytest

from loaderconv.lint.facts import RamMap, UserFacts
from loaderconv.lint.opening import Opener, open_program
from loaderconv.lint.registry import rules_for
from loaderconv.lint.rule import AnyRule
from loaderconv.lint.rules.iar.executable_ram import fits_ram
from loaderconv.lint.runner import apply_rules
from loaderconv.lint.subjects.board_description import BoardDescription
from loaderconv.lint.subjects.flash_description import FlashDescription
from loaderconv.lint.subjects.flm import FlmFile
from loaderconv.lint.subjects.iar_program import IarProgram
from loaderconv.lint.subjects.stldr import StldrFile
from loaderconv.lint.subjects.subject import Fact, FileName, Subject
from loaderconv.lint.subjects.unfit import UnfitDescription, UnfitFlm, UnfitIarProgram, UnfitProgram, UnfitStldr
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import UnreadableInput
from loaderconv_schemas.file_kind import FileKind
from loaderconv_schemas.host import Host
from loaderconv_schemas.loader import Flavour
from support import flm_builder, iar_builder, stldr_builder
from support.elf_numbers import EM_386
from support.elf_surgery import HALF, Ehdr, put
from support.flm_recipe import FlmRecipe
from support.iar_recipe import IarRecipe, relocatable_shaped
from support.iar_texts import BASE, BLOCK, PAGE, board_text, flash_text, one_pass
from support.paths import FIXTURES
from support.stldr_recipe import StldrRecipe

TOOLKIT = FIXTURES / "iar"
STRICT = TOOLKIT / "config/flashloader/Strict"

WITH_TOOLKIT = UserFacts(search=SearchPaths(toolkit_dir=TOOLKIT))

DECLARED = b'<?xml version="1.0" encoding="iso-8859-1"?>\r\n'


@pytest.fixture
def opener() -> Opener:
    return Opener(WITH_TOOLKIT)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder, free of links, with an executable that nothing refers to."""
    folder = Path(os.path.realpath(tmp_path)) / "loaders"
    folder.mkdir()
    (folder / "built.out").write_bytes(iar_builder.build(IarRecipe()))
    return folder


def opened(path: Path, data: bytes) -> Subject:
    path.write_bytes(data)
    return Opener(UserFacts()).open(path)


def flash(executable: str) -> bytes:
    return flash_text(f"<exe>{executable}</exe>", PAGE, BLOCK, BASE)


class TestIarFiles:
    def test_a_board_leads_to_flash_and_executable(self, opener: Opener) -> None:
        board = opener.open(STRICT / "strict_iar.board")
        assert isinstance(board, BoardDescription)
        assert [each.number for each in board.passes] == [1, 2]
        first, second = (each.flash for each in board.passes)
        assert isinstance(first, FlashDescription)
        assert first is second
        assert isinstance(first.executable, IarProgram)
        assert [each.name.name for each in opener.companions] == [
            "strict_iar.board",
            "strict_iar.flash",
            "strict_iar.out",
        ]

    def test_a_file_gives_one_subject_by_whatever_name(self, opener: Opener) -> None:
        flash = opener.open(STRICT / "strict_iar.flash")
        assert isinstance(flash, FlashDescription)
        relative = Path(os.path.relpath(STRICT / "strict_iar.out"))
        assert opener.open(relative) is flash.executable
        assert opener.open(STRICT / ".." / "Strict" / "strict_iar.flash") is flash
        assert opener.open_companion(STRICT / "strict_iar.flash") is flash

    def test_an_executable_leads_to_the_flash_beside_it(self, opener: Opener) -> None:
        executable = opener.open(STRICT / "strict_iar.out")
        assert len(opener.companions) == 1
        assert [each.name.name for each in executable.parts] == ["strict_iar.flash"]
        assert [each.name.name for each in opener.companions] == ["strict_iar.out", "strict_iar.flash"]

    def test_an_executable_to_which_a_flash_led_leads_no_further(self, folder: Path) -> None:
        project = folder / "project"
        project.mkdir()
        (project / "memory.flash").write_bytes(flash("../built.out"))
        (folder / "beside.flash").write_bytes(flash("built.out"))
        opener = Opener(UserFacts(search=SearchPaths(roots=(folder,))))
        described = opener.open(project / "memory.flash")
        assert isinstance(described, FlashDescription)
        assert described.executable is opener.open(folder / "built.out")
        assert opener.open(folder / "built.out").parts == ()

    def test_an_executable_leads_to_all_that_lie_beside_it_and_name_it(self, folder: Path) -> None:
        shutil.copy(folder / "built.out", folder / "other.out")
        (folder / "other.flash").write_bytes(flash("other.out"))
        (folder / "damaged.flash").write_bytes(flash("built.out")[:-5])
        for name in ("b", "a"):
            (folder / f"{name}.flash").write_bytes(flash("built.out"))
        executable = Opener(UserFacts()).open(folder / "built.out")
        assert [each.name.name for each in executable.parts] == ["a.flash", "b.flash"]

    def test_companions_that_cannot_be_read_are_none(self, folder: Path) -> None:
        (folder / "empty.out").write_bytes(b"")
        program = put(iar_builder.build(IarRecipe()), Ehdr.MACHINE, EM_386, HALF)
        (folder / "other_machine.out").write_bytes(program)
        for number, name in enumerate(("missing.out", "empty.out", ".", "other_machine.out")):
            path = folder / f"{number}.flash"
            path.write_bytes(flash(name))
            found = Opener(UserFacts()).open(path)
            assert isinstance(found, FlashDescription)
            assert found.executable is None, name
            assert found.lacks(Fact.EXECUTABLE) == "Its executable was not found, or is no loader."

    def test_a_board_whose_flash_is_missing_or_damaged(self, folder: Path) -> None:
        (folder / "damaged.flash").write_bytes(flash("built.out")[:-5])
        passes = [f"<pass><loader>{name}</loader></pass>" for name in ("missing.flash", "damaged.flash", "built.out")]
        (folder / "a.board").write_bytes(board_text(*passes))
        board = Opener(UserFacts()).open(folder / "a.board")
        assert isinstance(board, BoardDescription)
        assert [each.flash for each in board.passes] == [None, None, None]

    def test_macros_are_no_executable(self, folder: Path) -> None:
        shutil.copy(folder / "built.out", folder / "MACRO")
        (folder / "a.flash").write_bytes(flash("MACRO"))
        found = Opener(UserFacts()).open(folder / "a.flash")
        assert isinstance(found, FlashDescription)
        assert found.executable is None

    def test_content_tells_a_flash_from_a_board(self, folder: Path) -> None:
        assert isinstance(opened(folder / "a.board", flash("built.out")), FlashDescription)
        assert isinstance(opened(folder / "a.flash", board_text(one_pass())), BoardDescription)
        assert isinstance(opened(folder / "a.xml", flash("built.out")), FlashDescription)


class TestDamagedDescriptions:
    @pytest.mark.parametrize(
        "data",
        [
            flash("built.out")[:-5],
            b"<flash_device>\n",
            DECLARED,
            b"  \r\n" + DECLARED + b"<flash_device>",
            b"<<<<<<< HEAD\n<flash_device></flash_device>\n",
            b"<#if online><flash_device></flash_device></#if>",
            b"\xff\xfe" + "<?xml version='1.0' encoding='utf-16'?><flash_device>".encode("utf-16-le"),
        ],
        ids=["truncated", "unclosed", "declaration", "blanks", "conflict", "template", "utf-16"],
    )
    def test_what_is_meant_as_xml_is_checked(self, folder: Path, data: bytes) -> None:
        for suffix, kind in ((".flash", FileKind.IAR_FLASH), (".board", FileKind.IAR_BOARD)):
            found = opened(folder / f"a{suffix}", data)
            assert isinstance(found, UnfitDescription)
            assert (found.promised, found.hosts) == (kind, (Host.C_SPY,))
            assert found.kind == f"named as {kind}"

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b'config BOARD_NUCLEO\n\tbool "Nucleo"\n\tdepends on SOC </dev/null\n',
            bytes(range(256)) * 1024 + b"<flash_device></ <# <?xml",
            b"#include </usr/include/board.h>\n",
        ],
        ids=["empty", "kconfig", "firmware", "source"],
    )
    def test_what_only_shares_the_suffix_is_none(self, folder: Path, data: bytes) -> None:
        for suffix in (".flash", ".board"):
            with pytest.raises(UnreadableInput):
                opened(folder / f"a{suffix}", data)

    def test_another_suffix_promises_nothing(self, folder: Path) -> None:
        with pytest.raises(UnreadableInput, match=r"a\.xml: "):
            opened(folder / "a.xml", flash("built.out")[:-5])

    def test_other_xml_is_none(self, folder: Path) -> None:
        with pytest.raises(UnreadableInput, match="root element board"):
            opened(folder / "a.board", DECLARED + b"<board/>")


class TestPrograms:
    def test_an_ordinary_program_is_none(self, folder: Path) -> None:
        names = ("theFlashParams", "FlashInitEntry", "FlashBreak")
        program = iar_builder.build(IarRecipe(omitted=names))
        with pytest.raises(UnreadableInput, match=r"program\.out: .*not a flash loader"):
            opened(folder / "program.out", program)

    def test_a_damaged_program_is_none_and_stays_so(self, folder: Path) -> None:
        (folder / "a.FLM").write_bytes(flm_builder.build(FlmRecipe())[:60])
        opener = Opener(UserFacts())
        messages = []
        for _ in range(2):
            with pytest.raises(UnreadableInput) as raised:
                opener.open(folder / "a.FLM")
            messages.append(raised.value.message)
        assert messages[0] == messages[1]
        assert messages[0].count("a.FLM") == 1
        assert isinstance(opener.open_companion(folder / "a.FLM"), UnreadableInput)
        assert opener.companions == ()

    def test_suffix_counts_where_content_says_nothing(self, folder: Path) -> None:
        program = iar_builder.build(IarRecipe(omitted=("theFlashParams", "FlashInitEntry", "FlashBreak")))
        assert type(opened(folder / "a.stldr", program)) is StldrFile
        assert type(opened(folder / "a.FLM", program)) is FlmFile
        with pytest.raises(UnreadableInput):
            opened(folder / "a.elf", program)

    def test_content_counts_more_than_suffix(self, folder: Path) -> None:
        stldr = opened(folder / "a.FLM", stldr_builder.build(StldrRecipe()))
        assert type(stldr) is StldrFile
        assert stldr.flavour is Flavour.STLDR
        assert stldr.hosts[0] is Host.CUBE_PROGRAMMER
        assert Host.UVISION in stldr.hosts
        assert type(opened(folder / "a.stldr", flm_builder.build(FlmRecipe()))) is FlmFile
        assert type(opened(folder / "a.elf", flm_builder.build(FlmRecipe()))) is FlmFile

    @pytest.mark.parametrize(
        ("name", "kind"),
        [("a.stldr", UnfitStldr), ("a.FLM", UnfitFlm), ("a.flm", UnfitFlm), ("a.out", UnfitIarProgram)],
    )
    def test_another_machine_is_unfit(self, folder: Path, name: str, kind: type[UnfitProgram]) -> None:
        found = opened(folder / name, put(iar_builder.build(IarRecipe()), Ehdr.MACHINE, EM_386, HALF))
        assert type(found) is kind
        assert found.problem.message == "The ELF file is for x86, not for Arm."

    def test_an_unfit_out_that_is_no_loader_is_none(self, folder: Path) -> None:
        program = iar_builder.build(IarRecipe(omitted=("theFlashParams",)))
        with pytest.raises(UnreadableInput, match="not for Arm"):
            opened(folder / "a.out", put(program, Ehdr.MACHINE, EM_386, HALF))

    def test_an_iar_executable_is_none_where_there_cannot_be_one(self) -> None:
        data = iar_builder.build(IarRecipe())
        with pytest.raises(UnreadableInput, match=r"only a \.flash file leads"):
            open_program(FileName(Path("a.pack"), "FlashIAR/a.out"), data, UserFacts())


class TestFacts:
    def test_a_relocatable_loader_has_no_place_in_ram(self, folder: Path) -> None:
        (folder / "a.out").write_bytes(iar_builder.build(relocatable_shaped()))
        ram = RamMap([AddressRange(start=0x2000_0000, size_bytes=0x8000)], "--ram")
        found = Opener(UserFacts(ram=ram)).open(folder / "a.out")
        reasons = [each.reason for each in apply_rules(found, (fits_ram,)).skipped]
        assert reasons == ["The loader is relocatable: the .board file says where in RAM it goes."]

    def test_rules_for_a_program_are_those_of_its_flavour(self, folder: Path) -> None:
        rules: tuple[AnyRule, ...] = rules_for(Opener(UserFacts()).open(folder / "built.out"))
        assert {each.id for each in rules if not each.id.startswith("IAR")} == {"FLM002", "STL017"}
