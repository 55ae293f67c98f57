"""Where a finding is, in words."""

from loaderconv.report.units import address_text
from loaderconv_schemas.lint import Place, PlaceKind

_WORDS = {PlaceKind.SECTION: "section ", PlaceKind.SEGMENT: "segment "}
"""What stands before a name that does not tell by itself what it is of."""


def place_text(place: Place) -> str:
    """Return name, line, address and offset in the file, as far as there are any; empty for the file as a whole."""
    return ", ".join(filter(None, (_named(place), _offset(place))))


def _named(place: Place) -> str:
    name = f"{_WORDS.get(place.kind, '')}{place.name}" if place.name else ""
    if place.line is not None:
        name = ", ".join(filter(None, (name, f"line {place.line}")))
    if place.address is not None:
        name = f"{name} at {address_text(place.address)}".strip()
    return name


def _offset(place: Place) -> str:
    """Return where in a program it is; the line of a text file tells more than an offset."""
    if place.offset_bytes is None or place.line is not None:
        return ""
    return f"file offset 0x{place.offset_bytes:x}"
