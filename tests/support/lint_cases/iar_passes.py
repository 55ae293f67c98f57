"""Files for the rules on the passes of a `.board` file, and on what they need of the other files."""

from collections.abc import Sequence
from dataclasses import replace

from support.iar_builder import build
from support.iar_folders import BASE, ELEMENTS, EXE, PAGE, RANGE, board, board_of, flash, one_pass
from support.iar_recipe import IarRecipe, relocatable_shaped
from support.lint_cases.iar_blocks import PRINTS_LAYOUT, QSPI, SEMIDRIVE
from support.rule_cases import Bad, Good, Write


def atmel(range_text: str) -> bytes:
    """Return a `.board` file as Atmel's packs have it, but for the path of the `.flash` file."""
    return f"""\
<?xml version="1.0" encoding="iso-8859-1"?>

<flash_board>
  <pass>
    <loader>memory.flash</loader>
    <range>CODE {range_text}</range>
    <rel_offset>0</rel_offset>
    <args>--flash
--boot
</args>
  </pass>
</flash_board>""".encode()


def blocks(base: str, count_and_size: str) -> Sequence[str]:
    """Return the elements of a `.flash` file with such blocks, as Atmel's packs have them."""
    return (EXE, f"<flash_base>{base}</flash_base>", "<page>64</page>", f"<block>{count_and_size}</block>")


SAM3U1 = board_of(atmel("0x00080000 0x00090000"), flash_elements=blocks("0x00080000", "8 0x2000"))
SAMV71N21 = board_of(atmel("0x00400000 0x00600000"), flash_elements=blocks("0x00400000", "128 0x2000"))


def ranged(*addresses: str, rest: str = "") -> Write:
    """Return what writes a `.board` file with a pass for each pair of addresses."""
    return board(*(one_pass(f"<range>CODE {each}</range>", rest) for each in addresses))


RANGES = (
    Bad("IAR033", "syntax", ranged("0x08000000-0x080FFFFF"), says=("line 4", "a kind, the first and the last")),
    Bad("IAR033", "syntax", ranged("0x08000000 top"), says=('"top"', "no number")),
    Bad("IAR033", "syntax", board("<ignore>0x0 0xff</ignore>", one_pass(RANGE)), says=("<ignore> in line 4",)),
    Bad("IAR033", "reversed", ranged("0x0803ffff 0x08000000"), says=("0x0803ffff", "0x08000000")),
    Bad(
        "IAR033",
        "overlap",
        ranged("0x08000000 0x0801ffff", "0x08010000 0x0803ffff"),
        says=("Pass 2", "0x08010000..0x0801ffff belongs to pass 1"),
    ),
    Bad("IAR033", "overlap", ranged("0x08000000 0x08020000", "0x08020000 0x0803ffff"), says=("0x08020000",)),
)

TARGETS = (
    Bad("IAR034", "end-plus-one", SAM3U1, says=("0x00080000..0x00090000", "0x0008ffff")),
    Bad("IAR034", "exceeds", SAMV71N21, says=("0x00400000..0x00600000", "0x004fffff", "0x100000 of 0x200001 bytes")),
    Bad("IAR034", "disjoint", ranged("0x90000000 0x9003ffff"), says=("0x90000000", "0x08000000..0x0803ffff")),
    Bad(
        "IAR034",
        "disjoint",
        ranged("0x08000000 0x0803ffff", rest="<rel_offset>-0x08000000</rel_offset>"),
        says=("0x00000000..0x0003ffff (0x08000000..0x0803ffff moved by rel_offset -0x08000000)",),
    ),
    Bad("IAR034", "begins-before", ranged("0x07fff000 0x0803ffff"), says=("0x07fff000", "begin at 0x08000000")),
    Bad("IAR034", "start-outside", board(one_pass("<abs_offset>0x10000000</abs_offset>")), says=("0x10000000",)),
    Bad(
        "IAR035",
        "both-offsets",
        board(one_pass(RANGE, "<rel_offset>0x1000</rel_offset><abs_offset>0x08000000</abs_offset>")),
        says=("0x08000000", "0x00001000"),
    ),
    Bad(
        "IAR035",
        "same-target",
        ranged("0x404000 0x4fffff", "0x500000 0x5fffff", rest="<abs_offset>0x08000000</abs_offset>"),
        says=("Pass 2", "0x08000000", "pass 1"),
    ),
    Bad(
        "IAR035",
        "same-target",
        board(
            one_pass("<range>CODE 0x404000 0x405fff</range><abs_offset>0x08000000</abs_offset>"),
            one_pass("<range>CODE 0x500000 0x500fff</range><abs_offset>0x08001000</abs_offset>"),
        ),
        says=("Pass 2", "0x08001000", "pass 1"),
    ),
)

RELOCATABLE = build(relocatable_shaped())
DECLARED = (*ELEMENTS, "<relocatable_exe>1</relocatable_exe>")
PLACED = "<loader_offset> 0x20000000</loader_offset>"
ABOVE_ZERO = replace(
    relocatable_shaped(), code_address=0x2000_0000, data_address=0x2000_0400, buffer=(0x2000_1000, 0x2000_5000)
)

