"""What one name on the command line stands for: one loader, or several that a host runs one after another."""

from enum import Enum, StrEnum

from pydantic import Field

from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.base import Address, Model
from loaderconv_schemas.iar import IgnoredRange
from loaderconv_schemas.loader import Loader, Notice


class FileRole(StrEnum):
    """What a file is to the file that names it."""

    FLASH = ".flash"
    EXECUTABLE = "executable"
    MACRO = "macro"


class ReferenceState(Enum):
    """What came of a name that one file has for another. Values are for programs, `str` is for people."""

    RESOLVED = "resolved"
    BY_NAME = "by_name"
    MISSING = "missing"
    OUTSIDE = "outside"
    UNMAPPED = "unmapped"
    UNREADABLE = "unreadable"
    MACROS_ONLY = "macros_only"

    def __str__(self) -> str:
        return _STATES[self]


_STATES = {
    ReferenceState.RESOLVED: "found",
    ReferenceState.BY_NAME: "found by its name",
    ReferenceState.MISSING: "missing",
    ReferenceState.OUTSIDE: "outside of the folders named",
    ReferenceState.UNMAPPED: "variable without a value",
    ReferenceState.UNREADABLE: "unreadable",
    ReferenceState.MACROS_ONLY: "macros instead of code",
}


class Reference(Model):
    """A name that one file has for another.

    Attributes:
        role: what the other file is.
        named_in: file that has the name.
        spelled: the name as it is there.
        state: what came of it.
        path: the file that was found; None where none was.
        note: one sentence for a person where something is odd; None where nothing is.
    """

    role: FileRole
    named_in: str
    spelled: str
    state: ReferenceState
    path: str | None = None
    note: str | None = None


class PassFacts(Model):
    """The part of an image for which a host uses a loader.

    Attributes:
        range: addresses of the image that go through this loader; None means all of the image.
        address_delta: added modulo 2**32 to the image's addresses before the loader sees them.
        absolute_start: the lowest address of the pass's data goes here (`abs_offset`); None where none is given.
        args: strings handed to the loader (IAR argv), in order.
        loader_offset: RAM address at which a relocatable loader is placed; None where the file fixes it.
        ignored: addresses within the pass that are not programmed.
    """

    range: AddressRange | None = None
    address_delta: Address = 0
    absolute_start: Address | None = None
    args: tuple[str, ...] = ()
    loader_offset: Address | None = None
    ignored: tuple[IgnoredRange, ...] = ()


class Pass(PassFacts):
    """One loader and the part of an image for which a host uses it.

    Attributes:
        loader: the loader; None where its file could not be read, and the bundle's references tell why.
    """

    loader: Loader | None


class BundleFacts(Model):
    """What holds for all passes.

    Attributes:
        references: names that the files have for each other, in the order in which they were followed.
        ignored: addresses that no pass programs.
        notices: oddities of the files that belong to no single loader.
    """

    references: tuple[Reference, ...] = ()
    ignored: tuple[IgnoredRange, ...] = ()
    notices: tuple[Notice, ...] = ()


class Bundle(BundleFacts):
    """One pass for an FLM or a stldr, up to 13 in real `.board` files (docs/formats/iar.md, The .board file).

    Attributes:
        passes: in the order in which the host runs them.
    """

    passes: tuple[Pass, ...] = Field(min_length=1)

    @property
    def loaders(self) -> tuple[Loader, ...]:
        """The loaders that could be read, in order of the passes."""
        return tuple(each.loader for each in self.passes if each.loader is not None)
