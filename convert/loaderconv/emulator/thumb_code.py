"""The few Thumb instructions that the emulator has to recognise, in memory order.

Encodings: Armv7-M Architecture Reference Manual, A7.7 (B, BKPT, WFE, YIELD) and A5.1 (width).
"""

SUPERVISOR_CALL_BYTES = 2

_BREAKPOINT_OPCODE = 0xBE
_WIDE_PREFIXES = (0b11101, 0b11110, 0b11111)
_BRANCHES_TO_ITSELF = (b"\xfe\xe7", b"\xff\xf7\xfe\xbf")
_WFE_AND_YIELD = (b"\x20\xbf", b"\xaf\xf3\x02\x80", b"\x10\xbf", b"\xaf\xf3\x01\x80")


def is_breakpoint(code: bytes) -> bool:
    """Tell whether `code` starts with BKPT."""
    return code[1] == _BREAKPOINT_OPCODE


def branches_to_itself(code: bytes) -> bool:
    """Tell whether `code` starts with `b .`, narrow or wide."""
    return code.startswith(_BRANCHES_TO_ITSELF)


def ends_with_wfe_or_yield(code: bytes) -> bool:
    """Tell whether WFE or YIELD may be the last instruction of `code`."""
    return code.endswith(_WFE_AND_YIELD)


def first_instruction(code: bytes) -> str:
    """Return the first instruction of four bytes of code in hexadecimal, halfword by halfword as manuals print it."""
    first, second = (int.from_bytes(code[start : start + 2], "little") for start in (0, 2))
    is_wide = first >> 11 in _WIDE_PREFIXES
    return f"0x{first:04x}{second:04x}" if is_wide else f"0x{first:04x}"
