"""Files for the rules on what IAR files name: executables, `.flash` files, macros."""

from support.iar_folders import ELEMENTS, EXE, HOOK, LOADER, MACRO, PROGRAM, RANGE, board, flash, folder, one_pass
from support.iar_texts import BASE, BLOCK, PAGE, board_text, flash_text
from support.rule_cases import Bad, Good, Write

REST = (PAGE, BLOCK, BASE)


def named(executable: str) -> Write:
    """Return what writes a `.flash` file that names its executable in some way, and the executable `loader.out`."""
    return flash(f"<exe>{executable}</exe>", *REST)


def macro_named(macro: str, *, executable: str = "loader.out", file_name: str = "loader.mac") -> Write:
    """Return what writes a `.flash` file that names its macro file in some way, and that macro file."""
    text = flash_text(f"<exe>{executable}</exe>", *REST, f"<macro>{macro}</macro>")
    return folder("memory.flash", {"memory.flash": text, "loader.out": PROGRAM, file_name: HOOK})


TOOLKIT_FILE = r"$TOOLKIT_DIR$\config\flashloader\Vendor\FlashX.out"

NAMES = (
    Bad("IAR030", "missing", named("FlashX.out"), says=("<exe> in line 4", "FlashX.out", "not found")),
    Bad("IAR030", "missing", board("<pass><loader>FlashX.flash</loader></pass>"), says=("<loader> in line 4",)),
    Bad("IAR030", "missing", named(r"$FILE_DIR$\sub\loader.out"), says=("there is no sub in",)),
    Bad("IAR030", "case", named("LOADER.out"), says=("LOADER.out", "loader.out")),
    Bad("IAR030", "unmapped", named(TOOLKIT_FILE), says=("TOOLKIT_DIR has no value", "found near.")),
    Bad("IAR030", "outside", named(r"..\loader.out"), says=("--follow",)),
    Bad("IAR030", "unreadable", flash(*ELEMENTS, program=b"MZ"), says=("loader.out", "executable of a loader")),
    Bad("IAR030", "unreadable", flash(*ELEMENTS, program=b""), says=("that can be read: the file is empty.",)),
    Bad("IAR030", "unreadable", board("<pass><loader>device.board</loader></pass>"), says=("not a .flash file",)),
    Bad("IAR031", "placeholder", named(r"$PROJ_DIR$\{SAMPLE_DEPTH}\loader.out"), says=("{SAMPLE_DEPTH}",)),
    Bad("IAR031", "home-folder", named(r"C:\Users\me\loaders\loader.out"), says=("home folder",)),
    Bad("IAR031", "absolute-path", named(r"D:\loaders\loader.out"), says=("other machines",)),
    Bad("IAR031", "absolute-path", macro_named(r"\loaders\loader.mac"), says=("<macro> in line 8",)),
)

PREPARES = b"""\
setup()
{
__var tmp;
  /*Enable PLL3 (USBPLL1)
  __writeMemory32(0x00003000,0x400D8010,"Memory"); */
  tmp = __readMemory32(0x400D80F0,"Memory") & ~(0xFF<<0);
  __writeMemory32(tmp | (1<<7),0x400D80F0,"Memory"); // __hwReset(0);
  if (tmp & 1) { __writeMemory32(tmp | (0x21<<0),0x400D80F0,"Memory"); }
}

execUserReset()
{
  __hwReset(0);
}

execUserFlashInit()  // Called by debugger before loading flash loader in RAM.
{
  __message "----- __hwReset(0) { -----\\n";
  setup();
}
"""
"""In the manner of NXP's macro files."""

RESET_ONLY = b"execUserReset()\n{\n  __hwReset(0);\n}\n"
FUNCTIONS = b"FlashInit(base, size, link, flags, args)\n{\n}\nFlashWrite(a, b, c, d)\n{\n}\n"
ERASE = b"FlashErase(block_start, size)\n{\n}\n"
MACRO_LOADER = ("<exe>MACRO</exe>", *REST)

MACROS = (
    Bad("IAR040", "missing", macro_named("FlashX.mac"), says=("<macro> in line 8", "FlashX.mac")),
    Bad(
        "IAR040",
        "missing",
        macro_named("Trace_SAME51.mac", file_name="Trace_SAME51.dmac"),
        says=("not found, but there is Trace_SAME51.dmac",),
    ),
    Bad("IAR040", "encrypted", flash(*ELEMENTS, MACRO, macros=bytes(range(64))), says=("no text",)),
    Bad("IAR040", "no-hook", flash(*ELEMENTS, MACRO, macros=RESET_ONLY), says=("execUserFlash", "execUserReset")),
    Bad(
        "IAR040",
        "precondition",
        flash(*ELEMENTS, MACRO, macros=PREPARES),
        says=("execUserFlashInit of loader.mac", "2 x __writeMemory32."),
    ),
    Bad("IAR041", "no-macro-file", flash(*MACRO_LOADER), says=("no macro file",)),
    Bad("IAR041", "missing", macro_named("FlashX.mac", executable="MACRO"), says=("FlashX.mac",)),
    Bad("IAR041", "no-function", flash(*MACRO_LOADER, MACRO, macros=FUNCTIONS), says=("define FlashErase.",)),
)

BAD = (*NAMES, *MACROS)

GOOD = (
    Good("IAR030", flash(*ELEMENTS)),
    Good("IAR030", flash(*MACRO_LOADER, MACRO, macros=FUNCTIONS + ERASE)),
    Good("IAR030", named(r"$PROJ_DIR$\flashloader\loader.out")),
    Good("IAR030", board(one_pass(RANGE))),
    Good(
        "IAR030", folder("a.board", {"a.board": board_text(f"<pass>{LOADER}</pass>"), "memory.flash": flash_text(EXE)})
    ),
    Good("IAR031", flash(*ELEMENTS, MACRO)),
    Good("IAR031", named("${CMSIS_PACK_PATH_HDSC#HC32F460#1.0.9}$/FlashIAR/loader.out")),
    Good("IAR031", board(one_pass(RANGE))),
    Good("IAR040", flash(*ELEMENTS)),
    Good("IAR040", flash(*ELEMENTS, MACRO)),
    Good("IAR040", macro_named("loader.dmac", file_name="loader.dmac")),
    Good("IAR040", flash(*MACRO_LOADER, MACRO, macros=FUNCTIONS + ERASE)),
    Good("IAR041", flash(*MACRO_LOADER, MACRO, macros=FUNCTIONS + ERASE)),
    Good("IAR041", flash(*ELEMENTS)),
)
