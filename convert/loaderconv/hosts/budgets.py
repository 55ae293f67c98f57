"""How long each routine of a loader may take before it counts as hung."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from loaderconv.hosts.core import Budget
from loaderconv_schemas.entry_point import Routine


@dataclass(frozen=True)
class Budgets:
    """A budget for each routine.

    Attributes:
        usual: for all others.
        by_routine: what differs from it: a chip erase takes minutes on silicon.
    """

    usual: Budget = field(default_factory=Budget)
    by_routine: Mapping[Routine, Budget] = field(default_factory=dict)

    def of(self, routine: Routine) -> Budget:
        """Return the budget of one call of a routine."""
        return self.by_routine.get(routine, self.usual)
