"""Where a finding is, in the terms of SARIF.

Code scanning on GitHub wants a file, a line and columns, and knows nothing of bytes; so there is always a line. The
true place in a program follows as bytes, as an address, and as a name. Of a file in a pack there is only the name: to
whoever reads the log, bytes, addresses and lines are those of the pack.
"""

from pathlib import PurePath

from loaderconv.report.file_names import artifact_uri
from loaderconv.report.sarif.objects import Address, Location, LogicalLocation, PhysicalLocation, Region
from loaderconv_schemas.lint import LintedFile, Place, PlaceKind

_LOGICAL_KINDS = {
    PlaceKind.SYMBOL: "symbol",
    PlaceKind.SECTION: "section",
    PlaceKind.SEGMENT: "segment",
    PlaceKind.FIELD: "member",
    PlaceKind.ELEMENT: "element",
}
"""`member` and `element` are of the standard's list, which has nothing for the others."""

_ADDRESS_KINDS = {PlaceKind.SECTION: "section", PlaceKind.SEGMENT: "segment", PlaceKind.FIELD: "data"}
"""Of the standard's list; a symbol may be a function or data."""


def location_of(file: LintedFile, place: Place, folder: PurePath) -> Location:
    """Return where in a file a finding is."""
    physical: PhysicalLocation = {
        "artifactLocation": {"uri": artifact_uri(file.path, folder)},
        "region": _region(place) if file.member is None else _line(1),
    }
    if place.address is not None and file.member is None:
        physical["address"] = _address(place, place.address)
    location: Location = {"physicalLocation": physical}
    logical = _logical_locations(file, place)
    if logical:
        location["logicalLocations"] = logical
    return location


def file_location(path: str, folder: PurePath) -> Location:
    """Return a file as a whole."""
    return {"physicalLocation": {"artifactLocation": {"uri": artifact_uri(path, folder)}}}


def _region(place: Place) -> Region:
    region = _line(place.line or 1)
    if place.offset_bytes is not None:
        region["byteOffset"] = place.offset_bytes
        if place.size_bytes is not None:
            region["byteLength"] = place.size_bytes
    return region


def _line(number: int) -> Region:
    return {"startLine": number, "startColumn": 1, "endLine": number, "endColumn": 1}


def _address(place: Place, absolute: int) -> Address:
    address: Address = {"absoluteAddress": absolute}
    if place.size_bytes is not None:
        address["length"] = place.size_bytes
    if place.kind in _ADDRESS_KINDS:
        address["kind"] = _ADDRESS_KINDS[place.kind]
    if place.name:
        address["name"] = place.name
    return address


def _logical_locations(file: LintedFile, place: Place) -> list[LogicalLocation]:
    """Return the member of the pack and what in it the finding points at, as far as there are such."""
    locations: list[LogicalLocation] = []
    if file.member is not None:
        name = file.member.rpartition("/")[2]
        locations.append({"name": name, "fullyQualifiedName": file.member, "kind": "module"})
    if place.name and place.kind in _LOGICAL_KINDS:
        owner = "" if file.member is None else f"{file.member}!"
        locations.append(
            {
                "name": place.name,
                "fullyQualifiedName": f"{owner}{place.name}",
                "kind": _LOGICAL_KINDS[place.kind],
            }
        )
    return locations
