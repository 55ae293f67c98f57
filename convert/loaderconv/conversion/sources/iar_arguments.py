"""Arguments of an IAR loader, written to where C-SPY would write them (docs/formats/iar.md, Symbols)."""

import struct
from collections.abc import Sequence

from loaderconv.conversion.source import Source
from loaderconv.conversion.sources.parts import Piece
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.iar import IarInterface

_WORD = struct.Struct("<I")
_NAME = ".iar_arguments"


def arguments_of(source: Source, interface: IarInterface) -> tuple[str, ...]:
    """Return the arguments in effect: the pass's, else those of the `.flash` file.

    Raises:
        ConversionRefused: the loader takes none, or not so many.
    """
    settings = source.loader.iar_settings
    arguments = source.facts.args or (() if settings is None else settings.arguments)
    if not arguments:
        return ()
    block = interface.arguments
    if block is None:
        raise ConversionRefused(
            f"The .board or .flash file gives arguments ({' '.join(arguments)}), and the loader takes none: it has no"
            " __argc, __argv and __argvbuf.",
            hint="Take the arguments out of the file, or use a loader that was built with USE_ARGC_ARGV.",
        )
    if len(arguments) > block.max_count or len(_text(arguments)) > block.text.size_bytes:
        raise ConversionRefused(
            f"The loader has room for {block.max_count} arguments of {block.text.size_bytes} bytes in all, the files"
            f" give {len(arguments)} of {len(_text(arguments))} bytes.",
            hint="Shorten the arguments in the .board file.",
        )
    return arguments


def argument_pieces(arguments: Sequence[str], interface: IarInterface) -> list[Piece]:
    """Return the count, the pointers and the strings at their addresses; without arguments the count is 0 as it is."""
    block = interface.arguments
    if block is None or not arguments:
        return []
    starts = [block.text.start + len(_text(arguments[:number])) for number in range(len(arguments))]
    return [
        _piece(block.count_address, _WORD.pack(len(arguments))),
        _piece(block.vector.start, b"".join(map(_WORD.pack, starts))),
        _piece(block.text.start, _text(arguments)),
    ]


def _text(arguments: Sequence[str]) -> bytes:
    return b"".join(argument.encode("utf-8") + b"\0" for argument in arguments)


def _piece(address: int, data: bytes) -> Piece:
    return Piece(_NAME, address, data, len(data), executable=False)
