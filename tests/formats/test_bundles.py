"""Whichever file of a loader is named, everything that belongs to it is read, and nothing else is opened."""

import shutil
from pathlib import Path

import pytest

import loaderconv
from loaderconv_formats import bundle_reader, file_bytes
from loaderconv_formats.iar import bundle as iar_bundle
from loaderconv_formats.iar import neighbours
from loaderconv_formats.references import case_insensitive
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.bundle import Bundle, FileRole, Reference, ReferenceState
from loaderconv_schemas.errors import UnreadableInput
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.memory import PlacementKind
from support.paths import FIXTURES

TOOLKIT = FIXTURES / "iar"
STRICT = TOOLKIT / "config/flashloader/Strict"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the IAR fixtures, to change."""
    return Path(shutil.copytree(STRICT, tmp_path / "Strict"))


def only_loader(bundle: Bundle) -> Loader:
    (loader,) = bundle.loaders
    return loader


def references(bundle: Bundle, role: FileRole) -> list[Reference]:
    return [each for each in bundle.references if each.role is role]


def replace_in(path: Path, old: bytes, new: bytes) -> None:
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new))


class TestWhicheverFileIsNamed:
    def test_all_three_give_the_same_passes(self) -> None:
        of_board, of_flash, of_executable = (
            loaderconv.read(STRICT / f"strict_iar.{suffix}") for suffix in ("board", "flash", "out")
        )
        assert of_board.passes == of_flash.passes == of_executable.passes
        assert [str(each.range) for each in of_board.passes] == ["0x90000000..0x9000ffff", "0x10000000..0x1000ffff"]
        assert [each.address_delta for each in of_board.passes] == [0, 0x8000_0000]
        assert [each.args for each in of_board.passes] == [(), ("--read-back",)]

    def test_relocatable_loader(self) -> None:
        bundle = loaderconv.read(STRICT / "strict_iar_relocatable.out")
        assert bundle.passes[0].loader_offset == 0x2000_0000
        assert only_loader(bundle).placement.kind is PlacementKind.RELOCATABLE_IAR

    def test_flm_and_stldr_are_one_pass_without_references(self) -> None:
        for name, flavour in (("strict_flm.FLM", Flavour.FLM), ("strict_stldr.stldr", Flavour.STLDR)):
            bundle = loaderconv.read(FIXTURES / name)
            assert only_loader(bundle).flavour is flavour
            assert bundle.references == bundle.notices == ()

    def test_flash_tells_the_executable_which_memory_it_serves(self, folder: Path) -> None:
        (folder / "strict_iar.board").unlink()
        device = only_loader(loaderconv.read(folder / "strict_iar.out")).device
        assert device is not None
        assert (str(device.range), device.page_size_bytes) == ("0x90000000..0x9000ffff", 256)
        assert [(run.count, run.sector_size_bytes) for run in device.sectors] == [(4, 0x1000), (3, 0x4000)]

    def test_executable_that_nothing_describes(self) -> None:
        bundle = loaderconv.read(STRICT / "strict_iar_overlay.out")
        assert only_loader(bundle).device is None
        assert [notice.code for notice in bundle.notices] == ["no-description"]

    def test_several_descriptions_are_named_and_none_is_chosen(self, folder: Path) -> None:
        shutil.copy(folder / "strict_iar.flash", folder / "other.flash")
        bundle = loaderconv.read(folder / "strict_iar.out")
        assert only_loader(bundle).device is None
        (notice,) = bundle.notices
        assert notice.code == "several-descriptions"
        assert "other.flash, strict_iar.flash" in notice.message

    def test_only_the_passes_that_use_the_named_flash(self, folder: Path) -> None:
        shutil.copy(folder / "strict_iar.flash", folder / "other.flash")
        replace_in(folder / "strict_iar.board", b"<range>CODE 0x1", b"<!-- moved --><range>CODE 0x1")
        text = (folder / "strict_iar.board").read_bytes()
        second = text.rindex(b"strict_iar.flash")
        (folder / "strict_iar.board").write_bytes(text[:second] + b"other.flash" + text[second + 16 :])
        (single,) = loaderconv.read(folder / "other.flash").passes
        assert single.args == ("--read-back",)
        assert len(loaderconv.read(folder / "strict_iar.board").passes) == 2

    def test_damaged_board_beside_a_flash_is_no_obstacle(self, folder: Path) -> None:
        (folder / "strict_iar.board").write_bytes(b"<flash_board><pass><loader>strict_iar.flash</loader>")
        bundle = loaderconv.read(folder / "strict_iar.flash")
        (single,) = bundle.passes
        assert single.range is None
        assert single.loader is not None
        assert [notice.code for notice in bundle.notices] == ["unreadable-neighbour"]

    def test_a_flash_that_two_passes_name_is_read_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        opened = opened_files(monkeypatch)
        loaderconv.read(STRICT / "strict_iar.board", SearchPaths(toolkit_dir=TOOLKIT))
        assert [path.name for path in opened] == ["strict_iar.board", "strict_iar.flash", "strict_iar.out"]

    @pytest.mark.parametrize("damaged", [False, True])
    def test_an_executable_that_many_flash_files_name_is_read_and_held_once(
        self, folder: Path, damaged: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        names = [f"{number}.flash" for number in range(3)]
        for name in names:
            shutil.copy(folder / "strict_iar.flash", folder / name)
        passes = "".join(f"<pass><loader>{name}</loader></pass>" for name in names)
        (folder / "many.board").write_text(f"<flash_board>{passes}</flash_board>")
        if damaged:
            (folder / "strict_iar.out").write_bytes(b"nothing")
        opened = opened_files(monkeypatch)
        bundle = loaderconv.read(folder / "many.board")
        assert sorted(path.name for path in opened) == [*names, "many.board", "strict_iar.out"]
        states = [each.state for each in references(bundle, FileRole.EXECUTABLE)]
        assert states == [ReferenceState.UNREADABLE if damaged else ReferenceState.BY_NAME] * 3
        assert [loader.described_device.name for loader in bundle.loaders] == ["0", "1", "2"]
        held = {id(segment.data) for loader in bundle.loaders for segment in loader.segments[:1]}
        assert len(held) == (0 if damaged else 1)

    def test_a_damaged_flash_that_several_passes_name_is_read_once(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        replace_in(folder / "strict_iar.flash", b"<page>256", b"<page>2x6")
        opened = opened_files(monkeypatch)
        bundle = loaderconv.read(folder / "strict_iar.board")
        assert [each.loader for each in bundle.passes] == [None, None]
        assert [path.name for path in opened] == ["strict_iar.board", "strict_iar.flash"]

    def test_work_does_not_multiply_with_the_files_beside(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Each of them is opened once, and their folder is listed once for all the names in them."""
        for number in range(5):
            shutil.copy(folder / "strict_iar.flash", folder / f"{number}.flash")
        listed: list[Path] = []
        names_in = case_insensitive._names_in
        monkeypatch.setattr(case_insensitive, "_names_in", lambda place: listed.append(place) or names_in(place))
        opened = opened_files(monkeypatch)
        assert [notice.code for notice in loaderconv.read(folder / "strict_iar.out").notices] == [
            "several-descriptions"
        ]
        assert len(opened) == len(set(opened))
        assert len(listed) == len(set(listed))
        assert folder in listed


