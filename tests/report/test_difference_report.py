"""What people read of a comparison."""

import pytest

from loaderconv.report.difference import diff_report
from loaderconv_schemas.difference import ComparedFile, Difference, DiffReport, Unit
from loaderconv_schemas.file_kind import FileKind
from support.rendering import rendered, without_blanks

DIFFERENCES = (
    Difference(aspect="device name", left="W25Q64", right="[bold]MX25[/]"),
    Difference(aspect="page size", left=256, right=4096, unit=Unit.BYTES),
    Difference(aspect="base address", left=0x9000_0000, right=0, unit=Unit.ADDRESS),
    Difference(aspect="erase timeout", left=3000, right=None, unit=Unit.MILLISECONDS),
    Difference(aspect="passes", left=1, right=1300),
)

TEXT = """\
first   a.FLM: a Keil flash algorithm (.FLM)
second  b [x].stldr: an STM32Cube external loader (.stldr)

5 differences
                 first       second
  device name    W25Q64      [bold]MX25[/]
  page size      256 bytes   4 KiB
  base address   0x90000000  0x00000000
  erase timeout  3,000 ms    -
  passes         1           1,300
"""


def report(*differences: Difference, identical: bool = False, left: str = "a.FLM") -> DiffReport:
    return DiffReport(
        left=ComparedFile(path=left, kind=FileKind.FLM),
        right=ComparedFile(path="b [x].stldr", kind=FileKind.STLDR),
        differences=differences,
        identical=identical,
    )


def test_text() -> None:
    assert rendered(diff_report(report(*DIFFERENCES))) == TEXT


def test_one_difference_is_no_plural() -> None:
    assert "\n1 difference\n" in rendered(diff_report(report(DIFFERENCES[0])))


def test_no_difference() -> None:
    assert "equal byte for byte" in rendered(diff_report(report(identical=True)))
    same = rendered(diff_report(report()))
    assert "mean the same" in same
    assert "equal" not in same


def test_equal_bytes_of_different_meaning() -> None:
    text = rendered(diff_report(report(DIFFERENCES[0], identical=True)))
    assert "1 difference" in text
    assert "equal byte for byte" in text


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_no_width_loses_a_fact(width: int) -> None:
    path = "a folder with a long name/" * 6 + "in.FLM"
    long = Difference(aspect="sectors, run 1", left="16 x 4096 bytes from offset 0x0" * 4, right=None)
    printed = rendered(diff_report(report(*DIFFERENCES, long, left=path)), width=width)
    assert max(map(len, printed.splitlines())) <= width
    assert without_blanks(path) in without_blanks(printed)
    for each in DIFFERENCES:
        assert without_blanks(each.aspect)[:4] in without_blanks(printed)


def test_text_is_ascii_and_coloured_only_where_wanted() -> None:
    shown = diff_report(report(*DIFFERENCES))
    assert rendered(shown).isascii()
    assert "\x1b" not in rendered(shown)
    coloured = rendered(shown, colour=True)
    assert "\x1b[31m256 bytes" in coloured
    assert "\x1b[32m4 KiB" in coloured
