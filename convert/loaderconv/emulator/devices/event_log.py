"""What happened, in words: repeats once, and never without end."""

MAXIMUM_ENTRIES = 10_000
FULL = "further entries were left out"


class EventLog:
    """A list of sentences that stays small, whatever a loader does.

    Attributes:
        entries: in order; an entry that equals the one before is left out.
    """

    def __init__(self) -> None:
        self.entries: list[str] = []

    def add(self, entry: str) -> None:
        """Put down what happened."""
        if len(self.entries) < MAXIMUM_ENTRIES:
            if not self.entries or self.entries[-1] != entry:
                self.entries.append(entry)
        elif self.entries[-1] != FULL:
            self.entries.append(FULL)
