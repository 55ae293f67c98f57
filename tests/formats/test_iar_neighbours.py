"""Files beside the named one: which of them refer to it, and what is said of those that may."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

import loaderconv
from loaderconv_formats.iar import neighbours
from loaderconv_formats.iar.neighbours import descriptions_of
from loaderconv_formats.references.resolver import Resolver
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.bundle import Bundle
from loaderconv_schemas.loader import Notice
from support.folders import looking_only_in
from support.paths import FIXTURES

STRICT = FIXTURES / "iar/config/flashloader/Strict"

needs_links = pytest.mark.skipif(os.name == "nt", reason="making links takes a privilege on Windows")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder, free of links, with an executable that nothing refers to."""
    folder = Path(os.path.realpath(tmp_path)) / "loaders"
    folder.mkdir()
    shutil.copy(STRICT / "strict_iar.out", folder / "a.out")
    return folder


def flash(executable: str, *, page: str = "256") -> bytes:
    head = "<?xml version='1.0' encoding='iso-8859-1'?><flash_device>"
    return (
        f"{head}<exe>{executable}</exe><flash_base>0x0</flash_base><page>{page}</page><block>4 0x1000</block>"
        "</flash_device>"
    ).encode("latin-1")


def board(*loaders: str) -> bytes:
    passes = "".join(
        f"<pass><loader>{each}</loader><loader_offset>0x20000000</loader_offset></pass>" for each in loaders
    )
    return f"<flash_board>{passes}</flash_board>".encode()


def told(notices: Iterable[Notice]) -> list[tuple[str, str]]:
    return [(each.code, each.message) for each in notices]


def codes(bundle: Bundle) -> list[str]:
    return [each.code for each in bundle.notices]


class TestSeveralBoards:
    MESSAGE = "2 .board files use a.flash (one.board, two.board): name the one that is meant."

    @pytest.mark.parametrize("name", ["a.flash", "a.out"])
    def test_none_is_chosen_and_the_notice_names_them(self, folder: Path, name: str) -> None:
        (folder / "a.flash").write_bytes(flash("a.out"))
        for board_name in ("one.board", "two.board"):
            (folder / board_name).write_bytes(board("a.flash"))
        bundle = loaderconv.read(folder / name)
        assert [each.loader_offset for each in bundle.passes] == [None]
        assert bundle.loaders[0].described_device.page_size_bytes == 256
        assert told(bundle.notices) == [("several-boards", self.MESSAGE)]

    def test_a_named_board_is_meant(self, folder: Path) -> None:
        (folder / "a.flash").write_bytes(flash("a.out"))
        for board_name in ("one.board", "two.board"):
            (folder / board_name).write_bytes(board("a.flash"))
        bundle = loaderconv.read(folder / "one.board")
        assert ([each.loader_offset for each in bundle.passes], bundle.notices) == ([0x2000_0000], ())

    def test_boards_that_use_another_flash_do_not_count(self, folder: Path) -> None:
        for name in ("a", "other"):
            (folder / f"{name}.flash").write_bytes(flash(f"{name}.out"))
            (folder / f"{name}.board").write_bytes(board(f"{name}.flash"))
        bundle = loaderconv.read(folder / "a.flash")
        assert ([each.loader_offset for each in bundle.passes], bundle.notices) == ([0x2000_0000], ())


class TestUnreadableNeighbours:
    DAMAGED = 'a.flash may refer to a.out, but is left out: <page> in line 1 holds "2x6", which is no number.'

    def test_damaged_flash(self, folder: Path) -> None:
        (folder / "a.flash").write_bytes(flash("a.out", page="2x6"))
        bundle = loaderconv.read(folder / "a.out")
        assert bundle.loaders[0].device is None
        assert told(bundle.notices) == [
            (
                "no-description",
                "No .flash file beside a.out is known to refer to it, so nothing says which memory it serves.",
            ),
            ("unreadable-neighbour", self.DAMAGED),
        ]

    def test_damaged_flash_beside_the_one_that_is_taken(self, folder: Path) -> None:
        (folder / "a.flash").write_bytes(flash("a.out", page="2x6"))
        (folder / "b.flash").write_bytes(flash("a.out"))
        bundle = loaderconv.read(folder / "a.out")
        assert bundle.loaders[0].described_device.name == "b"
        assert told(bundle.notices) == [("unreadable-neighbour", self.DAMAGED)]

    @pytest.mark.parametrize("name", ["a.flash", "a.out"])
    def test_damaged_board(self, folder: Path, name: str) -> None:
        (folder / "a.flash").write_bytes(flash("a.out"))
        (folder / "a.board").write_bytes(board("a.flash").removesuffix(b"</flash_board>"))
        bundle = loaderconv.read(folder / name)
        assert [each.loader_offset for each in bundle.passes] == [None]
        reason = "The XML is damaged in line 1: no element found."
        assert told(bundle.notices) == [
            ("unreadable-neighbour", f"a.board may refer to a.flash, but is left out: {reason}")
        ]

    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("half.flash", flash("b.out")[:-4]),
            ("Kconfig.flash", b"depends on FLASH && LOADER\n"),
            ("empty.flash", b""),
            ("a.board", board("a.out")[:-4]),
            ("notes.txt", b"<a.out & "),
        ],
    )
    def test_damaged_files_that_cannot_hold_the_name_are_not_told(self, folder: Path, name: str, data: bytes) -> None:
        (folder / name).write_bytes(data)
        assert codes(loaderconv.read(folder / "a.out")) == ["no-description"]

    @pytest.mark.parametrize(
        "data", [flash("b&#46;out")[:-4], flash("a.out").decode().encode("utf-16"), b"exe = a.out", flash("A.OUT")[:-4]]
    )
    def test_damaged_files_that_may_hold_the_name_are_told(self, folder: Path, data: bytes) -> None:
        (folder / "x.flash").write_bytes(data)
        assert codes(loaderconv.read(folder / "a.out")) == ["no-description", "unreadable-neighbour"]


