"""Arithmetic of addresses: multiples, gaps, ranges that stay inside 32 bits."""

from collections.abc import Iterable

from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange
from loaderconv_schemas.errors import ConversionRefused


def up(value: int, alignment: int) -> int:
    """Return the next multiple of an alignment."""
    return -(-value // alignment) * alignment


def claimed_alignment(address: int, wanted: int) -> int:
    """Return the alignment that a section may claim: its address decides, since link addresses need not be 0."""
    return min(wanted, address & -address or wanted)


def up_to_congruent(value: int, alignment: int, link_address: int) -> int:
    """Return the next address that equals a link address modulo an alignment."""
    remainder = link_address % alignment
    return up(value - remainder, alignment) + remainder


def between(start: int, end: int) -> AddressRange:
    """Return the addresses from `start` up to, but without, `end`.

    Raises:
        ConversionRefused: there are none so high.
    """
    if end > ADDRESS_SPACE_BYTES:
        raise ConversionRefused(
            f"What has to lie at 0x{start:08x} would reach beyond the 32-bit address space.",
            hint="Give RAM at lower addresses with --ram BASE:SIZE, or link the source lower.",
        )
    return AddressRange(start=start, size_bytes=end - start)


def gaps_in(ram: AddressRange, taken: Iterable[AddressRange]) -> list[AddressRange]:
    """Return what of a RAM is free, by address."""
    found = []
    start = ram.start
    for each in sorted(taken, key=lambda each: each.start):
        if each.start > start:
            found.append(between(start, min(each.start, ram.end)))
        start = max(start, each.end)
        if start >= ram.end:
            return found
    found.append(between(start, ram.end))
    return [gap for gap in found if gap.size_bytes]
