"""Where the fuzzer starts: files of every shape that is known, made by the recipes of the tests."""

from support import flm_builder, iar_builder, iar_recipe, stldr_builder, stldr_recipe
from support.arm_attributes import POSITION_INDEPENDENT, aeabi
from support.flm_recipe import SHORT_FLASH_DEVICE_SIZE_BYTES, FlmRecipe, gcc_shaped
from support.iar_recipe import IarRecipe
from support.packs import IRAM, algorithm, device, family, pdsc_text
from support.paths import FIXTURES
from support.stldr_recipe import StldrRecipe

_SMALL = SHORT_FLASH_DEVICE_SIZE_BYTES

_FLMS = (
    FlmRecipe(descriptor_shipped_bytes=_SMALL),
    FlmRecipe(descriptor_shipped_bytes=_SMALL, data_gap_bytes=4, code_address=0x1000, entry=1, rw=b""),
    FlmRecipe(descriptor_section="PrgCode", descriptor_shipped_bytes=192, runs=((0x400, 0), (0x800, 0x8000))),
    gcc_shaped(aeabi(POSITION_INDEPENDENT, cpu_name=b"cortex-m0")),
)
_STLDRS = (
    StldrRecipe(),
    StldrRecipe(descriptor_shipped_bytes=136, groups=((240, 0x1000), (1, 0x1_0000))),
    stldr_recipe.gcc_shaped(),
    stldr_recipe.keil_shaped(),
    stldr_recipe.stripped_shaped(),
)
_IARS = (
    IarRecipe(),
    IarRecipe(are_parameters_in_file=True, framework_version=None, init_table=bytes(16)),
    iar_recipe.relocatable_shaped(),
    iar_recipe.arm_state_shaped(),
    iar_recipe.overlay_shaped(),
    iar_recipe.sparse_shaped(),
)

SYMBOLS = (
    *(b"FlashDevice", b"StorageInfo", b"theFlashParams", b"UnInit", b"SectorErase", b"FlashInitEntry", b"FlashBreak"),
    *(b"PrgData", b"CSTACK$$Limit", b"BuildAttributes$$THM_ISAv4$ROPI$RWPI", b"aeabi", b"--cpu="),
)

NUMBERS = (
    b"\xff\xff\xff\xff",
    b"\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\0\0\0\x80",
    b"\0\0\1\0",
    b"\xf1\xff",
    b"\xff\xff",
)

