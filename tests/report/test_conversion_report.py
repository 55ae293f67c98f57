"""The report of a conversion as people read it: compared with a committed text, at the width of a small terminal."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from loaderconv.conversion.flm_to_stldr import plan_flm_to_stldr
from loaderconv.conversion.request import StldrRequest
from loaderconv.report.conversion import conversion_report
from loaderconv_formats.loader_file import read_loader_file
from loaderconv_schemas.plan import ConversionReport
from support.paths import FIXTURES

GOLDEN = Path(__file__).parent / "strict_flm.txt"
"""After a change that is meant: print what `rendered` returns for width 80 into this file, and read it."""


def report_for(stem: str) -> ConversionReport:
    source = FIXTURES / f"{stem}.FLM"
    request = StldrRequest(file_name=f"{stem}.stldr", name=stem)
    return ConversionReport(plan=plan_flm_to_stldr(read_loader_file(source), source.name, request).plan)


def rendered(report: ConversionReport, *, width: int, colour: bool = False) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=width, force_terminal=colour, color_system="standard" if colour else None)
    console.print(conversion_report(report), markup=False, highlight=False)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def test_text_is_the_committed_one() -> None:
    assert rendered(report_for("strict_flm"), width=80) == GOLDEN.read_text("utf-8")


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_no_width_loses_a_fact(width: int) -> None:
    report = report_for("strict_flm_onchip")
    text = "".join(rendered(report, width=width).split())
    for region in report.plan.memory_map:
        assert str(region.range) in text
        assert "".join(region.name.split()) in text
    for loss in report.plan.losses:
        assert "".join(loss.fact.split()) in text
    for warning in report.plan.warnings:
        assert "".join(warning.message.split()) in text
    for requirement in report.plan.requirements:
        assert "".join(requirement.split()) in text
    assert max(map(len, rendered(report, width=width).splitlines())) <= width


def test_text_is_ascii() -> None:
    assert rendered(report_for("strict_flm_onchip"), width=80).isascii()


def test_colour_only_where_it_is_wanted() -> None:
    report = report_for("strict_flm")
    assert "\x1b[" in rendered(report, width=80, colour=True)
    assert "\x1b" not in rendered(report, width=80)
