"""Names that IAR files have for each other: what they stand for, and what is said where that is odd."""

import os
from pathlib import Path

import pytest

from loaderconv_formats.references import case_insensitive
from loaderconv_formats.references.resolver import Resolution, Resolver
from loaderconv_formats.references.search import SearchPaths
from loaderconv_formats.references.spelled_path import SpelledPath, parse_spelled
from loaderconv_schemas.bundle import ReferenceState
from support.folders import looking_only_in, put_files

RESOLVED, BY_NAME = ReferenceState.RESOLVED, ReferenceState.BY_NAME
MISSING, OUTSIDE, UNMAPPED = ReferenceState.MISSING, ReferenceState.OUTSIDE, ReferenceState.UNMAPPED
PACK = "CMSIS_PACK_PATH_HDSC#HC32F460#1.0.9"


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """Return a folder, free of links, that holds a tree like that of a vendor."""
    folder = Path(os.path.realpath(tmp_path)) / "top"
    put_files(folder, "boards/a.board", "boards/near.flash", "boards/sub/deep.flash", "beside.flash")
    put_files(folder.parent, "elsewhere/far.flash", "topper/far.flash")
    return folder


def found(spelled: str, top: Path, search: SearchPaths | None = None) -> Resolution:
    """Resolve a name in `boards/a.board`, with all of `top` allowed unless told otherwise."""
    return Resolver(search or SearchPaths(roots=(top,))).resolve(spelled, named_in=top / "boards" / "a.board")


def file_found(spelled: str, top: Path, search: SearchPaths | None = None) -> str:
    """Return what the file holds to which a name leads without further remark."""
    resolution = found(spelled, top, search)
    assert (resolution.state, resolution.note) == (RESOLVED, None)
    assert resolution.path is not None
    return resolution.path.read_text("utf-8")


def note_of(resolution: Resolution, state: ReferenceState) -> str:
    """Return the sentence that goes with a state other than RESOLVED."""
    assert resolution.state is state
    assert (resolution.path is not None) == (state is BY_NAME)
    assert resolution.note is not None
    assert resolution.note.isascii()
    assert resolution.note.endswith(".")
    return resolution.note


class TestSpelling:
    """What is spelled, by the rules of Windows, whatever this machine is."""

    @pytest.mark.parametrize(
        ("spelled", "variable", "anchor", "components"),
        [
            (r"a\b.flash", None, "", ("a", "b.flash")),
            ("a/b.flash", None, "", ("a", "b.flash")),
            (r"./a\.//b.flash", None, "", ("a", "b.flash")),
            (r"..\../b", None, "", ("..", "..", "b")),
            ("\n  a b.flash \r\n", None, "", ("a b.flash",)),
            (r"$TOOLKIT_DIR$\config/x.out", "TOOLKIT_DIR", "", ("config", "x.out")),
            (r"$PROJ_DIR$\\..\x", "PROJ_DIR", "", ("..", "x")),
            ("$PROJ_DIR$", "PROJ_DIR", "", ()),
            ("${" + PACK + "}$/FlashIAR/x.out", PACK, "", ("FlashIAR", "x.out")),
            ("${NAME}$/x", "NAME", "", ("x",)),
            (r"$X$\C:\x", "X", "", ("C:", "x")),
            (r"$X$/\\server\share\x", "X", "", ("server", "share", "x")),
            (r"C:\Users\me\x.out", None, "C:\\", ("Users", "me", "x.out")),
            ("d:/x.out", None, "d:\\", ("x.out",)),
            ("C:x.out", None, "C:", ("x.out",)),
            (r"\\server\share\a\x", None, "\\\\server\\share\\", ("a", "x")),
            ("//server/share/x", None, "\\\\server\\share\\", ("x",)),
            ("/etc/x", None, "\\", ("etc", "x")),
            (r"\etc\x", None, "\\", ("etc", "x")),
            ("$TOOLKIT_DIR$config/x", None, "", ("$TOOLKIT_DIR$config", "x")),
            ("US$1.flash", None, "", ("US$1.flash",)),
            ("", None, "", ()),
        ],
    )
    def test_parts(self, spelled: str, variable: str | None, anchor: str, components: tuple[str, ...]) -> None:
        assert parse_spelled(spelled) == SpelledPath(variable, anchor, components)


