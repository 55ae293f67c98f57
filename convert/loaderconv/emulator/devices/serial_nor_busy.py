"""How long a serial NOR memory is busy."""

BUSY_CYCLES = 20_000
"""Core cycles after which an operation ends for a loader that waits by time; a stand-in for milliseconds."""


class BusyPeriod:
    """An operation under way. It ends when its status was read often enough, or when time has passed, or never.

    Attributes:
        is_hanging: whether nothing but a reset ends it.
    """

    def __init__(self) -> None:
        self.is_hanging = False
        self._polls_left = 0
        self._cycles_left = 0

    def __bool__(self) -> bool:
        return self.is_hanging or self._polls_left > 0

    def begin(self, polls: int, cycles: int = BUSY_CYCLES) -> None:
        """Start an operation that says busy `polls` times."""
        self._polls_left = polls
        self._cycles_left = cycles

    def poll(self) -> None:
        """See the status being read."""
        self._polls_left = max(0, self._polls_left - 1)

    def pass_time(self, cycles: int) -> None:
        """Let core cycles pass."""
        self._cycles_left -= cycles
        if self._cycles_left <= 0:
            self._polls_left = 0

    def end(self) -> None:
        """Be ready at once."""
        self._polls_left = 0
        self.is_hanging = False
