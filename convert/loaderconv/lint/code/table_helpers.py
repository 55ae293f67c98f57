"""Functions that read a jump table behind their call: what follows such a call is data."""

from array import array
from enum import Enum

from loaderconv.lint.code.regions import Regions

_ARMCC_SWITCH = (0xB430, 0x4674, 0x1E64, 0x7825)
"""push {r4, r5}; mov r4, lr; subs r4, r4, #1; ldrb r5, [r4]: how `__ARM_common_switch8` begins."""

_LOOK_AT_HALFWORDS = 8


class Helper(Enum):
    """What a called function does with the bytes behind the call."""

    NONE = "runs them"
    ARMCC_SWITCH = "takes them as a table of armcc"
    OTHER = "takes them as data"


def helper_at(regions: Regions, address: int) -> Helper:
    """Return what a function does with the bytes behind its call.

    A function that loads through its return address takes a table from there: armcc's switch, GCC's
    `__gnu_thumb1_case_uqi` and its likes, armcc's floating-point helpers.
    """
    region = regions.holding(address)
    if region is None:
        return Helper.NONE
    index = (address - region.start) >> 1
    start = region.halfwords[index : index + _LOOK_AT_HALFWORDS]
    if tuple(start[: len(_ARMCC_SWITCH)]) == _ARMCC_SWITCH:
        return Helper.ARMCC_SWITCH
    return Helper.OTHER if _loads_behind_call(start) else Helper.NONE


def _loads_behind_call(start: "array[int]") -> bool:
    """Tell whether code loads through lr or a copy of it, before it saves lr on the stack as usual."""
    base = None
    for halfword in start:
        if halfword >> 8 == 0xB5 or halfword == 0xE92D:
            return False
        if halfword in _LOADS_THROUGH_LR:
            return True
        if halfword & 0xFF78 == 0x4670:
            base = halfword & 7 | halfword >> 4 & 8
        elif base is not None and halfword >> 3 & 7 == base and halfword >> 11 in _LOADS:
            return halfword >> 12 != 5 or halfword & 0x0E00 >= 0x0600
    return False


_LOADS_THROUGH_LR = (0xF85E, 0xF8DE)
"""First halfwords of `ldr.w rT, [lr, ...]`."""

_LOADS = (0x0A, 0x0B, 0x0D, 0x0F, 0x11)
"""Top five bits of narrow loads with a base register; of the first two, some store."""
