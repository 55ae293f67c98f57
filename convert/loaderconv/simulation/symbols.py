"""Names for addresses in a loader's code, so that a fault is told as a place in its source."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage, ElfSymbol

_FARTHEST_BYTES = 0x4000
"""From the start of a symbol without a size; beyond, its name would mislead."""


@dataclass(frozen=True, order=True)
class CodeSymbol:
    """A name in the code.

    Attributes:
        address: link address, without the Thumb bit.
        size_bytes: 0 where the linker left it out.
        name: as the file spells it.
    """

    address: int
    size_bytes: int
    name: str


class SymbolMap:
    """The names in the code of one loader."""

    def __init__(self, symbols: Iterable[CodeSymbol] = ()) -> None:
        self._symbols = sorted(symbols)
        self._addresses = [symbol.address for symbol in self._symbols]

    def place(self, address: int) -> str | None:
        """Return `name+0x1a` for a link address, `name` for its start, None where no name is near."""
        index = bisect_right(self._addresses, address) - 1
        if index < 0:
            return None
        symbol = self._symbols[index]
        distance = address - symbol.address
        if distance >= (symbol.size_bytes or _FARTHEST_BYTES):
            return None
        return symbol.name if not distance else f"{symbol.name}+0x{distance:x}"

    def address_of(self, name: str) -> int | None:
        """Return the link address of a name, None where it does not exist or is not unique."""
        found = {symbol.address for symbol in self._symbols if symbol.name == name}
        return found.pop() if len(found) == 1 else None


def code_symbols(image: ElfImage | None) -> SymbolMap:
    """Return the names of functions in a document; without one there are none."""
    if image is None:
        return SymbolMap()
    return SymbolMap(
        CodeSymbol(symbol.address & ~1, symbol.size_bytes, symbol.name)
        for symbol in image.symbols
        if symbol.name and not symbol.name.startswith("$") and _is_code(symbol)
    )


def _is_code(symbol: ElfSymbol) -> bool:
    """Tell whether a symbol names code; a converted loader may carry code in a section of data at first."""
    if symbol.section is None:
        return False
    return symbol.type == c.STT_FUNC or (symbol.type == c.STT_NOTYPE and bool(symbol.section.flags & c.SHF_EXECINSTR))
