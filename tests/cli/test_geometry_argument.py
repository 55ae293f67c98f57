"""`--geometry` and the sizes in it."""

import pytest

from loaderconv.cli.geometry_argument import parse_geometry
from loaderconv.cli.size_argument import parse_size
from loaderconv_schemas.errors import UsageProblem


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("4x4K,3x16K", [(0, 0x1000, 4), (0x4000, 0x4000, 3)]),
        (" 4 x 4K , 3 X 0x4000 ", [(0, 0x1000, 4), (0x4000, 0x4000, 3)]),
        ("1x1", [(0, 1, 1)]),
        ("128*128KiB", [(0, 0x2_0000, 128)]),
        ("1x4096M", [(0, 1 << 32, 1)]),
    ],
)
def test_runs_lie_one_behind_the_other(text: str, runs: list[tuple[int, int, int]]) -> None:
    found = [(run.offset_bytes, run.sector_size_bytes, run.count) for run in parse_geometry(text)]
    assert found == runs


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "part 1"),
        ("4x4K,", "part 2"),
        ("4K", "part 1"),
        ("x4K", "part 1"),
        ("4x", "part 1"),
        ("0x4K", "part 1"),
        ("4x4K,0x1000", "part 2"),
        ("4x4Q", "'4Q' is no size"),
        ("4x0x0", "'0x0' is no size"),
        ("-4x4K", "part 1"),
        ("4x-4K", "no size"),
        ("2x2048M,1x1", "part 2"),
        ("9999999999x4096M", "beyond 32-bit"),
        ("1" * 5000 + "x1", "part 1"),
        ("4x\u0664K", "no size"),
    ],
    ids=lambda value: ascii(value[:20]),
)
def test_what_is_wrong_is_named(text: str, words: str) -> None:
    with pytest.raises(UsageProblem, match="--geometry") as caught:
        parse_geometry(text)
    assert words in caught.value.message
    assert caught.value.message.isascii()
    assert "4" in caught.value.hint


@pytest.mark.parametrize(("text", "size_bytes"), [("256", 256), ("0x100", 256), ("4k", 4096), ("1MiB", 1 << 20)])
def test_sizes(text: str, size_bytes: int) -> None:
    assert parse_size(text, option="--page") == size_bytes


@pytest.mark.parametrize("text", ["", "0", "0x0", "010", "-1", "1.5K", "1G", "0x1FFFFFFFF", "4 K"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(UsageProblem, match="--page"):
        parse_size(text, option="--page")
