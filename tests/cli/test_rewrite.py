"""`loaderconv rewrite` as a user meets it."""

import hashlib
import json
from pathlib import Path

import pytest

from loaderconv_formats.loader_file import parse_loader
from loaderconv_schemas.errors import ExitCode
from loaderconv_schemas.rewriting import RewriteReport
from support.command import Outcome, assert_failure, invoke, run, snapshot
from support.paths import FIXTURES

LINKED = (FIXTURES / "strict_stldr_emit_relocs.elf").read_bytes()
STLDR = (FIXTURES / "strict_stldr.stldr").read_bytes()
FLASH = next((FIXTURES / "iar").rglob("strict_iar.flash")).read_bytes()
IAR = next((FIXTURES / "iar").rglob("strict_iar.out")).read_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "LOADER.elf").write_bytes(LINKED)
    return tmp_path


def rewrite(folder: Path, output: str, *options: str, source: str = "LOADER.elf") -> Outcome:
    return invoke("rewrite", folder / source, folder / output, *options)


def check_failure(folder: Path, exit_code: int, output: str, *options: str, source: str = "LOADER.elf") -> str:
    before = snapshot(folder)
    outcome = rewrite(folder, output, *options, source=source)
    assert_failure(outcome, exit_code)
    assert snapshot(folder) == before
    return outcome.stderr


def test_last_build_step_of_a_loader(folder: Path) -> None:
    outcome = rewrite(folder, "W25Q64_BOARD.stldr")
    assert outcome.exit_code == 0, outcome.stderr
    data = (folder / "W25Q64_BOARD.stldr").read_bytes()
    assert parse_loader(data, "x").loader.described_device.name == "W25Q64_BOARD"
    assert (folder / "LOADER.elf").read_bytes() == LINKED
    for words in ("[host-word]", "[device-name]", f"{len(data):,} bytes", hashlib.sha256(data).hexdigest(), "Verified"):
        assert words in outcome.stdout


def test_nothing_to_change_is_said(folder: Path) -> None:
    (folder / "strict_stldr.stldr").write_bytes(STLDR)
    (folder / "out").mkdir()
    outcome = rewrite(folder, "out/strict_stldr.stldr", source="strict_stldr.stldr")
    assert outcome.exit_code == 0, outcome.stderr
    assert "Changes: none" in outcome.stdout


def test_json_is_the_report_and_nothing_else(folder: Path) -> None:
    outcome = rewrite(folder, "NAME.stldr", "--format", "json", "--strip-debug")
    report = RewriteReport.model_validate(json.loads(outcome.stdout))
    data = (folder / "NAME.stldr").read_bytes()
    assert (report.output_size_bytes, report.output_sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert report.source_sha256 == hashlib.sha256(LINKED).hexdigest()
    assert [change.code for change in report.changes] == ["debug-info", "host-word", "device-name"]
    assert len(report.checks) == 3


def test_dry_run_tells_the_changes_and_writes_nothing(folder: Path) -> None:
    (folder / "NAME.stldr").write_bytes(b"precious")
    before = snapshot(folder)
    outcome = rewrite(folder, "NAME.stldr", "--dry-run")
    assert outcome.exit_code == 0, outcome.stderr
    assert "[host-word]" in outcome.stdout
    assert "nothing was written" in outcome.stdout
    assert snapshot(folder) == before
    report = RewriteReport.model_validate_json(rewrite(folder, "NAME.stldr", "--dry-run", "--format", "json").stdout)
    assert (report.output, report.checks) == (None, ())


def test_existing_output_is_replaced_with_force_only(folder: Path) -> None:
    (folder / "NAME.stldr").write_bytes(b"precious")
    assert "--force" in check_failure(folder, ExitCode.USAGE, "NAME.stldr")
    assert rewrite(folder, "NAME.stldr", "--force").exit_code == 0
    assert (folder / "NAME.stldr").read_bytes() != b"precious"


def test_output_may_not_be_the_input(folder: Path) -> None:
    assert "input itself" in check_failure(folder, ExitCode.USAGE, "LOADER.elf", "--force")
    assert "no folder" in check_failure(folder, ExitCode.USAGE, "nowhere/NAME.stldr")


@pytest.mark.parametrize(
    ("name", "data", "options"),
    [
        ("loader.out", IAR, ["--name", "x"]),
        ("loader.flash", FLASH, ["--name", "x"]),
        ("loader.flash", FLASH, ["--strip-debug"]),
        ("LOADER.elf", LINKED, ["--name", "N" * 100]),
    ],
)
def test_options_that_make_no_sense(folder: Path, name: str, data: bytes, options: list[str]) -> None:
    (folder / name).write_bytes(data)
    assert name in check_failure(folder, ExitCode.USAGE, f"other{Path(name).suffix}", *options, source=name)


def test_no_loader_and_no_file(folder: Path) -> None:
    (folder / "text.txt").write_bytes(b"text")
    assert "text.txt" in check_failure(folder, ExitCode.UNREADABLE, "x.stldr", source="text.txt")
    check_failure(folder, ExitCode.UNREADABLE, "x.stldr", source="missing.elf")


def test_loader_that_cannot_be_put_right(folder: Path) -> None:
    (folder / "lost.elf").write_bytes(STLDR.replace(b"\0SectorErase\0", b"\0SectorBurns\0"))
    assert "lacks SectorErase" in check_failure(folder, ExitCode.REFUSED, "x.stldr", source="lost.elf")


def test_xml_is_copied_without_the_blanks_in_front(folder: Path) -> None:
    (folder / "in.flash").write_bytes(b"\r\n " + FLASH)
    outcome = rewrite(folder, "out.flash", source="in.flash")
    assert outcome.exit_code == 0, outcome.stderr
    assert "3 bytes in front" in outcome.stdout
    assert (folder / "out.flash").read_bytes() == FLASH


def test_the_same_bytes_from_another_process(folder: Path) -> None:
    assert rewrite(folder, "NAME.stldr").exit_code == 0
    first = (folder / "NAME.stldr").read_bytes()
    outcome = run(
        "rewrite", str(folder / "LOADER.elf"), str(folder / "NAME.stldr"), "--force", env={"PYTHONHASHSEED": "4711"}
    )
    assert outcome.exit_code == 0, outcome.stderr
    assert (folder / "NAME.stldr").read_bytes() == first
