"""Follows constants through the registers of functions, along the ways that a walk took."""

from collections.abc import Container
from typing import NamedTuple

from loaderconv.lint.code import narrow, wide
from loaderconv.lint.code.immediates import wide_literal_distance
from loaderconv.lint.code.regions import Region
from loaderconv.lint.code.values import PC, Call, Registers, Store, Value, exact
from loaderconv.lint.code.walk import Run, Walk

_LR = 14


class Uses(NamedTuple):
    """What functions do with constants.

    Attributes:
        stores: to addresses made of them.
        calls: through them.
    """

    stores: tuple[Store, ...]
    calls: tuple[Call, ...]


def uses_of_constants(walk: Walk, functions: Container[int]) -> Uses:
    """Return what some functions do with constants.

    A run starts with what was known at the branch that first led there.
    """
    runs = [run for run in walk.runs if run.function in functions]
    sources = {run.source for run in runs if run.source is not None}
    known: dict[int, list[Value | None]] = {}
    stores: list[Store] = []
    calls: list[Call] = []
    for run in runs:
        registers = Registers(None if run.source is None else known.get(run.source))
        _follow(run, registers, sources, known)
        stores += registers.stores
        calls += registers.calls
    return Uses(tuple(stores), tuple(calls))


def _follow(run: Run, registers: Registers, sources: Container[int], known: dict[int, list[Value | None]]) -> None:
    region, halfwords = run.region, run.region.halfwords
    index, end = (run.start - region.start) >> 1, (run.end - region.start) >> 1
    conditional = 0
    while index < end:
        address = region.start + 2 * index
        if address in sources:
            known[address] = list(registers.values)
        halfword = halfwords[index]
        registers.at(address)
        before = list(registers.values) if conditional else None
        if halfword >= 0xE800:
            _take_wide(registers, region, index)
            index += 2
        else:
            _take_narrow(registers, region, index)
            index += 1
        if before is not None:
            conditional -= 1
            registers.values = [a if a == b else None for a, b in zip(registers.values, before, strict=True)]
        elif halfword >> 8 == 0xBF and halfword & 0xF:
            conditional = 4 - ((halfword & -halfword).bit_length() - 1)


def _take_narrow(registers: Registers, region: Region, index: int) -> None:
    halfword = region.halfwords[index]
    if halfword >> 11 == 9:
        odd = region.misalignment
        _put_word(registers, halfword >> 8 & 7, region, (index + 2 + odd & ~1) - odd + 2 * (halfword & 0xFF))
    elif halfword >> 8 == 0x47:
        if halfword >> 3 & 0xF != _LR:
            registers.call(halfword >> 3 & 0xF)
        if halfword & 0x80:
            registers.forget_scratch()
    else:
        if halfword & 0xFD78 == 0x4478:
            registers.show_pc()
        narrow.take(registers, halfword)


def _take_wide(registers: Registers, region: Region, index: int) -> None:
    first, second = region.halfwords[index], region.halfwords[index + 1]
    if 0xF000 <= first < 0xF800 and second & 0xC000 == 0xC000:
        registers.forget_scratch()
    elif first & 0xFF7F == 0xF85F:
        odd = region.misalignment
        at = (index + 2 + odd & ~1) - odd + wide_literal_distance(first, second) // 2
        _put_word(registers, second >> 12, region, at)
    elif not (0xF000 <= first < 0xF800 and second & 0x9000 == 0x9000):
        wide.take(registers, first, second)
        if first & 0xFF70 == 0xF850 and second >> 12 == PC:
            registers.call(PC)


def _put_word(registers: Registers, register: int, region: Region, at: int) -> None:
    inside = 0 <= at < len(region.kinds) - 1
    registers.put(register, exact(region.halfwords[at] | region.halfwords[at + 1] << 16) if inside else None)
