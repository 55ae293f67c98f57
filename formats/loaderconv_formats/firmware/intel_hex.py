"""Reads Intel HEX files, with the `intelhex` library.

The library holds every byte in a dict: 134 bytes of memory for one. So it is given the file in batches of lines.
"""

import io
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from loaderconv_formats.firmware.image import FirmwarePiece
from loaderconv_schemas.errors import UnreadableInput, UsageProblem

_LINES_AT_ONCE = 4096
"""64 KiB in records of the usual 16 bytes."""

_END_OF_FILE = "01"
_EXTENDED_ADDRESSES = ("02", "04")
"""Record types (Intel, Hexadecimal Object File Format Specification, revision A, 1988)."""

_PADDING = " \t\r\n\0\x1a"
"""What may stand behind the last record: blanks, and the end of file of CP/M and DOS."""

_DAMAGED_HINT = "The file looks damaged or cut off: build or copy it again."


def read_intel_hex(data: bytes) -> Iterator[FirmwarePiece]:
    """Yield the pieces of an Intel HEX file in its own order; they may touch and overlap.

    Raises:
        UnreadableInput: damaged, or without its end record; the message says in which line.
        UsageProblem: the library is not installed.
    """
    lines = io.TextIOWrapper(io.BytesIO(data), encoding="latin-1")
    number = 0
    extended_address = ""
    while batch := [line.strip(_PADDING) for line in islice(lines, _LINES_AT_ONCE)]:
        end = next((index for index, line in enumerate(batch) if _type_of(line) == _END_OF_FILE), None)
        yield from _pieces_of(batch if end is None else batch[: end + 1], extended_address, number)
        if end is not None:
            _check_nothing_follows([*batch[end + 1 :], *lines], number + end + 1)
            return
        number += len(batch)
        extended_address = next(
            (line for line in reversed(batch) if _type_of(line) in _EXTENDED_ADDRESSES), extended_address
        )
    raise UnreadableInput(f"The file has no end record behind line {number}.", hint=_DAMAGED_HINT)


def _type_of(line: str) -> str:
    return line[7:9]


def _check_nothing_follows(lines: list[str], number: int) -> None:
    """Refuse a second file behind the first one: readers that stop at its end record would leave it out in silence."""
    for further, line in enumerate(lines, number + 1):
        if line.strip(_PADDING):
            raise UnreadableInput(
                f"Line {further} stands behind the end record in line {number}.",
                hint="Join Intel HEX files with a tool that knows the format (srec_cat, hexmerge.py).",
            )


def _pieces_of(lines: list[str], extended_address: str, lines_before: int) -> list[FirmwarePiece]:
    """Return the pieces of some lines.

    The library refuses an address that comes twice, also with the same byte. Line by line there is no such conflict;
    who merges the pieces compares them.
    """
    intelhex = _library()
    contents = intelhex.IntelHex()
    try:
        contents.loadhex(io.StringIO("\n".join((extended_address, *lines))))
    except intelhex.AddressOverlapError:
        if len(lines) == 1:
            raise UnreadableInput(f"Line {lines_before + 1} overlaps itself.", hint=_DAMAGED_HINT) from None
        return _one_by_one(lines, extended_address, lines_before)
    except intelhex.HexReaderError as problem:
        line = lines_before + problem.line - 1
        raise UnreadableInput(f"Line {line} is damaged: {_reason(problem)}.", hint=_DAMAGED_HINT) from None
    return _segments(contents)


def _one_by_one(lines: list[str], extended_address: str, lines_before: int) -> list[FirmwarePiece]:
    found = []
    for number, line in enumerate(lines, lines_before):
        found += _pieces_of([line], extended_address, number)
        if _type_of(line) in _EXTENDED_ADDRESSES:
            extended_address = line
    return found


def _segments(contents: Any) -> list[FirmwarePiece]:
    """Return its bytes; gaps, which may be gigabytes, take no memory."""
    by_address = contents.todict()
    return [
        FirmwarePiece(start, bytes(map(by_address.__getitem__, range(start, end))))
        for start, end in contents.segments()
    ]


def _reason(problem: Exception) -> str:
    """Return what the library found, without the number of the line, which counts within the batch."""
    found = re.sub(r" at line \d+", "", str(problem))
    return found[0].lower() + found[1:]


def _library() -> Any:
    try:
        import intelhex  # type: ignore[import-untyped] # noqa: PLC0415 - an extra
    except ImportError:
        raise UsageProblem(
            "Intel HEX files are read with the library intelhex, which is not installed.",
            hint='Install it with: pip install "loaderconv[probe]"',
        ) from None
    return intelhex
