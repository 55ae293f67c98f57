"""Checks the files of one call: each once, whoever refers to it, on all processors where there are many."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from functools import partial

from loaderconv.lint.opening import PACK_SUFFIXES
from loaderconv.lint.unit import CheckedFile, CheckedUnit, Checks, FileKey, check_unit
from loaderconv.lint.workers import FILES_AT_ONCE, MANY_FILES, MANY_SIMULATIONS, worker_pool
from loaderconv_formats.candidates import Candidate, Origin
from loaderconv_formats.first_look import Look, first_look, looks_like_pack
from loaderconv_schemas.lint import LintedFile
from loaderconv_schemas.unread import UnreadFile

_PACKS = frozenset(PACK_SUFFIXES)


class _Turn(IntEnum):
    """When a file is checked: what refers to others comes first, so that it is known what belongs to it."""

    PACK = 0
    BOARD = 1
    FLASH = 2
    PROGRAM = 3


_TURNS = {Look.BOARD: _Turn.BOARD, Look.FLASH: _Turn.FLASH, Look.PROGRAM: _Turn.PROGRAM}


@dataclass(frozen=True)
class Checked:
    """What came of the files.

    Attributes:
        files: those that were checked, with what tells them apart: the named ones in their order, each followed by
            what belongs to it.
        unread: those that were named and could not be read.
        skipped: how many files in folders and matches of patterns are no loaders.
    """

    files: tuple[CheckedFile, ...]
    unread: tuple[UnreadFile, ...]
    skipped: int

    @property
    def linted(self) -> tuple[LintedFile, ...]:
        """The files without what tells them apart."""
        return tuple(each.file for each in self.files)


def check_files(candidates: Sequence[Candidate], checks: Checks, *, seen: Callable[[], None] = lambda: None) -> Checked:
    """Check the loaders among the files, and the files to which they lead.

    Args:
        candidates: the files; none twice.
        checks: what is to be checked.
        seen: called after each, for a progress bar.
    """
    collected = _Collected()
    turns = {candidate: _turn(candidate) for candidate in candidates}
    with _mapping(sum(turn is not None for turn in turns.values()), checks) as units_of:
        for turn in _Turn:
            waiting = [each for each in candidates if turns[each] is turn and not collected.covers(each)]
            for candidate, unit in zip(waiting, units_of(waiting), strict=True):
                collected.add(candidate, unit)
                seen()
            for _ in range(sum(turns[each] is turn for each in candidates) - len(waiting)):
                seen()
    for candidate in candidates:
        if turns[candidate] is None:
            collected.skipped += 1
            seen()
    return collected.in_order_of(candidates)


def _turn(candidate: Candidate) -> _Turn | None:
    """Return when a file has its turn, None where it is no loader and nobody said that it is one."""
    if candidate.path.suffix.lower() in PACK_SUFFIXES:
        is_meant = candidate.origin is Origin.NAMED or looks_like_pack(candidate.path)
        return _Turn.PACK if is_meant else None
    look = first_look(candidate.path)
    if look is None:
        return _Turn.PROGRAM if candidate.must_be_loader() else None
    return _TURNS[look]


@contextmanager
def _mapping(count: int, checks: Checks) -> Iterator[Callable[[Iterable[Candidate]], Iterator[CheckedUnit]]]:
    """Give what checks files one after another, or on several processors where that is worth starting them."""
    check = partial(check_unit, checks=checks)
    simulates = checks.facts.simulation is not None
    if count < (MANY_SIMULATIONS if simulates else MANY_FILES):
        yield lambda candidates: map(check, candidates)
        return
    with worker_pool() as pool:
        yield lambda candidates: pool.map(check, candidates, at_once=1 if simulates else FILES_AT_ONCE)


@dataclass
class _Collected:
    """The units so far."""

    units: dict[Candidate, CheckedUnit] = field(default_factory=dict)
    owners: dict[FileKey, Candidate] = field(default_factory=dict)
    skipped: int = 0

    def covers(self, candidate: Candidate) -> bool:
        """Tell whether a file in a folder was checked already with one that refers to it."""
        return candidate.origin is Origin.FOUND and (os.path.realpath(candidate.path), None) in self.owners

    def add(self, candidate: Candidate, unit: CheckedUnit) -> None:
        """Keep a unit; a file that belongs to several stays with the first."""
        self.units[candidate] = unit
        for each in unit.files:
            self.owners.setdefault(each.key, candidate)
        if unit.problem is not None and not candidate.must_be_loader(_PACKS):
            self.skipped += 1

    def in_order_of(self, candidates: Sequence[Candidate]) -> Checked:
        """Return everything in the order of the candidates, each file once."""
        files: list[CheckedFile] = []
        unread: list[UnreadFile] = []
        for candidate in candidates:
            unit = self.units.get(candidate, CheckedUnit())
            files += [each for each in unit.files if self.owners[each.key] is candidate]
            if unit.problem is not None and candidate.must_be_loader(_PACKS):
                unread.append(unit.problem)
        return Checked(tuple(files), tuple(unread), self.skipped)
