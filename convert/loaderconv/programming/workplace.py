"""A loader on a target: where in its RAM it lies, its host, and guards around both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from loaderconv.hosts.choice import host_for
from loaderconv.hosts.core import Core
from loaderconv.hosts.cube_programmer import TransferStyle
from loaderconv.hosts.host import Host
from loaderconv.programming.guards import GuardedCore
from loaderconv.programming.operations import SECTORS_AT_A_TIME
from loaderconv.programming.timeouts import budgets_for
from loaderconv.simulation.footprint import UNCOUNTED_DATA_BYTES
from loaderconv.simulation.ranges import without
from loaderconv.simulation.subject import Subject
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange
from loaderconv_schemas.errors import RunFailed
from loaderconv_schemas.loader import Flavour
from loaderconv_schemas.memory import PlacementKind

LEAST_STACK_BYTES = 0x400
"""What STM32CubeProgrammer gives (docs/formats/stldr.md)."""

_SECTORS_PER_CALL = {Flavour.FLM: 1, Flavour.STLDR: SECTORS_AT_A_TIME, Flavour.IAR: None}

_ROOM_FOR_RETURN_BYTES = 0x40
_FIRST_SRAM = 0x2000_0000


@dataclass(frozen=True)
class Workplace:
    """A loader ready to be driven.

    Attributes:
        subject: the loader.
        host: which drives it.
        core: of the target, guarded.
        ram: what the host was given.
        download: downloads the loader to the same place once more, as the next session of a tool does, and returns its
            host; nothing is reset.
    """

    subject: Subject
    host: Host
    core: GuardedCore
    ram: AddressRange
    download: Callable[[], Host]

    def finish(self) -> None:
        """Do what the host does in the end, and look at the loader's code once more.

        Raises:
            RunFailed: the loader reports an error at its end, or wrote over its code.
        """
        left = self.host.end()
        if not left.succeeded:
            raise RunFailed(f"The loader did not end well: {left.detail}.", hint="Read back what was programmed.")
        self.core.check_code()


def open_loader(
    core: Core, subject: Subject, rams: Sequence[AddressRange], title: str, reset: Callable[[], None]
) -> Workplace:
    """Download a loader.

    Args:
        core: of the target, halted.
        subject: the loader.
        rams: RAM of the target that is free.
        title: of the target, for a person.
        reset: resets the target; C-SPY does so before each download.

    Raises:
        RunFailed: the loader does not fit into the RAM, or the target fails.
        ConversionRefused: nothing describes the loader's memory.
    """
    loader = subject.loader
    ram = _ram_for(subject, rams, title)
    guarded = GuardedCore(core)
    style = TransferStyle(buffers=1 if loader.flavour is Flavour.IAR else 2)
    budgets = budgets_for(loader.described_device, sectors_per_call=_SECTORS_PER_CALL[loader.flavour])

    def reset_and_paint() -> None:
        reset()
        guarded.paint_stack()

    def download() -> Host:
        return host_for(guarded, loader, ram, facts=subject.facts, style=style, reset=reset_and_paint, budgets=budgets)

    host = download()
    guarded.guard_code(loader, host.moved_by)
    guarded.guard_stack(_guarded_stack(host, loader.flavour))
    return Workplace(subject, host, guarded, ram, download)


def _guarded_stack(host: Host, flavour: Flavour) -> AddressRange:
    """Return the stack down to where a canary is due.

    STM32CubeProgrammer puts the stack right behind the image, and ST's own MT25QL512A loader has 112 bytes of data
    there that its file does not count.
    """
    stack = host.stack
    spared = min(UNCOUNTED_DATA_BYTES, stack.size_bytes) if flavour is Flavour.STLDR else 0
    return AddressRange(start=stack.start + spared, size_bytes=stack.size_bytes - spared)


def _ram_for(subject: Subject, rams: Sequence[AddressRange], title: str) -> AddressRange:
    """Return RAM for the host: that in which the loader lies, or the largest for one that runs anywhere."""
    loader = subject.loader
    taken = subject.taken
    if loader.placement.kind is not PlacementKind.POSITION_INDEPENDENT:
        outside = next((each for each in taken if not any(_holds(ram, each) for ram in rams)), None)
        if outside is not None:
            raise RunFailed(
                f"The loader has to lie at {outside}, where {title} has no RAM that is free ({_listed(rams)}).",
                hint="Is it the loader of this chip? Name the RAM with --ram BASE:SIZE or --chip NAME.",
            )
        return next(ram for ram in rams if _code_of(subject) in ram)
    device = loader.described_device
    need = loader.ram.image_bytes + max(loader.ram.page_buffer_bytes, device.page_size_bytes)
    need += LEAST_STACK_BYTES + _ROOM_FOR_RETURN_BYTES + 2 * loader.placement.alignment_bytes
    free = [part for ram in rams for part in without(ram, taken)]
    # Below the first SRAM may be memory that executes nothing, as the F4's CCM.
    usual = [part for part in free if part.start >= _FIRST_SRAM and part.size_bytes >= need] or free
    largest = max(usual, key=lambda part: part.size_bytes, default=AddressRange(start=0, size_bytes=0))
    if largest.size_bytes < need:
        raise RunFailed(
            f"The loader needs {need} bytes of RAM with its page and stack; the largest free part of {title} has "
            f"{largest.size_bytes} ({_listed(rams)}).",
            hint="Name more RAM of the chip with --ram BASE:SIZE or --chip NAME.",
        )
    return largest


def _code_of(subject: Subject) -> int:
    """Return the lowest address of code in memory; the host works in the RAM that holds it."""
    shift = subject.facts.loader_offset or 0
    segments = subject.loader.image_segments
    lowest = min((each.address for each in segments if each.executable), default=segments[0].address if segments else 0)
    return (lowest + shift) % ADDRESS_SPACE_BYTES


def _holds(ram: AddressRange, part: AddressRange) -> bool:
    return ram.start <= part.start and part.end <= ram.end


def _listed(rams: Sequence[AddressRange]) -> str:
    return ", ".join(str(ram) for ram in rams) or "none is known"
