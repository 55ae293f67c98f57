"""Loaders in the shapes that a rewrite must cope with, made from our own fixtures, and the rewrite itself."""

from pathlib import Path

from loaderconv.rewriting.job import rewrite_bytes
from loaderconv.rewriting.request import RewriteRequest
from loaderconv.rewriting.result import Rewritten
from loaderconv_formats.elf.image import ElfImage, ElfSection, ElfSymbol, SegmentView
from loaderconv_formats.elf.lookup import sections_named, symbols_by_name
from loaderconv_formats.elf.reader import read_elf
from loaderconv_formats.elf.writer import write_elf
from support.paths import FIXTURES

NAME = "strict"


def rewritten(data: bytes, *, name: str | None = None, without_debug_info: bool = False, out: str = "") -> Rewritten:
    """Rewrite the bytes of a loader as if it went to the file `out`; without one to a file of no particular name."""
    path = Path(out or NAME)
    request = RewriteRequest(path.stem, path.suffix, name=name, without_debug_info=without_debug_info)
    return rewrite_bytes(data, NAME, request)


def codes(result: Rewritten) -> list[str]:
    """Return the codes of what a rewrite changed."""
    return [change.code for change in result.changes]


def fixture(name: str) -> ElfImage:
    """Return the document of one of our own loaders."""
    return read_elf((FIXTURES / name).read_bytes())


def storage_info(image: ElfImage) -> ElfSymbol:
    """Return the descriptor's symbol."""
    return symbols_by_name(image)["StorageInfo"]


def section_of(symbol: ElfSymbol) -> ElfSection:
    """Return the section of a symbol that has one."""
    assert symbol.section is not None
    return symbol.section


def in_code_segment(image: ElfImage) -> ElfImage:
    """Put a descriptor that lies in a hole of the code segment into it, and take its own segment away."""
    (section,) = sections_named(image, ".Dev_Info")
    code, own = image.load_segments
    offset = section.address - code.address
    code.data = code.data[:offset] + section.data + code.data[offset + section.size_bytes :]
    section.content = SegmentView(code, offset)
    image.segments.remove(own)
    return image


def in_section_of_constants(image: ElfImage) -> ElfImage:
    """As `in_code_segment`, and the descriptor becomes a part of .rodata, behind other constants."""
    in_code_segment(image)
    (constants,) = sections_named(image, ".rodata")
    section = section_of(storage_info(image))
    assert section.address == constants.end
    constants.size_bytes += section.size_bytes
    for symbol in image.symbols:
        if symbol.section is section:
            symbol.section = constants
    image.sections.remove(section)
    return image


def saved(image: ElfImage) -> bytes:
    """Return the bytes of a document."""
    return write_elf(image)
