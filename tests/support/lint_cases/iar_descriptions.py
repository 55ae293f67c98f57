"""Files for the rules on the form of `.flash` and `.board` files: XML, elements, numbers."""

from support.iar_folders import ELEMENTS, EXE, RANGE, board, board_of, flash, flash_of, one_pass
from support.iar_texts import BASE, BLOCK, PAGE, board_text, flash_text
from support.rule_cases import Bad, Good

PLAIN = flash_text(*ELEMENTS)

DIALOG = b"""\
 <?xml version="1.0" encoding="iso-8859-1"?>

<flash_device>
  <exe>loader.out</exe>
  <page>256</page>
  <block>4096 0x1000</block>
  <flash_base>0x60000000</flash_base>
  <!-- for now we are not using a macro
  <macro>FlashX.mac</macro>
  -->
</flash_device>
"""
"""As it was found, but for the name of the executable."""

TEMPLATE = b"""\
<?xml version="1.0" encoding="iso-8859-1"?>
<flash_device>
  <exe>loader.out</exe>
  <#if page??><page>${page}</page></#if>
</flash_device>
"""

STM32G05 = flash_text(*ELEMENTS, "<args_doc>None<aggregate>1</aggregate></args_doc>")
"""In the same way three real files lose their aggregate."""

XML_FORM = (
    Bad("IAR020", "leading-blanks", flash_of(DIALOG), says=("in front of <?xml",)),
    Bad("IAR020", "template", flash_of(TEMPLATE), says=("FreeMarker template",)),
    Bad("IAR020", "damaged", flash_of(PLAIN.replace(b"</page>", b"</pages>")), says=("damaged in line 5", "tag")),
    Bad("IAR020", "damaged", board_of(b"<?xml version='1.0'?>\n<flash_board>\n<pass>\n"), says=("damaged in line 4",)),
    Bad("IAR020", "not-read", flash_of(b"<!DOCTYPE flash_device>" + PLAIN[45:]), says=("document type",)),
    Bad("IAR020", "placeholder", flash(*ELEMENTS[:3], "<flash_base>${base}</flash_base>"), says=("line 7", "${base}")),
    Bad("IAR020", "placeholder", board(one_pass("<range>CODE ${low} ${high}</range>")), says=("line 4", "${low}")),
)

MANDATORY = (
    Bad("IAR021", "missing", flash(EXE, BLOCK, BASE), says=("line 3 has no <page>",)),
    Bad("IAR021", "missing", flash(EXE, PAGE, BASE), says=("has no <block>",)),
    Bad("IAR021", "missing", board("<ignore>CODE 0x0 0xff</ignore>"), says=("has no <pass>",)),
    Bad("IAR021", "missing", board(one_pass(RANGE), f"<pass>{RANGE}</pass>"), says=("line 5 has no <loader>",)),
    Bad("IAR021", "empty", flash("<exe> </exe>", PAGE, BLOCK, BASE), says=("<exe> in line 4 is empty",)),
    Bad("IAR021", "empty", flash(*ELEMENTS, "<block/>"), says=("<block> in line 8 is empty",)),
    Bad("IAR021", "repeated", flash(*ELEMENTS, "<page>256</page>"), says=("<page> in line 8 comes again",)),
    Bad("IAR021", "repeated", board(one_pass("<loader>other.flash</loader>")), says=("<loader> in line 4",)),
    Bad("IAR021", "number", flash(EXE, "<page>0x</page>", BLOCK, BASE), says=("line 5", '"0x"', "no number")),
    Bad("IAR021", "number", flash(EXE, PAGE, "<block>64</block>", BASE), says=("line 6", "a count and a size")),
    Bad("IAR021", "number", flash(EXE, PAGE, BLOCK, "<flash_base>0x108000000</flash_base>"), says=("0xffffffff",)),
    Bad("IAR021", "number", board(one_pass(RANGE, "<rel_offset>a</rel_offset>")), says=('"a"', "no number")),
    Bad("IAR021", "zero", flash(EXE, "<page>0</page>", BLOCK, BASE), says=("line 5 gives a page 0 bytes",)),
    Bad("IAR021", "zero", flash(EXE, PAGE, BLOCK, "<block>0 0x1000</block>", BASE), says=("line 7", "0 bytes")),
)

