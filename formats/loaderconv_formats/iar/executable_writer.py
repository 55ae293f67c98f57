"""Makes a new IAR executable from a Loader (docs/formats/iar.md, Symbols, Link-time layout)."""

from collections.abc import Iterator, Mapping, Sequence

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.build_notes import add_build_notes, elf_flags, segment_flags
from loaderconv_formats.elf.image import ElfImage, ElfSymbol
from loaderconv_formats.elf.installed_note import add_installed_note
from loaderconv_formats.elf.loaded import LoadedRange
from loaderconv_formats.elf.new_image import (
    LocalSymbol,
    NewRange,
    Stretch,
    add_local_symbols,
    add_ranges,
    add_routine,
    add_symbol,
    check_has_code,
    entry_of,
    range_of,
)
from loaderconv_formats.iar import abi
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.iar import IarInterface
from loaderconv_schemas.loader import Loader

_WORD_BYTES = 4
_HALF_WORD_BYTES = 2
_LAST_ADDRESS = 0xFFFF_FFFF


def iar_document(
    loader: Loader,
    *,
    comment: str,
    local_symbols: Sequence[LocalSymbol] = (),
    named: Mapping[int, tuple[Stretch, ...]] | None = None,
) -> ElfImage:
    """Return the document for a loader. What it says of the memory is the matter of its `.flash` file.

    Args:
        loader: the meaning.
        comment: what made the file, for `.comment`.
        local_symbols: names beyond those that C-SPY looks up.
        named: sections of a segment, by its address; the others become one section each.

    Raises:
        ConversionRefused: no machine code, no interface or parameter block, or a routine without bytes.
    """
    check_has_code(loader)
    interface = loader.iar_interface
    if interface is None:
        raise ConversionRefused(
            f"Nothing says how C-SPY drives {loader.identity.name}.", hint="Convert a loader that was read from a file."
        )
    if interface.parameters is None:
        raise ConversionRefused(
            f"{loader.identity.name} has no parameter block (theFlashParams), through which C-SPY calls a loader.",
            hint="Link the loader with IAR's flash loader framework.",
        )
    evidence = loader.placement.evidence
    image = ElfImage(entry=entry_of(loader), flags=elf_flags(loader.identity))
    ranges = [range_of(segment, segment_flags(evidence)) for segment in loader.image_segments]
    by_address = named or {}
    new_ranges = [NewRange(each, by_address.get(each.address) or _stretches(each)) for each in ranges]
    sections = add_ranges(image, new_ranges, loader.placement.alignment_bytes)
    add_build_notes(image, loader.identity, evidence, comment)
    add_installed_note(image, loader.installed)
    add_local_symbols(image, sections, local_symbols)
    for entry in loader.entry_points:
        add_routine(image, sections, entry, c.STV_DEFAULT)
    init = loader.entry_point(Routine.INIT)
    thumb_bit = int(init is None or init.thumb)
    for symbol in (*_routines(interface, thumb_bit), *_objects(interface), *_places(loader, interface)):
        add_symbol(image, sections, symbol)
    return image


def _stretches(loaded: LoadedRange) -> tuple[Stretch, ...]:
    """Return the one stretch of a range, under the name that GNU ld gives; its sections may what its segment may."""
    writable = c.SHF_WRITE if loaded.flags & c.PF_W else 0
    if loaded.flags & c.PF_X:
        name, flags = ".text", c.SHF_EXECINSTR
    else:
        name, flags = ".data" if writable else ".rodata", writable
    return (Stretch(loaded.address, loaded.end, name, flags, ".bss", writable),)


def _routines(interface: IarInterface, thumb_bit: int) -> Iterator[ElfSymbol]:
    """Yield what is code but no stub."""
    for entry in interface.c_layer:
        yield ElfSymbol(entry.symbol, entry.address | int(entry.thumb), entry.size_bytes, c.STT_FUNC)
    if interface.break_address is not None:
        yield ElfSymbol(abi.BREAK, interface.break_address | thumb_bit, type=c.STT_FUNC)


def _objects(interface: IarInterface) -> Iterator[ElfSymbol]:
    """Yield what C-SPY reads and writes."""
    if interface.parameters is not None:
        yield _object(abi.PARAMETERS, interface.parameters)
    if interface.arguments is not None:
        yield ElfSymbol(abi.ARGUMENT_COUNT, interface.arguments.count_address, _WORD_BYTES, c.STT_OBJECT)
        yield _object(abi.ARGUMENT_VECTOR, interface.arguments.vector)
        yield _object(abi.ARGUMENT_TEXT, interface.arguments.text)
    if interface.framework_version_address is not None:
        yield ElfSymbol(abi.FRAMEWORK_VERSION, interface.framework_version_address, _HALF_WORD_BYTES, c.STT_OBJECT)
    if interface.vector_table is not None:
        yield ElfSymbol(abi.VECTOR_TABLE, interface.vector_table, type=c.STT_OBJECT)


def _places(loader: Loader, interface: IarInterface) -> Iterator[ElfSymbol]:
    """Yield the borders of what the linker placed, which have no size."""
    if interface.buffer is not None:
        yield ElfSymbol(abi.BUFFER_START, interface.buffer.start)
        yield ElfSymbol(abi.BUFFER_END, _end(interface.buffer))
    if interface.stack is not None:
        yield ElfSymbol(abi.STACK_BASE, interface.stack.start)
    if interface.stack_pointer is not None:
        yield ElfSymbol(abi.STACK_LIMIT, interface.stack_pointer)
    if interface.init_table is not None:
        yield ElfSymbol(abi.INIT_TABLE_BASE, interface.init_table.start)
        yield ElfSymbol(abi.INIT_TABLE_LIMIT, _end(interface.init_table))
    if loader.placement.static_base is not None:
        for name in abi.STATIC_BASES:
            yield ElfSymbol(name, loader.placement.static_base)


def _object(name: str, where: AddressRange) -> ElfSymbol:
    return ElfSymbol(name, where.start, where.size_bytes, c.STT_OBJECT)


def _end(where: AddressRange) -> int:
    """Return the address behind a range. Raises ConversionRefused where no symbol can hold it."""
    if where.end > _LAST_ADDRESS:
        raise ConversionRefused(
            f"The range {where} reaches to the end of the address space.", hint="Leave at least its last byte free."
        )
    return where.end
