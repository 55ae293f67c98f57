"""What a `.pdsc` file says of devices: families, in them sub-families, devices and variants, each with memories.

A description has up to 20 MB, most of which is about other things, so it streams through the parser and only this tree
is kept.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from loaderconv_formats.xml.document import BLANKS
from loaderconv_formats.xml.encodings import UTF8_BOM, encoding_of
from loaderconv_formats.xml.quoting import quoted, short_ascii
from loaderconv_schemas.errors import UnreadableInput

if TYPE_CHECKING:
    from pyexpat import XMLParserType

MAX_ELEMENTS = 1_000_000
"""A description of 20 MB has about a fifth of that."""

MAX_DEPTH = 64
"""Real descriptions have about ten levels."""

_LEVELS = ("family", "subFamily", "device", "variant")
_DEVICES = ["package", "devices"]
_RELEASE = ["package", "releases", "release"]


@dataclass(frozen=True)
class PackElement:
    """A `<memory>` or `<processor>`.

    Attributes:
        attributes: by name.
        line: of its tag, from 1.
    """

    attributes: dict[str, str]
    line: int


@dataclass(frozen=True)
class DeviceGroup:
    """A family, sub-family, device or variant, with what stands directly in it.

    Attributes:
        level: name of its tag.
        attributes: by name.
        line: of its tag, from 1.
        memories: for itself and everything below.
        processors: likewise.
        groups: what is below it.
    """

    level: str
    attributes: dict[str, str]
    line: int
    memories: list[PackElement] = field(default_factory=list)
    processors: list[PackElement] = field(default_factory=list)
    groups: list["DeviceGroup"] = field(default_factory=list)


@dataclass(frozen=True)
class PackDescription:
    """A `.pdsc` file.

    Attributes:
        identity: vendor, name and version of the pack, with dots between those that the file has.
        families: in the file's order.
    """

    identity: str
    families: tuple[DeviceGroup, ...]


def parse_pdsc(data: bytes) -> PackDescription:
    """Return what the bytes of a `.pdsc` file say of devices.

    Raises:
        UnreadableInput: no XML, damaged XML, a document type declaration, an encoding that is not read, another kind of
            XML, or more than a description may hold.
    """
    from defusedxml.common import DefusedXmlException  # noqa: PLC0415 - slow to import, needed for packs only
    from defusedxml.ElementTree import DefusedXMLParser, ParseError  # noqa: PLC0415

    encoding = encoding_of(data)
    if not data.removeprefix(UTF8_BOM).lstrip(BLANKS.encode()).startswith(b"<"):
        raise UnreadableInput("The file is neither a ZIP archive nor XML.", hint="Name a .pack or .pdsc file.")
    target = _TreeTarget()
    parser = DefusedXMLParser(target=target, encoding=encoding, forbid_dtd=True)
    target.expat = parser.parser
    try:
        parser.feed(data)
        parser.close()
    except DefusedXmlException as problem:
        raise UnreadableInput(
            "The XML has a document type declaration or entities of its own, which packs never have.",
            hint="Take the <!DOCTYPE> out; such declarations can make a reader open other files.",
        ) from problem
    except ParseError as problem:
        fact = short_ascii(str(problem).partition(": line")[0])
        raise UnreadableInput(
            f"The description is damaged in line {problem.position[0]}: {fact}.",
            hint="Repair that line, or take the pack anew.",
        ) from problem
    return target.description()


class _TreeTarget:
    """Keeps of the parser's events what is about devices; expat tells in which line each of them is."""

    expat: "XMLParserType"

    def __init__(self) -> None:
        self._path: list[str] = []
        self._open: list[DeviceGroup] = []
        self._families: list[DeviceGroup] = []
        self._texts: dict[str, str] = {}
        self._version = ""
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise _too_much(f"more than {MAX_ELEMENTS} elements")
        if len(self._path) >= MAX_DEPTH:
            raise _too_much(f"more than {MAX_DEPTH} elements inside each other")
        if not self._path and name != "package":
            raise UnreadableInput(
                f"The outermost element is {quoted(name)}; that of a pack is <package>.",
                hint="Name a .pack or .pdsc file.",
            )
        if self._is_inside_devices():
            self._keep(name, attributes)
        self._path.append(name)
        if self._path == _RELEASE and not self._version:
            self._version = attributes.get("version", "")

    def data(self, text: str) -> None:
        if len(self._path) == 2 and self._path[1] in {"vendor", "name"}:
            kept = self._texts.get(self._path[1], "")
            self._texts[self._path[1]] = (kept + text)[:256]

    def end(self, _: str) -> None:
        if self._open and len(self._path) == len(_DEVICES) + len(self._open):
            self._open.pop()
        self._path.pop()

    def description(self) -> PackDescription:
        parts = (self._texts.get("vendor", ""), self._texts.get("name", ""), self._version)
        return PackDescription(
            identity=".".join(short_ascii(part.strip()) for part in parts if part.strip()),
            families=tuple(self._families),
        )

    def _is_inside_devices(self) -> bool:
        """Tell whether nothing stands between the open groups, such as a board that has memories too."""
        return self._path == _DEVICES + [group.level for group in self._open]

    def _keep(self, name: str, attributes: dict[str, str]) -> None:
        if name in _LEVELS and self._may_hold(name):
            group = DeviceGroup(name, attributes, self.expat.CurrentLineNumber)
            (self._open[-1].groups if self._open else self._families).append(group)
            self._open.append(group)
        elif self._open and name == "memory":
            self._open[-1].memories.append(PackElement(attributes, self.expat.CurrentLineNumber))
        elif self._open and name == "processor":
            self._open[-1].processors.append(PackElement(attributes, self.expat.CurrentLineNumber))

    def _may_hold(self, level: str) -> bool:
        if not self._open:
            return level == _LEVELS[0]
        return _LEVELS.index(level) > _LEVELS.index(self._open[-1].level)


def _too_much(what: str) -> UnreadableInput:
    return UnreadableInput(f"The description has {what}.", hint="Name a .pack or .pdsc file as vendors publish them.")
