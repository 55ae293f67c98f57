"""Files for the rules on pages and blocks, and on what the executable makes of them."""

from dataclasses import replace

from support.iar_builder import build
from support.iar_folders import ELEMENTS, EXE, flash, flash_of
from support.iar_recipe import IarRecipe
from support.iar_texts import BASE, BLOCK, PAGE
from support.rule_cases import Bad, Good

QSPI = b"""\
<?xml version="1.0" encoding="iso-8859-1"?>

<flash_device>
  <exe>loader.out</exe>
   <flash_base>0xD8000000</flash_base>
  <page>4096</page>
  <block>512 1000</block>
  <args_doc>[--qspi] specifies the flash loader to program the qspi flash.
[--freq x] frequency of qspi clock, default is 66.
</args_doc>
</flash_device>
"""
"""sama5d2-generic_qspi1.flash as it was found, but for the name of the executable."""

SEMIDRIVE = (EXE, PAGE, "<block>9 0x40000</block>", "<flash_base>0x100C1000</flash_base>", "<aggregate>1</aggregate>")
"""sf.flash of SemiDrive E3."""

UFL = (EXE, "<page>16</page>", "<block>1 0x1F800000</block>", "<flash_base>0x60000000</flash_base>")
"""FlashIMXRT1050_FLEXSPI_UFL.flash: one block for the whole window."""

NRF_UICR = (EXE, PAGE, "<block>256 0x1000</block>", "<gap>0xFF01000</gap>", "<block>1 0x1000</block>")

PAGE_SIZED_BUFFER = build(replace(IarRecipe(), buffer=(0x2000_0800, 0x2000_0A00)))
HALF_A_PAGE = build(replace(IarRecipe(), buffer=(0x2000_0800, 0x2000_0900)))
PRINTS_LAYOUT = build(IarRecipe(data=b"%d 0x%X\0"))
TINY_BUFFER = build(replace(IarRecipe(), buffer=(0x2000_0800, 0x2000_1000)))
SMALL_BUFFER = build(replace(IarRecipe(), buffer=(0x2000_0800, 0x2000_2000)))
LARGE_BUFFER = build(replace(IarRecipe(), buffer=(0x2000_0800, 0x2010_0000), data_address=0x2010_0000))
AGGREGATE = "<aggregate>1</aggregate>"
BAD = (
    Bad("IAR023", "page-larger-than-block", flash_of(QSPI), says=("4096 bytes", "1000 bytes", "0x1000 would be 4096")),
    Bad("IAR023", "page-larger-than-block", flash(EXE, PAGE, BLOCK, "<block>1 0x100</block>", BASE), says=("256",)),
    Bad("IAR023", "page-does-not-divide-block", flash(EXE, PAGE, "<block>64 0x700</block>", BASE), says=("1792",)),
    Bad("IAR024", "not-a-power-of-two", flash(EXE, PAGE, "<block>64 0x600</block>", BASE), says=("1536", "0x600")),
    Bad("IAR024", "not-aligned", flash(*SEMIDRIVE, program=LARGE_BUFFER), says=("0x100c1000", "0x40000")),
    Bad(
        "IAR026",
        "beyond-address-space",
        flash(EXE, PAGE, BLOCK, "<flash_base>0xFFFF0000</flash_base>"),
        says=("line 6", "0x100030000"),
    ),
    Bad(
        "IAR026",
        "overlap",
        flash(EXE, PAGE, BLOCK, "<gap>0xFFFFF000</gap>", "<block>2 0x1000</block>", BASE),
        says=("line 8", "0x0803f000"),
    ),
    Bad("IAR027", "not-a-power-of-two", flash(EXE, "<page>96</page>", "<block>1 0x300</block>", BASE), says=("96",)),
    Bad(
        "IAR038",
        "no-room-for-two-blocks",
        flash(*ELEMENTS, AGGREGATE, program=SMALL_BUFFER),
        says=("6144 bytes", "two blocks of 4096"),
    ),
    Bad("IAR039", "smaller-than-block", flash(*ELEMENTS, program=TINY_BUFFER), says=("2048 bytes", "4096")),
    Bad("IAR039", "smaller-than-block", flash(*ELEMENTS, AGGREGATE, program=TINY_BUFFER), says=("2048 bytes",)),
    Bad("IAR043", "smaller-than-page", flash(*ELEMENTS, program=HALF_A_PAGE), says=("256 bytes", "a page has 512")),
    Bad("IAR042", "placeholder", flash(*ELEMENTS, program=PRINTS_LAYOUT), says=("loader.out", '"%d 0x%X"')),
)

GOOD = (
    *(
        Good(rule, flash(*ELEMENTS))
        for rule in ("IAR023", "IAR024", "IAR026", "IAR027", "IAR038", "IAR039", "IAR042", "IAR043")
    ),
    *(Good(rule, flash(*UFL, AGGREGATE)) for rule in ("IAR023", "IAR024", "IAR026", "IAR027", "IAR038", "IAR039")),
    *(Good(rule, flash(*NRF_UICR, "<flash_base>0</flash_base>")) for rule in ("IAR023", "IAR024", "IAR026")),
    Good("IAR043", flash(*ELEMENTS, program=PAGE_SIZED_BUFFER)),
    Good("IAR024", flash(*SEMIDRIVE, program=PRINTS_LAYOUT)),
    Good("IAR024", flash(EXE, PAGE, "<block>4 0x4000</block>", "<block>1 0x10000</block>", BASE)),
    Good("IAR026", flash(EXE, PAGE, BLOCK, "<flash_base>0xFFFC0000</flash_base>")),
    Good("IAR038", flash(*ELEMENTS, program=SMALL_BUFFER)),
    Good("IAR039", flash(*SEMIDRIVE, program=PRINTS_LAYOUT)),
)
