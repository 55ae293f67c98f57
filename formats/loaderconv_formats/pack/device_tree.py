"""What a `.pdsc` file says of devices and boards, each with memories and flash algorithms.

Devices stand in families, sub-families, devices and variants. A description has up to 20 MB, most of which is about
other things, so it streams through the parser and only this tree is kept.
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
_SECTIONS = {"devices": _LEVELS, "boards": ("board",)}
"""Which groups stand in which part of the description."""

_DEPTH_OF_SECTIONS = 2
_RELEASE = ["package", "releases", "release"]


@dataclass(frozen=True)
class PackElement:
    """A `<memory>`, `<processor>` or `<algorithm>`.

    Attributes:
        attributes: by name.
        line: of its tag, from 1.
        offset_bytes: of its tag in the description.
    """

    attributes: dict[str, str]
    line: int
    offset_bytes: int


@dataclass(frozen=True)
class DeviceGroup:
    """A family, sub-family, device, variant or board, with what stands directly in it.

    Attributes:
        level: name of its tag.
        attributes: by name.
        line: of its tag, from 1.
        memories: for itself and everything below.
        processors: likewise.
        algorithms: likewise.
        groups: what is below it.
    """

    level: str
    attributes: dict[str, str]
    line: int
    memories: list[PackElement] = field(default_factory=list)
    processors: list[PackElement] = field(default_factory=list)
    algorithms: list[PackElement] = field(default_factory=list)
    groups: list["DeviceGroup"] = field(default_factory=list)


@dataclass(frozen=True)
class PackDescription:
    """A `.pdsc` file.

    Attributes:
        identity: of the pack.
        families: in the file's order.
        boards: likewise.
    """

    identity: "PackIdentity"
    families: tuple[DeviceGroup, ...]
    boards: tuple[DeviceGroup, ...] = ()


@dataclass(frozen=True)
class PackIdentity:
    """How a pack is called; empty where the description does not say.

    Attributes:
        vendor: who publishes it.
        name: such as STM32L4xx_DFP.
        version: of its newest release.
    """

    vendor: str
    name: str
    version: str

    def __str__(self) -> str:
        return ".".join(short_ascii(each) for each in (self.vendor, self.name, self.version) if each)


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
        self._groups: dict[str, list[DeviceGroup]] = {section: [] for section in _SECTIONS}
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
        section = self._section()
        if section is not None:
            self._keep(name, attributes, section)
        self._path.append(name)
        if self._path == _RELEASE and not self._version:
            self._version = attributes.get("version", "")

    def data(self, text: str) -> None:
        if len(self._path) == 2 and self._path[1] in {"vendor", "name"}:
            kept = self._texts.get(self._path[1], "")
            self._texts[self._path[1]] = (kept + text)[:256]

    def end(self, _: str) -> None:
        if self._open and len(self._path) == _DEPTH_OF_SECTIONS + len(self._open):
            self._open.pop()
        self._path.pop()

    def description(self) -> PackDescription:
        vendor, name = (self._texts.get(element, "").strip() for element in ("vendor", "name"))
        return PackDescription(
            identity=PackIdentity(vendor, name, self._version.strip()),
            families=tuple(self._groups["devices"]),
            boards=tuple(self._groups["boards"]),
        )

    def _section(self) -> str | None:
        """Return in which part the parser is; None where something else stands between the open groups."""
        if len(self._path) < _DEPTH_OF_SECTIONS or self._path[1] not in _SECTIONS:
            return None
        inside = self._path[_DEPTH_OF_SECTIONS:] == [group.level for group in self._open]
        return self._path[1] if inside else None

    def _keep(self, name: str, attributes: dict[str, str], section: str) -> None:
        if name in _SECTIONS[section]:
            if self._may_hold(name, _SECTIONS[section]):
                group = DeviceGroup(name, attributes, self.expat.CurrentLineNumber)
                (self._open[-1].groups if self._open else self._groups[section]).append(group)
                self._open.append(group)
        elif self._open:
            group = self._open[-1]
            kept = {"memory": group.memories, "processor": group.processors, "algorithm": group.algorithms}.get(name)
            if kept is not None:
                line, offset = self.expat.CurrentLineNumber, self.expat.CurrentByteIndex
                kept.append(PackElement(attributes, line, offset))

    def _may_hold(self, level: str, levels: tuple[str, ...]) -> bool:
        if not self._open:
            return level == levels[0]
        return levels.index(level) > levels.index(self._open[-1].level)


def _too_much(what: str) -> UnreadableInput:
    return UnreadableInput(f"The description has {what}.", hint="Name a .pack or .pdsc file as vendors publish them.")
