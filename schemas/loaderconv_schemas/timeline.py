"""What happened when a host drove a loader."""

from loaderconv_schemas.base import FORMAT_VERSION, ByteCount, FormatVersion, Model


class TimelineEntry(Model):
    """One operation of a host.

    Attributes:
        operation: what the host asked for, with addresses.
        expected: what a correct loader answers, in words.
        observed: what it answered.
        passed: whether the two agree, and the memory holds what it must.
        instructions: executed for it; None on a core that cannot count.
    """

    operation: str
    expected: str
    observed: str
    passed: bool
    instructions: int | None


class Timeline(Model):
    """The operations of one run, in order.

    Attributes:
        loader: name of the file that ran.
        host: name of the host that was played.
        machine: the core and the device model.
        entries: the operations.
        stack_bytes: deepest stack of all calls; None where it was not measured.
        violations: what the device model counted against the loader.
    """

    version: FormatVersion = FORMAT_VERSION
    loader: str
    host: str
    machine: str
    entries: tuple[TimelineEntry, ...]
    stack_bytes: ByteCount | None
    violations: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Tell whether every operation passed and the device saw nothing wrong."""
        return not self.violations and all(entry.passed for entry in self.entries)
