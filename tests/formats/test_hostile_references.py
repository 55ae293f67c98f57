"""Names that are made to do harm, folders that stand in the way: no error, and nothing outside is touched."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from loaderconv_formats.references.resolver import Resolution, Resolver
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.bundle import ReferenceState
from support.desk import on_posix
from support.folders import looking_only_in, put_files
from support.fuzzing import fuzz_settings

needs_links = pytest.mark.skipif(os.name == "nt", reason="making links takes a privilege on Windows")

MISSING, OUTSIDE, UNMAPPED = ReferenceState.MISSING, ReferenceState.OUTSIDE, ReferenceState.UNMAPPED
UNREADABLE = ReferenceState.UNREADABLE


def make_place(folder: Path) -> Path:
    """Return a folder with files, next to one with a secret and one with tools."""
    place = Path(os.path.realpath(folder)) / "place"
    put_files(place, "boards/a.board", "boards/near.flash", "boards/sub/deep.flash", "beside.flash")
    put_files(place.parent, "outside/secret.flash", "tools/config/x.flash")
    return place


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return make_place(tmp_path)


def found(spelled: str, place: Path, *, follow: bool = False, variables: dict[str, Path] | None = None) -> Resolution:
    search = SearchPaths(roots=(place,), variables=variables or {}, follow=follow)
    return Resolver(search).resolve(spelled, named_in=place / "boards" / "a.board")


def note_of(resolution: Resolution, state: ReferenceState) -> str:
    assert resolution.state is state
    assert resolution.path is None
    assert resolution.note is not None
    assert resolution.note.endswith(".")
    assert resolution.note.isprintable()
    return resolution.note


class TestPathsOut:
    @pytest.mark.parametrize(
        "spelled",
        [
            "../../etc/passwd",
            r"..\..\..\..\..\..\..\..\etc\passwd",
            "../../outside/secret.flash",
            "sub/../../../outside/secret.flash",
            "no/such/../../../../outside/secret.flash",
            r"$FILE_DIR$\..\..\outside\secret.flash",
            "$MAPPED$/../../outside/secret.flash",
            "/etc/passwd",
            r"\etc\passwd",
            "///etc/passwd",
            "//etc/passwd",
            r"C:\Windows\win.ini",
            "c:win.ini",
            r"\\server.invalid\share\x.flash",
            "/../../etc/passwd",
        ],
    )
    def test_are_not_touched(self, place: Path, spelled: str) -> None:
        with looking_only_in(place):
            resolution = found(spelled, place, variables={"MAPPED": place / "boards"})
        assert "--follow" in note_of(resolution, OUTSIDE)

    @pytest.mark.parametrize("spelled", ["$NONE$/../../outside/secret.flash", r"$NONE$\..\..\..\..\etc\passwd"])
    def test_of_an_unmapped_variable_are_not_touched(self, place: Path, spelled: str) -> None:
        with looking_only_in(place):
            note_of(found(spelled, place), UNMAPPED)

    def test_the_guard_of_these_tests_sees_a_look(self, place: Path) -> None:
        with looking_only_in(place), pytest.raises(AssertionError, match="scandir on"):
            found("../../outside/secret.flash", place, follow=True)


@needs_links
class TestLinks:
    @pytest.mark.parametrize("target", ["../../outside/secret.flash", "../../outside/none.flash", "/etc/passwd"])
    @pytest.mark.parametrize("spelled", ["out.flash", "OUT.flash", r"sub\..\out.flash"])
    def test_to_a_file_outside(self, place: Path, target: str, spelled: str) -> None:
        (place / "boards" / "out.flash").symlink_to(target)
        assert "--follow" in note_of(found(spelled, place), OUTSIDE)

    def test_to_a_folder_outside(self, place: Path) -> None:
        (place / "boards" / "out").symlink_to("../../outside")
        note = note_of(found("out/secret.flash", place), OUTSIDE)
        reason = "is a link that leads out of the folders named and was not followed; --follow allows it."
        assert note == f"{place / 'boards' / 'out'} {reason}"
        assert found("out/secret.flash", place, follow=True).path == place.parent / "outside" / "secret.flash"

    def test_to_a_folder_outside_of_which_nothing_is_listed(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (place / "boards" / "out").symlink_to("../../outside")
        listed: list[Path] = []
        list_folder = os.scandir
        monkeypatch.setattr(os, "scandir", lambda folder: listed.append(folder) or list_folder(folder))
        note_of(found("out/SECRET.flash", place), OUTSIDE)
        assert listed == [place / "boards"]

    def test_to_a_folder_whose_name_only_begins_alike(self, place: Path) -> None:
        put_files(place.parent, "placebo/x.flash")
        (place / "boards" / "out").symlink_to("../../placebo")
        note_of(found("out/x.flash", place), OUTSIDE)

    def test_out_and_in_again(self, place: Path) -> None:
        (place.parent / "outside" / "back").symlink_to(place)
        (place / "boards" / "out").symlink_to("../../outside")
        note_of(found("out/back/beside.flash", place), OUTSIDE)

    def test_found_by_name_is_passed_over(self, place: Path) -> None:
        (place / "boards" / "x.flash").symlink_to("../../outside/secret.flash")
        note_of(found("$NONE$/x.flash", place), UNMAPPED)
        put_files(place, "x.flash")
        assert found("$NONE$/x.flash", place).path == place / "x.flash"

    def test_within_the_folders(self, place: Path) -> None:
        (place / "boards" / "in.flash").symlink_to("../beside.flash")
        (place / "boards" / "all").symlink_to("..")
        assert found("in.flash", place) == Resolution(ReferenceState.RESOLVED, place / "beside.flash", None)
        assert found("all/boards/all/beside.flash", place).path == place / "beside.flash"

    def test_before_a_parent_are_not_followed(self, place: Path) -> None:
        """Windows takes `..` for arithmetic: the link does not matter."""
        (place / "boards" / "out").symlink_to("../../outside/deeper")
        with looking_only_in(place):
            assert found("out/../near.flash", place).path == place / "boards" / "near.flash"

    def test_root_and_value_that_are_links(self, place: Path) -> None:
        alias = place.parent / "alias"
        alias.symlink_to(place)
        search = SearchPaths(roots=(alias,), variables={"TOOLS": place.parent / "tool_alias"})
        (place.parent / "tool_alias").symlink_to("tools")

        def path_of(spelled: str) -> Path | None:
            return Resolver(search).resolve(spelled, named_in=alias / "boards" / "a.board").path

        assert path_of("near.flash") == place / "boards" / "near.flash"
        assert path_of(f"{alias}/beside.flash") == place / "beside.flash"
        assert path_of(f"{place}/beside.flash") == place / "beside.flash"
        assert path_of("$TOOLS$/config/x.flash") == place.parent / "tools" / "config" / "x.flash"

    def test_naming_file_that_is_reached_through_a_link(self, place: Path) -> None:
        (place / "boards" / "out").symlink_to("../../outside")
        search = SearchPaths(roots=(place,))
        resolution = Resolver(search).resolve("secret.flash", named_in=place / "boards" / "out" / "a.flash")
        note_of(resolution, OUTSIDE)

    @pytest.mark.parametrize("follow", [False, True])
    @pytest.mark.parametrize("spelled", ["loop.flash", "loop.flash/x", "one", "one/x.flash", "$NONE$/loop.flash"])
    def test_loops(self, place: Path, spelled: str, follow: bool) -> None:
        (place / "boards" / "loop.flash").symlink_to("loop.flash")
        (place / "boards" / "one").symlink_to("two")
        (place / "boards" / "two").symlink_to("one")
        note_of(found(spelled, place, follow=follow), UNMAPPED if "NONE" in spelled else MISSING)

    @pytest.mark.parametrize("follow", [False, True])
    def test_that_dangle(self, place: Path, follow: bool) -> None:
        (place / "boards" / "gone.flash").symlink_to("no such/file")
        assert "Nothing is at" in note_of(found("gone.flash", place, follow=follow), MISSING)

    def test_endless_descent(self, place: Path) -> None:
        """A link to its own folder makes every path exist; the number of components bounds the work."""
        (place / "boards" / "a").symlink_to(".")
        assert found("a/" * 63 + "near.flash", place).path == place / "boards" / "near.flash"
        assert found("$NONE$/" + "a/" * 63 + "near.flash", place).path == place / "boards" / "near.flash"
        assert "longer" in note_of(found("a/" * 64 + "near.flash", place), MISSING)


class TestNamesThatNoFileHas:
    @pytest.mark.parametrize(
        ("spelled", "words"),
        [
            ("", "empty"),
            (" \t\r\n", "empty"),
            ("a\0b.flash", "characters"),
            ("$FILE_DIR$/\0", "characters"),
            ("a\nb.flash", "characters"),
            ("a\x1b[31m.flash", "characters"),
            ("near.flash:stream", "characters"),
            ("near.flash::$DATA", "characters"),
            ("sub/C:/x.flash", "characters"),
            ("$FILE_DIR$/C:x.flash", "characters"),
            ("*.flash", "characters"),
            ("nea?.flash", "characters"),
            ("<near>.flash", "characters"),
            ("a|b", "characters"),
            ("near.flash.", "blank or a dot"),
            ("sub /deep.flash", "blank or a dot"),
            (".. /beside.flash", "blank or a dot"),
            ("... /beside.flash", "blank or a dot"),
            (".../beside.flash", "blank or a dot"),
            ("NUL", "device"),
            ("nul.flash", "device"),
            ("aux.tar.gz", "device"),
            ("Com1", "device"),
            ("LPT9.out", "device"),
            ("COM\u00b9.out", "device"),
            ("CONIN$", "device"),
            ("con /x.flash", "blank or a dot"),
            ("prn .txt", "device"),
            ("sub/con/x.flash", "device"),
            (r"\\.\COM1", "device"),
            (r"\\.\PhysicalDrive0", "device"),
            (r"\\?\C:\x.flash", "device"),
            ("//?/C:/x.flash", "device"),
            ("x" * 5000, "longer"),
            ("a/" * 100 + "x", "longer"),
            ("../" * 1000 + "etc/passwd", "longer"),
        ],
    )
    @pytest.mark.parametrize("follow", [False, True])
    def test_are_not_looked_up(self, place: Path, spelled: str, words: str, follow: bool) -> None:
        with looking_only_in():
            assert words in note_of(found(spelled, place, follow=follow), MISSING)

    @on_posix
    @pytest.mark.parametrize("spelled", ["\ud800.flash", "$\udfff$/x.flash"])
    def test_half_characters(self, place: Path, spelled: str) -> None:
        assert "characters" in note_of(found(spelled, place), MISSING)

    def test_longer_than_the_file_system_takes(self, place: Path) -> None:
        note_of(found("x" * 300 + ".flash", place), MISSING)
        note_of(found(("x" * 250 + "/") * 15 + "x", place), MISSING)
        note_of(found("$NONE$/" + "x" * 300, place), UNMAPPED)

    @pytest.mark.parametrize(
        "spelled", ["console.flash", "com10.flash", "nullify", ".hidden", "a..b", "{1234-ab}.out", "$"]
    )
    def test_are_not_confused_with_harmless_ones(self, place: Path, spelled: str) -> None:
        put_files(place, f"boards/{spelled}")
        assert found(spelled, place).path == place / "boards" / spelled

    def test_naming_file_and_folders_of_that_kind(self, place: Path) -> None:
        odd = Path("a\0b")
        search = SearchPaths(roots=(odd,), toolkit_dir=odd, variables={"X": odd})
        for spelled in ("near.flash", "$TOOLKIT_DIR$/x.flash", "$X$/x", "$NONE$/x", "/x"):
            assert Resolver(search).resolve(spelled, named_in=odd / "a.board").path is None
            assert Resolver(search).resolve(spelled, named_in=place / "a.board").path is None


class TestThingsInTheWay:
    @on_posix
    def test_pipe(self, place: Path) -> None:
        os.mkfifo(place / "boards" / "pipe.flash")
        assert "not a regular file" in note_of(found("pipe.flash", place), MISSING)
        note_of(found("$NONE$/pipe.flash", place), UNMAPPED)

    @on_posix
    def test_device(self, place: Path) -> None:
        (place / "boards" / "zero.flash").symlink_to("/dev/zero")
        note_of(found("zero.flash", place), OUTSIDE)
        assert "not a regular file" in note_of(found("zero.flash", place, follow=True), MISSING)
        assert "not a regular file" in note_of(found("/dev/zero", place, follow=True), MISSING)

    def test_file_in_place_of_a_folder(self, place: Path) -> None:
        note_of(found("near.flash/x.flash", place), MISSING)
        search = SearchPaths(roots=(place,), toolkit_dir=place / "beside.flash")
        note_of(Resolver(search).resolve("$TOOLKIT_DIR$/x.flash", named_in=place / "a.board"), MISSING)

    def test_folder_that_may_not_be_entered(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        deny(monkeypatch, place / "boards" / "sub", "scandir", "stat", "lstat")
        note = note_of(found("sub/deep.flash", place), UNREADABLE)
        assert "permission" in note
        note_of(found("$NONE$/sub/deep.flash", place), UNMAPPED)

    def test_folder_that_may_be_entered_but_not_listed(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        deny(monkeypatch, place / "boards" / "sub", "scandir")
        assert found("sub/deep.flash", place).path == place / "boards" / "sub" / "deep.flash"
        assert "very spelling" in note_of(found("sub/none.flash", place), MISSING)

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may enter every folder")
    def test_folder_of_somebody_else(self, place: Path) -> None:
        (place / "boards" / "sub").chmod(0)
        try:
            note_of(found("sub/deep.flash", place), UNREADABLE)
        finally:
            (place / "boards" / "sub").chmod(0o700)

    @on_posix
    def test_names_that_are_no_text(self, place: Path) -> None:
        if sys.platform == "darwin":
            pytest.skip("macOS keeps no such names")
        (place / "boards" / os.fsdecode(b"\xff.flash")).touch()
        assert found("NEAR.flash", place).path == place / "boards" / "near.flash"
        note_of(found("\u00ff.flash", place), MISSING)

    def test_working_folder_that_is_gone(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def getcwd() -> str:
            raise FileNotFoundError

        monkeypatch.setattr(os, "getcwd", getcwd)
        for spelled in ("x.flash", "/x", "$NONE$/x", "../x"):
            for follow in (False, True):
                search = SearchPaths(roots=(Path("a"),), follow=follow)
                assert Resolver(search).resolve(spelled, named_in=Path("a/a.board")).path is None


def deny(monkeypatch: pytest.MonkeyPatch, folder: Path, *functions: str) -> None:
    """Let the system refuse a folder, or what is in it, also to root."""

    def refusing(function: Callable[..., object], *, itself: bool) -> Callable[..., object]:
        def call(path: Path | str, *args: object, **options: object) -> object:
            if folder in Path(path).parents or (itself and Path(path) == folder):
                raise PermissionError(13, "Permission denied")
            return function(path, *args, **options)

        return call

    for name in functions:
        monkeypatch.setattr(os, name, refusing(getattr(os, name), itself=name == "scandir"))


@pytest.fixture(scope="module")
def trap(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a place with links out of it, in it, and to themselves."""
    place = make_place(tmp_path_factory.mktemp("trap"))
    if os.name != "nt":
        (place / "boards" / "out").symlink_to("../../outside")
        (place / "boards" / "all").symlink_to("..")
        (place / "boards" / "loop").symlink_to("loop")
    return place


