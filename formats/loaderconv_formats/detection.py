"""Tells what a file is by its content; suffixes lie (a vendor pack ships a stldr named `.FLM`)."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage, ElfSymbol
from loaderconv_formats.elf.lookup import symbols_by_name
from loaderconv_formats.elf.reader import read_elf
from loaderconv_formats.flm import abi as flm_abi
from loaderconv_formats.flm import flash_device
from loaderconv_formats.foreign_files import describe_foreign
from loaderconv_formats.iar import abi as iar_abi
from loaderconv_formats.stldr import abi as stldr_abi
from loaderconv_formats.stldr import storage_info
from loaderconv_formats.xml.quoting import short_ascii
from loaderconv_formats.xml.templates import refuse_template_tags
from loaderconv_schemas.errors import UnreadableInput
from loaderconv_schemas.file_kind import FileKind
from loaderconv_schemas.loader import Flavour

if TYPE_CHECKING:
    from loaderconv_formats.xml.document import XmlDocument

KINDS_OF_LOADERS = {
    Flavour.FLM: FileKind.FLM,
    Flavour.STLDR: FileKind.STLDR,
    Flavour.IAR: FileKind.IAR_EXECUTABLE,
}

_KINDS_OF_ROOTS = {"flash_device": FileKind.IAR_FLASH, "flash_board": FileKind.IAR_BOARD}

_SUFFIXES = {
    ".flm": FileKind.FLM,
    ".stldr": FileKind.STLDR,
    ".flash": FileKind.IAR_FLASH,
    ".board": FileKind.IAR_BOARD,
    ".out": FileKind.IAR_EXECUTABLE,
}
"""What people expect behind a suffix; all others, such as .elf and .axf, promise nothing."""


_LOOK_AT_BYTES = 4096


@dataclass(frozen=True)
class _Signs:
    """How to know a flavour.

    Attributes:
        descriptor: symbol of the structure that hosts look for first.
        descriptor_size_bytes: its fixed part; a function, or a smaller variable, of that name is something else. None
            where the name alone tells.
        routines: what only this flavour has; together they tell it even where the descriptor was lost.
    """

    descriptor: str
    descriptor_size_bytes: int | None
    routines: Set[str]


_SIGNS = {
    Flavour.STLDR: _Signs(stldr_abi.DESCRIPTOR_SYMBOL, storage_info.HEADER.size, {"Init", "Write", "SectorErase"}),
    Flavour.FLM: _Signs(flm_abi.DESCRIPTOR_SYMBOL, flash_device.HEADER.size, {"UnInit", "EraseSector", "ProgramPage"}),
    Flavour.IAR: _Signs(iar_abi.PARAMETERS, None, {"FlashInitEntry", "FlashWriteEntry", iar_abi.BREAK}),
}


@dataclass(frozen=True)
class Program:
    """A linked program that is a loader.

    Attributes:
        kind: of which flavour.
        image: the document.
    """

    kind: FileKind
    image: ElfImage


@dataclass(frozen=True)
class Description:
    """An XML file of IAR.

    Attributes:
        kind: `.flash` or `.board`.
        xml: the document.
    """

    kind: FileKind
    xml: "XmlDocument"


Document = Program | Description


def open_document(data: bytes) -> Document:
    """Return the document in the bytes of a file, and what it is.

    Raises:
        UnreadableInput: no loader and no part of one, or damaged; the message says what it is.
    """
    if is_elf(data):
        image = read_elf(data)
        return Program(kind_of_program(image), image)
    xml = open_xml(data)
    return Description(kind_of_xml(xml), xml)


def is_elf(data: bytes) -> bool:
    """Tell whether the file says that it is an ELF file."""
    return data.startswith(c.ELF_MAGIC)


def kind_of_program(image: ElfImage) -> FileKind:
    """Return what a linked program is.

    Raises:
        UnreadableInput: an ordinary program.
    """
    flavour = detect_flavour(image)
    if flavour is None:
        raise UnreadableInput(
            "The file is an Arm program, but not a flash loader: it has no FlashDevice, StorageInfo or theFlashParams.",
            hint="Name the loader itself; if it is one, its symbol table was stripped and no host can use it.",
        )
    return KINDS_OF_LOADERS[flavour]


def detect_flavour(image: ElfImage) -> Flavour | None:
    """Return the flavour of a loader, None for an ordinary program.

    The descriptor decides, with its routines where a file has more than one; a file that lost its descriptor is still
    told from a program by routines that only one flavour has.
    """
    symbols = symbols_by_name(image)
    for is_sign in (_is_complete, _is_described, _has_all_routines):
        for flavour, signs in _SIGNS.items():
            if is_sign(symbols, signs):
                return flavour
    return None


def _is_complete(symbols: Mapping[str, ElfSymbol], signs: _Signs) -> bool:
    return _is_described(symbols, signs) and _has_all_routines(symbols, signs)


def _is_described(symbols: Mapping[str, ElfSymbol], signs: _Signs) -> bool:
    """Tell whether there is a structure of the descriptor's name; some linkers leave its st_size at 0."""
    symbol = symbols.get(signs.descriptor)
    if symbol is None or signs.descriptor_size_bytes is None:
        return symbol is not None
    return symbol.type != c.STT_FUNC and not 0 < symbol.size_bytes < signs.descriptor_size_bytes


def _has_all_routines(symbols: Mapping[str, ElfSymbol], signs: _Signs) -> bool:
    return signs.routines <= symbols.keys()


def open_xml(data: bytes) -> "XmlDocument":
    """Return the XML document in a file that is no ELF file.

    Raises:
        UnreadableInput: something else altogether, or not well-formed.
    """
    if not _looks_like_xml(data):
        refuse_template_tags(data)
        raise describe_foreign(data)
    from loaderconv_formats.xml.document import parse_xml  # noqa: PLC0415 - most loaders are ELF files

    return parse_xml(data)


def _looks_like_xml(data: bytes) -> bool:
    """Tell whether the first character is `<`, in one of the encodings that XML is written in; blanks may precede."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data[:_LOOK_AT_BYTES].decode("utf-16", "replace").lstrip().startswith("<")
    return data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def kind_of_xml(document: "XmlDocument") -> FileKind:
    """Return what an XML document is by its root element.

    Raises:
        UnreadableInput: neither `.flash` nor `.board`.
    """
    kind = _KINDS_OF_ROOTS.get(document.root.name)
    if kind is None:
        raise UnreadableInput(
            f"The file is XML with the root element {short_ascii(document.root.name)}, not an IAR .flash or .board.",
            hint="Name the loader, or the .flash or .board file that refers to it.",
        )
    return kind


def promised_kind(suffix: str) -> FileKind | None:
    """Return what the suffix of a file's name promises, None where it promises nothing."""
    return _SUFFIXES.get(suffix.lower())
