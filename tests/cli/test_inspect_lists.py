"""What the arguments of `loaderconv inspect` stand for: folders, patterns, and files that refer to others."""

import json
import os
import shutil
from pathlib import Path

import pytest

from loaderconv.inspection import job
from support.command import assert_failure, run
from support.desk import FIXTURE, IS_ROOT, UNREADABLE, USAGE, on_posix
from support.flm_builder import build
from support.flm_recipe import FlmRecipe
from support.inspecting import BOARD, COMMAND, FLASH, FLM, IAR, OUT, as_json, inspect, names, put


class TestFolders:
    def test_searched_with_all_below_and_sorted(self, tmp_path: Path) -> None:
        put(tmp_path / "b" / "deep", z__FLM=FIXTURE)
        put(tmp_path / "a", y__FLM=FIXTURE, x__FLM=FIXTURE)
        put(tmp_path, c__FLM=FIXTURE)
        assert names(as_json(tmp_path)[1]) == ["x.FLM", "y.FLM", "z.FLM", "c.FLM"]

    def test_by_content_not_suffix(self, tmp_path: Path) -> None:
        put(tmp_path, loader__txt=FIXTURE, text__FLM=b"text", page__board=b"<html/>", empty__flash=b"")
        exit_code, document = as_json(tmp_path)
        assert (exit_code, names(document), document["skipped"]) == (UNREADABLE, ["loader.txt"], 2)

    def test_damaged_loaders_are_not_passed_over(self, tmp_path: Path) -> None:
        """Nothing else has these suffixes, so a person wants to know; the shell's expansion must make no difference."""
        put(tmp_path, a__FLM=FIXTURE, cut__FLM=FIXTURE[:700], empty__stldr=b"", empty__out=b"")
        exit_code, document = as_json(tmp_path)
        assert (exit_code, names(document), document["skipped"]) == (UNREADABLE, ["a.FLM"], 1)
        assert [Path(each["path"]).name for each in document["unread"]] == ["cut.FLM", "empty.stldr"]
        assert "cut.FLM" in inspect(tmp_path / "*.FLM").stderr

    def test_other_programs_are_skipped(self, tmp_path: Path) -> None:
        stripped = build(FlmRecipe(has_symtab=False))
        put(tmp_path, a__FLM=FIXTURE, program__out=stripped, cut__elf=FIXTURE[:700], x86__so=b"\x7fELF\x02\x01")
        exit_code, document = as_json(tmp_path)
        assert (exit_code, names(document), document["skipped"]) == (0, ["a.FLM"], 3)
        assert "3 skipped" in inspect(tmp_path).stdout

    @pytest.mark.parametrize("option", [[], ["--format", "json"]], ids=["text", "json"])
    def test_without_a_loader(self, tmp_path: Path, option: list[str]) -> None:
        put(tmp_path, text__txt=b"text")
        assert_failure(inspect(tmp_path, *option), UNREADABLE)
        (tmp_path / "text.txt").unlink()
        assert_failure(inspect(tmp_path, *option), UNREADABLE)

    def test_what_a_board_refers_to_is_not_listed_again(self, tmp_path: Path) -> None:
        shutil.copytree(IAR, tmp_path / "iar")
        found = names(as_json(tmp_path)[1])
        assert "strict_iar.board" in found
        assert not {"strict_iar.flash", "strict_iar.out"} & set(found)
        assert "strict_iar_overlay.out" in found

    def test_what_belongs_to_a_board_may_come_before_it(self, tmp_path: Path) -> None:
        shutil.copytree(IAR, tmp_path / "iar")
        next(tmp_path.rglob("strict_iar.board")).replace(tmp_path / "last.board")
        found = names(as_json(tmp_path, "--toolkit-dir", tmp_path / "iar")[1])
        assert found[-1] == "last.board"
        assert not {"strict_iar.flash", "strict_iar.out"} & set(found)

    def test_what_a_flash_file_refers_to_is_not_listed_again(self, tmp_path: Path) -> None:
        put(tmp_path, **{path.name.replace(".", "__"): path.read_bytes() for path in (FLASH, OUT)})
        assert names(as_json(tmp_path)[1]) == ["strict_iar.flash"]

    def test_a_named_file_of_the_folder_is_listed_though_it_belongs_to_a_board(self) -> None:
        assert names(as_json(IAR, OUT)[1]).count("strict_iar.out") == 1

    def test_a_named_file_must_be_a_loader_though_its_folder_is_named_too(self, tmp_path: Path) -> None:
        put(tmp_path, a__FLM=FIXTURE, text__FLM=b"text")
        exit_code, document = as_json(tmp_path, tmp_path / "text.FLM")
        assert (exit_code, names(document), names(document, "unread")) == (UNREADABLE, ["a.FLM"], ["text.FLM"])

    @on_posix
    def test_links_in_circles_end(self, tmp_path: Path) -> None:
        put(tmp_path / "sub", a__FLM=FIXTURE)
        (tmp_path / "sub" / "up").symlink_to(tmp_path, target_is_directory=True)
        (tmp_path / "self").symlink_to(tmp_path / "self")
        (tmp_path / "again.FLM").symlink_to(tmp_path / "sub" / "a.FLM")
        outcome = run(COMMAND, tmp_path, "--format", "json")
        assert outcome.exit_code == 0
        assert names(json.loads(outcome.stdout)) == ["again.FLM"]

    @on_posix
    def test_link_to_a_folder_can_be_named(self, tmp_path: Path) -> None:
        put(tmp_path / "real", a__FLM=FIXTURE)
        (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
        assert names(as_json(tmp_path / "link")[1]) == ["a.FLM"]

    @on_posix
    def test_pipe_in_a_folder_is_not_opened(self, tmp_path: Path) -> None:
        put(tmp_path, a__FLM=FIXTURE)
        os.mkfifo(tmp_path / "pipe.FLM")
        assert names(json.loads(run(COMMAND, tmp_path, "--format", "json").stdout)) == ["a.FLM"]

    @pytest.mark.skipif(IS_ROOT or os.name == "nt", reason="root and Windows open folders without permission")
    def test_folder_without_permission_is_told(self, tmp_path: Path) -> None:
        put(tmp_path, a__FLM=FIXTURE)
        put(tmp_path / "closed", b__FLM=FIXTURE)
        (tmp_path / "closed").chmod(0)
        try:
            exit_code, document = as_json(tmp_path)
        finally:
            (tmp_path / "closed").chmod(0o700)
        assert (exit_code, names(document), names(document, "unread")) == (UNREADABLE, ["a.FLM"], ["closed"])

    def test_only_what_looks_like_a_loader_is_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        put(tmp_path, a__FLM=FIXTURE, **{f"other{number}": b"\0" * 5000 for number in range(50)})
        read: list[str] = []
        inspect_file = job.inspect_file

        def recording(path: Path, *others: object) -> object:
            read.append(path.name)
            return inspect_file(path, *others)

        monkeypatch.setattr(job, "inspect_file", recording)
        exit_code, document = as_json(tmp_path)
        assert (exit_code, read, document["skipped"]) == (0, ["a.FLM"], 50)


class TestPatterns:
    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        put(tmp_path, a__FLM=FIXTURE, b__FLM=FIXTURE, c__flm=FIXTURE, text__FLM=b"text")
        put(tmp_path / "v2 [final]", d1__FLM=FIXTURE, d2__FLM=FIXTURE)
        monkeypatch.chdir(tmp_path)
        return tmp_path

    @pytest.mark.parametrize(
        ("pattern", "expected"),
        [
            ("?.FLM", ["a.FLM", "b.FLM"]),
            ("[bc].[Ff]*", ["b.FLM", "c.flm"]),
            ("v2 [[]final]/*", ["d1.FLM", "d2.FLM"]),
            ("v2 [final]/*1.FLM", ["d1.FLM"]),
            ("v?*/d2.*", ["d2.FLM"]),
        ],
    )
    @pytest.mark.parametrize("absolute", [False, True], ids=["relative", "absolute"])
    @pytest.mark.skipif(os.name == "nt", reason="file names differ by more than case here")
    def test_matches(self, folder: Path, pattern: str, expected: list[str], absolute: bool) -> None:
        exit_code, document = as_json(f"{folder}/{pattern}" if absolute else pattern)
        assert (exit_code, names(document)) == (0, expected)

    @pytest.mark.usefixtures("folder")
    def test_matches_that_should_be_loaders_are_told_of(self) -> None:
        exit_code, document = as_json("t*.FLM", "a*")
        assert (exit_code, names(document), len(document["unread"])) == (UNREADABLE, ["a.FLM"], 1)

    @pytest.mark.usefixtures("folder")
    def test_no_match_but_loaders_is_a_failure(self) -> None:
        assert_failure(inspect("t*.FLM"), UNREADABLE)

    @pytest.mark.usefixtures("folder")
    def test_no_match_at_all_is_a_usage_problem(self) -> None:
        outcome = inspect("*.stldr", FLM)
        assert_failure(outcome, USAGE)
        assert "*.stldr" in outcome.stderr

    def test_folder_that_matches_is_searched(self, folder: Path) -> None:
        assert names(as_json(f"{folder}/v*")[1]) == ["d1.FLM", "d2.FLM"]

    def test_file_of_that_very_name_wins(self, folder: Path) -> None:
        put(folder, **{"[ab]__FLM": FIXTURE})
        assert names(as_json("[ab].FLM")[1]) == ["[ab].FLM"]

    def test_folder_of_that_very_name_wins(self, folder: Path) -> None:
        assert names(as_json(folder / "v2 [final]")[1]) == ["d1.FLM", "d2.FLM"]


class TestReferences:
    @pytest.fixture
    def board(self, tmp_path: Path) -> Path:
        """A board file far from what it refers to."""
        shutil.copy(BOARD, tmp_path / "alone.board")
        return tmp_path / "alone.board"

    def test_board_without_its_files_is_still_told(self, board: Path) -> None:
        exit_code, document = as_json(board)
        assert exit_code == 0
        (file,) = document["files"]
        assert [each["loader"] for each in file["passes"]] == [None, None]
        assert {each["path"] for each in file["references"]} == {None}

    @pytest.mark.parametrize(
        "option", [["--toolkit-dir", str(IAR)], [f"--define=TOOLKIT_DIR={IAR}"], [f"--define=$TOOLKIT_DIR$={IAR}"]]
    )
    def test_folders_given_by_options(self, board: Path, option: list[str]) -> None:
        _, document = as_json(board, *option)
        (file,) = document["files"]
        assert [each["loader"]["flavour"] for each in file["passes"]] == ["IAR", "IAR"]
        assert {each["state"] for each in file["references"]} == {"resolved"}

    @pytest.mark.parametrize(
        "option",
        [
            ["--define", "PROJ_DIR"],
            ["--define", "=x"],
            ["--define", "PROJ_DIR="],
            ["--define", "PROJ_DIR=/no/such/folder"],
            ["--toolkit-dir", "/no/such/folder"],
            ["--toolkit-dir", str(FLM)],
        ],
        ids=" ".join,
    )
    def test_options_that_cannot_be_meant(self, board: Path, option: list[str]) -> None:
        outcome = inspect(board, *option)
        assert_failure(outcome, USAGE)
        assert option[0] in outcome.stderr
