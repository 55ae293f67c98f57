"""FlashBreak, where C-SPY waits for a loader."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.iar_program import IarProgram
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.elf.image import ElfSymbol
from loaderconv_formats.iar import abi
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_LOOK_AT_BYTES = 16
_ARM_BRANCH_TO_SELF = b"\xfe\xff\xff\xea"
_WIDE_BRANCH_TO_SELF = b"\xff\xf7\xfe\xbf"


@rule("IAR007", Severity.ERROR, IarProgram, hosts={Host.C_SPY: Verdict.LOSS}, needs=(Fact.SYMBOLS,))
def stubs_end_at_flash_break(file: IarProgram) -> Iterator[Problem]:
    """FlashBreak is an endless loop, and each entry stub gets there.

    What it checks:
        FlashBreak and the entry stubs lie in the bytes that the file loads. The code of FlashBreak is a branch to
        itself, in Thumb or Arm state, alone or behind a PUSH. In Thumb code each entry stub leads to it, by the
        branches and calls that stand in the code.

    Why it matters:
        C-SPY sets a breakpoint at FlashBreak, starts a stub and takes a halt there for the end of the call. A stub that
        never gets there runs until the user gives up; where FlashBreak returns, the core runs on behind the call as
        soon as the breakpoint is missed. 248 of 249 surveyed loaders have one of these loops.

    Example:
        void FlashBreak(void) { }

    How to fix:
        Take flash_loader_asm.s of framework 2 as it is: `BL Fl2FlashInitEntry; BL FlashBreak`, and `FlashBreak: B .`.

    Source:
        docs/formats/iar.md, Symbols, and Protocol.
    """
    symbol = file.symbols.get(abi.BREAK)
    if symbol is None:
        return
    lost = [entry for entry in file.entries if file.segment_bytes_at(entry.address) is None]
    for entry in lost:
        yield Problem(
            "stub-no-bytes",
            f"{entry.symbol} lies at 0x{entry.address:08x}, for which the file loads no bytes.",
            "Link the stub into a section that is loaded.",
            file.at_symbol(entry.symbol),
        )
    if file.segment_bytes_at(symbol.address) is None:
        yield Problem(
            "no-bytes",
            f"FlashBreak lies at 0x{symbol.address:08x}, for which the file loads no bytes.",
            "Link FlashBreak into a section that is loaded.",
            file.at_symbol(symbol),
        )
        return
    is_loop = _is_thumb_loop(file, symbol) if symbol.value & 1 else _is_arm_loop(file, symbol)
    if not is_loop:
        yield Problem(
            "no-loop",
            f"FlashBreak at 0x{symbol.address:08x} is no branch to itself.",
            "Make FlashBreak an endless loop: FlashBreak: B .",
            file.at_symbol(symbol),
        )
    for entry in file.entries:
        if entry.thumb and entry not in lost and not file.code.reaches(entry.address, symbol.address):
            yield Problem(
                "break-not-reached",
                f"{entry.symbol} at 0x{entry.address:08x} does not lead to FlashBreak.",
                "End the stub with BL FlashBreak.",
                file.at_symbol(entry.symbol),
            )


def _is_thumb_loop(file: IarProgram, symbol: ElfSymbol) -> bool:
    """Tell whether a Thumb function ends in an unconditional branch back into itself before it returns."""
    code = file.behind(symbol)[:_LOOK_AT_BYTES]
    offset = 0
    while offset + 2 <= len(code):
        halfword = int.from_bytes(code[offset : offset + 2], "little")
        if halfword >> 11 == 0b11100:
            distance = ((halfword & 0x7FF) ^ 0x400) - 0x400
            return 0 <= offset + 4 + 2 * distance <= offset
        if code.startswith(_WIDE_BRANCH_TO_SELF, offset):
            return True
        if halfword >> 8 in (0x47, 0xBD):
            return False
        offset += 4 if halfword >= 0xE800 else 2
    return False


def _is_arm_loop(file: IarProgram, symbol: ElfSymbol) -> bool:
    """Tell whether an Arm function is a branch to itself, perhaps behind other instructions."""
    code = file.behind(symbol)[:_LOOK_AT_BYTES]
    return any(code.startswith(_ARM_BRANCH_TO_SELF, offset) for offset in range(0, len(code), 4))


RULES: tuple[AnyRule, ...] = (stubs_end_at_flash_break,)
