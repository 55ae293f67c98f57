"""Judges one write to the array of an STM32's flash by the rule of its family."""

from enum import Enum

from loaderconv.emulator.devices.onchip_memory import OnChipMemory
from loaderconv.emulator.devices.stm32_flash_families import ErrorFlags, ProgramRule, Stm32FlashFamily
from loaderconv.emulator.devices.stm32_flash_unit import ControlUnit, Row

HALFWORD_BYTES = 2
WORD_BYTES = 4


class Verdict(Enum):
    """What becomes of a write; the value of a refusal says why."""

    PROGRAM = "programmed"
    ROW_GOES_ON = "taken as a part of a row"
    ROW_IS_FULL = "the last part of a row"
    NOT_ERASED = "not erased"
    WRONG_SIZE = "not the width that the controller takes"
    OUTSIDE_ROW = "not the next place of the row that was begun"
    INCONSISTENT = "outside of the row that was begun"

    def flag(self, errors: ErrorFlags) -> int:
        """Return the error flag of a refusal; 0 where the bus refuses instead."""
        flags = {
            Verdict.WRONG_SIZE: errors.size,
            Verdict.OUTSIDE_ROW: errors.alignment,
            Verdict.INCONSISTENT: errors.inconsistent,
        }
        return flags.get(self, 0)


def take_piece(family: Stm32FlashFamily, unit: ControlUnit, memory: OnChipMemory, offset: int, piece: bytes) -> Verdict:
    """Judge a write, and put it into the row that the unit collects, if there are rows.

    Args:
        family: whose rule counts.
        unit: the register set that serves the place.
        memory: the array.
        offset: of the first byte.
        piece: 1, 2 or 4 bytes.
    """
    if family.rule is ProgramRule.HALFWORD:
        return _halfword(memory, offset, piece)
    if family.rule is ProgramRule.PARALLELISM:
        # A double word comes over the bus as two words.
        wanted = min(1 << family.parallelism.of(unit.control), WORD_BYTES)
        return Verdict.PROGRAM if len(piece) == wanted else Verdict.WRONG_SIZE
    if family.rule is ProgramRule.ROW and len(piece) != WORD_BYTES:
        return Verdict.WRONG_SIZE
    row = unit.row or Row(offset - offset % family.row_bytes, bytearray(b"\xff" * family.row_bytes))
    is_next = offset == row.next_offset if row.filled else offset == row.start
    if family.rule is ProgramRule.ROW and not is_next:
        return Verdict.OUTSIDE_ROW
    if not 0 <= offset - row.start < family.row_bytes:
        return Verdict.INCONSISTENT
    row.put(offset, piece)
    unit.row = row
    return Verdict.ROW_IS_FULL if row.is_full else Verdict.ROW_GOES_ON


def _halfword(memory: OnChipMemory, offset: int, piece: bytes) -> Verdict:
    if len(piece) != HALFWORD_BYTES:
        return Verdict.WRONG_SIZE
    is_erased = memory.peek(offset, HALFWORD_BYTES) == b"\xff\xff"
    return Verdict.PROGRAM if is_erased or not any(piece) else Verdict.NOT_ERASED
