"""Calls the routines of one downloaded loader, and judges their answers as its flavour has it."""

from collections.abc import Callable

from loaderconv.hosts.budgets import Budgets
from loaderconv.hosts.call import CallFrame, CallResult, call_routine, entry_of
from loaderconv.hosts.core import Core
from loaderconv.hosts.host import Outcome, add_instructions
from loaderconv_schemas.entry_point import EntryPoint, Routine
from loaderconv_schemas.loader import Loader

NOTHING_YET = Outcome(succeeded=True, detail="", instructions=0)
"""What an operation has come to before its first call."""


class LoaderCalls:
    """The routines of one loader in the memory of one core."""

    def __init__(
        self, core: Core, loader: Loader, frame: CallFrame, *, moved_by: int, success: int, budgets: Budgets
    ) -> None:
        """Take a loader that has been downloaded.

        Args:
            core: where it lies.
            loader: what was read of it.
            frame: stack, return address and static base of every call.
            moved_by: difference between its addresses in memory and those for which it was linked.
            success: what its routines answer when all went well.
            budgets: how long one call may take.
        """
        self._core = core
        self._loader = loader
        self._frame = frame
        self._moved_by = moved_by
        self._success = success
        self._budgets = budgets

    def call(self, routine: Routine, *arguments: int, meanwhile: Callable[[], None] | None = None) -> CallResult:
        """Call a routine. Raises RunFailed where there is none, or it does not come back in order."""
        entry = self.entry(routine)
        address = entry.address + self._moved_by
        budget = self._budgets.of(routine)
        return call_routine(self._core, self._frame, entry.symbol, address, arguments, budget, meanwhile)

    def step(
        self, before: Outcome, routine: Routine, *arguments: int, meanwhile: Callable[[], None] | None = None
    ) -> Outcome:
        """Call a routine as the next step of an operation, and return what the operation has come to."""
        result = self.call(routine, *arguments, meanwhile=meanwhile)
        return Outcome(
            succeeded=before.succeeded and result.low_word == self._success,
            detail=f"{self.entry(routine).symbol} returned {result.low_word}",
            instructions=add_instructions(before.instructions, result.instructions),
        )

    def has(self, routine: Routine) -> bool:
        """Tell whether the loader has a routine."""
        return self._loader.entry_point(routine) is not None

    def entry(self, routine: Routine) -> EntryPoint:
        """Return the entry point of a routine. Raises RunFailed where there is none."""
        return entry_of(self._loader, routine)