class TestMemory:
    def test_a_folder_is_listed_once_for_all_names(self, top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        listed: list[Path] = []
        names_in = case_insensitive._names_in
        monkeypatch.setattr(case_insensitive, "_names_in", lambda folder: listed.append(folder) or names_in(folder))
        resolver = Resolver(SearchPaths(roots=(top,)))
        for spelled in ("near.flash", "NEAR.flash", "sub/deep.flash", "$NONE$/near.flash", "$NONE$/none.flash"):
            resolver.resolve(spelled, named_in=top / "boards" / "a.board")
        resolver.resolve("near.flash", named_in=top / "boards" / "b.board")
        assert len(listed) == len(set(listed))
        assert set(listed) == {top, top / "boards", top / "boards" / "sub"}

    def test_a_name_is_looked_up_once(self, top: Path) -> None:
        resolver = Resolver(SearchPaths(roots=(top,)))
        first, again = (resolver.resolve("near.flash", named_in=top / "boards" / name) for name in ("a", "b"))
        assert first.state is RESOLVED
        assert again is first

    def test_a_name_means_another_file_in_another_folder(self, top: Path) -> None:
        put_files(top, "near.flash")
        resolver = Resolver(SearchPaths(roots=(top,)))
        for folder in (top, top / "boards"):
            assert resolver.resolve("near.flash", named_in=folder / "a.board").path == folder / "near.flash"

    def test_without_roots_each_folder_allows_itself(self, top: Path) -> None:
        resolver = Resolver(SearchPaths())
        assert resolver.resolve("../beside.flash", named_in=top / "boards" / "a.board").state is OUTSIDE
        assert resolver.resolve("boards/near.flash", named_in=top / "a.board").state is RESOLVED


class TestRelativeNames:
    @pytest.mark.parametrize(
        ("spelled", "contents"),
        [
            ("near.flash", "boards/near.flash"),
            (r".\near.flash", "boards/near.flash"),
            (r"sub\deep.flash", "boards/sub/deep.flash"),
            ("sub/deep.flash", "boards/sub/deep.flash"),
            (r"..\beside.flash", "beside.flash"),
            (r"..\boards/../boards\near.flash", "boards/near.flash"),
            (r"nowhere\..\near.flash", "boards/near.flash"),
            (r"sub\nowhere\..\deep.flash", "boards/sub/deep.flash"),
            (" \n near.flash\n", "boards/near.flash"),
            (r"$FILE_DIR$\near.flash", "boards/near.flash"),
            ("$file_dir$/../beside.flash", "beside.flash"),
        ],
    )
    def test_are_relative_to_the_naming_file(self, top: Path, spelled: str, contents: str) -> None:
        assert file_found(spelled, top) == contents

    def test_path_is_absolute_and_free_of_links(self, top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(top / "boards")
        resolution = Resolver(SearchPaths(roots=(Path(),))).resolve("sub/../near.flash", named_in=Path("a.board"))
        assert resolution == Resolution(RESOLVED, top / "boards" / "near.flash", None)
        resolution = Resolver(SearchPaths(roots=(top,))).resolve("../beside.flash", named_in=Path("a.board"))
        assert resolution.path == top / "beside.flash"

    @pytest.mark.parametrize("spelled", ["far.flash", "sub/near.flash", r"deep.flash", "beside.flash"])
    def test_that_lead_nowhere_are_not_guessed(self, top: Path, spelled: str) -> None:
        note = note_of(found(spelled, top), MISSING)
        assert spelled.rpartition("/")[2] in note
        assert str(top / "boards") in note

    def test_note_names_the_folder_where_the_trail_ends(self, top: Path) -> None:
        assert note_of(found(r"sub\more\x.flash", top), MISSING) == f"There is no more in {top / 'boards' / 'sub'}."

    @pytest.mark.parametrize("spelled", ["sub", ".", "near.flash/x", "..", "$FILE_DIR$"])
    def test_that_name_no_file(self, top: Path, spelled: str) -> None:
        note_of(found(spelled, top), MISSING)


class TestVariables:
    def test_toolkit(self, top: Path) -> None:
        put_files(top.parent, "tools/config/flashloader/ST/x.flash")
        search = SearchPaths(roots=(top,), toolkit_dir=top.parent / "tools")
        assert file_found(r"$TOOLKIT_DIR$\config\flashloader\ST\x.flash", top, search).endswith("ST/x.flash")
        assert file_found("$toolkit_dir$/config/flashloader/ST/x.flash", top, search).endswith("ST/x.flash")

    @pytest.mark.parametrize("key", ["PROJ_DIR", "proj_dir", PACK, "CMSIS_PACK_PATH_hdsc#hc32f460#1.0.9"])
    @pytest.mark.parametrize("form", ["${}$/far.flash", "${{{}}}$\\far.flash"])
    def test_defined(self, top: Path, key: str, form: str) -> None:
        search = SearchPaths(roots=(top,), variables={key: top.parent / "elsewhere"})
        spelled = PACK if "#" in key else "Proj_Dir"
        assert file_found(form.format(spelled), top, search) == "elsewhere/far.flash"

    def test_toolkit_may_be_defined_but_its_option_wins(self, top: Path) -> None:
        defined = SearchPaths(variables={"toolkit_dir": top.parent / "elsewhere"})
        assert file_found("$TOOLKIT_DIR$/far.flash", top, defined) == "elsewhere/far.flash"
        both = SearchPaths(variables=defined.variables, toolkit_dir=top.parent / "topper")
        assert file_found("$TOOLKIT_DIR$/far.flash", top, both) == "topper/far.flash"

    def test_value_may_be_relative(self, top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(top)
        search = SearchPaths(roots=(top,), variables={"PROJ_DIR": Path("../elsewhere")})
        assert file_found("$PROJ_DIR$/far.flash", top, search) == "elsewhere/far.flash"
        below = SearchPaths(roots=(top,), variables={"PROJ_DIR": Path("boards/sub")})
        assert file_found("$PROJ_DIR$/../../beside.flash", top, below) == "beside.flash"

    def test_with_a_value_nothing_is_guessed(self, top: Path) -> None:
        search = SearchPaths(roots=(top,), toolkit_dir=top.parent / "elsewhere")
        note_of(found("$TOOLKIT_DIR$/near.flash", top, search), MISSING)

    def test_value_that_is_no_folder(self, top: Path) -> None:
        search = SearchPaths(roots=(top,), toolkit_dir=top / "no such")
        note_of(found("$TOOLKIT_DIR$/near.flash", top, search), MISSING)

    @pytest.mark.parametrize(
        "spelled",
        [
            "$TOOLKIT_DIR$near.flash",
            "sub/$NAME$/x.flash",
            "$FILE_DIR$/${NAME}$/x.flash",
            "$FILE_DIR$/$A$.flash",
            "$$/x",
        ],
    )
    def test_elsewhere_than_in_front(self, top: Path, spelled: str) -> None:
        assert "is a variable in a place other than" in note_of(found(spelled, top), MISSING)

    @pytest.mark.parametrize(
        "spelled", ["FlashX{SAMPLE_DEPTH}.out", "${board.name}/near.flash", "$FILE_DIR$/{X}/x.out"]
    )
    def test_placeholder_of_a_template(self, top: Path, spelled: str) -> None:
        note = note_of(found(spelled, top), MISSING)
        assert "{" in note
        assert "placeholder of a template" in note


class TestSearchByName:
    """A variable without a value: the end of the path is looked for near the naming file."""

    SPELLED = r"$TOOLKIT_DIR$\config\flashloader\ST\x.flash"

    @pytest.mark.parametrize(
        "places",
        [
            ["config/flashloader/ST/x.flash", "boards/flashloader/ST/x.flash", "boards/x.flash"],
            ["boards/flashloader/ST/x.flash", "flashloader/ST/x.flash", "boards/ST/x.flash"],
            ["ST/x.flash", "boards/x.flash"],
            ["boards/x.flash", "x.flash"],
            ["x.flash"],
        ],
    )
    def test_longest_end_first_then_nearest_folder(self, top: Path, places: list[str]) -> None:
        put_files(top, *places)
        resolution = found(self.SPELLED, top)
        note = note_of(resolution, BY_NAME)
        assert resolution.path == top / places[0]
        assert str(top / places[0]) in note
        assert "--toolkit-dir DIR" in note

    @pytest.mark.parametrize("spelled", [r"$PROJ_DIR$\..\..\mcu\x.out", "$PROJ_DIR$/no/../mcu/x.out"])
    def test_parents_do_not_count(self, top: Path, spelled: str) -> None:
        put_files(top, "mcu/x.out")
        resolution = found(spelled, top)
        assert "--define PROJ_DIR=PATH" in note_of(resolution, BY_NAME)
        assert resolution.path == top / "mcu" / "x.out"

    def test_case_does_not_matter(self, top: Path) -> None:
        put_files(top, "St/X.flash")
        resolution = found(self.SPELLED, top)
        assert "X.flash" in note_of(resolution, BY_NAME)
        assert resolution.path == top / "St" / "X.flash"

    @pytest.mark.parametrize(
        ("spelled", "option"),
        [
            (r"$TOOLKIT_DIR$\x.flash", "--toolkit-dir DIR"),
            (r"$toolkit_dir$\x.flash", "--toolkit-dir DIR"),
            (r"$PROJ_DIR$\..\x.flash", "--define PROJ_DIR=PATH"),
            ("${" + PACK + "}$/x.flash", f"--define {PACK}=PATH"),
            ("$EW_DIR$", "--define EW_DIR=PATH"),
            ("$EW_DIR$/..", "--define EW_DIR=PATH"),
        ],
    )
    def test_nothing_found(self, top: Path, spelled: str, option: str) -> None:
        assert option in note_of(found(spelled, top), UNMAPPED)

    def test_stays_within_the_roots(self, top: Path) -> None:
        put_files(top.parent, "x.flash")
        with looking_only_in(top):
            note_of(found(self.SPELLED, top), UNMAPPED)

    def test_without_roots_starts_in_the_folder(self, top: Path) -> None:
        put_files(top, "boards/x.flash")
        assert found(self.SPELLED, top, SearchPaths()).path == top / "boards" / "x.flash"

    def test_without_roots_stays_in_the_folder(self, top: Path) -> None:
        put_files(top, "x.flash")
        with looking_only_in(top / "boards"):
            note_of(found(self.SPELLED, top, SearchPaths()), UNMAPPED)

    def test_stays_near_also_where_everything_may_be_followed(self, top: Path) -> None:
        put_files(top.parent, "x.flash")
        with looking_only_in(top):
            note_of(found(self.SPELLED, top, SearchPaths(roots=(top,), follow=True)), UNMAPPED)

    def test_naming_file_that_was_followed_out_of_the_roots(self, top: Path) -> None:
        put_files(top.parent, "elsewhere/x.flash")
        search = SearchPaths(roots=(top,), follow=True)
        resolution = Resolver(search).resolve(self.SPELLED, named_in=top.parent / "elsewhere" / "far.flash")
        note_of(resolution, BY_NAME)
        assert resolution.path == top.parent / "elsewhere" / "x.flash"

    def test_a_folder_of_that_name_is_passed_over(self, top: Path) -> None:
        put_files(top, "boards/x.flash/inner", "x.flash")
        assert found(self.SPELLED, top).path == top / "x.flash"


class TestFolders:
    """What lies outside of the folders named is not looked at."""

    @pytest.mark.parametrize("up", ["..", r"..\..", "../../.."])
    def test_parents_out_of_the_folders(self, top: Path, up: str) -> None:
        with looking_only_in(top):
            note = note_of(found(f"{up}/../elsewhere/far.flash", top), OUTSIDE)
        assert "--follow" in note

    def test_folder_of_the_naming_file_where_no_other_is_named(self, top: Path) -> None:
        assert file_found("sub/deep.flash", top, SearchPaths()) == "boards/sub/deep.flash"

    def test_parents_out_of_the_folder_of_the_naming_file(self, top: Path) -> None:
        with looking_only_in(top / "boards"):
            assert "--follow" in note_of(found(r"..\beside.flash", top, SearchPaths()), OUTSIDE)

    def test_folder_whose_name_only_begins_alike(self, top: Path) -> None:
        with looking_only_in(top):
            note_of(found("../../topper/far.flash", top), OUTSIDE)

    def test_out_and_in_again(self, top: Path) -> None:
        with looking_only_in(top):
            resolution = found(rf"..\..\..\a\..\{top.parent.name}\top\beside.flash", top)
        assert resolution == Resolution(RESOLVED, top / "beside.flash", None)

    def test_parents_out_of_a_variable(self, top: Path) -> None:
        search = SearchPaths(roots=(top,), toolkit_dir=top.parent / "topper")
        with looking_only_in(top, top.parent / "topper"):
            note_of(found("$TOOLKIT_DIR$/../elsewhere/far.flash", top, search), OUTSIDE)

    def test_parents_from_a_variable_into_a_root(self, top: Path) -> None:
        search = SearchPaths(roots=(top,), variables={"PROJ_DIR": top / "boards" / "sub"})
        assert file_found("$PROJ_DIR$/../../beside.flash", top, search) == "beside.flash"

    def test_absolute_path_out_of_the_folders(self, top: Path) -> None:
        with looking_only_in(top):
            note = note_of(found(str(top.parent / "elsewhere" / "far.flash"), top), OUTSIDE)
        assert "--follow" in note

    def test_absolute_path_into_the_folders(self, top: Path) -> None:
        with looking_only_in(top):
            resolution = found(str(top / "beside.flash"), top)
        assert resolution == Resolution(RESOLVED, top / "beside.flash", None)

    @pytest.mark.parametrize("spelled", [r"Q:\none\x.flash", "Q:x.flash", r"\\server.invalid\share\x.flash", "//s/t/x"])
    def test_drives_and_shares(self, top: Path, spelled: str) -> None:
        with looking_only_in(top):
            assert "--follow" in note_of(found(spelled, top), OUTSIDE)

    @pytest.mark.skipif(os.name == "nt", reason="such a drive or share may exist on Windows")
    @pytest.mark.parametrize(
        ("spelled", "start"), [(r"C:\a\x.flash", "C:\\"), ("C:x.flash", "C:"), ("//s/t/x", r"\\s\t" + "\\")]
    )
    def test_drives_and_shares_that_this_machine_lacks(self, top: Path, spelled: str, start: str) -> None:
        note = note_of(found(spelled, top, SearchPaths(follow=True)), MISSING)
        assert note == f"This machine has no {start}."

    def test_follow(self, top: Path) -> None:
        search = SearchPaths(roots=(top,), follow=True)
        far = top.parent / "elsewhere" / "far.flash"
        assert file_found("../../elsewhere/far.flash", top, search) == "elsewhere/far.flash"
        assert file_found(str(far), top, search) == "elsewhere/far.flash"
        note_of(found("../../elsewhere/none.flash", top, search), MISSING)

    def test_naming_file_out_of_the_roots(self, top: Path) -> None:
        naming = top.parent / "topper" / "a.board"
        note_of(Resolver(SearchPaths(roots=(top,))).resolve("far.flash", named_in=naming), OUTSIDE)
        note_of(Resolver(SearchPaths(roots=(top,))).resolve("$PROJ_DIR$/far.flash", named_in=naming), UNMAPPED)
        resolution = Resolver(SearchPaths(roots=(top,))).resolve("../top/beside.flash", named_in=naming)
        assert resolution.path == top / "beside.flash"

    def test_each_root_counts(self, top: Path) -> None:
        search = SearchPaths(roots=(top / "boards", top.parent / "elsewhere"))
        assert file_found("../../elsewhere/far.flash", top, search) == "elsewhere/far.flash"


class TestCase:
    """Windows does not mind the case of names; where it was minded, a note says so."""

    @pytest.mark.parametrize(
        ("spelled", "real"),
        [
            ("Near.flash", "near.flash"),
            ("SUB/Deep.FLASH", "sub/deep.flash"),
            (r"$FILE_DIR$\Sub\deep.flash", "sub/deep.flash"),
        ],
    )
    def test_other_case(self, top: Path, spelled: str, real: str) -> None:
        resolution = found(spelled, top)
        names = parse_spelled(spelled).components
        assert resolution.state is RESOLVED
        assert resolution.path == top / "boards" / real
        assert resolution.note == f"It is spelled {'/'.join(names)}, the file is {real}."

    def test_file_system_that_does_not_mind_either(self, top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """There, both spellings can be looked up, and the folder's entries tell which one is real."""
        put_files(top, "boards/Near.flash")
        listed = {"boards": ["a.board", "near.flash"]}
        monkeypatch.setattr(
            case_insensitive, "_names_in", lambda folder: {name.lower(): [name] for name in listed[folder.name]}
        )
        resolution = found("Near.flash", top)
        assert resolution.state is RESOLVED
        assert resolution.path is not None
        assert resolution.path.name == "near.flash"
        assert resolution.note == "It is spelled Near.flash, the file is near.flash."

    def test_exact_name_wins(self, top: Path) -> None:
        needs_both(top / "boards", "NEAR.flash", "near.flash")
        assert file_found("NEAR.flash", top) == "NEAR.flash"
        assert file_found("near.flash", top) == "near.flash"

    @pytest.mark.parametrize("spelled", ["nEAR.flash", "$TOOLKIT_DIR$/nEAR.flash", "$TOOLKIT_DIR$/no/nEAR.flash"])
    def test_two_candidates_are_none(self, top: Path, spelled: str) -> None:
        needs_both(top / "boards", "NEAR.flash", "near.flash")
        note = note_of(found(spelled, top), MISSING)
        assert "NEAR.flash and near.flash" in note
        assert "nEAR.flash" in note

    def test_two_candidate_folders_are_none(self, top: Path) -> None:
        needs_both(top / "boards", "SUB/x.flash", "sub/x.flash")
        assert "SUB and sub" in note_of(found("Sub/deep.flash", top), MISSING)

    def test_composed_and_decomposed_letters(self, top: Path) -> None:
        put_files(top, "boards/u\u0308.flash")
        resolution = found("\u00dc.flash", top)
        assert resolution.state is RESOLVED
        assert resolution.path is not None
        assert resolution.path.read_text("utf-8") == "boards/u\u0308.flash"

    def test_large_folders_are_not_searched(self, top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(case_insensitive, "_MAX_ENTRIES", 2)
        assert file_found("near.flash", top) == "boards/near.flash"
        assert "for this very spelling only" in note_of(found("none.flash", top), MISSING)

    def test_folders_of_the_largest_size_are_searched(self, top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(case_insensitive, "_MAX_ENTRIES", 3)
        assert found("NEAR.flash", top).path == top / "boards" / "near.flash"

    def test_limit(self) -> None:
        assert case_insensitive._MAX_ENTRIES == 10_000


def needs_both(folder: Path, first: str, second: str) -> None:
    """Make two files whose names differ in case only."""
    put_files(folder, first, second)
    names = {entry.name for entry in folder.iterdir()}
    if not {Path(first).parts[0], Path(second).parts[0]} <= names:
        pytest.skip("this file system keeps no two names that differ in case only")
