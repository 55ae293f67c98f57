"""The report of a conversion as people read it: compared with a committed text, at the width of a small terminal."""

from pathlib import Path

import pytest

from loaderconv.conversion.flm_to_stldr import plan_flm_to_stldr
from loaderconv.conversion.request import StldrRequest
from loaderconv.report.conversion import conversion_report
from loaderconv_formats.loader_file import read_loader_file
from loaderconv_schemas.plan import ConversionReport
from support.paths import FIXTURES
from support.rendering import rendered, without_blanks

GOLDEN = Path(__file__).parent / "strict_flm.txt"
"""After a change that is meant: print what `rendered` returns into this file, and read it."""


def report_for(stem: str) -> ConversionReport:
    source = FIXTURES / f"{stem}.FLM"
    request = StldrRequest(file_name=f"{stem}.stldr", name=stem)
    return ConversionReport(plan=plan_flm_to_stldr(read_loader_file(source), source.name, request).plan)


def test_text_is_the_committed_one() -> None:
    assert rendered(conversion_report(report_for("strict_flm"))) == GOLDEN.read_text("utf-8")


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_no_width_loses_a_fact(width: int) -> None:
    report = report_for("strict_flm_onchip")
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
    assert max(map(len, printed.splitlines())) <= width


def test_text_is_ascii() -> None:
    assert rendered(conversion_report(report_for("strict_flm_onchip"))).isascii()


def test_colour_only_where_it_is_wanted() -> None:
    report = conversion_report(report_for("strict_flm"))
    assert "\x1b[" in rendered(report, colour=True)
    assert "\x1b" not in rendered(report)
