"""The RAM that a loader takes while it runs, as far as its file or the habits of its host tell."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from loaderconv_formats.elf.anatomy import MAX_GAP_BYTES
from loaderconv_formats.stldr import abi as stldr_abi
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange
from loaderconv_schemas.iar import IarInterface
from loaderconv_schemas.inspection import MemoryUse, Use
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.memory import Part, Segment

_MOST_SPECIFIC_FIRST = (Use.PARAMETERS, Use.STACK, Use.CODE, Use.DATA, Use.BUFFER, Use.ZEROS, Use.INSTALLED, Use.HOST)
"""Of two uses of one address the earlier one is shown: C-SPY's blocks and stack lie in zero-initialised data as a rule,
and FlashInit may lie in the buffer (docs/formats/iar.md, Link-time layout)."""


class _Claim(NamedTuple):
    """Addresses from `start` up to, but without, `end`."""

    use: Use
    start: int
    end: int


def memory_map(loader: Loader) -> tuple[MemoryUse, ...]:
    """Return what lies where, by link address; rows do not overlap.

    An FLM has no stack here: its hosts place it, and their data, wherever they like.
    """
    claims = list(_image(loader.image_segments))
    claims += [_claim(Use.INSTALLED, each) for each in loader.installed]
    if loader.flavour is Flavour.STLDR and claims:
        claims += _of_stldr_hosts(claims)
    interface = loader.iar_interface
    if interface is not None:
        image = claims if interface.buffer is None else _cut_out(_claim(Use.BUFFER, interface.buffer), claims)
        claims = [*image, *_of_interface(interface)]
    return tuple(_without_overlaps(claims))


def _image(segments: Iterable[Segment]) -> Iterator[_Claim]:
    for segment in segments:
        data_end = segment.address + len(segment.data)
        yield _Claim(Use.CODE if segment.part is Part.CODE else Use.DATA, segment.address, data_end)
        yield _Claim(Use.ZEROS, data_end, segment.range.end)


def _of_stldr_hosts(image: list[_Claim]) -> Iterator[_Claim]:
    """Give the BKPT word at the RAM base, unless the image lies there, and the stack.

    See docs/formats/stldr.md, How hosts drive it.
    """
    lowest = min(claim.start for claim in image)
    base = lowest & -stldr_abi.RAM_BASE_ALIGNMENT
    if lowest >= base + stldr_abi.HOST_WORD_BYTES:
        yield _Claim(Use.HOST, base, base + stldr_abi.HOST_WORD_BYTES)
    top = lowest
    for claim in sorted(image, key=lambda each: each.start):
        if claim.start - top <= MAX_GAP_BYTES:  # what lies farther up is in another memory
            top = max(top, claim.end)
    yield _Claim(Use.STACK, top, min(top + stldr_abi.HOST_STACK_BYTES, ADDRESS_SPACE_BYTES))


def _cut_out(buffer: _Claim, image: Iterable[_Claim]) -> Iterator[_Claim]:
    """Give the image without a buffer that lies within one part of it, as in relocatable loaders.

    See docs/formats/iar.md, Relocatable loaders.
    """
    for claim in image:
        if claim.start <= buffer.start and buffer.end <= claim.end:
            yield _Claim(claim.use, claim.start, buffer.start)
            yield _Claim(claim.use, buffer.end, claim.end)
        else:
            yield claim


def _of_interface(interface: IarInterface) -> Iterator[_Claim]:
    arguments = interface.arguments
    if arguments is not None:
        yield _Claim(Use.PARAMETERS, arguments.count_address, min(arguments.count_address + 4, ADDRESS_SPACE_BYTES))
        yield _claim(Use.PARAMETERS, arguments.vector)
        yield _claim(Use.PARAMETERS, arguments.text)
    for use, taken in (
        (Use.PARAMETERS, interface.parameters),
        (Use.BUFFER, interface.buffer),
        (Use.STACK, interface.stack),
    ):
        if taken is not None:
            yield _claim(use, taken)


def _claim(use: Use, taken: AddressRange) -> _Claim:
    return _Claim(use, taken.start, taken.end)


def _without_overlaps(claims: list[_Claim]) -> Iterator[MemoryUse]:
    """Walk up through the addresses; neighbours for the same use are one row."""
    edges: dict[int, Counter[Use]] = {}
    for use, start, end in claims:
        edges.setdefault(start, Counter())[use] += 1
        edges.setdefault(end, Counter())[use] -= 1
    claimed: Counter[Use] = Counter()
    shown: Use | None = None
    row_start = 0
    for address in sorted(edges):
        for use, change in edges[address].items():
            claimed[use] += change
        here = next((use for use in _MOST_SPECIFIC_FIRST if claimed[use]), None)
        if here is shown:
            continue
        if shown is not None:
            yield MemoryUse(use=shown, range=AddressRange(start=row_start, size_bytes=address - row_start))
        shown, row_start = here, address
