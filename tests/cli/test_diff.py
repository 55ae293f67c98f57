"""`loaderconv diff`: what it says of two files, and how it ends."""

import json
import shutil
from pathlib import Path

import pytest

from loaderconv_schemas.errors import ExitCode
from support.command import Outcome, assert_failure, invoke, run
from support.desk import FIXTURE, UNREADABLE, USAGE
from support.elf_numbers import STT_FUNC
from support.flm_builder import build
from support.flm_recipe import ExtraSymbol, FlmRecipe
from support.inspecting import BOARD, FLASH, FLM, IAR, OUT, STLDR
from support.paths import FIXTURES

COMMAND = "diff"
DIFFERENT = ExitCode.FINDINGS


def diff(*arguments: str | Path) -> Outcome:
    return invoke(COMMAND, *arguments, env={"COLUMNS": "400"})


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """An FLM, and beside it one that differs only in a name that no host looks up."""
    extra = ExtraSymbol("helper", value=1, size_bytes=4, kind=STT_FUNC, section="PrgCode")
    (tmp_path / "same.FLM").write_bytes(build(FlmRecipe(extra_symbols=(extra,))))
    (tmp_path / "built.FLM").write_bytes(build(FlmRecipe()))
    return tmp_path / "built.FLM"


@pytest.mark.parametrize("path", [FLM, STLDR, BOARD, FLASH, OUT], ids=lambda path: path.suffix)
def test_a_file_and_its_copy(tmp_path: Path, path: Path) -> None:
    shutil.copytree(IAR, tmp_path / "iar")
    copy = tmp_path / path.relative_to(FIXTURES)
    shutil.copy(path, copy)
    outcome = diff(path, copy)
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    assert "equal byte for byte" in outcome.stdout


def test_other_bytes_of_the_same_meaning(built: Path) -> None:
    outcome = diff(built, built.with_name("same.FLM"))
    assert outcome.exit_code == 0
    assert "mean the same" in outcome.stdout
    document = json.loads(diff(built, built.with_name("same.FLM"), "--format", "json").stdout)
    assert (document["differences"], document["identical"]) == ([], False)


def test_differences_are_told(built: Path) -> None:
    other = built.with_name("other.FLM")
    other.write_bytes(build(FlmRecipe(page_size_bytes=512)))
    outcome = run(COMMAND, built, other)
    assert (outcome.exit_code, outcome.stderr) == (DIFFERENT, "")
    (row,) = (line.split() for line in outcome.stdout.splitlines() if line.strip().startswith("page size"))
    assert row[-2:] == ["512", "bytes"]
    document = json.loads(diff(built, other, "--format", "json").stdout)
    assert [(each["aspect"], each["right"], each["unit"]) for each in document["differences"]] == [
        ("page size", 512, "byte"),
        ("RAM for the buffer", 512, "byte"),
    ]


def test_conversion_changes_what_its_plan_says(tmp_path: Path) -> None:
    converted = tmp_path / "strict_flm.stldr"
    assert invoke("flm-to-stldr", FLM, converted).exit_code == 0
    outcome = diff(FLM, converted, "--format", "json")
    assert outcome.exit_code == DIFFERENT
    aspects = {each["aspect"] for each in json.loads(outcome.stdout)["differences"]}
    assert {"device name", "routine: read", "code size"} <= aspects
    unchanged = {"base address", "device size", "page size", "erased value", "routine: verify", "erase timeout"}
    assert not unchanged & aspects
    assert not [aspect for aspect in aspects if aspect.startswith(("sectors", "device type"))]


def test_board_without_its_files(tmp_path: Path) -> None:
    """The bytes are the same, what they stand for is not."""
    shutil.copy(BOARD, tmp_path)
    outcome = diff(BOARD, tmp_path / BOARD.name)
    assert outcome.exit_code == DIFFERENT
    assert "pass 1: loader" in outcome.stdout
    assert "equal byte for byte" in outcome.stdout
    assert diff(BOARD, tmp_path / BOARD.name, "--toolkit-dir", IAR).exit_code == 0


def test_what_was_not_read_is_not_the_same(tmp_path: Path) -> None:
    """Two boards of the same words, whose loaders nobody found."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        shutil.copy(BOARD, tmp_path / name)
    outcome = diff(tmp_path / "a" / BOARD.name, tmp_path / "b" / BOARD.name)
    assert outcome.exit_code == ExitCode.UNREADABLE
    assert "What could be compared is the same." in outcome.stdout
    assert outcome.stdout.count("strict_iar.flash was not read") == 2


@pytest.mark.parametrize("option", [[], ["--format", "json"]], ids=["text", "json"])
@pytest.mark.parametrize("bad_one", [0, 1], ids=["first", "second"])
@pytest.mark.parametrize("contents", [b"", b"<html/>", FIXTURE[:700], None], ids=["empty", "html", "cut", "missing"])
def test_unreadable_file(tmp_path: Path, contents: bytes | None, bad_one: int, option: list[str]) -> None:
    bad = tmp_path / "bad [x].FLM"
    if contents is not None:
        bad.write_bytes(contents)
    files = [FLM, FLM]
    files[bad_one] = bad
    outcome = diff(*files, *option)
    assert_failure(outcome, UNREADABLE)
    assert "bad [x].FLM" in outcome.stderr


def test_folder(tmp_path: Path) -> None:
    assert_failure(diff(FLM, tmp_path), UNREADABLE)


def test_both_names_come_out_unharmed(tmp_path: Path) -> None:
    odd = tmp_path / "[bold]in[x].FLM"
    odd.write_bytes(FIXTURE)
    assert str(odd) in diff(odd, FLM).stdout


def test_no_colours_in_pipes_unless_forced(built: Path) -> None:
    assert "\x1b" not in run(COMMAND, built, FLM).stdout
    forced = {"FORCE_COLOR": "1", "TERM": "xterm-256color"}
    assert "\x1b[32m" in run(COMMAND, built, FLM, env=forced).stdout
    assert "\x1b" not in run(COMMAND, built, FLM, "--format", "json", env=forced).stdout


@pytest.mark.parametrize("arguments", [[], [FLM], [FLM, FLM, FLM], [FLM, FLM, "--format", "xml"]], ids=len)
def test_wrong_command_line(arguments: list[str | Path]) -> None:
    outcome = diff(*arguments)
    assert (outcome.exit_code, outcome.stdout) == (USAGE, "")
    assert "Usage:" in outcome.stderr
