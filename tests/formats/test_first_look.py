"""The first look at a file: never wrong about a loader, quick about everything else."""

import os
from pathlib import Path

import pytest

from loaderconv_formats.first_look import Look, first_look
from support.desk import on_posix
from support.inspecting import BOARD, FLASH, FLM, OUT, STLDR
from support.paths import all_corpus_flms

DECLARATION = '<?xml version="1.0" encoding="{}"?>\r\n'
LICENCE = f"<!-- {'licence ' * 1000} -->"


def look(folder: Path, contents: bytes) -> Look | None:
    (folder / "file").write_bytes(contents)
    return first_look(folder / "file")


@pytest.mark.parametrize(
    ("path", "expected"),
    [(FLM, Look.PROGRAM), (STLDR, Look.PROGRAM), (OUT, Look.PROGRAM), (FLASH, Look.FLASH), (BOARD, Look.BOARD)],
    ids=lambda value: getattr(value, "suffix", ""),
)
def test_loaders(path: Path, expected: Look) -> None:
    assert first_look(path) is expected


@pytest.mark.parametrize("path", all_corpus_flms())
def test_real_loaders(path: Path) -> None:
    assert first_look(path) is Look.PROGRAM


@pytest.mark.parametrize(
    "contents",
    [
        (DECLARATION.format("iso-8859-1") + "<flash_board>").encode(),
        b"\xef\xbb\xbf" + (DECLARATION.format("UTF-8") + "<flash_board>").encode(),
        (DECLARATION.format("UTF-16") + "<flash_board>").encode("utf-16"),
        b" \r\n\t<flash_board/>",
        b"\n" * 100 + b"<flash_board/>",
        (DECLARATION.format("UTF-8") + LICENCE + "<flash_board>").encode(),
    ],
    ids=["plain", "byte order mark", "utf-16", "blanks", "many blanks", "licence in front"],
)
def test_board_in_every_dress(tmp_path: Path, contents: bytes) -> None:
    assert look(tmp_path, contents) is Look.BOARD


@pytest.mark.parametrize(
    "contents",
    [
        b"",
        b"text with <flash_board> in it",
        b"<html><body/></html>",
        b"PK\x03\x04",
        b"\x7fEL",
        b"\x7fELF",
        b"\x7fELF\x02\x01" + bytes(12) + b"\x28\x00",
        b"\x7fELF\x01\x02" + bytes(12) + b"\x28\x00",
        b"\x7fELF\x01\x01" + bytes(12) + b"\x03\x00",
    ],
    ids=["empty", "text", "html", "zip", "cut magic", "magic alone", "64-bit", "big-endian", "x86"],
)
def test_other_files(tmp_path: Path, contents: bytes) -> None:
    assert look(tmp_path, contents) is None


def test_folder_and_missing_file(tmp_path: Path) -> None:
    assert first_look(tmp_path) is None
    assert first_look(tmp_path / "missing") is None
    assert first_look(tmp_path / ("n" * 5000)) is None


@on_posix
def test_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert first_look(tmp_path / "pipe") is None


@on_posix
def test_little_is_read_of_a_large_file(tmp_path: Path) -> None:
    """Sparse, so that it takes no room, but larger than any memory."""
    with (tmp_path / "file").open("wb") as file:
        file.write(b"<html>")
        file.truncate(1 << 38)
    assert first_look(tmp_path / "file") is None
