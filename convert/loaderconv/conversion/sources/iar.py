"""An IAR loader as a source: absolute code, called by the functions behind its stubs."""

from collections.abc import Mapping, Sequence

from loaderconv.conversion.addresses import between
from loaderconv.conversion.request import ConversionRequest
from loaderconv.conversion.source import Source
from loaderconv.conversion.sources.code_checks import check_core, check_routines, code_warnings
from loaderconv.conversion.sources.described_device import described_device
from loaderconv.conversion.sources.iar_arguments import argument_pieces, arguments_of
from loaderconv.conversion.sources.moved import in_place
from loaderconv.conversion.sources.parts import Piece, SourceParts
from loaderconv.conversion.sources.pieces import pieces_of
from loaderconv.conversion.sources.symbols import symbols_of
from loaderconv_formats.iar import abi
from loaderconv_formats.iar.run_time_layout import layout_format_in
from loaderconv_formats.xml.quoting import short_ascii
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.iar import IarInterface
from loaderconv_schemas.loader import Loader, Notice
from loaderconv_schemas.plan import Loss

MANDATORY = (Routine.INIT, Routine.PROGRAM_PAGE, Routine.ERASE_SECTOR)

_SLOTS = ("FlashInit", "FlashWrite", "FlashErase", "FlashSignoff")

_WORKERS: dict[Routine, tuple[str, ...]] = {
    Routine.INIT: ("FlashInit", "FlashSignoff"),
    Routine.UNINIT: ("FlashSignoff",),
    Routine.ERASE_SECTOR: ("FlashErase",),
    Routine.ERASE_CHIP: ("FlashErase",),
    Routine.PROGRAM_PAGE: ("FlashWrite",),
    Routine.READ: (),
    Routine.VERIFY: (),
}

_MESSAGE_BYTES = 256
"""Room for what FlashInit writes to its buffer: a layout or a message (docs/formats/iar.md, Constants)."""


def iar_parts(source: Source, request: ConversionRequest) -> SourceParts:
    """Return the parts of an IAR loader.

    Raises:
        ConversionRefused: it is made of macros, or could not run under another host.
    """
    _check_is_code(source.loader)
    source = in_place(source, request)
    loader = source.loader
    check_core(loader)
    interface = _interface(loader)
    check_routines(interface.c_layer, MANDATORY, abi.C_LAYER, "IAR loader")
    _check_layout(loader, request)
    described = described_device(loader, source.facts, request)
    pieces = _without_buffer(pieces_of(loader), interface)
    arguments = arguments_of(source, interface)
    symbols = {entry.symbol: entry.address | 1 for entry in interface.c_layer if entry.symbol in _SLOTS}
    if request.init_once:
        symbols.pop("FlashSignoff", None)
    flags = _flags(request, is_whole=described.is_whole)
    stack = _stack(interface, pieces)
    return SourceParts(
        loader=loader,
        device=described.device,
        address_delta=described.address_delta,
        init_address=described.source_base,
        is_movable=False,
        pieces=_with_arguments(pieces, argument_pieces(arguments, interface)),
        stack=stack,
        stack_bytes=None if stack is None else stack.size_bytes,
        static_base=loader.placement.static_base,
        routines=symbols,
        workers=_workers(symbols, flags),
        fields={
            "source_block": 0 if interface.parameters is None else interface.parameters.start,
            "refused_results": 0 if _layout_is_given(request) else abi.OVERRIDE_LAYOUT | abi.OVERRIDE_PAGESIZE,
            "argument_count": len(arguments),
            "argument_vector": 0 if interface.arguments is None else interface.arguments.vector.start,
        },
        flags=flags,
        program_unit_bytes=described.device.page_size_bytes,
        scratch_bytes=_MESSAGE_BYTES,
        largest_transfer_bytes=None if interface.buffer is None else interface.buffer.size_bytes,
        symbols=symbols_of(source.image, loader, "iar."),
        losses=(*_losses(loader, interface, arguments), *_ignored(source)),
        requirements=_requirements(loader, request),
        warnings=(*_warnings(loader), *described.warnings),
    )


def _stack(interface: IarInterface, pieces: Sequence[Piece]) -> AddressRange | None:
    """Return CSTACK, None where the file has none.

    Raises:
        ConversionRefused: it lies partly on code, which it would overwrite.
    """
    stack = interface.stack
    if stack is None or not stack.size_bytes:
        return None
    for piece in pieces:
        bytes_of_piece = between(piece.address, piece.address + len(piece.data))
        if piece.executable and bytes_of_piece.overlaps(stack):
            raise ConversionRefused(
                f"The stack {stack} (CSTACK) lies on code of the loader, {bytes_of_piece}.",
                hint="Check the linker configuration (.icf) of the loader.",
            )
    return stack


def _flags(request: ConversionRequest, *, is_whole: bool) -> tuple[str, ...]:
    """Return what the shim may do with FlashInit: nothing again, or a mass erase too."""
    if request.init_once:
        return ("SHIM_INIT_ONCE",)
    return ("SHIM_MASS_ERASE",) if is_whole else ()


def _workers(symbols: Mapping[str, int], flags: Sequence[str]) -> dict[Routine, tuple[str, ...]]:
    """Return the symbols that do each kind of work; a mass erase is asked of FlashInit first."""
    found = {routine: tuple(name for name in names if name in symbols) for routine, names in _WORKERS.items()}
    if "SHIM_MASS_ERASE" in flags:
        found[Routine.ERASE_CHIP] = ("FlashInit", *found[Routine.ERASE_CHIP])
    return found


