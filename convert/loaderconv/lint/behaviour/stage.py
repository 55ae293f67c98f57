"""Fresh machines for one loader, with more stack than its host gives, so that depth is measured and harms nothing."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from loaderconv.emulator.access import Access
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.flash_memory import FlashMemory
from loaderconv.emulator.machines.machine import MachineKind, Need
from loaderconv.emulator.machines.registry import choose_machine
from loaderconv.emulator.memory_map import GRAIN_BYTES
from loaderconv.emulator.start_condition import StartCondition
from loaderconv.hosts.core import Budget
from loaderconv.hosts.cube_programmer import TransferStyle
from loaderconv.lint.behaviour.job import ObservationJob
from loaderconv.lint.behaviour.repetition import RepetitionWatch
from loaderconv.simulation.desk import Desk
from loaderconv.simulation.ranges import without
from loaderconv.simulation.rig import Rig, Wish, need_of, rig_on
from loaderconv.simulation.simulate import desk_of
from loaderconv.simulation.subject import Subject
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.errors import RunFailed
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.memory import PlacementKind

STACKS_BYTES = (0x4000, 0x2000, 0x1000, 0x800, 0x400)
"""From the deepest that is tried to what STM32CubeProgrammer gives; the first for which there is room is taken."""

FLM_STACK_BYTES = 512
"""What pyOCD and probe-rs leave at least by default (docs/formats/flm.md, How hosts drive it)."""

BUDGET = Budget(instructions=20_000_000)
"""For a call that is expected to end."""

_SRAM_START = 0x2000_0000
"""Where a relocatable IAR loader is put: every machine has RAM there."""


@dataclass(frozen=True)
class Scene:
    """One fresh machine.

    Attributes:
        rig: the loader on it.
        desk: where operations are carried out.
        memory: what it erases and programs.
    """

    rig: Rig
    desk: Desk
    memory: FlashMemory


@dataclass(frozen=True)
class Stage:
    """Makes machines for one loader.

    Attributes:
        subject: the loader; that of C-SPY with a stack elsewhere.
        kind: of the machine.
        need: what decided on it.
        wish: how the loader is run.
        owned: memory that its file says is its own, at link addresses.
        host_stack_bytes: what host or loader leaves for the stack; None where nobody knows.
    """

    subject: Subject
    kind: MachineKind
    need: Need
    wish: Wish
    owned: tuple[AddressRange, ...]
    host_stack_bytes: int | None

    @property
    def flavour(self) -> Flavour:
        """That of the loader."""
        return self.subject.loader.flavour

    @property
    def starts(self) -> list[StartCondition]:
        """The conditions in which the machine can be, beside a reset and the end of another session."""
        return [each for each in StartCondition if each in self.kind.starts]

    def has(self, routine: Routine) -> bool:
        """Tell whether the loader has a routine."""
        return self.subject.loader.entry_point(routine) is not None

    def scene(
        self,
        *,
        start: StartCondition = StartCondition.AFTER_RESET,
        budget: Budget = BUDGET,
        ram: AddressRange | None = None,
        patience_accesses: int | None = None,
        on_access: Callable[[Access], None] | None = None,
    ) -> Scene:
        """Return a fresh machine with the loader downloaded.

        Args:
            start: the condition in which it is.
            budget: how long one call may take.
            ram: for the host; None for what follows from the loader.
            patience_accesses: how often a call may poll a device while it counts that; None: as the budget has it.
            on_access: called for each access of the loader to a device.

        Raises:
            RunFailed: nothing models its memory.
        """
        wish = replace(self.wish, start=start, budget=budget, ram=ram)
        repetition = RepetitionWatch(patience_accesses)

        def told(access: Access) -> None:
            repetition(access)
            if on_access is not None:
                on_access(access)

        listener = repetition if on_access is None else told  # it is called a few thousand times
        rig = rig_on(self.kind, self.subject, replace(self.need, start=start), wish, listener)
        repetition.watch(rig)
        return scene_of(rig)


def scene_of(rig: Rig) -> Scene:
    """Return a machine with its desk. Raises RunFailed where nothing models its memory."""
    if rig.machine.memory is None:
        raise RunFailed(f"Nothing models the memory of {rig.machine.title}.", hint="Take another machine.")
    return Scene(rig, desk_of(rig), rig.machine.memory)


def build_stage(job: ObservationJob) -> Stage:
    """Choose the machine for a loader.

    Raises:
        UsageProblem: there is no machine of that name, or the emulator is missing.
        RunFailed: no machine is known for such a loader, or it does not fit into RAM.
        ConversionRefused: nothing describes its memory.
    """
    subject = _placed(job.subject)
    cpu = None if job.facts.cpu is None else CpuModel(job.facts.cpu)
    wish = Wish(machine=job.facts.machine, cpu=cpu, budget=BUDGET)
    need = need_of(subject, wish)
    kind = choose_machine(need, wish.machine)
    stage = Stage(subject, kind, need, wish, job.owned, _stack_left(subject.loader))
    if stage.flavour is Flavour.IAR:
        return replace(stage, subject=replace(subject, loader=_with_another_stack(stage)))
    return _with_most_stack(stage) if stage.flavour is Flavour.STLDR else _proven(stage)


def _placed(subject: Subject) -> Subject:
    """Return a relocatable loader with a place, since only a `.board` file names one."""
    if subject.loader.placement.kind is not PlacementKind.RELOCATABLE_IAR or subject.facts.loader_offset is not None:
        return subject
    return replace(subject, facts=subject.facts.model_copy(update={"loader_offset": _SRAM_START}))


def _stack_left(loader: Loader) -> int | None:
    match loader.flavour:
        case Flavour.STLDR:
            return STACKS_BYTES[-1]
        case Flavour.FLM:
            return FLM_STACK_BYTES
        case Flavour.IAR:
            stack = None if loader.iar_interface is None else loader.iar_interface.stack
            return None if stack is None else stack.size_bytes


def _with_most_stack(stage: Stage) -> Stage:
    """Return the stage with the largest stack for which there is room beside the image and a page."""
    for size in STACKS_BYTES[:-1]:
        tried = replace(stage, wish=replace(stage.wish, style=TransferStyle(stack_bytes=size)))
        with suppress(RunFailed):
            host = tried.scene().rig.host
            if host.buffer.size_bytes >= host.device.page_size_bytes:
                return tried
    return _proven(stage)


def _proven(stage: Stage) -> Stage:
    """Return the stage. Raises where no machine can be made."""
    stage.scene()
    return stage


def _with_another_stack(stage: Stage) -> Loader:
    """Return an IAR loader whose stack is a large free piece of RAM; as it is where there is none, or it sets sp."""
    rig = stage.scene().rig
    loader = stage.subject.loader
    interface = loader.iar_interface
    if interface is None or interface.stack_pointer is None or stage.has(Routine.PRE_INIT):
        return loader
    taken = [*rig.image, rig.host.buffer, rig.host.stack, *stage.owned]
    for ram in rig.machine.ram:
        for part in without(ram, taken):
            top = part.end & -GRAIN_BYTES
            if top - part.start >= STACKS_BYTES[0]:
                stack = AddressRange(start=top - STACKS_BYTES[0], size_bytes=STACKS_BYTES[0])
                moved = interface.model_copy(update={"stack": stack, "stack_pointer": top})
                return loader.model_copy(update={"iar_interface": moved})
    return loader
