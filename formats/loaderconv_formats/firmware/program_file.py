"""Reads linked programs (ELF): the bytes of their segments, at the addresses where these are stored.

Not the document that loaders are read into: firmware is larger than any loader, mostly by its debug information, and
only the program headers matter here.
"""

from collections.abc import Iterator
from typing import Any

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.reader import why_unfit
from loaderconv_formats.firmware.image import FirmwarePiece
from loaderconv_schemas.errors import UnreadableInput

_DAMAGED_HINT = "The file looks damaged or cut off: build or copy it again."


def read_program(data: bytes) -> Iterator[FirmwarePiece]:
    """Yield the bytes of every PT_LOAD segment that has any, at its physical address; zero-initialised memory has none.

    Raises:
        UnreadableInput: damaged, or no linked 32-bit little-endian Arm program.
    """
    unfit = why_unfit(data)
    if unfit is not None:
        raise UnreadableInput(unfit.message, hint="Firmware for a Cortex-M is a linked 32-bit program for Arm.")
    try:
        yield from _pieces(data)
    except UnreadableInput:
        raise
    except Exception as problem:
        raise UnreadableInput(
            f"The ELF headers contradict each other ({type(problem).__name__}).", hint=_DAMAGED_HINT
        ) from problem


def _pieces(data: bytes) -> Iterator[FirmwarePiece]:
    structs = _structs()
    header = structs.Elf_Ehdr.parse(data[: c.EHDR_SIZE])
    loaded = 0
    for number, segment in enumerate(_table(data, structs.Elf_Phdr, header, "ph", c.PHDR_SIZE)):
        if segment["p_type"] != "PT_LOAD" or not segment["p_filesz"]:
            continue
        start, end = segment["p_offset"], segment["p_offset"] + segment["p_filesz"]
        if end > len(data):
            raise UnreadableInput(
                f"Segment {number} ends at offset 0x{end:x}, the file at 0x{len(data):x}.", hint=_DAMAGED_HINT
            )
        loaded += end - start
        if loaded > len(data):
            raise UnreadableInput("The segments share bytes of the file.", hint=_DAMAGED_HINT)
        if start < c.EHDR_SIZE:
            start = _behind_headers(data, structs, header, end)
        if start < end:
            yield FirmwarePiece(segment["p_paddr"] + start - segment["p_offset"], data[start:end])


def _behind_headers(data: bytes, structs: Any, header: Any, end: int) -> int:
    """Return the offset of the program's first byte in a segment that starts with the headers of the file.

    GNU ld loads them where its page has room before the first section (`-z max-page-size`, 64 KiB): below the program,
    where a boot loader may be.
    """
    behind: int = header["e_phoff"] + header["e_phnum"] * c.PHDR_SIZE
    sections = _table(data, structs.Elf_Shdr, header, "sh", c.SHDR_SIZE)
    offsets: list[int] = [
        section["sh_offset"]
        for section in sections
        if section["sh_flags"] & c.SHF_ALLOC and section["sh_type"] != "SHT_NOBITS" and section["sh_size"]
    ]
    return min((offset for offset in offsets if offset < end), default=behind)


def _table(data: bytes, record: Any, header: Any, prefix: str, size: int) -> list[Any]:
    """Return the entries of the program ("ph") or section ("sh") headers."""
    offset, count, found_size = header[f"e_{prefix}off"], header[f"e_{prefix}num"], header[f"e_{prefix}entsize"]
    if count and found_size != size:
        raise UnreadableInput(f"A header table has entries of {found_size} bytes.", hint=_DAMAGED_HINT)
    if offset + count * size > len(data):
        raise UnreadableInput("A header table ends behind the end of the file.", hint=_DAMAGED_HINT)
    return [record.parse(data[at : at + size]) for at in range(offset, offset + count * size, size)]


def _structs() -> Any:
    from elftools.elf.structs import ELFStructs  # noqa: PLC0415 - 100 ms that `--help` does not need

    structs = ELFStructs(little_endian=True, elfclass=32)
    structs.create_basic_structs()
    structs.create_advanced_structs()
    return structs
