"""A planned conversion whose source was replaced by a stand-in: what of it is called, carried, and left alone."""

from collections.abc import Iterator

from loaderconv.conversion.sources.parts import Piece
from loaderconv.conversion.targets.planned import Planned
from loaderconv.hosts.core import Core
from loaderconv.simulation.ideal_flash import IdealFlash
from loaderconv.simulation.source_view import SourceView
from loaderconv.simulation.stand_in import IdealDriver, SourceImage, hollow
from loaderconv.simulation.stand_in_flm import IdealFlm
from loaderconv.simulation.stand_in_iar import IarContract, IdealIar
from loaderconv.simulation.stand_in_stldr import IdealStldr
from loaderconv_formats.iar import abi as iar_abi
from loaderconv_formats.stldr import abi as stldr_abi
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.memory import Segment

_BUFFER_WORD = slice(12, 16)


def hollowed(planned: Planned, loader: Loader) -> Loader:
    """Return the output with a stand-in's bytes wherever it carries code of the source."""
    contents = [(address, _content(planned, piece)) for piece, address in _carried(planned)]
    return loader.model_copy(update={"segments": tuple(_patched(segment, contents) for segment in loader.segments)})


def source_image(planned: Planned) -> SourceImage:
    """Return where everything of the source has to be when it is called."""
    parts, layout = planned.parts, planned.layout
    return SourceImage(
        routines={name: layout.moved(address) & ~1 for name, address in parts.routines.items()},
        contents=tuple(_expected(planned)),
        changing=(*([] if parts.stack is None else [parts.stack]), *_parameter_word(planned)),
        static_base=None if parts.static_base is None else layout.moved(parts.static_base),
        stack=parts.stack,
    )


def ideal_driver(planned: Planned, core: Core, flash: IdealFlash) -> IdealDriver:
    """Return a driver of the source's flavour."""
    parts = planned.parts
    own = tuple(
        AddressRange(start=planned.layout.moved(each.start), size_bytes=each.size_bytes) for each in parts.taken
    )
    view = SourceView(core, flash, parts.device, parts.address_delta, own)
    match parts.loader.flavour:
        case Flavour.FLM:
            return IdealFlm(
                view,
                init_address=parts.init_address,
                clock_hz=parts.fields["clock_hz"],
                wants_blank_pages="SHIM_REPROGRAMS" in parts.flags,
                compares_words=_can_compare_otherwise(planned),
            )
        case Flavour.STLDR:
            return IdealStldr(view)
        case Flavour.IAR:
            return IdealIar(view, _contract(planned))


def _contract(planned: Planned) -> IarContract:
    parts = planned.parts
    return IarContract(
        init_address=parts.init_address,
        arguments=(parts.fields["argument_count"], parts.fields["argument_vector"]),
        parameters=parts.fields["source_block"],
        signs_off="FlashSignoff" in parts.routines,
        is_initialised_once="SHIM_INIT_ONCE" in parts.flags,
        overrides_layout=not parts.fields["refused_results"],
    )


def _can_compare_otherwise(planned: Planned) -> bool:
    """Tell whether the shim is free not to ask an FLM's Verify: it reads where the plan exports what reads."""
    return any(entry.symbol in ("Read", "FlashChecksumEntry") for entry in planned.plan.entry_points)


def _carried(planned: Planned) -> Iterator[tuple[Piece, int]]:
    """Yield the pieces that are in the file, with the address at which the host downloads their bytes."""
    yield from planned.layout.carried
    placed = {piece.address for piece, _ in planned.layout.carried}
    if planned.plan.target is Flavour.IAR:
        yield from ((piece, piece.address) for piece in planned.parts.pieces if piece.address not in placed)


def _content(planned: Planned, piece: Piece) -> bytes:
    routines = [address & ~1 for address in planned.parts.routines.values()]
    return hollow(piece.address, piece.data, routines) if piece.executable else piece.data


def _patched(segment: Segment, contents: list[tuple[int, bytes]]) -> Segment:
    data = bytearray(segment.data)
    for address, content in contents:
        start = address - segment.address
        if content and 0 <= start < len(data):
            data[start : start + len(content)] = content
    return segment.model_copy(update={"data": bytes(data)})


def _expected(planned: Planned) -> Iterator[tuple[int, bytes]]:
    """Yield what all pieces hold at run time, but for the word that CubeProgrammer overwrites."""
    host_word = planned.plan.ram.start if planned.plan.target is Flavour.STLDR else None
    for piece in planned.parts.pieces:
        content = _content(planned, piece).ljust(piece.size_bytes, b"\0")
        skipped = stldr_abi.HOST_WORD_BYTES if planned.layout.moved(piece.address) == host_word else 0
        yield planned.layout.moved(piece.address) + skipped, content[skipped:]


def _parameter_word(planned: Planned) -> list[AddressRange]:
    """Return where the shim tells an IAR source its buffer."""
    start = planned.parts.fields.get("source_block")
    if not start:
        return []
    block = range(start, start + iar_abi.PARAMETERS_SIZE_BYTES)[_BUFFER_WORD]
    return [AddressRange(start=block.start, size_bytes=len(block))]
