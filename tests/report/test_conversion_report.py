"""The report of a conversion as people read it: compared with a committed text, at the width of a small terminal."""

from pathlib import Path

import pytest

from loaderconv.conversion.files.job import preview_file
from loaderconv.conversion.files.options import ConversionOptions
from loaderconv.conversion.files.pass_job import preview_passes
from loaderconv.report.conversion import conversion_report, conversions_report
from loaderconv_schemas.loader import Flavour
from loaderconv_schemas.plan import ConversionReport, VerificationLevel, WrittenFile
from support.paths import FIXTURES
from support.rendering import rendered, without_blanks

GOLDEN = Path(__file__).parent / "golden"
"""After a change that is meant: print what `rendered` returns into the file, and read it."""

BOARD = FIXTURES / "iar/config/flashloader/Strict/strict_iar.board"

PLANS = {
    "strict_flm_to_stldr": (FIXTURES / "strict_flm.FLM", ConversionOptions(Flavour.FLM, Flavour.STLDR)),
    "strict_stldr_to_flm": (FIXTURES / "strict_stldr.stldr", ConversionOptions(Flavour.STLDR, Flavour.FLM)),
    "strict_iar_to_flm": (BOARD, ConversionOptions(Flavour.IAR, Flavour.FLM, pass_number=2)),
    "strict_stldr_to_iar": (FIXTURES / "strict_stldr_r9.stldr", ConversionOptions(Flavour.STLDR, Flavour.IAR)),
}


def planned(name: str) -> ConversionReport:
    source, options = PLANS[name]
    suffix = {Flavour.FLM: ".FLM", Flavour.STLDR: ".stldr", Flavour.IAR: ".board"}[options.target]
    return preview_file(source, Path(f"converted{suffix}"), options)


@pytest.mark.parametrize("name", PLANS)
def test_text_is_the_committed_one(name: str) -> None:
    assert rendered(conversion_report(planned(name))) == (GOLDEN / f"{name}.txt").read_text("utf-8")


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_no_width_loses_a_fact(width: int) -> None:
    report = planned("strict_iar_to_flm")
    printed = rendered(conversion_report(report), width=width)
    text = without_blanks(printed)
    for region in report.plan.memory_map:
        assert str(region.range) in text
        assert without_blanks(region.name) in text
    for loss in report.plan.losses:
        assert without_blanks(loss.fact) in text
    for warning in report.plan.warnings:
        assert without_blanks(warning.message) in text
    for requirement in report.plan.requirements:
        assert without_blanks(requirement) in text
    assert f"RAMstart0x{report.plan.ram.start:08x}" in text
    assert f"RAMsize0x{report.plan.ram.size_bytes:x}" in text
    assert max(map(len, printed.splitlines())) <= width


@pytest.mark.parametrize("name", PLANS)
def test_text_is_ascii(name: str) -> None:
    assert rendered(conversion_report(planned(name))).isascii()


def test_colour_only_where_it_is_wanted() -> None:
    report = conversion_report(planned("strict_flm_to_stldr"))
    assert "\x1b[" in rendered(report, colour=True)
    assert "\x1b" not in rendered(report)


def test_an_offset_is_told_only_where_there_is_one() -> None:
    told = rendered(conversion_report(planned("strict_iar_to_flm")))
    assert "Offset    0x80000000 is added: the source sees it at 0x90000000" in told
    assert "Offset" not in rendered(conversion_report(planned("strict_stldr_to_flm")))


def test_ram_for_the_ide_is_told_of_an_flm_alone() -> None:
    assert "RAMstart" in rendered(conversion_report(planned("strict_stldr_to_flm")))
    assert "RAMstart" not in rendered(conversion_report(planned("strict_stldr_to_iar")))


def test_every_written_file_is_listed_with_what_was_verified() -> None:
    files = tuple(
        WrittenFile(path=f"x.{name}", size_bytes=1234, sha256="ab" * 32) for name in ("board", "flash", "out")
    )
    plan = planned("strict_stldr_to_iar").plan
    report = ConversionReport(plan=plan, outputs=files, verified=VerificationLevel.SIMULATION, checks=("It ran.",))
    lines = rendered(conversion_report(report)).partition("Written\n")[2].splitlines()
    assert [line.split() for line in lines[:9:3]] == [["File", "x.board"], ["File", "x.flash"], ["File", "x.out"]]
    assert lines[1:3] == ["  Size     1,234 bytes", "  SHA-256  " + "ab" * 32]
    assert lines[-2:] == ["Verified (simulation)", "  - It ran."]


def test_passes_stand_below_each_other() -> None:
    report = preview_passes(BOARD, Path("folder"), ConversionOptions(Flavour.IAR, Flavour.FLM))
    lines = rendered(conversions_report(report)).splitlines()
    assert [line for line in lines if line.startswith("Pass ")] == ["Pass 1", "Pass 2"]
    assert sum(line.startswith("strict_iar.board (IAR") for line in lines) == 2
