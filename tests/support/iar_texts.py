"""`.flash` and `.board` files as text, and what the readers make of them."""

from collections.abc import Iterable

from loaderconv_formats.iar.board_file import BoardFile, read_board_file
from loaderconv_formats.iar.flash_file import FlashFile, read_flash_file
from loaderconv_formats.xml.document import parse_xml
from loaderconv_schemas.loader import Notice

DECLARATION = '<?xml version="1.0" encoding="iso-8859-1"?>'

EXE, PAGE = "<exe>$PROJ_DIR$\\loader.out</exe>", "<page>512</page>"
BLOCK, BASE = "<block>64 0x1000</block>", "<flash_base>0x08000000</flash_base>"
BASIC = (EXE, PAGE, BLOCK, BASE)
"""The mandatory elements of a `.flash` file, in the most common order."""

LOADER = "<loader>$PROJ_DIR$\\memory.flash</loader>"


def flash_text(*elements: str) -> bytes:
    """Return a `.flash` file as IAR writes it: the declaration in line 1, the root in line 3, an element a line."""
    return _file("flash_device", elements)


def board_text(*elements: str) -> bytes:
    """Return a `.board` file in the same way."""
    return _file("flash_board", elements)


def one_pass(*elements: str) -> str:
    """Return a pass with the usual loader."""
    return f"<pass>{LOADER}{''.join(elements)}</pass>"


def read_flash(*elements: str) -> FlashFile:
    """Return what the reader makes of a `.flash` file."""
    return read_flash_file(parse_xml(flash_text(*elements)), "memory")


def read_board(*elements: str) -> BoardFile:
    """Return what the reader makes of a `.board` file."""
    return read_board_file(parse_xml(board_text(*elements)))


def codes(notices: Iterable[Notice]) -> list[str]:
    """Return the codes, in order."""
    return [notice.code for notice in notices]


def _file(root: str, elements: Iterable[str]) -> bytes:
    lines = (DECLARATION, "", f"<{root}>", *(f"  {each}" for each in elements), f"</{root}>", "")
    return "\r\n".join(lines).encode("iso-8859-1")
