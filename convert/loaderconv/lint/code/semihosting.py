"""Calls of a debugger by semihosting: what the C library does with them, and what others do."""

from loaderconv.lint.code.reached import ReachedCode
from loaderconv.lint.code.walk import Event

BKPT_BYTES = 2

_SYS_WRITEC = 0x2003
"""`movs r0, #3` right in front: one character of the text that the library writes when it gives up (_ttywrch)."""


def semihosting_exits(code: ReachedCode) -> list[int]:
    """Return where a program ends by semihosting: a branch to itself stands behind, for a debugger that goes on.

    So does the library's _sys_exit, in files without names too.
    """
    self_branches = set(code.addresses(Event.SELF_BRANCH))
    return [each for each in code.addresses(Event.SEMIHOSTING) if each + BKPT_BYTES in self_branches]


def semihosting_calls(code: ReachedCode) -> list[int]:
    """Return where a program asks the debugger for something else than to end, or to write why it ends."""
    exits = set(semihosting_exits(code))
    found = [each for each in code.addresses(Event.SEMIHOSTING) if each not in exits]
    return [each for each in found if not (exits and _halfword_at(code, each - BKPT_BYTES) == _SYS_WRITEC)]


def _halfword_at(code: ReachedCode, address: int) -> int | None:
    region = code.walk.regions.holding(address)
    return None if region is None else region.halfwords[(address - region.start) >> 1]
