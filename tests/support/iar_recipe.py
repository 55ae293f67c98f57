"""What an IAR loader's executable may look like: the shapes of real files, as values. `iar_builder` makes the bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from support.elf_builder import ExtraSymbol
from support.elf_numbers import EABI5

BRANCH_TO_SELF = bytes.fromhex("fee7")
BRANCH_TO_SELF_ARM = bytes.fromhex("feffffea")

CALL_AND_BREAK = bytes.fromhex("00f000f8 00f000f8")
"""Two BL, as the stubs are: one to the C layer, one to FlashBreak."""

RETURN_ZERO = bytes.fromhex("0020 7047")

STUBS = ("FlashInitEntry", "FlashWriteEntry", "FlashEraseWriteEntry")
FL2_LAYER = ("Fl2FlashInitEntry", "Fl2FlashWriteEntry", "Fl2FlashEraseWriteEntry", "Fl2FlashSignoffEntry")
C_LAYER = ("FlashInit", "FlashWrite", "FlashErase")

CORE = (*STUBS, "FlashBreak", "FlashBufferStart", "FlashBufferEnd", "theFlashParams")
"""The seven symbols that all real loaders have."""

ARGUMENT_TEXT_BYTES = 64


def stubs_with(*optional: str) -> Mapping[str, bytes]:
    """Return the mandatory stubs and optional ones."""
    return dict.fromkeys((*STUBS, *optional), CALL_AND_BREAK)


@dataclass(frozen=True)
class IarRecipe:
    """What a loader looks like; the defaults are an ordinary one for Cortex-M as ILINK writes it.

    Attributes:
        stubs: code by symbol; their symbols have no size.
        break_code: FlashBreak's.
        functions: code by symbol of the C layer and of what else the program holds.
        is_thumb: bit 0 of all functions' symbols.
        code_section: name of the code's section.
        code_address: where the vector table starts, or the code where there is none.
        has_vector_table: {stack end, FlashInitEntry, 14 zeros} in front of the code.
        vector_stack_word: word 0 of it; None for the end of the stack.
        vector_start_word: word 1 of it; None for FlashInitEntry.
        init_address: address of FlashInit in a section of its own; None for among the other functions.
        buffer: first address, and the first behind it.
        are_buffer_symbols_functions: type FUNC with the Thumb bit set, as in the newest loaders.
        data_section: name of the initialised data's section.
        data_address: where the variables start.
        data: bytes of the initialised variables; empty leaves the section out.
        zeroed_section: name of the section with parameters, arguments and stack.
        are_parameters_in_file: theFlashParams lies behind `data` in PROGBITS.
        parameters_size_bytes: st_size of theFlashParams, and the room for it.
        framework_version: value of frameworkVersion; None leaves it out.
        argument_slots: entries of __argv; None leaves the three symbols out.
        stack_size_bytes: of CSTACK.
        omitted: symbols that are left out.
        init_table: Region$$Table, behind the code; its two symbols enclose nothing where it is empty.
        static_base: value of the symbols for r9; None leaves them out.
        entry: e_entry; None for FlashInitEntry.
        flags: e_flags.
        is_single_segment: code and data in one RWX segment; the variables follow the code.
        comment: contents of .comment.
        arm_attributes: contents of .ARM.attributes; empty leaves the section out.
        extra_symbols: further symbols, at the end.
        extra_sections: name and contents of further sections that are not loaded.
    """

    stubs: Mapping[str, bytes] = field(default_factory=stubs_with)
    break_code: bytes = BRANCH_TO_SELF
    functions: Mapping[str, bytes] = field(default_factory=lambda: dict.fromkeys((*FL2_LAYER, *C_LAYER), RETURN_ZERO))
    is_thumb: bool = True
    code_section: str = "P1 ro"
    code_address: int = 0x2000_0000
    has_vector_table: bool = True
    vector_stack_word: int | None = None
    vector_start_word: int | None = None
    init_address: int | None = None
    buffer: tuple[int, int] = (0x2000_0800, 0x2000_F000)
    are_buffer_symbols_functions: bool = False
    data_section: str = "P2 rw"
    data_address: int = 0x2000_F000
    data: bytes = b"RW data."
    zeroed_section: str = "P1-P2 zi "
    are_parameters_in_file: bool = False
    parameters_size_bytes: int = 20
    framework_version: int | None = 200
    argument_slots: int | None = 5
    stack_size_bytes: int = 0x400
    omitted: tuple[str, ...] = ()
    init_table: bytes = b""
    static_base: int | None = None
    entry: int | None = None
    flags: int = EABI5
    is_single_segment: bool = False
    comment: bytes = b"IAR ELF Linker V9.30.1.335/W64 for ARM\0"
    arm_attributes: bytes = b""
    extra_symbols: tuple[ExtraSymbol, ...] = ()
    extra_sections: tuple[tuple[str, bytes], ...] = ()


def relocatable_shaped() -> IarRecipe:
    """Return a recipe as EWARM 9 links a relocatable loader: all in one segment at 0, variables through r9."""
    return IarRecipe(
        stubs=stubs_with("FlashPreInitEntry"),
        code_address=0,
        data_address=0x400,
        buffer=(0x1000, 0x5000),
        are_buffer_symbols_functions=True,
        static_base=0,
        is_single_segment=True,
    )


def arm_state_shaped() -> IarRecipe:
    """Return a recipe for ARM926 and Cortex-A: no Thumb bit, no vector table; the stubs load sp themselves."""
    return IarRecipe(
        is_thumb=False,
        has_vector_table=False,
        break_code=BRANCH_TO_SELF_ARM,
        code_address=0x30_0000,
        buffer=(0x30_0800, 0x30_F000),
        data_address=0x30_F000,
    )


def overlay_shaped() -> IarRecipe:
    """Return a recipe in which FlashInit lies at the start of the buffer, as in HDSC's loaders."""
    return replace(IarRecipe(), init_address=0x2000_0800)


def sparse_shaped() -> IarRecipe:
    """Return a recipe with the code in ITCM at 0 and everything else in another RAM."""
    return IarRecipe(code_address=0, buffer=(0x2020_0000, 0x2020_8000), data_address=0x2020_8000)
