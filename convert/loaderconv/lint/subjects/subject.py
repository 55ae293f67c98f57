"""What all subjects have in common."""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import Path, PurePosixPath

from loaderconv.lint.facts import UserFacts
from loaderconv_formats.file_names import shown
from loaderconv_schemas.host import Host
from loaderconv_schemas.lint import Place, PlaceKind
from loaderconv_schemas.loader import Flavour


class Fact(Enum):
    """What a rule may need beyond the file itself. The values are how pages name it."""

    RAM = "the RAM of the chip (--chip or --ram)"
    SYMBOLS = "a symbol table"
    DESCRIPTOR = "a descriptor that can be read"
    EXECUTABLE = "the executable that it refers to"
    LAYOUT = "a base, a page and blocks that can be read"
    PASSES = "passes that can be read"
    REFERENCED = "the executable of a .flash file, the .flash files of a .board file"
    MACROS = "the macro file beside an executable"
    MACRO_LOADER = "the macro file of a loader of macros"
    INSTALLED_PACK = "the files of the pack"
    SIMULATION = "a machine on which the loader can be run (--simulate)"
    WORKING = "a loader that does its work on such a machine (--simulate)"


class RuleSet(Enum):
    """Which list of rules a subject takes: those for a flavour, for packs, or for several loaders together."""

    STLDR = Flavour.STLDR
    FLM = Flavour.FLM
    IAR = Flavour.IAR
    PACK = "pack"
    TOGETHER = "together"


@dataclass(frozen=True)
class FileName:
    """How a file is called.

    Attributes:
        path: on disk, as the user named it or as it was found.
        member: path inside of the pack at `path`, with slashes; None for a file on disk.
    """

    path: Path
    member: str | None = None

    @property
    def name(self) -> str:
        """The file's name without folders."""
        return self.path.name if self.member is None else PurePosixPath(self.member).name

    @property
    def stem(self) -> str:
        """The name without its suffix, printable."""
        return shown(PurePosixPath(self.name).stem)

    @property
    def suffix(self) -> str:
        """The suffix in lower case, with its dot; empty where there is none."""
        return PurePosixPath(self.name).suffix.lower()


@dataclass(eq=False)
class Subject:
    """One thing that rules look at.

    Attributes:
        name: how its file is called.
        facts: what the user said.
    """

    name: FileName
    facts: UserFacts

    @property
    def kind(self) -> str:
        """What it is, in words."""
        raise NotImplementedError

    @property
    def rule_set(self) -> RuleSet:
        """The rules that may look at it."""
        raise NotImplementedError

    @property
    def hosts(self) -> tuple[Host, ...]:
        """The hosts for which it is, as far as its content and its name tell."""
        return ()

    @property
    def parts(self) -> "tuple[Subject, ...]":
        """What else is to be checked with it; files that it refers to are found while rules look at them."""
        return ()

    def lacks(self, fact: Fact) -> str | None:
        """Return why a fact is not known here, as one sentence; None where it is."""
        if fact is Fact.RAM:
            return None if self.facts.ram else "Nobody said which RAM the chip has: --chip or --ram tells."
        raise LookupError(f"{type(self).__name__} knows nothing of {fact.name}")

    @cached_property
    def whole(self) -> Place:
        """The file as a whole."""
        return Place(kind=PlaceKind.FILE)
