"""Files for the rules on sections and on what lies where."""

from support.elf_builder import Section
from support.elf_numbers import SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE, SHT_NOBITS
from support.lint_cases.flm_pages import flm
from support.rule_cases import Bad, Good

SHT_ARM_EXIDX = 0x7000_0001
SHT_NOTE = 7

CONSTANTS = Section(".rodata", flags=SHF_ALLOC, data=b"constant", alignment=4)
ZEROS = Section(".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, zeros_bytes=64, alignment=4)
UNWINDING = Section(".ARM.exidx", SHT_ARM_EXIDX, SHF_ALLOC, data=bytes(8), alignment=4)
BUILD_ID = Section(".note.gnu.build-id", SHT_NOTE, SHF_ALLOC, data=bytes(36), alignment=4)
SECOND_CODE = Section("PrgCode", flags=SHF_ALLOC | SHF_EXECINSTR, data=b"\x70\x47\x70\x47", alignment=4)
SECOND_DATA = Section("PrgData", flags=SHF_ALLOC | SHF_WRITE, data=b"RW again", alignment=4)
SECOND_ZEROS = Section("PrgData", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, zeros_bytes=8, alignment=4)
NO_CODE = Section("PrgCode", flags=SHF_ALLOC | SHF_EXECINSTR, alignment=4)

TERMINATED = b"\xff" * 8

BAD = (
    Bad("FLM020", "missing", flm(code_section=".text"), says=("PrgCode", ".text")),
    Bad(
        "FLM020",
        "empty",
        flm(code_section=".text", program_sections=(NO_CODE,), zi_size_bytes=0),
        says=("PrgCode", "no bytes"),
        also=("FLM021",),  # an empty section behind the code cannot start at 0
    ),
    # as RT-UFL links its algorithms
    Bad("FLM021", "not-at-zero", flm(code_address=0x1000), says=("0x00001000",)),
    Bad("FLM021", "not-at-zero", flm(code_address=0xC000, rw=b"", zi_size_bytes=0), says=("0x0000c000",)),
    Bad(
        "FLM022",
        "duplicate",
        flm(program_sections=(SECOND_CODE,), zi_size_bytes=0),
        says=("2 sections PrgCode", "0x00000000 and 0x00000024"),
    ),
    Bad(
        "FLM022",
        "duplicate",
        flm(program_sections=(SECOND_DATA,), zi_size_bytes=0),
        says=("PrgData with bytes", "0x0000001c and 0x00000024"),
    ),
    Bad("FLM022", "duplicate", flm(program_sections=(SECOND_ZEROS,)), says=("PrgData of zeroed data",)),
    # STM32H7S38-NUCLEO, STM32H7S78-DK and STM32U5x9J-DK: armlink aligned the variables to 8
    Bad("FLM023", "gap", flm(data_gap_bytes=4), says=("PrgData starts at 0x00000020", "4 bytes behind")),
    Bad("FLM023", "gap", flm(zi_gap_bytes=8), says=("The zeroed data starts at 0x0000002c", "8 bytes behind")),
    Bad("FLM023", "overlap", flm(zi_gap_bytes=-4), says=("4 bytes before",)),
    Bad("FLM023", "far-away", flm(data_gap_bytes=0x2_0000), says=("0x0002001c", "0x0000001c")),
    Bad("FLM024", "outside", flm(program_sections=(CONSTANTS,), zi_size_bytes=0), says=(".rodata", "8 bytes")),
    Bad("FLM024", "outside", flm(program_sections=(ZEROS,)), says=(".bss", "64 bytes")),
    Bad("FLM025", "over-program", flm(descriptor_address=0, rw=bytes(0x200)), says=("0x00000000",)),
    Bad("FLM025", "over-program", flm(descriptor_address=0, rw=bytes(0x1E4) + TERMINATED), says=("0x00000000",)),
)

GOOD = (
    Good("FLM020", flm()),
    Good("FLM021", flm()),
    Good("FLM022", flm()),
    Good("FLM022", flm(has_empty_data=True, rw=b"", zi_size_bytes=0)),
    Good("FLM023", flm()),
    Good("FLM023", flm(rw=b"")),
    Good("FLM023", flm(rw=b"", zi_size_bytes=0)),
    Good("FLM023", flm(is_single_segment=True)),
    Good("FLM024", flm()),
    Good("FLM024", flm(program_sections=(UNWINDING, BUILD_ID), zi_size_bytes=0)),
    # ST's newer template; the descriptor swept into the code by a GCC build
    Good("FLM024", flm(descriptor_section="device_info")),
    Good("FLM024", flm(descriptor_section="PrgCode")),
    # as armlink does wherever there is zeroed data
    Good("FLM025", flm(is_descriptor_over_zi=True)),
    Good("FLM025", flm(is_descriptor_over_zi=False)),
)
