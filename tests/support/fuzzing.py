"""Settings and mutations that the property tests share.

LOADERCONV_FUZZ_EXAMPLES sets how many examples a test tries; with CI set they are the same on every run.
"""

import os
import struct
from collections.abc import Sequence
from functools import lru_cache

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from support import elf_surgery as elf

EXAMPLES = int(os.environ.get("LOADERCONV_FUZZ_EXAMPLES", "150"))

fuzz_settings = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="CI" in os.environ,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

_DESCRIPTORS = ("FlashDevice", "StorageInfo")
_KNOWN = (*_DESCRIPTORS, "Init", "UnInit", "EraseSector", "ProgramPage", "Write", "SectorErase", "Verify")

_WORDS = (0, 1, 2, 3, 4, 8, 16, 40, 0x7F, 0xFF, 0x100, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FF00, 0xFFFF_FFFF)

interesting_words = st.one_of(st.sampled_from(_WORDS), st.integers(0, 0xFFFF_FFFF), st.integers(0, 0x2000))


@lru_cache
def hot_offsets(data: bytes) -> tuple[tuple[int, ...], ...]:
    """Return the file offsets of every field that a reader looks at, in groups of about equal importance."""
    places = elf.sections(data)
    program_headers = [
        elf.program_header(data, number) + field
        for number in range(elf.word(data, elf.Ehdr.PHNUM, elf.HALF))
        for field in elf.Phdr
    ]
    section_headers = [place.header_offset + field for place in places for field in elf.Shdr]
    symbols = [entry + field for _, entry in elf.symbols(data) for field in elf.Sym]
    known = [entry + field for name, entry in elf.symbols(data) if name in _KNOWN for field in elf.Sym]
    entry = next(entry for name, entry in elf.symbols(data) if name in _DESCRIPTORS)
    holder = places[elf.word(data, entry + elf.Sym.SHNDX, elf.HALF)]
    start = holder.offset + elf.word(data, entry + elf.Sym.VALUE) - holder.address
    descriptor = [start, start + 2, *range(start + 96, start + 200, 4)]
    groups = (list(elf.Ehdr), program_headers, section_headers, symbols, known, descriptor)
    return tuple(tuple(map(int, group)) for group in groups)


@st.composite
def mutated(draw: st.DrawFn, originals: Sequence[bytes]) -> bytes:
    """Return one of the files with one to six of its bytes, words or stretches changed."""
    original = draw(st.sampled_from(originals))
    hot = st.sampled_from(hot_offsets(original)).flatmap(st.sampled_from)
    data = bytearray(original)
    for _ in range(draw(st.integers(1, 6))):
        end = max(1, len(data))
        match draw(st.sampled_from(("flip", "word", "word", "word", "half", "splice", "truncate"))):
            case "flip":
                _overwrite(data, draw(st.integers(0, end - 1)), bytes([draw(st.integers(0, 255))]))
            case "word":
                _overwrite(data, draw(hot), struct.pack("<I", draw(interesting_words)))
            case "half":
                _overwrite(data, draw(hot), struct.pack("<H", draw(interesting_words) & 0xFFFF))
            case "splice":
                start, size = draw(st.integers(0, end - 1)), draw(st.integers(1, 64))
                _overwrite(data, draw(st.integers(0, end - 1)), bytes(data[start : start + size]))
            case _:
                if draw(st.integers(0, 3)) == 0:
                    del data[draw(st.integers(0, end - 1)) :]
    return bytes(data)


def _overwrite(data: bytearray, offset: int, new: bytes) -> None:
    if offset + len(new) <= len(data):
        data[offset : offset + len(new)] = new
