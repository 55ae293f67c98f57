"""What experiments with a loader came to. Facts, no verdicts: rules make findings of them."""

from dataclasses import dataclass
from enum import StrEnum

from loaderconv_schemas.address_range import AddressRange


class Operation(StrEnum):
    """What a host is asked for, alone on a fresh machine. The values are how a sentence names it."""

    EMPTY_ERASE = "an erase of no block"
    START = "the start of a session"
    ERASE = "an erase of one sector"
    PROGRAM = "programming a page"
    READ = "reading a page"
    VERIFY = "a verify of equal bytes"
    VERIFY_FIRST = "a verify with the first byte changed"
    VERIFY_LAST = "a verify with the last byte changed"
    CHECK_BLANK = "a blank check of an erased sector"
    CHECK_DIRTY = "a blank check of a sector that holds data"


JUDGED_APART = frozenset(
    (
        Operation.EMPTY_ERASE,
        Operation.VERIFY,
        Operation.VERIFY_FIRST,
        Operation.VERIFY_LAST,
        Operation.CHECK_BLANK,
        Operation.CHECK_DIRTY,
    )
)
"""What these answer says nothing about whether a loader works; rules of their own judge it."""


class Ending(StrEnum):
    """How an operation ended."""

    RETURNED = "returned"
    HUNG = "hung"
    FAULTED = "faulted"
    STOPPED_ELSEWHERE = "stopped elsewhere"
    CLOBBERED = "changed registers"
    REFUSED = "the host gave up"


@dataclass(frozen=True)
class Attempt:
    """An operation, and what came of it.

    Attributes:
        operation: what the host was asked for.
        ending: how it ended.
        succeeded: the host's verdict; False where it did not return.
        detail: what the last routine answered, or why it did not return.
        routine: symbol of the routine that did not return as it must; None where all did.
        is_done: the memory holds what it must after a success.
        is_endless: it would never have come back, which a budget that was spent does not say.
        commands: what the memory was told, in order.
    """

    operation: Operation
    ending: Ending
    succeeded: bool
    detail: str
    routine: str | None = None
    is_done: bool = True
    is_endless: bool = False
    commands: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """It returned, succeeded, and did its work."""
        return self.ending is Ending.RETURNED and self.succeeded and self.is_done


@dataclass(frozen=True)
class RamUse:
    """RAM that one operation used.

    Attributes:
        stack_bytes: from the first value of sp down to the lowest byte that changed.
        strays: ranges outside of image, stack and buffer that changed, by the loader's link addresses.
    """

    stack_bytes: int = 0
    strays: tuple[AddressRange, ...] = ()


@dataclass(frozen=True)
class Interrupts:
    """What a loader left of the core's interrupts.

    Attributes:
        is_cortex_m0: the core is one without VTOR.
        vtor: where the loader put the vector table; None where it left the register alone.
        has_systick: the interrupt of SysTick is on.
        has_others: one of the NVIC's is on.
    """

    is_cortex_m0: bool
    vtor: int | None = None
    has_systick: bool = False
    has_others: bool = False


@dataclass(frozen=True)
class SessionStart:
    """What FlashInit of an IAR loader answered, right after its download.

    Attributes:
        result: the word that it left; None where it did not come back.
        is_known: a code of the framework, or one of the loader's own.
        bad_layout: why the layout that it gave is none; None where it gave a good one, or none.
    """

    result: int | None
    is_known: bool = True
    bad_layout: str | None = None


@dataclass(frozen=True)
class MovedRun:
    """How a loader that can lie anywhere behaves elsewhere.

    Attributes:
        operation: in which the difference shows.
        here: what came of it at one place.
        there: what came of it at the other.
        needs_link_address: it works only while a copy of it lies where it was linked.
    """

    operation: Operation
    here: str
    there: str
    needs_link_address: bool


@dataclass(frozen=True)
class DirtyStart:
    """A condition in which a loader met its machine, and did not work.

    Attributes:
        name: of the condition, as on the command line.
        meaning: one clause.
        failure: what went wrong.
    """

    name: str
    meaning: str
    failure: str


@dataclass(frozen=True)
class Observations:
    """Everything that was found out about one loader.

    Attributes:
        unfit: why it was not run, one sentence; None where it was.
        attempts: operations, each alone on a fresh machine.
        ram: what RAM the loader used, over all of them.
        host_stack_bytes: what its host, or the loader itself, leaves for the stack; None where nobody knows.
        erased_beyond: ranges beside the sector to be erased that an erase changed.
        interrupts: what it left of them.
        session_start: of an IAR loader.
        moved: how it differs elsewhere; None where it does not, or cannot be moved.
        again: why it did not work after a second start, or a second round of operations; None where it did.
        dirty: the conditions of its machine in which it did not work.
        stray_access: address of the first access to a device during the erase of no block; None where there was none.
        endless_polls: operations in which it waits for ever for a memory that stays busy, with the place.
    """

    unfit: str | None = None
    attempts: tuple[Attempt, ...] = ()
    ram: RamUse = RamUse()
    host_stack_bytes: int | None = None
    erased_beyond: tuple[AddressRange, ...] = ()
    interrupts: Interrupts | None = None
    session_start: SessionStart | None = None
    moved: MovedRun | None = None
    again: str | None = None
    dirty: tuple[DirtyStart, ...] = ()
    stray_access: int | None = None
    endless_polls: tuple[Attempt, ...] = ()

    @property
    def is_working(self) -> bool:
        """After a reset every operation comes back, and those that change or read the memory do so."""
        return bool(self.attempts) and all(
            each.ending is Ending.RETURNED and (each.is_good or each.operation in JUDGED_APART)
            for each in self.attempts
            if each.operation is not Operation.EMPTY_ERASE
        )

    def attempt(self, operation: Operation) -> Attempt | None:
        """Return what came of an operation; None where it was not tried."""
        return next((each for each in self.attempts if each.operation is operation), None)
