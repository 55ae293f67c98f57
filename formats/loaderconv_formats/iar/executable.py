"""Reads an IAR loader's executable: the document's meaning as a Loader (docs/formats/iar.md).

The file describes no memory: base address, page and blocks are in the `.flash` file that names it.
"""

from collections.abc import Iterable, Mapping

from loaderconv_formats.elf.anatomy import Anatomy, dissect
from loaderconv_formats.elf.image import ElfImage, ElfSymbol
from loaderconv_formats.elf.loaded import addresses_of, as_whole_segment
from loaderconv_formats.elf.lookup import symbols_by_name
from loaderconv_formats.elf.routines import entry_points
from loaderconv_formats.iar import abi
from loaderconv_formats.iar.interface import read_interface
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.iar import IarInterface
from loaderconv_schemas.loader import Architecture, Flavour, Loader, Notice
from loaderconv_schemas.memory import Placement, PlacementKind, RamNeed


def read_iar_executable(image: ElfImage, name: str) -> Loader:
    """Return the loader in an IAR `.out`, without a device.

    Args:
        image: the file as a document.
        name: file name without suffix.

    Raises:
        UnreadableInput: a routine without bytes, or nothing to load.
    """
    symbols = symbols_by_name(image)
    entries = entry_points(symbols, abi.ROUTINES)
    anatomy = dissect(image, entries, without=None)
    interface = read_interface(symbols)
    identity = anatomy.identity(name)
    is_arm_state = any(not entry.thumb for entry in entries)
    if is_arm_state:
        identity = identity.model_copy(update={"architecture": Architecture.NOT_CORTEX_M})
    return Loader(
        flavour=Flavour.IAR,
        identity=identity,
        device=None,
        entry_points=entries,
        segments=tuple(as_whole_segment(each) for each in anatomy.loaded),
        placement=_placement(symbols, anatomy),
        ram=_ram_need(anatomy, interface),
        installed=anatomy.installed,
        iar_interface=interface,
        notices=(
            *_missing_symbols(symbols),
            *_interface_notices(interface),
            *([_ARM_STATE] if is_arm_state else []),
        ),
    )


_EMPTY_BUFFER = Notice(
    code="empty-buffer", message="FlashBufferEnd does not lie behind FlashBufferStart: there is no buffer."
)
_INIT_IN_BUFFER = Notice(
    code="init-in-buffer",
    message="FlashInit lies in the buffer: the first data overwrites it, so it can run once for each download.",
)
_INIT_TABLE = Notice(
    code="init-table",
    message="The file has a table of data to initialise (Region$$Table), and C-SPY runs no start-up code: unless"
    " FlashInit works it off, that data holds whatever the RAM held.",
)
_ARM_STATE = Notice(
    code="arm-state",
    message="The stubs are Arm code without the Thumb bit: the loader is for ARM7, ARM9 or Cortex-A, not Cortex-M.",
)


def _missing_symbols(symbols: Mapping[str, ElfSymbol]) -> list[Notice]:
    return [
        Notice(code="core-symbol-missing", message=f"There is no symbol {name}, without which C-SPY fails.")
        for name in abi.CORE
        if name not in symbols
    ]


def _interface_notices(interface: IarInterface) -> list[Notice]:
    """Return what is odd about the addresses through which C-SPY drives a loader."""
    found = []
    if interface.parameters is not None and interface.parameters.size_bytes != abi.PARAMETERS_SIZE_BYTES:
        size = interface.parameters.size_bytes
        found.append(Notice(code="parameter-block-size", message=f"theFlashParams has {size} bytes instead of 20."))
    if interface.buffer is not None and not interface.buffer.size_bytes:
        found.append(_EMPTY_BUFFER)
    if interface.init_lies_in_buffer:
        found.append(_INIT_IN_BUFFER)
    if interface.init_table is not None:
        found.append(_INIT_TABLE)
    return found


def _placement(symbols: Mapping[str, ElfSymbol], anatomy: Anatomy) -> Placement:
    base = next((symbols[name] for name in abi.STATIC_BASES if name in symbols), None)
    is_relocatable = any(entry.routine is Routine.PRE_INIT for entry in anatomy.entry_points)
    facts = anatomy.facts
    return Placement(
        kind=PlacementKind.RELOCATABLE_IAR if is_relocatable else PlacementKind.ABSOLUTE,
        static_base=base.value if is_relocatable and base is not None else None,
        alignment_bytes=anatomy.alignment_bytes,
        evidence=facts.read_only_independent + facts.writable_independent,
    )


def _ram_need(anatomy: Anatomy, interface: IarInterface) -> RamNeed:
    """Return what code and data take besides stack and buffer, which lie among them as ILINK sees it."""
    apart = [each for each in (interface.stack, interface.buffer) if each is not None]
    return RamNeed(
        image_bytes=sum(_bytes_outside(each, apart) for each in addresses_of(anatomy.loaded)),
        page_buffer_bytes=0 if interface.buffer is None else interface.buffer.size_bytes,
        stack_bytes=None if interface.stack is None else interface.stack.size_bytes,
    )


def _bytes_outside(taken: AddressRange, apart: Iterable[AddressRange]) -> int:
    """Return how much of a range lies in none of the others."""
    outside = 0
    done = taken.start
    for other in sorted(apart, key=lambda each: each.start):
        outside += max(0, min(other.start, taken.end) - done)
        done = max(done, min(other.end, taken.end))
    return outside + taken.end - done
