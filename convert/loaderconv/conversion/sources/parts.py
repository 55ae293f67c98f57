"""A source as every target sees it: bytes to carry, routines to call, and what its code expects around it."""

from collections.abc import Mapping
from dataclasses import dataclass

from loaderconv_formats.elf.new_image import LocalSymbol
from loaderconv_schemas.address_range import AddressRange, span
from loaderconv_schemas.device import Device
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.loader import Loader, Notice
from loaderconv_schemas.plan import Loss


@dataclass(frozen=True)
class Piece:
    """A part of the source's memory, at the address for which it was linked.

    Attributes:
        name: of its section in the output.
        address: of the first byte.
        data: the bytes that the file holds.
        size_bytes: with the zeros behind them.
        executable: it holds code.
    """

    name: str
    address: int
    data: bytes
    size_bytes: int
    executable: bool

    @property
    def range(self) -> AddressRange:
        """The addresses that it takes."""
        return AddressRange(start=self.address, size_bytes=self.size_bytes)

    @property
    def zeros(self) -> AddressRange:
        """The part that starts as zero, possibly empty."""
        return AddressRange(start=self.address + len(self.data), size_bytes=self.size_bytes - len(self.data))


@dataclass(frozen=True)
class SourceParts:
    """What a conversion carries over.

    Attributes:
        loader: the source, after it was moved where that was wanted.
        device: its memory as the new host will address it.
        address_delta: added modulo 2**32 to the new host's addresses it gives those that the source sees.
        init_address: what its initialisation is told as the start of the memory.
        is_movable: it runs at any address, its parts at their distances; otherwise at its link addresses alone.
        pieces: by address, no two overlapping.
        stack: the stack that it brings along; None: it runs on its host's.
        stack_bytes: what its own host leaves for a stack; None where nothing says.
        static_base: link address that r9 holds while its code runs; None: r9 is left alone.
        routines: address with the Thumb bit by the names that the shim has for them.
        workers: the symbols that do each kind of work, in the order of their calls.
        fields: values of the parameter table that only this flavour has.
        flags: likewise the names of flags.
        program_unit_bytes: what one call programs is a multiple of this.
        scratch_bytes: least size of the shim's page buffer.
        largest_transfer_bytes: most that its own host passes at once; None where nothing says.
        symbols: names inside the image, for debuggers.
        losses: what of the source has no place in any other flavour.
        requirements: what it needs besides what its new host provides.
        warnings: what was odd.
    """

    loader: Loader
    device: Device
    address_delta: int
    init_address: int
    is_movable: bool
    pieces: tuple[Piece, ...]
    stack: AddressRange | None
    stack_bytes: int | None
    static_base: int | None
    routines: Mapping[str, int]
    workers: Mapping[Routine, tuple[str, ...]]
    fields: Mapping[str, int]
    flags: tuple[str, ...]
    program_unit_bytes: int
    scratch_bytes: int
    largest_transfer_bytes: int | None
    symbols: tuple[LocalSymbol, ...]
    losses: tuple[Loss, ...]
    requirements: tuple[str, ...]
    warnings: tuple[Notice, ...]

    @property
    def span(self) -> AddressRange:
        """The smallest range around all pieces."""
        return span(piece.range for piece in self.pieces)

    @property
    def bare_stack(self) -> AddressRange | None:
        """What of the stack that it brings along no piece holds; None where that is nothing."""
        if self.stack is None:
            return None
        start, end = self.stack.start, self.stack.end
        for piece in self.pieces:
            if start in piece.range:
                start = piece.range.end
            elif end - 1 in piece.range:
                end = piece.address
        return AddressRange(start=start, size_bytes=end - start) if start < end else None

    @property
    def installed(self) -> tuple[AddressRange, ...]:
        """What the source itself fills when it is initialised: it is a converted loader."""
        return self.loader.installed

    @property
    def taken(self) -> tuple[AddressRange, ...]:
        """Link addresses that must be left to the source: its pieces and its stack, by address."""
        ranges = [piece.range for piece in self.pieces]
        if self.bare_stack is not None:
            ranges.append(self.bare_stack)
        return tuple(sorted(ranges, key=lambda each: each.start))
