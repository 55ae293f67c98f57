"""In which state a machine is when a loader meets it.

"Works once, then needs a power cycle" is among the commonest complaints about loaders: they were tried after a reset
only. The other conditions are what a debugger, an application or an earlier session really leaves behind.
"""

from enum import StrEnum


class StartCondition(StrEnum):
    """A state of controller and memory, by its name on the command line."""

    AFTER_RESET = "reset"
    SECOND_SESSION = "second-session"
    MAPPED = "mapped"
    QPI = "qpi"
    FOUR_BYTE = "4-byte"
    BUSY = "busy"
    CLOCKS_GATED = "clocks-gated"

    @property
    def meaning(self) -> str:
        """One clause for a person."""
        return _MEANINGS[self]


_MEANINGS = {
    StartCondition.AFTER_RESET: "registers as after a reset of chip and memory",
    StartCondition.SECOND_SESSION: "an earlier session ended without a reset; RAM was loaded anew",
    StartCondition.MAPPED: "an application left the controller mapping the memory",
    StartCondition.QPI: "the memory was left in QPI mode, where it takes no command on one line",
    StartCondition.FOUR_BYTE: "the memory was left in 4-byte address mode",
    StartCondition.BUSY: "the memory is still busy with an erase",
    StartCondition.CLOCKS_GATED: "the controller's clock is off and its reset is held, as a DeInit leaves them",
}
