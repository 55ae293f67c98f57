"""Walks through Thumb code from its entry points, along every branch that stands in the code itself.

It goes both ways at a condition, behind calls, and into what is called. It does not follow addresses in registers
(function pointers, `bx`), nor jump tables whose length nothing tells. It stays out of data: what mapping symbols call
so, words that code loads relative to pc, jump tables. No halfword is walked through twice, so it ends on any bytes.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from loaderconv.lint.code import branches
from loaderconv.lint.code import kinds as k
from loaderconv.lint.code.immediates import wide_literal_distance
from loaderconv.lint.code.paths import Paths
from loaderconv.lint.code.regions import Regions
from loaderconv.lint.code.walk import Event, Walk

_SP, _LR, _PC = 13, 14, 15

_SEMIHOSTING = 0xBEAB

_ADDRESS_MASK = 0xFFFF_FFFE


def walk(regions: Regions, entries: Iterable[int]) -> Walk:
    """Return what can be reached from entry addresses. The marks in the regions are part of the walk."""
    walker = _Walker(regions)
    for address in entries:
        walker.walk_from(address)
    return walker.seen


class _Walker(Paths):
    """What instructions do to the way."""

    def _literal(self, index: int) -> int:
        odd = self._region.misalignment
        self._word(index, (index + 2 + odd & ~1) - odd + 2 * (self._halfwords[index] & 0xFF))
        return index + 1

    def _conditional(self, index: int) -> int:
        self._jump(index, index + branches.short_conditional(self._halfwords[index]))
        return index + 1

    def _compare_zero(self, index: int) -> int:
        self._jump(index, index + branches.compare_and_branch(self._halfwords[index]))
        return index + 1

    def _branch(self, index: int) -> int:
        self._branch_by(index, branches.short_branch(self._halfwords[index]))
        return index + 1

    def _branch_by(self, index: int, offset: int) -> None:
        if offset == 0:
            self._note(Event.SELF_BRANCH, index)
        self._jump(index, index + offset)
        self._is_over = index >= self._conditional_end

    def _return(self, index: int) -> int:
        self._is_over = index >= self._conditional_end
        return index + 1

    def _register_branch(self, index: int) -> int:
        """BX, BLX, and MOV or ADD to pc."""
        halfword = self._halfwords[index]
        register = halfword >> 3 & 0xF
        is_call = halfword & 0xFF80 == 0x4780
        pops_it = register < 8 and index and self._halfwords[index - 1] == 0xBC00 | 1 << register
        if is_call or not (register == _LR or pops_it):
            self._note(Event.REGISTER_BRANCH, index)
        if not is_call:
            self._is_over = index >= self._conditional_end
        return index + 1

    def _wait_or_it(self, index: int) -> int:
        halfwords = self._halfwords
        halfword = halfwords[index]
        mask = halfword & 0xF
        if not mask:
            self._note(Event.WFE if halfword == 0xBF20 else Event.WFI, index)
            return index + 1
        end = index + 1
        for _ in range(4 if mask & 1 else 3 if mask & 2 else 2 if mask & 4 else 1):
            end += 2 if end < len(halfwords) and halfwords[end] >= 0xE800 else 1
        self._conditional_end = end
        return index + 1

    def _breakpoint(self, index: int) -> int:
        self._note(Event.SEMIHOSTING if self._halfwords[index] == _SEMIHOSTING else Event.BREAKPOINT, index)
        return index + 1

    def _state(self, index: int) -> int:
        if not self._halfwords[index] & 0x10:
            self._note(Event.ENABLE_INTERRUPTS, index)
        return index + 1

    def _supervisor_call(self, index: int) -> int:
        return index + 1

    def _branch_or_arithmetic(self, index: int) -> int:
        first, second = self._halfwords[index], self._halfwords[index + 1]
        if second >= 0x8000:
            form = second & 0xD000
            if form == 0xD000:
                self._call(index, index + branches.long_branch(first, second))
            elif form == 0x9000:
                self._branch_by(index, branches.long_branch(first, second))
            elif form == 0x8000:
                self._conditional_or_system(index, first, second)
        return index + 2

    def _conditional_or_system(self, index: int, first: int, second: int) -> None:
        if first & 0x0380 != 0x0380:
            self._jump(index, index + branches.long_conditional(first, second))
        elif first == 0xF3AF and second in (0x8002, 0x8003):
            self._note(Event.WFE if second == 0x8002 else Event.WFI, index)
        elif first & 0xFFF0 == 0xF7F0 and second & 0xF000 == 0xA000:
            self._end(index)

    def _multiple(self, index: int) -> int:
        """POP.W and LDM with pc, and table branches."""
        first, second = self._halfwords[index], self._halfwords[index + 1]
        if first & 0xFFF0 == 0xE8D0 and second & 0xFFE0 == 0xF000:
            targets = branches.table_branch_targets(self._halfwords, index)
            if targets is None:
                self._note(Event.REGISTER_BRANCH, index)
            self._table(index, index + 2, targets)
        elif not first & 0x40 and second & 0x8000:
            self._end(index)
        return index + 2

    def _coprocessor(self, index: int) -> int:
        first, second = self._halfwords[index], self._halfwords[index + 1]
        if second & 0x0E00 == 0x0A00 and first >> 8 in (0xEC, 0xED, 0xEE, 0xFE):
            self._note(Event.FLOATING_POINT, index)
        return index + 2

    def _load_word(self, index: int) -> int:
        """LDR.W to pc: POP {pc} alone, or a branch to an address in memory."""
        if self._halfwords[index + 1] >> 12 == _PC:
            if self._halfwords[index] & 0xF != _SP:
                self._note(Event.REGISTER_BRANCH, index)
            self._end(index)
        return index + 2

    def _wide_literal(self, index: int) -> int:
        """LDR.W from a literal; to pc it is a veneer's branch."""
        first, second = self._halfwords[index], self._halfwords[index + 1]
        odd = self._region.misalignment
        at = (index + 2 + odd & ~1) - odd + wide_literal_distance(first, second) // 2
        self._word(index, at)
        if second >> 12 == _PC:
            if 0 <= at < len(self._kinds) - 1:
                target = self._halfwords[at] | self._halfwords[at + 1] << 16
                self._jump(index, (target & _ADDRESS_MASK) - self._base >> 1)
            self._end(index)
        return index + 2

    handlers: ClassVar[Mapping[int, Callable[[Any, int], int]]] = {
        k.LITERAL: _literal,
        k.CONDITIONAL: _conditional,
        k.COMPARE_ZERO: _compare_zero,
        k.BRANCH: _branch,
        k.POP_PC: _return,
        k.REGISTER_BRANCH: _register_branch,
        k.WAIT_OR_IT: _wait_or_it,
        k.BREAKPOINT: _breakpoint,
        k.STATE: _state,
        k.SUPERVISOR: _supervisor_call,
        k.UNDEFINED: _return,
        k.BRANCH_OR_ARITHMETIC: _branch_or_arithmetic,
        k.WIDE_LITERAL: _wide_literal,
        k.LOAD_WORD: _load_word,
        k.MULTIPLE: _multiple,
        k.COPROCESSOR: _coprocessor,
    }
