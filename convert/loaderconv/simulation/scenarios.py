"""The scenarios by their names."""

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum

from loaderconv.simulation.desk import Desk
from loaderconv.simulation.full import full
from loaderconv.simulation.quick import quick
from loaderconv_schemas.timeline import TimelineEntry

Scenario = Callable[[Desk], Iterator[TimelineEntry]]


class ScenarioName(StrEnum):
    """A scenario as it is called on the command line."""

    QUICK = "quick"
    FULL = "full"


SCENARIOS: Mapping[ScenarioName, Scenario] = {ScenarioName.QUICK: quick, ScenarioName.FULL: full}
