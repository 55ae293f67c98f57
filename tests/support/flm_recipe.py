"""What an FLM may look like: the shapes of real files, as values. `flm_builder` makes the bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from support.elf_builder import Encoding, ExtraSymbol, Relocation, Section
from support.elf_numbers import (
    EABI5_SOFT_FLOAT,
    EM_ARM,
    ET_EXEC,
    STB_GLOBAL,
    STT_OBJECT,
    STV_DEFAULT,
    STV_HIDDEN,
)

ARMLINK_PROGRAM_FLAGS = 0x3000_0007
ARMLINK_DESCRIPTOR_FLAGS = 0x2000_0004
GCC_SEGMENT_FLAGS = 7

RETURN_ZERO = bytes.fromhex("0020 7047")
"""movs r0, #0; bx lr."""

FLASH_DEVICE_SIZE_BYTES = 4256
"""sizeof(struct FlashDevice), with all 512 sector entries."""

SHORT_FLASH_DEVICE_SIZE_BYTES = 176
"""Fixed part, one run and the terminator: all that four real files ship."""

NO_MORE_RUNS = (0xFFFF_FFFF, 0xFFFF_FFFF)

ROUTINES = ("Init", "UnInit", "EraseChip", "EraseSector", "ProgramPage", "Verify", "BlankCheck")

BUILD_ATTRIBUTES = (
    "BuildAttributes$$THM_ISAv3M$S$PE$A:L22$X:L11$S22$IEEE1$IW$RWPI$~STKCKD$USESV7$~SHL$OSPACE$ROPI$EBA8"
    "$STANDARDLIB$REQ8$PRES8$EABIv2"
)
COMMENT = b"Component: ARM Compiler 5.06 update 6 (build 750) Tool: armlink [4d35ed]\0ArmLink --cpu=Cortex-M0\0"


def routines_without(*missing: str) -> Mapping[str, bytes]:
    """Return the default routines but those named."""
    return {name: RETURN_ZERO for name in ROUTINES if name not in missing}


