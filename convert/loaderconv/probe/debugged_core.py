"""What an emulated probe needs of the core behind it."""

from collections.abc import Iterable
from typing import Protocol

from loaderconv.hosts.core import Budget, Core, Stop
from loaderconv.hosts.system_registers import SystemRegister


class DebuggedCore(Core, Protocol):
    """A core that a debugger can look into."""

    def run_to_any(self, stop_addresses: Iterable[int], budget: Budget) -> Stop:
        """Run from PC to the first of several addresses; without any, to a BKPT, a fault or the end of the budget.

        After the end of the budget the next run goes on where this one ended.
        """

    def read_system_register(self, register: SystemRegister) -> int:
        """Return a special register, 0 for one that the core does not have."""

    def write_system_register(self, register: SystemRegister, value: int) -> None:
        """Set a special register; lost where the core does not have it."""