PIECES = (
    *("..", "..", "..", ".", "", " ", "boards", "BOARDS", "sub", "out", "all", "loop", "place", "outside", "tools"),
    *("secret.flash", "near.flash", "Near.FLASH", "deep.flash", "beside.flash", "config", "x.flash", "etc", "passwd"),
    *("$TOOLKIT_DIR$", "$PROJ_DIR$", "$FILE_DIR$", "$NONE$", "${NONE}$", "{X}", "$", "C:", "NUL", "\0", "\ud800", "?"),
)
spelled_paths = st.builds(
    lambda start, pieces, separators: start + "".join(map("".join, zip(pieces, separators, strict=False))),
    st.sampled_from(["", "", "/", "\\", "//", "\\\\", "C:\\", "HERE/", "$TOOLKIT_DIR$/", "$PROJ_DIR$\\", "$NONE$/"]),
    st.lists(st.sampled_from(PIECES), max_size=9),
    st.lists(st.sampled_from(["/", "\\", "/", "\\", ""]), min_size=9, max_size=9),
).map(lambda spelled: spelled.rstrip("/\\"))
any_text = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)


@fuzz_settings
@given(spelled=st.one_of(spelled_paths, any_text), has_toolkit=st.booleans(), has_root=st.booleans())
@example(spelled="../outside/secret.flash", has_toolkit=True, has_root=True)
def test_nothing_leads_out(trap: Path, spelled: str, has_toolkit: bool, has_root: bool) -> None:
    tools = trap.parent / "tools"
    search = SearchPaths(
        roots=(trap,) if has_root else (),
        toolkit_dir=tools if has_toolkit else None,
        variables={"PROJ_DIR": trap / "boards" / "sub"},
    )
    allowed = [trap if has_root else trap / "boards", trap / "boards", *([tools] if has_toolkit else [])]
    spelled = spelled.replace("HERE", str(trap))
    resolution = Resolver(search).resolve(spelled, named_in=trap / "boards" / "a.board")
    assert (resolution.path is not None) == (resolution.state in {ReferenceState.RESOLVED, ReferenceState.BY_NAME})
    if resolution.path is None:
        assert resolution.note
    else:
        assert resolution.path == Path(os.path.realpath(resolution.path))
        assert resolution.path.is_file()
        assert any(resolution.path.is_relative_to(folder) for folder in allowed)


@fuzz_settings
@given(spelled=st.one_of(spelled_paths, any_text).filter(lambda spelled: "out" not in spelled.lower()))
def test_without_links_nothing_outside_is_looked_at(trap: Path, spelled: str) -> None:
    with looking_only_in(trap):
        resolution = found(spelled.replace("HERE", str(trap)), trap)
    assert resolution.path is None or resolution.path.is_relative_to(trap)


@fuzz_settings
@given(spelled=st.one_of(spelled_paths, any_text))
def test_followed_anywhere_it_is_a_file_or_nothing(trap: Path, spelled: str) -> None:
    resolution = found(spelled, trap, follow=True)
    assert resolution.state is not OUTSIDE
    assert resolution.path is None or resolution.path.is_file()
