"""What a stldr may look like: the shapes of real files, as values. `stldr_builder` makes the bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from support.elf_builder import ExtraSymbol, Relocation
from support.elf_numbers import (
    EABI5,
    EABI5_HARD_FLOAT,
    EABI5_SOFT_FLOAT,
    HAS_ENTRY,
    PF_ARM_PI,
    PF_ARM_SB,
    PF_R,
    PF_W,
    PF_X,
    SHF_ALLOC,
    SHT_PROGBITS,
    STB_GLOBAL,
    STV_DEFAULT,
    STV_HIDDEN,
)

RETURN_ONE = bytes.fromhex("0120 7047")
"""movs r0, #1; bx lr."""

STORAGE_INFO_SIZE_BYTES = 200
"""sizeof(struct StorageInfo) with SECTOR_NUM 10."""

SHORT_STORAGE_INFO_SIZE_BYTES = 136
"""With SECTOR_NUM 2, as in 34 real files."""

ROUTINES = ("Init", "Write", "Read", "SectorErase", "MassErase", "CheckSum", "Verify")

NEWLIB = (
    "_init",
    "_fini",
    "_read",
    "_write",
    "_sbrk",
    "SystemInit",
    "HAL_Init",
    "MX_QUADSPI_Init",
    "_Verify",
    "DeInit",
)
"""Functions of real files that are no entry points, however alike they look."""


def routines_without(*missing: str) -> Mapping[str, bytes]:
    """Return the default routines but those named."""
    return {name: RETURN_ONE for name in ROUTINES if name not in missing}


class DescriptorHome(Enum):
    """Which PT_LOAD the descriptor's section lies in."""

    OWN_SEGMENT = auto()
    CODE_SEGMENT = auto()
    """Behind the data; as ld does with a section that no pattern of the script names."""
    NO_SEGMENT = auto()


@dataclass(frozen=True)
class StldrRecipe:
    """What a stldr looks like; the defaults are one as ST's IAR projects make it: descriptor at address 0.

    Attributes:
        routines: code by symbol; they follow each other in the code section, in this order.
        code_section: name of the code's section.
        code_address: where it starts.
        constants: bytes of a section that is ALLOC only, behind the code; empty leaves it out.
        constants_section: its name.
        constants_type: its type.
        hole_bytes: zeros of the code's segment that belong to no section, in front of the data.
        data: bytes of the initialised data; empty leaves the section out.
        data_section: its name, and the zeroed data's.
        zi_size_bytes: size of the zeroed data; 0 leaves the section out.
        zi_address: where it starts; None for right behind the data.
        is_zi_in_segment: p_memsz of the code's segment covers it.
        program_flags: p_flags of the code's segment.
        descriptor_section: name of the descriptor's section.
        descriptor_address: where it starts.
        descriptor_section_flags: sh_flags of it.
        descriptor_flags: p_flags of its segment.
        descriptor_home: the segment of its section.
        is_descriptor_first: its program header and its section come in front of the code's.
        in_front_of_descriptor: bytes of its section in front of it.
        descriptor_section_kind: sh_type of it; a NOBITS one has no bytes in the file.
        descriptor_shipped_bytes: how much of StorageInfo is in the file.
        behind_descriptor: further bytes of the descriptor's section.
        descriptor_symbol_size_bytes: st_size of StorageInfo.
        descriptor_symbol: instead of StorageInfo as it should be.
        device_name: DeviceName, filled up with NULs to 100 bytes; may hold a NUL and junk behind it.
        device_type: DeviceType.
        base_address: DeviceStartAddress.
        size_bytes: DeviceSize.
        page_size_bytes: PageSize.
        erased_value: EraseValue.
        groups: (count, size) of each group of sectors.
        visibility: of routines and StorageInfo.
        binding: of routines and StorageInfo.
        is_thumb: bit 0 of the routines' symbols.
        entry: e_entry.
        flags: e_flags.
        are_tables_in_front: .symtab and its strings are sections 1 to 3.
        build_attributes: name of armlink's absolute symbol; empty leaves it out.
        comment: contents of .comment; empty leaves the section out.
        arm_attributes: contents of the attributes section; empty leaves it out.
        arm_attributes_section: its name.
        extra_symbols: further symbols, at the end.
        extra_sections: name and contents of further sections that are not loaded.
        empty_section: name of a section without bytes that is left at address 0; empty leaves it out.
        has_empty_segment: a PT_LOAD of no bytes at address 0, for which no section matched.
        has_symbols: .symtab and .strtab are there.
        relocations: kept by the linker, as with --emit-relocs.
        dynamic: contents of a .dynamic section; empty leaves it out.
    """

    routines: Mapping[str, bytes] = field(default_factory=routines_without)
    code_section: str = "P1 ro"
    code_address: int = 0x2000_0004
    constants: bytes = b""
    constants_section: str = ".rodata"
    constants_type: int = SHT_PROGBITS
    hole_bytes: int = 0
    data: bytes = b"RW data."
    data_section: str = "P1 rw"
    zi_size_bytes: int = 16
    zi_address: int | None = None
    is_zi_in_segment: bool = True
    program_flags: int = PF_R | PF_W | PF_X
    descriptor_section: str = "P2 ro"
    descriptor_address: int = 0
    descriptor_section_flags: int = SHF_ALLOC
    descriptor_flags: int = PF_R
    descriptor_home: DescriptorHome = DescriptorHome.OWN_SEGMENT
    is_descriptor_first: bool = False
    in_front_of_descriptor: bytes = b""
    descriptor_section_kind: int = SHT_PROGBITS
    descriptor_shipped_bytes: int = STORAGE_INFO_SIZE_BYTES
    behind_descriptor: bytes = b""
    descriptor_symbol_size_bytes: int = STORAGE_INFO_SIZE_BYTES
    descriptor_symbol: ExtraSymbol | None = None
    device_name: bytes = b"built"
    device_type: int = 3
    base_address: int = 0x9000_0000
    size_bytes: int = 0x10_0000
    page_size_bytes: int = 0x100
    erased_value: int = 0xFF
    groups: tuple[tuple[int, int], ...] = ((256, 0x1000),)
    visibility: int = STV_DEFAULT
    binding: int = STB_GLOBAL
    is_thumb: bool = True
    entry: int = 0x2000_0005
    flags: int = EABI5
    are_tables_in_front: bool = True
    build_attributes: str = ""
    comment: bytes = b""
    arm_attributes: bytes = b""
    arm_attributes_section: str = ".ARM.attributes"
    extra_symbols: tuple[ExtraSymbol, ...] = ()
    extra_sections: tuple[tuple[str, bytes], ...] = ()
    empty_section: str = ""
    has_empty_segment: bool = False
    has_symbols: bool = True
    relocations: tuple[Relocation, ...] = ()
    dynamic: bytes = b""

    @property
    def code_size_bytes(self) -> int:
        """Size of the code, filled up to whole words."""
        size = sum(map(len, self.routines.values()))
        return size + -size % 4

    @property
    def hole_address(self) -> int:
        """Where code and constants end."""
        return self.code_address + self.code_size_bytes + len(self.constants)

    @property
    def data_address(self) -> int:
        """Where the initialised data starts."""
        return self.hole_address + self.hole_bytes

    @property
    def image_end(self) -> int:
        """First address behind the bytes of the code's segment."""
        return self.data_address + len(self.data)


