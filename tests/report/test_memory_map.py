"""The drawing of a memory map."""

import pytest

from loaderconv.report.memory_map import DrawnMemoryMap
from loaderconv_schemas.inspection import MemoryUse, Use
from support.loader_models import addresses
from support.rendering import rendered, without_blanks

ROWS = (
    MemoryUse(use=Use.HOST, range=addresses(0x2000_0000, 0x2000_0004)),
    MemoryUse(use=Use.CODE, range=addresses(0x2000_0010, 0x2000_0810)),
    MemoryUse(use=Use.DATA, range=addresses(0x2000_0810, 0x2000_0C10)),
    MemoryUse(use=Use.ZEROS, range=addresses(0x2400_0000, 0x2400_0801)),
)


def lines(width: int = 80, encoding: str = "utf-8") -> list[str]:
    return rendered(DrawnMemoryMap(ROWS), width=width, encoding=encoding).splitlines()


EIGHTHS = " \u258f\u258e\u258d\u258c\u258b\u258a\u2589\u2588"


def bar_lengths(width: int = 80) -> list[int]:
    """Return the lengths of the bars in eighths of a character."""
    return [sum(EIGHTHS.find(letter) for letter in line if letter in EIGHTHS) for line in lines(width) if ".." in line]


def test_one_line_a_region_and_a_thin_one_a_gap() -> None:
    thin = "\u2504" * 22
    assert [line.split("  ")[1] for line in lines()] == [
        "0x20000000..0x20000003",
        thin,
        "0x20000010..0x2000080f",
        "0x20000810..0x20000c0f",
        thin,
        "0x24000000..0x24000800",
    ]


def test_gaps_have_their_size() -> None:
    assert [line.split()[1] for line in lines() if "\u2504" in line] == ["12", f"{0x2400_0000 - 0x2000_0C10:,}"]


def test_bars_are_in_proportion() -> None:
    _, code, data, zeros = bar_lengths()
    assert abs(code - 2 * data) <= 1
    assert zeros - 1 <= code <= zeros
    assert code > 8 * 8


def test_smallest_region_is_still_seen() -> None:
    assert lines()[0].endswith("\u258f")


@pytest.mark.parametrize("encoding", ["cp1252", "cp437", "ascii", "iso8859-1"])
def test_other_encodings_get_ascii(encoding: str) -> None:
    text = "\n".join(lines(encoding=encoding))
    assert text.isascii()
    assert lines(encoding=encoding)[0].endswith("#")
    assert lines(encoding=encoding)[1].split() == ["." * 22, "12"]


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("width", [30, 60, 80, 100, 200])
def test_no_width_loses_a_fact_or_is_exceeded(width: int, encoding: str) -> None:
    drawn = lines(width, encoding)
    text = without_blanks("".join(drawn))
    for row in ROWS:
        assert str(row.range) in text
        assert f"{row.range.size_bytes:,}{without_blanks(row.use)}" in text
    assert max(map(len, drawn)) <= width


def test_no_bars_where_there_is_no_room() -> None:
    assert bar_lengths(60) == [0, 0, 0, 0]


def test_bars_stay_short_in_wide_windows() -> None:
    assert max(bar_lengths(300)) == 8 * 40


def test_colours_tell_uses_apart() -> None:
    coloured = rendered(DrawnMemoryMap(ROWS), colour=True)
    styles = {line.partition("\x1b[")[2].partition("m")[0] for line in coloured.splitlines() if ".." in line}
    assert len(styles) == len(ROWS)


def test_every_use_has_a_colour() -> None:
    rows = tuple(MemoryUse(use=use, range=addresses(16 * at, 16 * at + 16)) for at, use in enumerate(Use))
    assert len(rendered(DrawnMemoryMap(rows)).splitlines()) == len(Use)