ODD = (
    Bad("IAR022", "unknown-element", flash(*ELEMENTS, "<agregate>1</agregate>"), says=("<agregate> in line 8",)),
    Bad("IAR022", "unknown-element", board(one_pass("<offset>0</offset>")), says=("<offset> in line 4", "<pass>")),
    Bad("IAR022", "duplicate-element", flash(*ELEMENTS, *["<aggregate>1</aggregate>"] * 2), says=("line 9",)),
    Bad("IAR022", "nested-element", flash_of(STM32G05), says=("<aggregate> in line 8", "inside <args_doc>")),
    Bad("IAR022", "empty-element", flash(*ELEMENTS, "<args></args>"), says=("<args> in line 8 is empty",)),
    Bad("IAR022", "empty-element", board(one_pass("<range/>")), says=("<range> in line 4 is empty",)),
    Bad("IAR022", "attribute", flash(EXE, '<page unit="byte">512</page>', BLOCK, BASE), says=("line 5", "unit")),
    Bad("IAR022", "attribute", board('<pass name="a"><loader>memory.flash</loader></pass>'), says=("name",)),
    Bad("IAR022", "stray-text", flash(*ELEMENTS, "aggregate"), says=("line 3", '"aggregate"')),
    Bad("IAR022", "blank-argument", flash(*ELEMENTS, "<args>--a\n\n--b</args>"), says=("line 8", "blank line")),
    Bad("IAR022", "odd-switch", flash(*ELEMENTS, "<aggregate>yes</aggregate>"), says=('"yes"', "0 or 1")),
    Bad("IAR022", "trailing-gap", flash(*ELEMENTS, "<gap>0x1000</gap>"), says=("<gap> in line 8",)),
    Bad("IAR022", "range-kind", board(one_pass("<range>DATA 0x08000000 0x0803ffff</range>")), says=('"DATA"',)),
)

NUMBERS = (
    Bad("IAR025", "block-size", flash(EXE, PAGE, "<block>512 1024</block>", BASE), says=("1024 without 0x",)),
    Bad("IAR025", "address", flash(EXE, PAGE, BLOCK, "<flash_base>134217728</flash_base>"), says=("0x08000000",)),
    Bad("IAR025", "address", board(one_pass("<range>CODE 134217728 0x0803ffff</range>")), says=("134217728",)),
    Bad("IAR025", "address", board(one_pass("<abs_offset>134217728</abs_offset>")), says=("134217728",)),
    Bad("IAR025", "address", board("<ignore>CODE 0 8</ignore>", one_pass()), says=("holds 8 without 0x",)),
)

BAD = (*XML_FORM, *MANDATORY, *ODD, *NUMBERS)

COMMENTED = PLAIN.replace(b"  <page>", b"  <!-- <page>0</page> -->\r\n  <page>").replace(b"iso-8859-1", b"UTF-8")

ACCENTED = PLAIN.replace(
    b"</flash_device>", b"  <args_doc>Pr\xe9parer la m\xe9moire ${x}</args_doc>\r\n</flash_device>"
)
"""Text for people may look like a placeholder; in iso-8859-1, as the file declares."""

DEFAULT_BOARD = board("<ignore>DATA_Z 0x20000000 0x2000ffff</ignore>", one_pass(RANGE, "<rel_offset>-16</rel_offset>"))

PLACED = (RANGE, "<ignore>CODE 0x0 0xff</ignore>", "<loader_offset> 0x20000000</loader_offset>", "<args>1\n0</args>")

GOOD = tuple(
    Good(rule, write)
    for rule in ("IAR020", "IAR021", "IAR022", "IAR025")
    for write in (
        flash_of(PLAIN),
        flash_of(PLAIN.replace(b"\r\n", b"\n")),
        flash_of(COMMENTED),
        flash_of(ACCENTED),
        flash(*ELEMENTS[:2], "<block> 64  0x1000 </block>", "<gap>0x1000</gap>", "<block>1 0x200</block>", BASE),
        flash(*ELEMENTS, "<online>1</online>", "<relocatable_exe>0</relocatable_exe>", "<args>--preset \n1 </args>"),
        DEFAULT_BOARD,
        board(one_pass()),
        board_of(board_text(one_pass(*PLACED)).replace(b"\r\n", b"\n")),
    )
)
