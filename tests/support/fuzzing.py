"""Settings and mutations that the property tests share.

LOADERCONV_FUZZ_EXAMPLES sets how many examples a test tries, `make fuzz` many more than `make test`; with CI set they
are the same on every run.
"""

import os
import struct
from collections.abc import Sequence
from functools import lru_cache

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from support import elf_surgery as elf
from support.elf_numbers import SHT_STRTAB

EXAMPLES = int(os.environ.get("LOADERCONV_FUZZ_EXAMPLES", "40"))

fuzz_settings = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="CI" in os.environ,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

lint_fuzz_settings = settings(fuzz_settings, max_examples=max(EXAMPLES // 5, 1))
"""For a check with all of its reports, which costs as much as five readings."""

_DESCRIPTORS = ("FlashDevice", "StorageInfo", "theFlashParams")
_KNOWN = (
    *(*_DESCRIPTORS, "Init", "UnInit", "EraseSector", "ProgramPage", "Write", "SectorErase", "Verify"),
    *("FlashInitEntry", "FlashInit", "FlashBreak", "FlashBufferStart", "FlashBufferEnd", "__argvbuf", "CSTACK$$Limit"),
)

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


_ODD_NAMES = (
    *(b"\x1b[31m", b"a\nb", b"\r", b"gr\xf6\xdfe", b"\xff\xfe", b"\xed\xa0\x80", "\u202e".encode(), "\u2028".encode()),
    *(b"[bold]", b"::error::", b"%0A", b"]]>", b"<b>", b"|`", b"A" * 5000, b" ", b""),
)
"""What terminals obey, or the formats of reports; what is no UTF-8; what is long or empty."""


@st.composite
def oddly_named(draw: st.DrawFn, originals: Sequence[bytes]) -> bytes:
    """Return one of the files with other names for some of its symbols and sections."""
    data = draw(st.sampled_from(originals))
    names = b"".join(draw(st.lists(st.sampled_from(_ODD_NAMES), min_size=1, max_size=3))) + b"\0"
    places = [entry + elf.Sym.NAME for _, entry in elf.symbols(data)]
    places += [place.header_offset + elf.Shdr.NAME for place in elf.sections(data)]
    chosen = draw(st.lists(st.sampled_from(places), min_size=1, max_size=4))
    for table in (each for each in elf.sections(data) if each.kind == SHT_STRTAB):
        start = elf.word(data, table.header_offset + elf.Shdr.OFFSET)
        size = elf.word(data, table.header_offset + elf.Shdr.SIZE)
        longer = data[start : start + size] + b"\0" + names
        data = elf.put(data, table.header_offset + elf.Shdr.OFFSET, len(data))
        data = elf.put(data, table.header_offset + elf.Shdr.SIZE, len(longer)) + longer
        for place in chosen:
            is_section = place >= elf.word(data, elf.Ehdr.SHOFF)
            if is_section == (table.name == ".shstrtab"):
                data = elf.put(data, place, size + 1)
    return data


@st.composite
def edited(draw: st.DrawFn, originals: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """Return one of the texts with one to six places changed; words are what random bytes would hardly form."""
    data = draw(st.sampled_from(originals))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.sampled_from((0, 0, 1, 4, 16, 64))))
        other = draw(st.integers(0, len(data)))
        new = draw(st.one_of(st.sampled_from(words), st.binary(max_size=4), st.just(data[other : other + 64])))
        data = data[:start] + new + data[end:]
    return data
