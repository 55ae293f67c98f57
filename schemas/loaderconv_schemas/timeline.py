"""What happened when a host drove a loader in the emulator."""

from pydantic import computed_field

from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.base import FORMAT_VERSION, Address, ByteCount, FormatVersion, Model


class TimelineEntry(Model):
    """One operation of a host.

    Attributes:
        operation: what the host asked for, with addresses.
        expected: what a correct loader answers, in words.
        observed: what it answered.
        passed: whether the two agree, and the memory holds what it must.
        instructions: executed for it, at most; None on a core that cannot count.
        commands: what the memory was told, in order; empty where nothing models it.
    """

    operation: str
    expected: str
    observed: str
    passed: bool
    instructions: int | None
    commands: tuple[str, ...] = ()


class Footprint(Model):
    """RAM that a loader used.

    Attributes:
        image: where it was loaded, and the zeros that its file promises.
        stack: what the host left for the stack.
        stack_bytes: how deep the stack was at its deepest; all of `stack` means that it may have been deeper.
        stray_writes: ranges outside of image, stack and buffer that hold other bytes than before.
    """

    image: tuple[AddressRange, ...]
    stack: AddressRange
    stack_bytes: ByteCount
    stray_writes: tuple[AddressRange, ...]


class GuessedRegister(Model):
    """A register that nothing models, whose value was made up because the loader waited for it.

    Attributes:
        address: of the register.
        reads: how many reads got a value that was made up.
    """

    address: Address
    reads: int


class Timeline(Model):
    """The operations of one run, in order.

    Attributes:
        loader: name of the file that ran.
        host: name of the host that was played.
        machine: the core and the devices around it.
        scenario: name of the list of operations.
        start: the condition in which the loader met the machine.
        entries: the operations.
        ended_early: why the last operation did not come to an end, in one sentence; None where all did.
        violations: what the device models counted against the loader.
        remarks: what they ignored, and what did no harm as far as they tell.
        guesses: registers whose values were made up, by address.
        guesses_allowed: made-up values do not count against the loader.
        footprint: RAM that it used; None where nothing ran.
    """

    version: FormatVersion = FORMAT_VERSION
    loader: str
    host: str
    machine: str
    scenario: str
    start: str
    entries: tuple[TimelineEntry, ...]
    ended_early: str | None = None
    violations: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    guesses: tuple[GuessedRegister, ...] = ()
    guesses_allowed: bool = True
    footprint: Footprint | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def passed(self) -> bool:
        """Whether every operation passed and the devices saw nothing wrong."""
        return (
            self.ended_early is None
            and not self.violations
            and (self.guesses_allowed or not self.guesses)
            and all(entry.passed for entry in self.entries)
        )
