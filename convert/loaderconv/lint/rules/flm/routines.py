"""The routines that hosts call."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, HostEffects, Problem, rule
from loaderconv.lint.subjects.flm import FlmFile
from loaderconv.lint.subjects.pyocd_view import symbol_named
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfSymbol
from loaderconv_formats.flm import abi
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.lint_hosts import HOSTS_OF_FLAVOURS
from loaderconv_schemas.loader import Flavour
from loaderconv_schemas.severity import Severity

_MANDATORY = tuple(name for name, routine in abi.ROUTINES.items() if routine in abi.MANDATORY)
_FAILS = dict.fromkeys((Host.UVISION, Host.PYOCD, Host.PROBE_RS), Verdict.LOSS)

_CALLERS = {
    "EraseChip": dict.fromkeys((Host.UVISION, Host.PYOCD, Host.PROBE_RS), Verdict.LOSS),
    "BlankCheck": {Host.UVISION: Verdict.LOSS},
    "Verify": dict.fromkeys((Host.UVISION, Host.PROBE_RS), Verdict.LOSS),
}
"""Optional routines, and what comes of a wrong one for the hosts that call them."""


@rule("FLM010", Severity.ERROR, FlmFile, hosts=_FAILS)
def routines_are_there(file: FlmFile) -> Iterator[Problem]:
    """Init, UnInit, EraseSector and ProgramPage are Thumb functions in the loaded code.

    What it checks:
        The four mandatory routines are defined as functions. They and those of EraseChip, BlankCheck and Verify that
        are there lie at addresses for which the file has bytes, in an executable segment, and have the Thumb bit. What
        is wrong with the three optional ones is a warning, and so is a variable or a label of such a name.

    Why it matters:
        Hosts find routines by name. pyOCD refuses a file in which one of the four is missing or is no function;
        probe-rs calls the start of the image instead of a missing EraseSector or ProgramPage. A function without the
        Thumb bit is Arm code, which no Cortex-M runs; pyOCD does not look at the bit.

    Example:
        int ErasePage (unsigned long adr);  /* instead of EraseSector */

    How to fix:
        Define the routine under exactly this name in FlashPrg.c, keep it from being removed by the linker, and keep
        the symbol table. In assembly, mark it with .type NAME, %function.

    Source:
        docs/formats/flm.md, Entry points; What hosts refuse.
    """
    if not file.image.symbols:
        yield Problem(
            "no-symbols",
            "The file has no symbol table, by which hosts find the routines and FlashDevice.",
            "Build again without stripping, or keep at least these symbols.",
            file.whole,
            hosts=dict.fromkeys(HOSTS_OF_FLAVOURS[Flavour.FLM], Verdict.REJECTED) | {Host.UVISION: Verdict.LOSS},
        )
        return
    for name in _MANDATORY:
        symbol = file.symbols.get(name)
        if symbol is None:
            yield Problem(
                "missing",
                f"The mandatory routine {name} is not defined.",
                f"Define {name} in FlashPrg.c under exactly this name.",
                file.at_symbol(name),
                hosts=_without(file, name),
            )
        elif symbol.type != c.STT_FUNC:
            yield Problem(
                "not-a-function",
                f"The symbol {name} at 0x{symbol.address:08x} is no function.",
                "Mark it as a function (.type NAME, %function), or name the variable otherwise.",
                file.at_symbol(symbol),
                hosts=_without(file, name),
            )
    for name, callers in _CALLERS.items():
        symbol = file.symbols.get(name)
        if symbol is not None and symbol.type != c.STT_FUNC and symbol.binding != c.STB_LOCAL:
            takers = {Host.PROBE_RS, *([Host.PYOCD] if symbol_named(file.image, name) else [])}
            yield Problem(
                "not-a-function",
                f"The symbol {name} at 0x{symbol.address:08x} is no function, and hosts may take it for the routine.",
                "Mark it as a function (.type NAME, %function), or name it otherwise.",
                file.at_symbol(symbol),
                severity=Severity.WARNING,
                hosts={host: verdict for host, verdict in callers.items() if host in takers},
            )
    for name in (*_MANDATORY, *_CALLERS):
        symbol = file.symbols.get(name)
        if symbol is not None and symbol.type == c.STT_FUNC:
            yield from _unusable(file, symbol)


def _without(file: FlmFile, name: str) -> HostEffects:
    return _FAILS if symbol_named(file.image, name) else {**_FAILS, Host.PYOCD: Verdict.REJECTED}


def _unusable(file: FlmFile, symbol: ElfSymbol) -> Iterator[Problem]:
    holders = [s for s in file.image.load_segments if s.address <= symbol.address < s.file_end]
    is_optional = symbol.name in _CALLERS
    if not holders:
        yield Problem(
            "outside",
            f"{symbol.name} at 0x{symbol.address:08x} lies outside of the bytes that the file loads.",
            "Link the driver into PrgCode, in a PT_LOAD segment.",
            file.at_symbol(symbol),
            severity=Severity.WARNING if is_optional else None,
            hosts=_CALLERS.get(symbol.name, _FAILS),
        )
    elif not any(segment.flags & c.PF_X for segment in holders):
        yield Problem(
            "not-executable",
            f"{symbol.name} at 0x{symbol.address:08x} lies in a segment that is not executable.",
            "Link the driver into a segment with the flags R, W and X.",
            file.at_symbol(symbol),
            severity=Severity.WARNING,
            hosts={},
        )
    elif not symbol.value & 1:
        yield Problem(
            "no-thumb-bit",
            f"{symbol.name} at 0x{symbol.address:08x} is not marked as Thumb code, the only kind that a Cortex-M runs.",
            "Compile for Thumb (-mthumb); in assembly, put .thumb_func in front of the label.",
            file.at_symbol(symbol),
            severity=Severity.WARNING,
            hosts={},
        )


_OF_SEGGER = ("SEGGER_OPEN_", "SEGGER_FL_", "FeedWatchdog")
_OF_OTHERS = ("Read", "ReadFlash", "VendorFunc_", "CaculCRC32", "ReadExtID")
"""Names, and beginnings of names where they end in an underscore."""


@rule("FLM012", Severity.NOTE, FlmFile, needs=(Fact.SYMBOLS,))
def only_standard_routines(file: FlmFile) -> Iterator[Problem]:
    """There are no entry points that only some hosts know.

    What it checks:
        Exported functions with the names of SEGGER's Open Flashloader (SEGGER_OPEN_*, SEGGER_FL_*, FeedWatchdog) or of
        other tools (Read, ReadFlash, VendorFunc_*, CaculCRC32, ReadExtID).

    Why it matters:
        The CMSIS-Pack specification knows seven routines. Hosts that do not know another one never call it, so the
        loader must do all of its work without it.

    Example:
        int Read (unsigned long adr, unsigned long sz, unsigned char *buf);

    How to fix:
        Nothing, where the tool that calls it is used; otherwise leave the function out.

    Source:
        docs/formats/flm.md, Entry points.
    """
    alike = [each for each in file.symbols.values() if each.name.startswith(_OF_SEGGER + _OF_OTHERS)]
    for names, owner in ((_OF_SEGGER, "a SEGGER loader"), (_OF_OTHERS, "other tools")):
        found = [symbol for symbol in alike if _is_exported(symbol) and _is_one_of(symbol.name, names)]
        if found:
            yield Problem(
                "extension",
                f"The file exports what only {owner} may have: {', '.join(symbol.name for symbol in found)}.",
                "Make sure that the loader works without it; most hosts ignore it.",
                file.at_symbol(found[0]),
            )


def _is_exported(symbol: ElfSymbol) -> bool:
    return symbol.type == c.STT_FUNC and symbol.binding != c.STB_LOCAL


def _is_one_of(name: str, names: tuple[str, ...]) -> bool:
    return any(name.startswith(each) if each.endswith("_") else name == each for each in names)


@rule("FLM013", Severity.WARNING, FlmFile, needs=(Fact.SYMBOLS,), is_fixable=True)
def routines_are_global(file: FlmFile) -> Iterator[Problem]:
    """The routines and FlashDevice are global symbols.

    What it checks:
        The binding of the four mandatory routines, of FlashDevice, and of the other routines where all are local.

    Why it matters:
        GNU ld makes hidden symbols local; armlink keeps them global. pyOCD 0.46 and probe-rs take local symbols too,
        but a host that looks among global ones finds nothing, `strip --discard-all` removes them, and any static
        function of the same name in another source file is then as good as the real one.

    Example:
        arm-none-eabi-gcc -fvisibility=hidden ... FlashPrg.c FlashDev.c -o MyFlash.FLM

    How to fix:
        Build without -fvisibility=hidden, or give the routines and FlashDevice the default visibility. Without the
        sources, where all of them are local: loaderconv lint --fix.

    Source:
        docs/formats/flm.md, Entry points; docs/formats/flm.md, What hosts refuse.
    """
    known = [*(entry.symbol for entry in file.entries), abi.DESCRIPTOR_SYMBOL]
    names = dict.fromkeys([*_MANDATORY, *known])
    found = [symbol for name in names if (symbol := file.symbols.get(name)) and symbol.binding == c.STB_LOCAL]
    if found:
        is_fixable = all(symbol.name in known for symbol in found)
        instead = ", or let lint --fix make them global" if is_fixable else ""
        yield Problem(
            "local",
            f"Local instead of global: {', '.join(symbol.name for symbol in found)}.",
            f"Give them the default visibility and link again{instead}.",
            file.at_symbol(found[0]),
            is_fixable=is_fixable,
        )


RULES: tuple[AnyRule, ...] = (routines_are_there, only_standard_routines, routines_are_global)
