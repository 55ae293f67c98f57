"""Boards of several passes: one of them by number, or all of them into a folder."""

import os
import shutil
from pathlib import Path

import pytest

from loaderconv_formats.loader_file import read_loader_file
from loaderconv_schemas.errors import ExitCode
from support.command import assert_failure, invoke, snapshot
from support.conversions import BOARD, FLM, ONE_PASS, RAM, plan_of, report_of

BASES = (0x9000_0000, 0x1000_0000)
NAMES = {f"strict_iar_pass{number}{suffix}" for number in (1, 2) for suffix in (".FLM", ".pdsc.xml")}


def test_several_passes_need_a_choice_and_are_listed(tmp_path: Path) -> None:
    outcome = invoke("iar-to-flm", BOARD, tmp_path / "x.FLM")
    assert_failure(outcome, ExitCode.USAGE)
    assert "1: 0x90000000..0x9000ffff, strict_iar" in outcome.stderr
    assert "2: 0x10000000..0x1000ffff, strict_iar" in outcome.stderr
    assert "--pass" in outcome.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [1, 2])
def test_one_pass_by_its_number(number: int, tmp_path: Path) -> None:
    plan = plan_of("iar-to-flm", BOARD, tmp_path / "x.FLM", "--pass", str(number))
    assert plan["device"]["base_address"] == BASES[number - 1]
    assert plan["address_delta"] == (0, 0x8000_0000)[number - 1]


def test_the_arguments_of_a_pass_come_along(tmp_path: Path) -> None:
    assert "--read-back" in str(plan_of("iar-to-flm", BOARD, tmp_path / "x.FLM", "--pass", "2")["losses"])
    assert "--read-back" not in str(plan_of("iar-to-flm", BOARD, tmp_path / "x.FLM", "--pass", "1")["losses"])


def test_a_pass_that_is_not_there(tmp_path: Path) -> None:
    outcome = invoke("iar-to-flm", BOARD, tmp_path / "x.FLM", "--pass", "3")
    assert_failure(outcome, ExitCode.USAGE)
    assert "no pass 3" in outcome.stderr


def test_an_existing_folder_gets_all_passes(tmp_path: Path) -> None:
    report = report_of(invoke("iar-to-flm", BOARD, tmp_path, "--format", "json"))
    assert {path.name for path in tmp_path.iterdir()} == NAMES
    assert [each["number"] for each in report["conversions"]] == [1, 2]
    for number, base in enumerate(BASES, start=1):
        device = read_loader_file(tmp_path / f"strict_iar_pass{number}.FLM").loader.described_device
        assert device.base_address == base


def test_a_folder_that_is_named_with_a_slash_is_made(tmp_path: Path) -> None:
    assert invoke("iar-to-flm", BOARD, f"{tmp_path}{os.sep}new{os.sep}").exit_code == 0
    assert {path.name for path in (tmp_path / "new").iterdir()} == NAMES


def test_a_folder_with_one_pass_of_several(tmp_path: Path) -> None:
    assert invoke("iar-to-stldr", BOARD, tmp_path, "--pass", "2", *RAM).exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["strict_iar_pass2.stldr"]


def test_a_folder_for_the_only_pass(tmp_path: Path) -> None:
    assert invoke("iar-to-flm", ONE_PASS, tmp_path).exit_code == 0
    assert (tmp_path / "strict_iar_far_pass1.FLM").is_file()


def test_a_dry_run_makes_no_folder(tmp_path: Path) -> None:
    outcome = invoke("iar-to-flm", BOARD, f"{tmp_path}{os.sep}new{os.sep}", "--dry-run")
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    assert outcome.stdout.count("Dry run") == 2
    assert list(tmp_path.iterdir()) == []


def test_one_refused_pass_leaves_no_file_of_the_others(tmp_path: Path) -> None:
    board = BOARD.read_text("utf-8").replace("0x80000000", "0x70000000")
    shutil.copytree(BOARD.parent, tmp_path / "in")
    (tmp_path / "in" / "strict_iar.board").write_text(board, "utf-8")
    outcome = invoke("iar-to-flm", tmp_path / "in" / "strict_iar.board", f"{tmp_path}{os.sep}new{os.sep}")
    assert_failure(outcome, ExitCode.REFUSED)
    assert "pass 2" in outcome.stderr
    assert not (tmp_path / "new").exists()


def test_existing_files_in_the_folder_are_kept(tmp_path: Path) -> None:
    (tmp_path / "strict_iar_pass2.pdsc.xml").write_bytes(b"precious")
    before = snapshot(tmp_path)
    assert_failure(invoke("iar-to-flm", BOARD, tmp_path), ExitCode.USAGE)
    assert snapshot(tmp_path) == before
    assert invoke("iar-to-flm", BOARD, tmp_path, "--force").exit_code == 0


@pytest.mark.parametrize("place", ["gone/new/", "file/"])
def test_a_folder_that_cannot_be_made(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"a file")
    before = snapshot(tmp_path)
    outcome = invoke("iar-to-flm", BOARD, f"{tmp_path}{os.sep}{place.replace('/', os.sep)}")
    assert_failure(outcome, ExitCode.USAGE)
    assert snapshot(tmp_path) == before


def test_loaders_of_one_file_need_a_file_as_output(tmp_path: Path) -> None:
    assert_failure(invoke("flm-to-iar", FLM, tmp_path), ExitCode.USAGE)
    assert list(tmp_path.iterdir()) == []


def test_a_pass_without_its_loader_is_refused_with_the_reason(tmp_path: Path) -> None:
    shutil.copy(ONE_PASS, tmp_path / "in.board")
    outcome = invoke("iar-to-flm", tmp_path / "in.board", tmp_path / "x.FLM")
    assert_failure(outcome, ExitCode.REFUSED)
    assert "strict_iar_far.flash" in outcome.stderr
    assert "--toolkit-dir" in outcome.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["in.board"]


def test_references_are_followed_only_where_the_user_says(tmp_path: Path) -> None:
    shutil.copy(ONE_PASS, tmp_path / "in.board")
    toolkit = ONE_PASS.parents[3]
    outcome = invoke("iar-to-flm", tmp_path / "in.board", tmp_path / "x.FLM", "--toolkit-dir", toolkit)
    assert outcome.exit_code == 0, outcome.stderr
    defined = ("--define", f"toolkit_dir={toolkit}")
    assert invoke("iar-to-flm", tmp_path / "in.board", tmp_path / "y.FLM", *defined).exit_code == 0
    assert (tmp_path / "x.FLM").read_bytes() == (tmp_path / "y.FLM").read_bytes()


def test_two_boards_of_one_flash_are_told_of(tmp_path: Path) -> None:
    """The file that was named does not say which pass is meant, and the user must see that."""
    shutil.copytree(ONE_PASS.parent, tmp_path, dirs_exist_ok=True)
    shutil.copy(tmp_path / "strict_iar_far.board", tmp_path / "another.board")
    plan = plan_of("iar-to-flm", tmp_path / "strict_iar_far.flash", tmp_path / "x.FLM")
    assert "several-boards" in [each["code"] for each in plan["warnings"]]
