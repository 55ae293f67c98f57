"""Initialisations and their counterparts: how often they are called is a host's affair, what they do is not."""

from collections import Counter
from collections.abc import Iterator, Sequence

from loaderconv.simulation.proving.accesses import AccessDifference, Side, first_difference
from loaderconv.simulation.proving.recorder import Call
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.loader import Flavour

BRACKETS = (Routine.INIT, Routine.UNINIT, Routine.SIGNOFF, Routine.PRE_INIT)
"""Called once for each operation, phase or session, as the host has it."""


class Brackets:
    """The calls that both loaders made around their work."""

    def __init__(self, flavour: Flavour, *, is_stateless: bool) -> None:
        """Begin without any.

        Args:
            flavour: of the source, which decides what the arguments mean.
            is_stateless: answers of the machine do not depend on what happened before a call; otherwise the first
                initialisation alone meets the same machine in both.
        """
        self._flavour = flavour
        self._is_stateless = is_stateless
        self._source: list[Call] = []
        self._converted: list[Call] = []
        self.compared_count = 0

    def add(self, source: Sequence[Call], converted: Sequence[Call]) -> None:
        """Take the calls of one operation."""
        self._source += [call for call in source if call.routine in BRACKETS]
        self._converted += [call for call in converted if call.routine in BRACKETS]

    def differences(
        self, in_source: Side, in_converted: Side, *, is_suspicious: bool
    ) -> Iterator[tuple[Call, AccessDifference]]:
        """Yield where the first call with each phase differs from its counterpart.

        Args:
            in_source: how accesses of the source are told.
            in_converted: likewise those of the converted loader.
            is_suspicious: something else differs already, so that calls which may have met another state of the devices
                are compared, too: they may hold the cause.
        """
        ours, theirs = self._firsts(self._source), self._firsts(self._converted)
        begin_alike = list(ours)[:1] == list(theirs)[:1]
        chosen = list(ours) if self._is_stateless or is_suspicious else list(ours)[: int(begin_alike)]
        for phase in chosen:
            if phase not in theirs:
                continue
            self.compared_count += 1
            difference = first_difference(ours[phase], theirs[phase], in_source, in_converted)
            if difference is not None:
                yield ours[phase], difference

    @property
    def extra(self) -> tuple[str, ...]:
        """How often both called what brackets operations, where that differs."""
        ours, theirs = (Counter(call.symbol for call in calls) for calls in (self._source, self._converted))
        return tuple(
            f"{symbol} was called {ours[symbol]} times in the source and {theirs[symbol]} times in the converted "
            "loader: how often is their hosts' affair."
            for symbol in sorted(ours | theirs)
            if ours[symbol] != theirs[symbol]
        )

    def _firsts(self, calls: Sequence[Call]) -> dict[tuple[str, int], Call]:
        """Return the first call of each routine and, in an FLM, each phase; in order."""
        found: dict[tuple[str, int], Call] = {}
        for call in calls:
            found.setdefault((call.symbol, self._phase(call)), call)
        return found

    def _phase(self, call: Call) -> int:
        if self._flavour is not Flavour.FLM:
            return 0
        return call.arguments[2] if call.routine is Routine.INIT else call.arguments[0]