class TestReferences:
    def test_resolved_through_the_toolkit_s_folder(self) -> None:
        bundle = loaderconv.read(STRICT / "strict_iar.board", SearchPaths(toolkit_dir=TOOLKIT))
        assert [each.state for each in bundle.references] == [ReferenceState.RESOLVED] * 2
        assert [each.role for each in bundle.references] == [FileRole.FLASH, FileRole.EXECUTABLE]

    def test_found_by_name_without_it(self) -> None:
        states = {each.state for each in loaderconv.read(STRICT / "strict_iar.board").references}
        assert states == {ReferenceState.BY_NAME}

    def test_missing_executable_leaves_the_description(self, folder: Path) -> None:
        (folder / "strict_iar.out").unlink()
        bundle = loaderconv.read(folder / "strict_iar.flash", SearchPaths(variables={"TOOLKIT_DIR": folder}))
        loader = bundle.loaders[0]
        assert loader.placement.kind is PlacementKind.NO_CODE
        assert loader.segments == loader.entry_points == ()
        assert loader.described_device.page_size_bytes == 256
        assert references(bundle, FileRole.EXECUTABLE)[0].state is ReferenceState.MISSING

    def test_missing_flash_leaves_the_pass(self, folder: Path) -> None:
        (folder / "strict_iar.flash").unlink()
        bundle = loaderconv.read(folder / "strict_iar.board")
        assert [each.loader for each in bundle.passes] == [None, None]
        assert bundle.passes[0].range is not None
        assert {each.state for each in bundle.references} == {ReferenceState.UNMAPPED}

    def test_macros_instead_of_code(self, folder: Path) -> None:
        (folder / "strict_iar.board").unlink()
        replace_in(folder / "strict_iar.flash", rb"$TOOLKIT_DIR$\config\flashloader\Strict\strict_iar.out", b"MACRO")
        bundle = loaderconv.read(folder / "strict_iar.flash")
        (reference,) = references(bundle, FileRole.EXECUTABLE)
        assert reference.state is ReferenceState.MACROS_ONLY
        assert only_loader(bundle).placement.kind is PlacementKind.NO_CODE

    def test_macro_file(self, folder: Path) -> None:
        replace_in(folder / "strict_iar.flash", b"</exe>", b"</exe><macro>setup.mac</macro>")
        assert references(loaderconv.read(folder / "strict_iar.board"), FileRole.MACRO)[0].state is (
            ReferenceState.MISSING
        )
        (folder / "setup.mac").write_text("execUserFlashInit() {}\n")
        assert references(loaderconv.read(folder / "strict_iar.board"), FileRole.MACRO)[0].state is (
            ReferenceState.RESOLVED
        )

    @pytest.mark.parametrize(
        ("name", "words"),
        [("strict_stldr.stldr", "an STM32Cube external loader"), ("strict_flm.FLM", "a Keil flash algorithm")],
    )
    def test_another_flavour_behind_exe(self, folder: Path, name: str, words: str) -> None:
        shutil.copy(FIXTURES / name, folder / "strict_iar.out")
        bundle = loaderconv.read(folder / "strict_iar.flash")
        reference = references(bundle, FileRole.EXECUTABLE)[0]
        assert reference.state is ReferenceState.UNREADABLE
        assert words in str(reference.note)

    def test_damaged_executable(self, folder: Path) -> None:
        data = (folder / "strict_iar.out").read_bytes()
        (folder / "strict_iar.out").write_bytes(data[: len(data) // 2])
        reference = references(loaderconv.read(folder / "strict_iar.flash"), FileRole.EXECUTABLE)[0]
        assert reference.state is ReferenceState.UNREADABLE
        assert reference.note

    def test_executable_behind_loader(self, folder: Path) -> None:
        replace_in(folder / "strict_iar.board", b"strict_iar.flash", b"strict_iar.out")
        bundle = loaderconv.read(folder / "strict_iar.board")
        assert {each.state for each in bundle.references} == {ReferenceState.UNREADABLE}
        assert "not an IAR flash description" in str(bundle.references[0].note)


def opened_files(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Record every file that the readers open."""
    opened: list[Path] = []

    def recording(path: Path) -> bytes:
        opened.append(path)
        return file_bytes.read_file_bytes(path)

    for module in (bundle_reader, iar_bundle, neighbours):
        monkeypatch.setattr(module, "read_file_bytes", recording)
    return opened


class TestNothingOutside:
    @pytest.mark.parametrize("name", ["../../../../../../etc/passwd", r"..\..\..\secret.flash", "/etc/passwd"])
    def test_board_that_leads_out(self, folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        (folder.parent / "secret.flash").write_bytes((folder / "strict_iar.flash").read_bytes())
        text = f"<flash_board><pass><loader>{name}</loader></pass></flash_board>"
        (folder / "evil.board").write_text(text)
        opened = opened_files(monkeypatch)
        bundle = loaderconv.read(folder / "evil.board")
        assert opened == [folder / "evil.board"]
        assert bundle.passes[0].loader is None
        assert bundle.references[0].state is ReferenceState.OUTSIDE
        assert "--follow" in str(bundle.references[0].note)

    def test_followed_on_demand(self, folder: Path) -> None:
        (folder / "sub").mkdir()
        (folder / "sub/up.board").write_text(
            "<flash_board><pass><loader>../strict_iar.flash</loader></pass></flash_board>"
        )
        assert loaderconv.read(folder / "sub/up.board").loaders == ()
        assert only_loader(loaderconv.read(folder / "sub/up.board", SearchPaths(follow=True))).segments

    def test_named_folder_may_be_read(self, folder: Path) -> None:
        (folder / "sub").mkdir()
        (folder / "sub/up.board").write_text(
            "<flash_board><pass><loader>../strict_iar.flash</loader></pass></flash_board>"
        )
        assert loaderconv.read(folder / "sub/up.board", SearchPaths(roots=(folder,))).loaders


class TestSuffixes:
    @pytest.mark.parametrize(
        ("source", "name", "words"),
        [
            ("strict_stldr.stldr", "shipped.FLM", "This .FLM is an STM32Cube external loader (.stldr)."),
            ("strict_flm.FLM", "shipped.stldr", "This .stldr is a Keil flash algorithm (.FLM)."),
            ("strict_flm.FLM", "shipped.Flash", "This .Flash is a Keil flash algorithm (.FLM)."),
            ("strict_stldr.stldr", "shipped.out", "This .out is an STM32Cube external loader (.stldr)."),
            (
                "iar/config/flashloader/Strict/strict_iar.flash",
                "shipped.board",
                "This .board is an IAR flash description (.flash).",
            ),
        ],
    )
    def test_content_decides_and_the_notice_says_so(self, tmp_path: Path, source: str, name: str, words: str) -> None:
        shutil.copy(FIXTURES / source, tmp_path / name)
        bundle = loaderconv.read(tmp_path / name)
        assert [(each.code, each.message) for each in bundle.notices] == [("suffix-mismatch", words)]

    @pytest.mark.parametrize("name", ["linked.elf", "linked.axf", "linked", "linked.bin", "LINKED.STLDR"])
    def test_suffixes_that_promise_nothing_else(self, tmp_path: Path, name: str) -> None:
        shutil.copy(FIXTURES / "strict_stldr.stldr", tmp_path / name)
        assert loaderconv.read(tmp_path / name).notices == ()

    def test_refusal_says_what_the_file_is(self, tmp_path: Path) -> None:
        for data, words in (
            (b"PK\x03\x04rest", "a ZIP archive"),
            (b"<package schemaVersion='1.7'/>", "root element package"),
            (b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
            (b":10000000000000000000", "an Intel HEX file"),
        ):
            path = tmp_path / "loader.FLM"
            path.write_bytes(data)
            with pytest.raises(UnreadableInput, match=words):
                loaderconv.read(path)