SIGNS = (
    Bad("IAR036", "no-pre-init", flash(*DECLARED), says=("loader.out", "FlashPreInitEntry")),
    Bad("IAR036", "not-declared", flash(*ELEMENTS, program=RELOCATABLE), says=("loader.out", "relocatable_exe")),
    Bad("IAR036", "not-linked-at-0", flash(*DECLARED, program=build(ABOVE_ZERO)), says=("0x20000000",)),
    Bad(
        "IAR036",
        "no-loader-offset",
        board(one_pass(RANGE), flash_elements=DECLARED, program=RELOCATABLE),
        says=("memory.flash is relocatable", "pass 1"),
    ),
    Bad("IAR036", "not-relocatable", board(one_pass(RANGE, PLACED)), says=("Pass 1", "memory.flash")),
)

NO_ARGUMENTS = build(IarRecipe(argument_slots=None))


def arguments(*lines: str) -> str:
    """Return the element with these arguments."""
    return f"<args>{chr(10).join(lines)}\n    </args>"


ARGUMENTS = (
    Bad("IAR037", "not-taken", flash(*ELEMENTS, "<args>--boot</args>", program=NO_ARGUMENTS), says=("1 argument,",)),
    Bad("IAR037", "too-many", flash(*ELEMENTS, arguments(*"abcdef")), says=("6 arguments", "5 entries")),
    Bad("IAR037", "too-many", board(one_pass(RANGE, arguments(*"abcdef"))), says=("line 4", "6 arguments")),
    Bad("IAR037", "too-long", flash(*ELEMENTS, arguments("a" * 60, "bcd")), says=("65 bytes", "64")),
)

BAD = (*RANGES, *TARGETS, *SIGNS, *ARGUMENTS)

UFL_TWICE = board(
    one_pass("<range>CODE 0x08000000 0x0fffffff</range>"),
    one_pass("<range>CODE 0x18000000 0x1fffffff</range>", "<rel_offset>-0x10000000</rel_offset>"),
    flash_elements=(EXE, PAGE, "<block>32768 0x1000</block>", BASE),
)
"""FlashIMXRT500_FLEXSPI_UFL.board: the same memory at two addresses."""

H7_WRAPPING = board(
    one_pass("<range>CODE 0x90000000 0x9003ffff</range>", "<rel_offset>0x70000000</rel_offset>"),
    flash_elements=(*ELEMENTS[:3], "<flash_base>0x0</flash_base>"),
)

SEMIDRIVE_IRAM = board(
    one_pass("<range>CODE 0x404000 0x7fffff</range>", "<abs_offset>0x100c1000</abs_offset>", arguments("0", "1")),
    flash_elements=SEMIDRIVE,
)
"""The range is a window of the RAM, larger than the blocks; what of it holds data goes to abs_offset."""

SUBSET = ranged("0x08010000 0x0801ffff", "0x08030000 0x0803ffff")
MISPRINTED = (EXE, *(each.strip() for each in QSPI.decode().splitlines()[4:7]))
HOLE = (*ELEMENTS[:3], "<gap>0x10000</gap>", "<block>1 0x1000</block>", BASE)

GOOD = (
    *(
        Good(rule, write)
        for rule in ("IAR033", "IAR034", "IAR035")
        for write in (
            ranged("0x08000000 0x0803ffff"),
            UFL_TWICE,
            H7_WRAPPING,
            SEMIDRIVE_IRAM,
            SUBSET,
            board(one_pass()),
        )
    ),
    Good("IAR034", board(one_pass("<range>CODE 0x08000000 0x08050fff</range>"), flash_elements=HOLE)),
    Good("IAR034", board(one_pass("<range>CODE 0xd8000000 0xd81fffff</range>"), flash_elements=MISPRINTED)),
    Good("IAR034", board(one_pass("<range>CODE 0x08000000 0x080fffff</range>"), program=PRINTS_LAYOUT)),
    Good(
        "IAR035",
        board(
            one_pass("<range>CODE 0x404000 0x404fff</range><abs_offset>0x08000000</abs_offset>"),
            one_pass("<range>CODE 0x500000 0x500fff</range><abs_offset>0x08001000</abs_offset>"),
        ),
    ),
    Good("IAR036", flash(*ELEMENTS)),
    Good("IAR036", flash(*DECLARED, program=RELOCATABLE)),
    Good("IAR036", board(one_pass(RANGE, PLACED), flash_elements=DECLARED, program=RELOCATABLE)),
    Good("IAR036", board(one_pass(RANGE))),
    Good("IAR037", flash(*ELEMENTS, arguments(*"abcde"))),
    Good("IAR037", flash(*ELEMENTS, "<args></args>", program=NO_ARGUMENTS)),
    Good("IAR037", board(one_pass(RANGE, arguments("--instance ", "0 ", "--freq ", "50")))),
    Good("IAR037", board(one_pass(RANGE), flash_elements=(*ELEMENTS, arguments(*"abcdef")))),
)
