"""The `<algorithm>` element by which a pack names an FLM (docs/formats/flm.md, What a pack says)."""

from dataclasses import dataclass

from loaderconv_formats.xml.content import as_content
from loaderconv_formats.xml.document import XmlDocument
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import UnreadableInput

_ELEMENT = "algorithm"
_COMMENT = "Belongs into the .pdsc file of a pack, inside of the <device> for whose chip the file is."
_QUOTES = str.maketrans({'"': "&quot;", "\t": "&#9;", "\n": "&#10;"})


@dataclass(frozen=True)
class Algorithm:
    """What a pack says of an FLM.

    Attributes:
        file_name: path of the FLM in the pack.
        device: the addresses that it programs (`start`, `size`).
        ram: where hosts load it (`RAMstart`, `RAMsize`).
    """

    file_name: str
    device: AddressRange
    ram: AddressRange


def algorithm_bytes(algorithm: Algorithm) -> bytes:
    """Return an XML file with the element alone, for people to copy.

    Raises:
        ConversionRefused: the file name has a character that XML cannot hold.
    """
    attributes = {
        "name": as_content(algorithm.file_name, newline="\n").translate(_QUOTES),
        "start": f"0x{algorithm.device.start:08x}",
        "size": f"0x{algorithm.device.size_bytes:x}",
        "RAMstart": f"0x{algorithm.ram.start:08x}",
        "RAMsize": f"0x{algorithm.ram.size_bytes:x}",
        "default": "1",
        "style": "Keil",
    }
    listed = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- {_COMMENT} -->\n<{_ELEMENT} {listed}/>\n'
    return text.encode("utf-8")


def read_algorithm(document: XmlDocument) -> Algorithm:
    """Return what such a file says.

    Raises:
        UnreadableInput: another element, or one without these attributes.
    """
    given = document.root.attributes if document.root.name == _ELEMENT else {}
    try:
        device, ram = _range(given["start"], given["size"]), _range(given["RAMstart"], given["RAMsize"])
        return Algorithm(given["name"], device, ram)
    except (KeyError, ValueError) as problem:
        raise UnreadableInput(
            "The file is no <algorithm> with name, start, size, RAMstart and RAMsize.", hint="Convert the loader again."
        ) from problem


def _range(start: str, size: str) -> AddressRange:
    return AddressRange(start=int(start, 16), size_bytes=int(size, 16))
