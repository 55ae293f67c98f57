"""Opens the files of IAR loaders, which refer to each other."""

from dataclasses import replace
from pathlib import Path

from loaderconv.lint.opening import Opener
from loaderconv.lint.subjects.board_description import BoardDescription
from loaderconv.lint.subjects.flash_description import FlashDescription
from loaderconv.lint.subjects.iar_program import IarProgram
from loaderconv.lint.subjects.subject import FileName, Subject
from loaderconv.lint.subjects.unfit import UnfitDescription
from loaderconv_formats.detection import kind_of_xml, open_xml, promised_kind
from loaderconv_formats.elf.image import ElfImage
from loaderconv_formats.iar.neighbours import descriptions_of
from loaderconv_formats.references.resolver import Resolver
from loaderconv_schemas.errors import LoaderConvError
from loaderconv_schemas.file_kind import FileKind
from loaderconv_schemas.loader import Flavour

_PROLOGUE_BYTES = 1 << 16
"""The root element is looked for in so many bytes; comments of a licence may stand before it."""

_BEFORE_XML = b"\xef\xbb\xbf\xff\xfe \t\r\n"
"""Byte order marks and blanks."""


class IarFiles:
    """Opens the files of IAR loaders, which refer to each other."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self._resolvers: dict[Path, Resolver] = {}

    def open_description(self, name: FileName, data: bytes) -> Subject:
        """Return a `.flash` or `.board` file.

        Raises:
            UnreadableInput: neither.
        """
        promised = promised_kind(name.suffix)
        try:
            document = open_xml(data)
        except LoaderConvError as problem:
            if promised in (FileKind.IAR_FLASH, FileKind.IAR_BOARD) and _is_meant_as_xml(data):
                return UnfitDescription(name, self._opener.facts, data, problem, promised)
            raise
        made = FlashDescription if kind_of_xml(document) is FileKind.IAR_FLASH else BoardDescription
        resolver = self._resolver(name.path.parent)
        return made(name, self._opener.facts, document, resolver, self._opener.open_companion)

    def executable(self, name: FileName, data: bytes, image: ElfImage) -> Subject:
        """Return an executable."""
        facts = self._opener.facts
        return IarProgram(name, facts, data, image, Flavour.IAR, lambda: self._neighbours(name.path))

    def _neighbours(self, executable: Path) -> tuple[Subject, ...]:
        """Return the `.flash` files beside an executable that name it; none where a `.flash` file led to it.

        To look into all files of a folder for each of its executables would take a time that grows with the square.
        """
        if any(isinstance(each, FlashDescription) for each in self._opener.companions):
            return ()
        beside = descriptions_of(executable, self._resolver(executable.parent)).files
        return tuple(each for each in map(self._opener.open_companion, beside) if isinstance(each, Subject))

    def _resolver(self, folder: Path) -> Resolver:
        if folder not in self._resolvers:
            search = self._opener.facts.search
            self._resolvers[folder] = Resolver(replace(search, roots=(folder, *search.roots)))
        return self._resolvers[folder]


def _is_meant_as_xml(data: bytes) -> bool:
    """Tell whether a file is damaged XML or a template of it, and not something else that shares the suffix.

    Firmware images and Kconfig.board are no files of IAR's. Zeros are those of UTF-16, which is not read.
    """
    letters = data[:_PROLOGUE_BYTES].replace(b"\0", b"")
    return b"<flash_" in letters or letters.lstrip(_BEFORE_XML).startswith(b"<?xml")
