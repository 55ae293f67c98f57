"""Opens the IAR loaders of a pack: `.flash` files that algorithms name, and the executables that these name."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

from loaderconv.lint.facts import UserFacts
from loaderconv.lint.opening import PACK_SUFFIXES, Opener, open_program
from loaderconv.lint.packed_names import MemberResolver, name_of
from loaderconv.lint.subjects.flash_description import FlashDescription
from loaderconv.lint.subjects.iar_program import IarProgram
from loaderconv.lint.subjects.macro_file import MacroFile
from loaderconv.lint.subjects.subject import Subject
from loaderconv_formats.detection import is_elf, kind_of_xml, open_xml
from loaderconv_formats.foreign_files import describe_foreign
from loaderconv_formats.pack.device_tree import PackIdentity
from loaderconv_formats.pack.iar_variable import variable_of_pack
from loaderconv_formats.pack.members import Found
from loaderconv_formats.pack.pack_files import PackFiles
from loaderconv_schemas.errors import LoaderConvError, UnreadableInput
from loaderconv_schemas.file_kind import FileKind
from loaderconv_schemas.loader import Flavour


class IarFilesOfPack(Protocol):
    """The IAR loaders of a pack."""

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """What was opened so far."""

    def open(self, found: Found) -> Subject:
        """Return a `.flash` file, with what it refers to opened too.

        Raises:
            UnreadableInput: something else, or damaged.
        """


def open_iar_files(path: Path, files: PackFiles, pack: PackIdentity, facts: UserFacts) -> IarFilesOfPack:
    """Return what opens the IAR loaders of the pack at `path`."""
    if files.description_member is None:
        return _FilesOnDisk(path, pack, facts)
    return _Members(path, files, pack, facts)


class _FilesOnDisk:
    """They are files like any other; the variable for the pack's folder has a value."""

    def __init__(self, path: Path, pack: PackIdentity, facts: UserFacts) -> None:
        self._folder = path.parent
        variables = {**facts.search.variables, variable_of_pack(pack): path.parent}
        search = replace(facts.search, roots=(path.parent, *facts.search.roots), variables=variables)
        self._opener = Opener(replace(facts, search=search))

    @property
    def subjects(self) -> tuple[Subject, ...]:
        return self._opener.companions

    def open(self, found: Found) -> Subject:
        path = self._folder / found.path
        if path.suffix.lower() in PACK_SUFFIXES:  # it may be this very pack
            raise _no_flash_file()
        subject = self._opener.open(path)
        if isinstance(subject, FlashDescription):
            _ = subject.executable
        return subject


def _no_flash_file() -> UnreadableInput:
    return UnreadableInput(
        "The file is no .flash file of IAR.", hint="Name the .flash file in the <algorithm> element."
    )


@dataclass(eq=False)
class _PackedFlash(FlashDescription):
    """A `.flash` file in an archive (docs/formats/iar.md, The .flash file).

    Attributes:
        read_macros: gives the bytes of a member.
        holder: the pack that holds it.
    """

    read_macros: Callable[[Path], bytes | None]
    holder: PackIdentity

    @cached_property
    def pack(self) -> PackIdentity | None:
        """The pack that the file is in."""
        return self.holder

    @cached_property
    def macros(self) -> MacroFile | None:
        """The macro file that it names; None where there is none that can be opened."""
        spelled = self.text("macro")
        path = self.resolve(spelled).path if spelled else None
        data = None if path is None else self.read_macros(path)
        return None if data is None else MacroFile(data)


@dataclass(eq=False)
class _Members:
    """They are members of an archive, which is open only as long as the pack is being opened."""

    path: Path
    files: PackFiles
    pack: PackIdentity
    facts: UserFacts
    _opened: dict[Path, Subject | LoaderConvError] = field(default_factory=dict)
    _bytes: dict[Path, bytes | None] = field(default_factory=dict)

    @property
    def subjects(self) -> tuple[Subject, ...]:
        return tuple(each for each in self._opened.values() if isinstance(each, Subject))

    def open(self, found: Found) -> Subject:
        data = self.files.read(found)
        document = open_xml(data)
        if kind_of_xml(document) is not FileKind.IAR_FLASH:
            raise _no_flash_file()
        name = name_of(self.path, self.files, found)
        resolver = MemberResolver(self.path, self.files, self.pack, found)
        flash = _PackedFlash(name, self.facts, document, resolver, self._companion, self._macro_bytes, self.pack)
        self._opened[self.path / found.path] = flash
        _ = flash.executable, flash.macros  # while the archive is open
        return flash

    def _companion(self, path: Path) -> Subject | LoaderConvError:
        if path not in self._opened:
            try:
                self._opened[path] = self._executable(path)
            except LoaderConvError as problem:
                self._opened[path] = problem
        return self._opened[path]

    def _executable(self, path: Path) -> Subject:
        found = Found(path.relative_to(self.path).as_posix(), is_spelled_so=True)
        data = self.files.read(found)
        if not is_elf(data):
            raise describe_foreign(data)
        name = name_of(self.path, self.files, found)
        return open_program(
            name,
            data,
            self.facts,
            lambda image: IarProgram(name, self.facts, data, image, Flavour.IAR),
        )

    def _macro_bytes(self, path: Path) -> bytes | None:
        if path not in self._bytes:
            self._bytes[path] = None
            with suppress(LoaderConvError):
                found = Found(path.relative_to(self.path).as_posix(), is_spelled_so=True)
                self._bytes[path] = self.files.read(found)
        return self._bytes[path]
