"""The stack on which a stldr was built to run, so that it finds the same under another host."""

from collections.abc import Sequence

from loaderconv.conversion.addresses import between, up
from loaderconv.conversion.sources.parts import Piece
from loaderconv_formats.elf.anatomy import MAX_GAP_BYTES
from loaderconv_formats.stldr import abi
from loaderconv_schemas.address_range import AddressRange


def host_stack(pieces: Sequence[Piece]) -> AddressRange:
    """Return the addresses right above the image, where STM32CubeProgrammer has the stack.

    Other memories, in which ST's H7RS loaders have their variables, do not count (docs/formats/stldr.md, How hosts
    drive it).

    Args:
        pieces: of the source, by address.

    Raises:
        ConversionRefused: there are no addresses above the image.
    """
    with_bytes = [piece for piece in pieces if piece.data]
    top = with_bytes[0].range.end
    for piece in pieces:
        if piece.address - top <= MAX_GAP_BYTES:
            top = max(top, piece.range.end)
    start = up(top, 8)
    return between(start, start + abi.HOST_STACK_BYTES)
