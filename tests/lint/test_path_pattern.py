"""Patterns of per-file ignores, and the paths that they are compared with."""

import ntpath
import os
from pathlib import Path, PureWindowsPath

import pytest

from loaderconv.lint import path_pattern
from loaderconv.lint.path_pattern import PathPattern, place_of
from support.desk import on_posix
from support.lint_reports import linted


@pytest.mark.parametrize(
    ("pattern", "place"),
    [
        ("a.FLM", "a.FLM"),
        ("a.FLM", "x/y/a.FLM"),
        ("*.FLM", "x/y/a.FLM"),
        ("vendor", "vendor/old/a.FLM"),
        ("vendor/", "x/vendor/a.FLM"),
        ("./vendor", "vendor/a.FLM"),
        ("/vendor", "vendor/a.FLM"),
        ("vendor/*.FLM", "vendor/a.FLM"),
        ("vendor/*", "vendor/deep/a.FLM"),
        ("vendor/**", "vendor/deep/a.FLM"),
        ("vendor/**/*.FLM", "vendor/a.FLM"),
        ("vendor/**/*.FLM", "vendor/x/y/a.FLM"),
        ("**/a.FLM", "a.FLM"),
        ("**/a.FLM", "x/a.FLM"),
        ("**", "x/a.FLM"),
        ("**", "."),
        ("W25Q??.stldr", "W25Q64.stldr"),
        ("v2 [final]/*.FLM", "v2 [final]/a.FLM"),
        ("a+b(1).FLM", "a+b(1).FLM"),
        ("X.pack", "packs/X.pack/Flash/a.FLM"),
        ("packs/X.pack/Flash/*.FLM", "packs/X.pack/Flash/a.FLM"),
        ("packs/*.pack/**/a.FLM", "packs/X.pack/Flash/a.FLM"),
        ("Flash/a.FLM", "Flash/a.FLM"),
        ("../shared/*.FLM", "../shared/a.FLM"),
    ],
)
def test_fits(pattern: str, place: str) -> None:
    assert PathPattern(pattern).fits(place)


@pytest.mark.parametrize(
    ("pattern", "place"),
    [
        ("a.FLM", "a.FLMx"),
        ("a.FLM", "ba.FLM"),
        ("a.FLM", "axFLM"),
        ("vendor/*.FLM", "x/vendor/a.FLM"),
        ("vendor/*.FLM", "vendor/x/a.FLM"),
        ("./a.FLM", "x/a.FLM"),
        ("/a.FLM", "x/a.FLM"),
        ("vendor", "vendors/a.FLM"),
        ("vendor/**", "vendor"),
        ("ven?dor", "ven/dor"),
        ("Flash/a.FLM", "X.pack/Flash/a.FLM"),
        ("*.FLM", "a.stldr"),
        ("/", "a.FLM"),
    ],
)
def test_does_not_fit(pattern: str, place: str) -> None:
    assert not PathPattern(pattern).fits(place)


def test_capitals_matter_where_they_tell_files_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    if os.name != "nt":
        assert not PathPattern("Vendor/*.flm").fits("vendor/A.FLM")
    monkeypatch.setattr(os.path, "normcase", ntpath.normcase)
    assert PathPattern("Vendor/*.flm").fits("vendor/A.FLM")


class TestPlaces:
    def test_path_from_here(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "sub").mkdir()
        monkeypatch.chdir(tmp_path / "sub")
        assert place_of(linted("x/a.FLM"), tmp_path) == "sub/x/a.FLM"
        assert place_of(linted("../a.FLM"), tmp_path) == "a.FLM"
        assert place_of(linted(".."), tmp_path) == "."

    def test_absolute_path(self, tmp_path: Path) -> None:
        assert place_of(linted(str(tmp_path / "x" / "a.FLM")), tmp_path) == "x/a.FLM"

    def test_outside(self, tmp_path: Path) -> None:
        assert place_of(linted(str(tmp_path / "a.FLM")), tmp_path / "settings") == "../a.FLM"

    def test_member_of_a_pack(self, tmp_path: Path) -> None:
        file = linted(str(tmp_path / "X.pack"), member="Flash/a.FLM")
        assert place_of(file, tmp_path) == "X.pack/Flash/a.FLM"

    def test_relative_folder_of_settings(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        assert place_of(linted("sub/a.FLM"), Path("sub")) == "a.FLM"

    @on_posix
    def test_tree_under_another_name(self, tmp_path: Path) -> None:
        (tmp_path / "real" / "x").mkdir(parents=True)
        (tmp_path / "name").symlink_to(tmp_path / "real")
        file = linted(str(tmp_path / "name" / "x" / "a.FLM"))
        assert place_of(file, tmp_path / "real") == "x/a.FLM"

    @on_posix
    def test_links_inside_keep_their_name(self, tmp_path: Path) -> None:
        (tmp_path / "tree").mkdir()
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "tree" / "vendor").symlink_to(tmp_path / "elsewhere")
        assert place_of(linted(str(tmp_path / "tree" / "vendor" / "a.FLM")), tmp_path / "tree") == "vendor/a.FLM"

    def test_another_drive(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("relpath", "abspath", "realpath", "split", "join"):
            monkeypatch.setattr(os.path, name, getattr(ntpath, name))
        monkeypatch.setattr(path_pattern, "PurePath", PureWindowsPath)
        assert place_of(linted(r"D:\x\a.FLM"), Path(r"D:\x")) == "a.FLM"
        assert place_of(linted(r"D:\x\y\a.FLM"), Path(r"D:\x")) == "y/a.FLM"
        assert place_of(linted(r"E:\x\a.FLM"), Path(r"D:\x")) == "E:/x/a.FLM"
