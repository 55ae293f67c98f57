"""Opens files as subjects: each file once, whoever names it."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from loaderconv.lint.facts import UserFacts
from loaderconv.lint.subjects.program import Program
from loaderconv.lint.subjects.subject import FileName, Subject
from loaderconv_formats.detection import detect_flavour, is_elf, promised_kind
from loaderconv_formats.elf.image import ElfImage
from loaderconv_formats.elf.reader import read_elf, why_unfit
from loaderconv_formats.file_bytes import read_file_bytes
from loaderconv_formats.file_names import shown
from loaderconv_formats.iar import abi as iar_abi
from loaderconv_schemas.errors import LoaderConvError, UnreadableInput, naming
from loaderconv_schemas.file_kind import FileKind
from loaderconv_schemas.loader import Flavour

if TYPE_CHECKING:
    from loaderconv.lint.iar_opening import IarFiles

PACK_SUFFIXES = (".pdsc", ".pack")

_FLAVOURS_OF_SUFFIXES = {FileKind.FLM: Flavour.FLM, FileKind.STLDR: Flavour.STLDR}
"""A file of that suffix counts as a loader even where its content does not say so; most .out are ordinary programs."""

_PARAMETERS = iar_abi.PARAMETERS.encode()
"""What a .out of another kind must hold to count as a loader all the same."""


class Opener:
    """Opens files, keeps them, and knows which `.flash` names which executable."""

    def __init__(self, facts: UserFacts, instead: Mapping[str, bytes] | None = None) -> None:
        """Make one that has opened nothing yet.

        Args:
            facts: what the user said.
            instead: bytes that count in place of a file's own, by its real path.
        """
        self.facts = facts
        self._instead = instead or {}
        self._opened: dict[str, Subject | LoaderConvError] = {}
        self._companions: list[Subject] = []
        self._iar: IarFiles | None = None

    def open(self, path: Path) -> Subject:
        """Return what rules look at in a file.

        Raises:
            UnreadableInput: it cannot be opened, is damaged, or is nothing that rules know. The message names it.
        """
        found = self._open_once(path)
        if isinstance(found, LoaderConvError):
            raise found
        return found

    def open_companion(self, path: Path) -> Subject | LoaderConvError:
        """Return a file that another one refers to, or why it cannot be read; the message names it.

        A pack counts as unreadable: it may refer to the very file that refers to it.
        """
        if path.suffix.lower() in PACK_SUFFIXES:
            return UnreadableInput(f"{shown(path)}: A pack is no part of a loader.", hint="Name a file of the loader.")
        return self._open_once(path)

    @property
    def companions(self) -> tuple[Subject, ...]:
        """Everything that was opened so far, in that order."""
        return tuple(self._companions)

    def _open_once(self, path: Path) -> Subject | LoaderConvError:
        key = os.path.realpath(path)
        if key not in self._opened:
            try:
                with naming(shown(path)):
                    subject = self._opened[key] = self._open_file(path)
                self._companions.append(subject)
            except LoaderConvError as problem:
                self._opened[key] = problem
        return self._opened[key]

    def _open_file(self, path: Path) -> Subject:
        name = FileName(path)
        if name.suffix in PACK_SUFFIXES:
            from loaderconv.lint.pack_opening import open_pack  # noqa: PLC0415 - loaders need no packs

            return open_pack(path, self.facts)
        data = self._instead.get(os.path.realpath(path)) or read_file_bytes(path)
        if is_elf(data):
            return self._program(name, data)
        return self._iar_files().open_description(name, data)

    def _program(self, name: FileName, data: bytes) -> Subject:
        return open_program(name, data, self.facts, lambda image: self._iar_files().executable(name, data, image))

    def _iar_files(self) -> "IarFiles":
        if self._iar is None:
            from loaderconv.lint.iar_opening import IarFiles  # noqa: PLC0415 - loaders of one file need no XML

            self._iar = IarFiles(self)
        return self._iar


def open_program(
    name: FileName, data: bytes, facts: UserFacts, open_executable: Callable[[ElfImage], Subject] | None = None
) -> Subject:
    """Return an ELF file as the loader that it is, or that its suffix promises.

    Args:
        name: how it is called.
        data: the file.
        facts: what the user said.
        open_executable: makes the subject of an IAR executable; None where there cannot be one.

    Raises:
        UnreadableInput: damaged, an ordinary program, or an IAR executable where there cannot be one.
    """
    promised = promised_kind(name.suffix)
    problem = why_unfit(data)
    if problem is not None:
        return _unfit(name, data, facts, problem)
    image = read_elf(data)
    flavour = detect_flavour(image) or (None if promised is None else _FLAVOURS_OF_SUFFIXES.get(promised))
    if flavour is Flavour.IAR:
        if open_executable is None:
            raise UnreadableInput(
                "The file is the executable of an IAR flash loader, to which only a .flash file leads.",
                hint="Name its .flash file.",
            )
        return open_executable(image)
    if flavour is None:
        raise UnreadableInput(
            "The file is an Arm program, but not a flash loader: it has no FlashDevice, StorageInfo or theFlashParams.",
            hint="Name the loader itself; give it its suffix (.FLM, .stldr) to have it checked as one.",
        )
    return _flavoured(flavour)(name, facts, data, image, flavour)


def _flavoured(flavour: Flavour) -> type[Program]:
    """Return the class for a flavour; only what is needed is imported, for speed."""
    if flavour is Flavour.FLM:
        from loaderconv.lint.subjects.flm import FlmFile  # noqa: PLC0415

        return FlmFile
    from loaderconv.lint.subjects.stldr import StldrFile  # noqa: PLC0415

    return StldrFile


def _unfit(name: FileName, data: bytes, facts: UserFacts, problem: LoaderConvError) -> Subject:
    from loaderconv.lint.subjects.unfit import UNFIT  # noqa: PLC0415 - seldom needed

    promised = promised_kind(name.suffix)
    flavour = None if promised is None else _FLAVOURS_OF_SUFFIXES.get(promised)
    if promised is FileKind.IAR_EXECUTABLE and _PARAMETERS in data:
        flavour = Flavour.IAR
    if flavour is None:
        raise problem
    return UNFIT[flavour](name, facts, data, problem, flavour)
