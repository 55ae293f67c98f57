"""IAR's `.flash` and `.board` files, as rules look at them: elements with their lines, and where references lead."""

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from pathlib import Path

from loaderconv.lint.subjects.description_file import DescriptionFile
from loaderconv.lint.subjects.enclosing_pack import pack_around
from loaderconv.lint.subjects.subject import Fact, Subject
from loaderconv_formats.file_names import shown
from loaderconv_formats.pack.device_tree import PackIdentity
from loaderconv_formats.pack.iar_variable import pack_of_variable
from loaderconv_formats.references.resolver import Resolution, Resolver
from loaderconv_formats.references.spelled_path import parse_spelled
from loaderconv_formats.xml.document import BLANKS, XmlDocument, XmlElement
from loaderconv_formats.xml.templates import holds_placeholder
from loaderconv_schemas.bundle import FileRole
from loaderconv_schemas.errors import LoaderConvError
from loaderconv_schemas.lint import Place, PlaceKind

_PLACEHOLDER = re.compile(r"(?<!\$)\{[A-Za-z_][\w. ]*\}")

OpenCompanion = Callable[[Path], Subject | LoaderConvError]
"""Opens a file that another one refers to, or tells why it cannot be read. The same file gives the same subject."""


@dataclass(frozen=True, eq=False)
class NameElement:
    """An element that names another file.

    Attributes:
        role: what the other file is.
        element: itself.
        spelled: the name.
    """

    role: FileRole
    element: XmlElement
    spelled: str

    @property
    def placeholder(self) -> str | None:
        """Braces in the name that wait to be filled in; those of a variable of IAR stand between dollars."""
        found = _PLACEHOLDER.search(self.spelled)
        return None if found is None else found[0]

    @property
    def is_portable(self) -> bool:
        """The name can mean the same file on every machine: it is not absolute, and everything is filled in."""
        return not parse_spelled(self.spelled).anchor and self.placeholder is None


@dataclass(eq=False)
class Description(DescriptionFile):
    """A `.flash` or `.board` file (docs/formats/iar.md, The .flash file).

    Attributes:
        document: the file.
        resolver: says which files names stand for.
        open_companion: opens them.
    """

    document: XmlDocument
    resolver: Resolver
    open_companion: OpenCompanion

    def lacks(self, fact: Fact) -> str | None:
        """Return why a fact is not known here, None where it is."""
        if fact is Fact.INSTALLED_PACK:
            if not self.pack_paths or self.pack is not None:
                return None
            return "It names a file of a pack, but no .pdsc file was found in its folder or above."
        return super().lacks(fact)

    @cached_property
    def pack(self) -> PackIdentity | None:
        """The pack that the file is in; None where nothing tells."""
        return pack_around(self.name.path)

    @cached_property
    def pack_paths(self) -> tuple[tuple[XmlElement, PackIdentity], ...]:
        """The elements whose path starts in a pack, with the pack that they name."""
        found = []
        for each in self.names:
            variable = parse_spelled(each.spelled).variable
            named = None if variable is None else pack_of_variable(variable)
            if named is not None:
                found.append((each.element, named))
        return tuple(found)

    @property
    def names(self) -> tuple[NameElement, ...]:
        """The elements that name other files, as far as they are filled in."""
        raise NotImplementedError

    def elements(self, name: str, *, within: XmlElement | None = None) -> list[XmlElement]:
        """Return the children of a name, of the outermost element or of another one, in the file's order."""
        if within is None:
            return list(self._in_root.get(name, ()))
        return [each for each in within.children if each.name == name]

    @cached_property
    def _in_root(self) -> dict[str, list[XmlElement]]:
        found: dict[str, list[XmlElement]] = {}
        for each in self.document.root.children:
            found.setdefault(each.name, []).append(each)
        return found

    def text(self, name: str, *, within: XmlElement | None = None) -> str | None:
        """Return the text of the first child of a name, without blanks around it; None where there is none."""
        found = self.elements(name, within=within)
        return found[0].text.strip(BLANKS) if found else None

    def at(self, element: XmlElement) -> Place:
        """Return the place of an element; its name is that of the elements around it and its own."""
        return Place(
            kind=PlaceKind.ELEMENT,
            name="/".join(each.name for each in self._way_to(element)),
            offset_bytes=element.start,
            size_bytes=element.end - element.start,
            line=element.line,
        )

    def resolve(self, spelled: str) -> Resolution:
        """Return which file a name in this file stands for."""
        return self.resolver.resolve(spelled, named_in=self.name.path)

    def companion(self, spelled: str) -> Subject | None:
        """Return what a name stands for; None where it was not found or cannot be read."""
        found = self._opened(spelled)
        return None if isinstance(found, LoaderConvError) else found

    def why_unread(self, spelled: str) -> str | None:
        """Return why what a name stands for cannot be read, in one sentence; None where it can, or was not found."""
        path, found = self.resolve(spelled).path, self._opened(spelled)
        if path is None or not isinstance(found, LoaderConvError):
            return None
        return found.message.removeprefix(f"{shown(path)}: ")

    def _opened(self, spelled: str) -> Subject | LoaderConvError | None:
        path = self.resolve(spelled).path
        return None if path is None else self.open_companion(path)

    def _named(self, role: FileRole, element_name: str, *, within: XmlElement | None = None) -> list[NameElement]:
        """Return the first element of a name, where it names a file."""
        found = self.elements(element_name, within=within)[:1]
        names = [NameElement(role, each, each.text.strip(BLANKS)) for each in found]
        return [each for each in names if each.spelled and not holds_placeholder(each.spelled)]

    def _way_to(self, element: XmlElement) -> list[XmlElement]:
        way = [self.document.root]
        while way[-1] is not element:
            children = way[-1].children
            way.append(children[bisect_right(children, element.start, key=attrgetter("start")) - 1])
        return way