@dataclass(frozen=True)
class FlmRecipe:
    """What an FLM looks like; the defaults are an ordinary one as armlink writes it.

    Attributes:
        machine: e_machine.
        class_bits: 32 or 64.
        is_big_endian: byte order of everything.
        file_type: e_type; an object file has no segments.
        entry: e_entry.
        flags: e_flags.
        routines: code by symbol; they follow each other in PrgCode, in this order.
        is_thumb: bit 0 of the routines' symbols.
        visibility: of routines and FlashDevice.
        binding: of routines and FlashDevice.
        code_section: name of the section of the code.
        code_address: where PrgCode starts.
        data_gap_bytes: between PrgCode and PrgData.
        rw: bytes of PrgData PROGBITS; empty leaves the section out.
        has_empty_data: PrgData PROGBITS is there without bytes where `rw` is empty.
        zi_size_bytes: size of PrgData NOBITS; 0 leaves the section out.
        zi_gap_bytes: between the bytes of PrgData and the zeroed data; negative where they overlap.
        program_sections: further sections behind the others of the program's segment; they get their addresses there.
        is_descriptor_over_zi: DevDscr starts where the file bytes of PrgData end; otherwise behind the zeroed data.
        descriptor_address: where DevDscr starts in spite of that; None leaves it there.
        is_descriptor_loaded: FlashDevice's section lies in a PT_LOAD.
        descriptor_section: name of FlashDevice's section; "PrgCode" puts it behind the code.
        descriptor_shipped_bytes: how much of FlashDevice is in the file.
        behind_descriptor: further bytes of FlashDevice's section, unless that is PrgCode.
        descriptor_symbol_size_bytes: st_size of FlashDevice.
        descriptor_symbol: name of FlashDevice's symbol.
        descriptor_symbol_kind: STT_* of it.
        version: Vers.
        device_name: DevName, filled up with NULs to 128 bytes; may hold a NUL and junk behind it.
        device_type: DevType.
        base_address: DevAdr.
        size_bytes: szDev.
        page_size_bytes: szPage.
        reserved: Res.
        erased_value: valEmpty.
        padding: the three bytes behind it.
        program_timeout_ms: toProg.
        erase_timeout_ms: toErase.
        runs: (szSector, offset from DevAdr) of each run.
        are_sector_addresses_absolute: AddrSector is DevAdr + offset, as in the nRF53 network core files.
        is_run_table_terminated: otherwise the entries behind the runs are all (0, 0).
        program_flags: p_flags of the program's segment.
        descriptor_flags: p_flags of the descriptor's segment.
        is_single_segment: as a GCC script makes it: one PT_LOAD, zeroed data as bytes of PrgData PROGBITS.
        arm_attributes: contents of .ARM.attributes; empty leaves the section out.
        build_attributes: name of armlink's absolute symbol; empty leaves it out.
        comment: contents of .comment; empty leaves the section out.
        extra_symbols: further symbols, at the end.
        extra_sections: name and contents of further sections that are not loaded.
        relocations: what the linker kept of them.
        has_symtab: whether there are .symtab and .strtab.
        are_names_terminated: otherwise .strtab ends without the NUL of its last name.
    """

    machine: int = EM_ARM
    class_bits: int = 32
    is_big_endian: bool = False
    file_type: int = ET_EXEC
    entry: int = 0
    flags: int = EABI5_SOFT_FLOAT
    routines: Mapping[str, bytes] = field(default_factory=routines_without)
    is_thumb: bool = True
    visibility: int = STV_HIDDEN
    binding: int = STB_GLOBAL
    code_section: str = "PrgCode"
    code_address: int = 0
    data_gap_bytes: int = 0
    rw: bytes = b"RW data."
    has_empty_data: bool = False
    zi_size_bytes: int = 16
    zi_gap_bytes: int = 0
    program_sections: tuple[Section, ...] = ()
    is_descriptor_over_zi: bool = True
    descriptor_address: int | None = None
    is_descriptor_loaded: bool = True
    descriptor_section: str = "DevDscr"
    descriptor_shipped_bytes: int = FLASH_DEVICE_SIZE_BYTES
    behind_descriptor: bytes = b""
    descriptor_symbol_size_bytes: int = FLASH_DEVICE_SIZE_BYTES
    descriptor_symbol: str = "FlashDevice"
    descriptor_symbol_kind: int = STT_OBJECT
    version: int = 0x0101
    device_name: bytes = b"Builder Flash 64K"
    device_type: int = 1
    base_address: int = 0x0800_0000
    size_bytes: int = 0x1_0000
    page_size_bytes: int = 0x400
    reserved: int = 0
    erased_value: int = 0xFF
    padding: bytes = bytes(3)
    program_timeout_ms: int = 100
    erase_timeout_ms: int = 3000
    runs: tuple[tuple[int, int], ...] = ((0x1000, 0),)
    are_sector_addresses_absolute: bool = False
    is_run_table_terminated: bool = True
    program_flags: int = ARMLINK_PROGRAM_FLAGS
    descriptor_flags: int = ARMLINK_DESCRIPTOR_FLAGS
    is_single_segment: bool = False
    arm_attributes: bytes = b""
    build_attributes: str = BUILD_ATTRIBUTES
    comment: bytes = COMMENT
    extra_symbols: tuple[ExtraSymbol, ...] = ()
    extra_sections: tuple[tuple[str, bytes], ...] = ()
    relocations: tuple[Relocation, ...] = ()
    has_symtab: bool = True
    are_names_terminated: bool = True

    @property
    def is_descriptor_in_code(self) -> bool:
        """Whether FlashDevice has no section of its own."""
        return self.descriptor_section == "PrgCode"

    @property
    def encoding(self) -> Encoding:
        """Class and byte order of the file."""
        return Encoding(self.class_bits, self.is_big_endian)


def gcc_shaped(arm_attributes: bytes) -> FlmRecipe:
    """Return a recipe as GCC with a plain linker script makes an FLM: no trace of armlink, one segment."""
    return FlmRecipe(
        is_single_segment=True,
        program_flags=GCC_SEGMENT_FLAGS,
        visibility=STV_DEFAULT,
        arm_attributes=arm_attributes,
        build_attributes="",
        comment=b"GCC: (GNU Toolchain) 12.2.1 20221205\0",
    )