class TestSpelling:
    @pytest.mark.parametrize(
        ("name", "spelled"),
        [
            ("loader.out", "LOADER.Out"),
            ("Loader.OUT", "loader.out"),
            ("loader.out", "lo&#97;der&#x2e;out"),
            ("a&b.out", "a&amp;b.out"),
            ("l\u00e4der.out", "l\u00e4der.out"),
        ],
    )
    def test_is_undone_before_names_are_compared(self, folder: Path, name: str, spelled: str) -> None:
        (folder / "a.out").rename(folder / name)
        (folder / "described.flash").write_bytes(flash(spelled))
        bundle = loaderconv.read(folder / name)
        assert bundle.loaders[0].described_device.name == "described"
        assert bundle.notices == ()


class TestMany:
    def test_five_are_named(self, folder: Path) -> None:
        for number in range(7):
            (folder / f"{number}.flash").write_bytes(flash("a.out"))
        names = "0.flash, 1.flash, 2.flash, 3.flash, 4.flash and 2 more"
        assert told(loaderconv.read(folder / "a.out").notices) == [
            ("several-descriptions", f"7 .flash files refer to a.out ({names}): name the one that is meant.")
        ]

    @pytest.mark.parametrize(("damaged", "more"), [(5, []), (7, ["2 more files may refer to a.out"])])
    def test_five_damaged_ones_are_named(self, folder: Path, damaged: int, more: list[str]) -> None:
        for number in range(damaged):
            (folder / f"{number}.flash").write_bytes(flash("a.out", page="x"))
        _, *notices = loaderconv.read(folder / "a.out").notices
        assert {each.code for each in notices} == {"unreadable-neighbour"}
        starts = [f"{number}.flash may refer to a.out" for number in range(5)] + more
        assert [each.message.partition(",")[0] for each in notices] == starts

    @pytest.mark.parametrize(("limit", "expected"), [(2, []), (1, ["too-many-neighbours"])])
    def test_candidates_are_bounded(
        self, folder: Path, limit: int, expected: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(neighbours, "_MAX_CANDIDATES", limit)
        (folder / "1.flash").write_bytes(flash("a.out"))
        (folder / "2.flash").write_bytes(flash("b.out"))
        bundle = loaderconv.read(folder / "a.out")
        assert bundle.loaders[0].described_device.name == "1"
        assert codes(bundle) == expected

    def test_candidates_beyond_the_bound_are_not_opened(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(neighbours, "_MAX_CANDIDATES", 1)
        (folder / "1.flash").write_bytes(flash("b.out"))
        (folder / "2.flash").write_bytes(flash("a.out"))
        assert codes(loaderconv.read(folder / "a.out")) == ["no-description", "too-many-neighbours"]

    @pytest.mark.parametrize(("limit", "expected"), [(2, []), (1, ["too-many-neighbours"])])
    def test_entries_are_bounded(
        self, folder: Path, limit: int, expected: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(neighbours, "_MAX_ENTRIES", limit)
        (folder / "1.flash").write_bytes(flash("b.out"))
        assert codes(loaderconv.read(folder / "a.out")) == ["no-description", *expected]


@needs_links
class TestLinks:
    REASON = "It is a link that leads out of the folders named and was not followed; --follow allows it."

    @pytest.fixture
    def outside(self, folder: Path) -> Path:
        """Return a `.flash` in another folder, to which a link leads."""
        outside = folder.parent / "outside"
        outside.mkdir()
        (outside / "secret.flash").write_bytes(flash("a.out"))
        (folder / "link.flash").symlink_to("../outside/secret.flash")
        return outside / "secret.flash"

    def test_that_lead_out_are_not_opened(self, folder: Path, outside: Path) -> None:
        resolver = Resolver(SearchPaths(roots=(folder,)))
        with looking_only_in(folder, outside.parent):
            found = descriptions_of(folder / "a.out", resolver)
        assert found.files == ()
        message = f"link.flash may refer to a.out, but is left out: {self.REASON}"
        assert told(found.notices)[1:] == [("unreadable-neighbour", message)]

    def test_that_lead_out_are_told(self, folder: Path, outside: Path) -> None:
        bundle = loaderconv.read(folder / "a.out")
        assert bundle.loaders[0].device is None
        assert codes(bundle) == ["no-description", "unreadable-neighbour"]

    @pytest.mark.parametrize("follow", [False, True])
    def test_are_followed_into_named_folders_and_on_demand(self, folder: Path, outside: Path, follow: bool) -> None:
        search = SearchPaths(follow=True) if follow else SearchPaths(roots=(outside.parent,))
        bundle = loaderconv.read(folder / "a.out", search)
        assert bundle.loaders[0].described_device.name == "link"
        assert bundle.notices == ()

    def test_within_the_folder_are_followed(self, folder: Path) -> None:
        (folder / "sub").mkdir()
        (folder / "sub/real").write_bytes(flash("a.out"))
        (folder / "link.flash").symlink_to("sub/real")
        assert loaderconv.read(folder / "a.out").loaders[0].described_device.name == "link"
