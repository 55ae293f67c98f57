"""What came of a command that ran a loader on a target."""

from pydantic import Field, computed_field

from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.base import FORMAT_VERSION, Address, ByteCount, FormatVersion, Model


class RunOperation(Model):
    """One operation on the target.

    Attributes:
        operation: what was done, with addresses ("erase 0x08000000..0x08003fff").
        observed: what the loader answered, or what was found.
        passed: whether it came to what it must.
        size_bytes: bytes that were erased, programmed, read or compared.
        duration_ms: how long it took, as the clock on the wall shows it.
    """

    operation: str
    observed: str
    passed: bool
    size_bytes: ByteCount = 0
    duration_ms: float = Field(default=0.0, ge=0)


class Mismatch(Model):
    """Where a memory differs from what it must hold.

    Attributes:
        address: of the first byte that differs.
        expected: that byte and up to 15 behind it, in hexadecimal.
        found: what the memory holds there.
        count_bytes: how many bytes differ.
    """

    address: Address
    expected: str
    found: str
    count_bytes: ByteCount


class RunPlace(Model):
    """Where a loader lies on a target.

    Attributes:
        ram: what its host was given.
        stack: what the host leaves for the stack.
        buffer: where the host hands data over.
        moved_by: difference between the loader's addresses in memory and those for which it was linked.
    """

    ram: AddressRange
    stack: AddressRange
    buffer: AddressRange
    moved_by: int


class RunReport(Model):
    """What a command did with a loader on a target.

    Attributes:
        command: name of the command ("program").
        loader: name of its file.
        host: name of the host that was played.
        target: core and probe, for a person.
        device: name of the memory, as the loader has it.
        device_range: addresses of the memory.
        operations: in order.
        place: where the loader lies; None where the command does not tell.
        verified_by: what compared memory and file ("read back", "the loader's Verify"); None where nothing did.
        mismatch: first difference that was found.
        warnings: sentences that the user must read.
    """

    version: FormatVersion = FORMAT_VERSION
    command: str
    loader: str
    host: str
    target: str
    device: str
    device_range: AddressRange
    operations: tuple[RunOperation, ...] = ()
    place: RunPlace | None = None
    verified_by: str | None = None
    mismatch: Mismatch | None = None
    warnings: tuple[str, ...] = ()

    @computed_field  # type: ignore[prop-decorator]
    @property
    def passed(self) -> bool:
        """Whether every operation passed, and nothing differs."""
        return self.mismatch is None and all(each.passed for each in self.operations)