def gcc_shaped() -> StldrRecipe:
    """Return a recipe as ST's GCC scripts make a stldr: the descriptor in RAM, in a hole of the code's segment."""
    recipe = StldrRecipe(
        code_section=".text",
        code_address=0x2400_0004,
        constants=b"constant",
        hole_bytes=STORAGE_INFO_SIZE_BYTES,
        data_section=".data",
        descriptor_section=".Dev_info",
        entry=0x2400_0005,
        flags=EABI5_HARD_FLOAT,
        are_tables_in_front=False,
        comment=b"GCC: (GNU Tools for STM32 11.3.rel1) 11.3.1 20220712\0",
    )
    return replace(recipe, descriptor_address=recipe.hole_address)


def keil_shaped() -> StldrRecipe:
    """Return a recipe as Keil's RWPI projects make a stldr: hidden symbols, st_size 0, the descriptor over ZI."""
    recipe = StldrRecipe(
        code_section="PrgCode",
        data_section="PrgData",
        zi_size_bytes=256,
        program_flags=PF_ARM_SB | PF_ARM_PI | PF_R | PF_W | PF_X,
        descriptor_section="DevInfo",
        descriptor_flags=PF_ARM_PI | PF_R,
        descriptor_symbol_size_bytes=0,
        visibility=STV_HIDDEN,
        entry=0,
        flags=EABI5_SOFT_FLOAT,
        are_tables_in_front=False,
        comment=b"Component: ARM Compiler 5.06 update 6 (build 750) Tool: armlink [4d35ed]\0",
    )
    return replace(recipe, descriptor_address=recipe.image_end)


def stripped_shaped() -> StldrRecipe:
    """Return a recipe as most public files are: descriptor first and at 0, hardly any symbols, nameless sections."""
    return StldrRecipe(
        code_section="",
        code_address=0x2400_0004,
        constants=b"constant",
        data_section="",
        descriptor_section=".info",
        is_descriptor_first=True,
        entry=0x2400_0005,
        flags=EABI5_SOFT_FLOAT | HAS_ENTRY,
        are_tables_in_front=False,
        arm_attributes_section="",
    )