def _check_is_code(loader: Loader) -> None:
    settings = loader.iar_settings
    if settings is not None and settings.is_macro_loader:
        raise ConversionRefused(
            "The loader is a set of C-SPY macros (exe is MACRO): there is no machine code to convert.",
            hint=f"What to write anew is in its macro file{'' if settings.macro is None else f', {settings.macro}'}.",
        )
    if not loader.image_segments:
        raise ConversionRefused(
            f"The executable of {short_ascii(loader.identity.name)} was not found, so there is no code to convert.",
            hint="See what it refers to with loaderconv inspect, and name the folder with --toolkit-dir.",
        )


def _interface(loader: Loader) -> IarInterface:
    interface = loader.iar_interface
    if interface is None or interface.parameters is None:
        raise ConversionRefused(
            "The loader has no parameter block (theFlashParams), through which its FlashInit finds its buffer.",
            hint="Take the loader from its origin again, with its symbol table.",
        )
    return interface


def _warnings(loader: Loader) -> list[Notice]:
    """Return what was noticed, without what concerns C-SPY alone: no other host fills the buffer."""
    return [notice for notice in code_warnings(loader) if notice.code != "init-in-buffer"]


def _layout_is_given(request: ConversionRequest) -> bool:
    return request.geometry is not None and request.page_size_bytes is not None


def _check_layout(loader: Loader, request: ConversionRequest) -> None:
    """Refuse a loader that finds out its sectors at run time, unless the user tells them."""
    prints_layout = layout_format_in(segment.data for segment in loader.image_segments)
    if prints_layout and not _layout_is_given(request):
        raise ConversionRefused(
            "The geometry is dynamic: FlashInit finds out the sectors at run time and tells C-SPY, so that those of the"
            " .flash file may be placeholders.",
            hint="Give sectors and page from the data sheet with --geometry and --page; 4x4K,3x16K would be four"
            " sectors of 4 KiB and three of 16 KiB.",
        )


def _without_buffer(pieces: Sequence[Piece], interface: IarInterface) -> tuple[Piece, ...]:
    """Return the pieces without zeros that are nothing but C-SPY's buffer, which no other host uses."""
    buffer = interface.buffer
    return tuple(
        piece
        for piece in pieces
        if piece.data or buffer is None or not (buffer.start <= piece.address and piece.range.end <= buffer.end)
    )


def _with_arguments(pieces: Sequence[Piece], arguments: Sequence[Piece]) -> tuple[Piece, ...]:
    """Return the pieces with the arguments in them; they lie where the linker left room for them."""
    found = list(pieces)
    for argument in arguments:
        index = next((i for i, piece in enumerate(found) if argument.address in piece.range), None)
        if index is None:
            found.append(argument)
        else:
            found[index] = _patched(found[index], argument)
    return tuple(sorted(found, key=lambda piece: piece.address))


def _patched(piece: Piece, patch: Piece) -> Piece:
    if patch.range.end > piece.range.end:
        raise ConversionRefused(
            f"The arguments at {patch.range} do not fit into the loader's data, {piece.range}.",
            hint="Take the loader from its origin again: __argc, __argv and __argvbuf must lie in its RAM.",
        )
    start = patch.address - piece.address
    data = piece.data.ljust(start + len(patch.data), b"\0")
    data = data[:start] + patch.data + data[start + len(patch.data) :]
    return Piece(piece.name, piece.address, data, max(piece.size_bytes, len(data)), piece.executable)


def _losses(loader: Loader, interface: IarInterface, arguments: Sequence[str]) -> tuple[Loss, ...]:
    found = [Loss(fact="the stubs", consequence="not called: the shim calls the functions behind them itself")]
    if any(entry.routine is Routine.CHECKSUM for entry in interface.c_layer):
        found.append(Loss(fact="FlashChecksum", consequence="not called: the shim reads and compares itself"))
    if interface.arguments is not None and not arguments:
        found.append(Loss(fact="arguments", consequence="FlashInit always sees an argument count of 0"))
    if arguments:
        shown = " ".join(arguments)
        found.append(Loss(fact=f"the choice of arguments ({shown})", consequence="they are fixed in the output"))
    settings = loader.iar_settings
    if settings is not None and settings.macro is not None:
        found.append(Loss(fact=f"the macro file {settings.macro}", consequence="no other host runs C-SPY macros"))
    return tuple(found)


def _ignored(source: Source) -> list[Loss]:
    """Return the ranges that C-SPY leaves out of what it programs, which is not the loader's doing."""
    return [
        Loss(fact=f"range to ignore, {each.kind} {each.range}", consequence="other hosts program what they are given")
        for each in source.facts.ignored
    ]


def _requirements(loader: Loader, request: ConversionRequest) -> tuple[str, ...]:
    found = []
    settings = loader.iar_settings
    if settings is not None and settings.macro is not None:
        found.append(
            f"What the macro file {settings.macro} does before the download (clocks, pins, RAM, watchdog) must be done"
            " by the new host's start-up script."
        )
    if not request.init_once:
        found.append("FlashInit must work more than once; if it does not, convert again with --init-once.")
    return tuple(found)