_MARKUP = (b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?xml ", b"<!DOCTYPE ", b"encoding=", b"utf-8", b"windows-1251")
_VALUES = (b"0x", b"0xffffffff", b"-0x10000000", b"4294967296", b"&#48;", b"&lt;", b"\r\n", b"$TOOLKIT_DIR$\\", b"{A}")

FLASH_WORDS = (
    *(b"flash_device", b"exe", b"flash_base", b"page", b"block", b"gap", b"macro", b"aggregate", b"online", b"args"),
    *(b"args_doc", b"relocatable_exe", b"MACRO", *_MARKUP, *_VALUES),
)
PACK_WORDS = (
    *(b"<algorithm ", b"name=", b"start=", b"size=", b"RAMsize=", b"style=", b'"IAR"', b"Pname=", b"<device ", b"/>"),
    *(b"<variant ", b"<boards>", b"fuzzed.pdsc", b"../", b"0x100000000", b"&#10;", b"&#x202e;"),
)
BOARD_WORDS = (
    *(b"flash_board", b"pass", b"loader", b"range", b"rel_offset", b"abs_offset", b"loader_offset", b"args", b"ignore"),
    *(b"CODE ", b"DATA_Z ", *_MARKUP, *_VALUES),
)


LINT_WORDS = (*SYMBOLS, *NUMBERS, *FLASH_WORDS, *BOARD_WORDS, *PACK_WORDS, b"Dev_info", b"PrgCode", b"\xce\xf2\0\0")


def loaders() -> list[bytes]:
    """Return ELF files of all three flavours."""
    built = [flm_builder.build(each) for each in _FLMS]
    built += [stldr_builder.build(each) for each in _STLDRS]
    built += [iar_builder.build(each) for each in _IARS]
    return built + [path.read_bytes() for path in sorted(FIXTURES.rglob("*.FLM"))]


def flash_files() -> list[bytes]:
    """Return `.flash` files: our fixtures, and one with every element."""
    return [path.read_bytes() for path in sorted(FIXTURES.rglob("*.flash"))] + [_FULL_FLASH]


def board_files() -> list[bytes]:
    """Return `.board` files: our fixtures, and one with every element."""
    return [path.read_bytes() for path in sorted(FIXTURES.rglob("*.board"))] + [_FULL_BOARD]


def lint_files() -> list[bytes]:
    """Return all that rules look at: loaders, descriptions, and that of a pack."""
    return [*loaders(), *flash_files(), *board_files(), _PDSC]


def storage_infos() -> list[bytes]:
    """Return descriptors of stldrs."""
    recipes = (*_STLDRS, StldrRecipe(groups=tuple((1, 0x1000) for _ in range(10)), size_bytes=0xA000))
    return [stldr_builder.storage_info(each)[: each.descriptor_shipped_bytes] for each in recipes]


def flash_devices() -> list[bytes]:
    """Return descriptors of FLMs."""
    recipes = (*_FLMS, FlmRecipe(are_sector_addresses_absolute=True, device_name=b"Name\0junk"))
    return [flm_builder.flash_device(each)[: each.descriptor_shipped_bytes] for each in recipes]


_FULL_FLASH = b"""\n<?xml version="1.0" encoding="iso-8859-1"?>\r
<flash_device a="b">\r
  <exe>$TOOLKIT_DIR$\\config\\flashloader\\Flash.out</exe>\r
  <page>256</page>\r
  <block>16 0x4000</block><gap>0xFF01000</gap>\r
  <block>1  1000</block>\r
  <flash_base>0x08000000</flash_base>\r
  <macro>$TOOLKIT_DIR$/Flash.mac</macro>\r
  <aggregate>1</aggregate><online>1</online>\r
  <args>--one\r\ntwo</args><args_doc>&lt;text&gt; <!-- note --></args_doc>\r
  <relocatable_exe>1</relocatable_exe>\r
</flash_device>\r
"""

_PDSC = pdsc_text(
    family(
        IRAM,
        algorithm("a.FLM", default="1"),
        device("D", algorithm("Flash\\a.FLM", RAMstart="0x20000000", RAMsize="0x1000"), algorithm("fuzzed.pdsc")),
        device("E", algorithm("b.flash", style="IAR"), algorithm("fuzzed.pdsc", style="IAR"), algorithm("../a.FLM")),
    )
)

MACROS = b"""execUserFlashInit()\r
{\r
  __message "prepare (\\"once\\")"; // hook\r
  prepare();\r
}\r
prepare() { /* clocks */ __writeMemory32(0x1, 0x40021000, "Memory"); }\r
FlashInit() { __hwReset(1); }\r
"""
"""A file of C-SPY macros."""

_FULL_BOARD = b"""<?xml version="1.0" encoding="UTF-8"?>
<flash_board>
  <ignore>DATA_Z 0x0 0xff</ignore>
  <pass>
    <loader>$PROJ_DIR$\\one.flash</loader>
    <range>CODE 0x08000000 0x080fffff</range>
    <rel_offset>-0x10000000</rel_offset>
    <abs_offset>0x1000</abs_offset>
    <loader_offset> 0x20000000</loader_offset>
    <args>one
      two</args>
    <ignore>CODE 0x08001000 0x08001fff</ignore>
  </pass>
  <pass><loader>two.flash</loader></pass>
</flash_board>
"""
