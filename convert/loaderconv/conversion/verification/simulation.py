"""Runs a converted loader under its new host in the emulator, with a stand-in for the source and its hardware."""

from collections.abc import Callable, Iterable
from itertools import chain

from loaderconv.conversion.linking.linked import Linked
from loaderconv.conversion.targets.planned import Planned
from loaderconv.conversion.verification.hollow_source import hollowed, ideal_driver, source_image
from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.memory_map import GRAIN_BYTES
from loaderconv.hosts.budgets import Budgets
from loaderconv.hosts.choice import host_for
from loaderconv.hosts.core import Budget
from loaderconv.hosts.cube_programmer import CubeProgrammerHost, TransferStyle
from loaderconv.hosts.host import Host
from loaderconv.shims.blob import MAX_STACK_BYTES
from loaderconv.simulation.cpu_choice import core_of
from loaderconv.simulation.hard_cases import Bench, Pieces, failure, hard_cases, odd_pieces
from loaderconv.simulation.ideal_flash import IdealFlash
from loaderconv.simulation.ranges import on_grid
from loaderconv.simulation.round_trip import Ability, round_trip
from loaderconv.simulation.stand_in import BREACH_HINT, StandIn
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.errors import RunFailed
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.timeline import TimelineEntry

_NAMES = {
    CpuModel.CORTEX_M0: "Cortex-M0",
    CpuModel.CORTEX_M3: "Cortex-M3",
    CpuModel.CORTEX_M4: "Cortex-M4",
    CpuModel.CORTEX_M7: "Cortex-M7",
    CpuModel.CORTEX_M33: "Cortex-M33",
}

_PIECES = {Flavour.STLDR: Pieces.AS_GIVEN, Flavour.FLM: Pieces.WHOLE_PAGES, Flavour.IAR: Pieces.PADDED}

_ODD_STYLE = TransferStyle(stack_bytes=0x404, buffer_offset_bytes=1, chunk_bytes=333)
"""As CubeProgrammer may be at worst: sp beside a multiple of 8, a buffer and pieces that are aligned to nothing."""

_ONLY_ONCE = "FlashInit"
"""What is called a single time with --init-once."""


_BASE_INSTRUCTIONS = 2_000_000
_INSTRUCTIONS_PER_SECTOR = 1_000
_INSTRUCTIONS_PER_BYTE = 300
"""A sum in software over the few pages that are verified at once takes about a third of it."""


def simulate(planned: Planned, linked: Linked) -> tuple[str, ...]:
    """Return what was simulated, one sentence per way in which the host may work.

    Args:
        planned: what was decided.
        linked: what was made of it.

    Raises:
        RunFailed: an operation of the host did not come to what it must, or called the source in a wrong way.
        UsageProblem: the emulator is not installed, or cannot have the device and the RAM side by side.
    """
    loader = hollowed(planned, linked.loader)
    cpu = core_of(planned.parts.loader.identity)
    bench = bench_for(planned, loader, cpu, TransferStyle())
    where = f"Simulated under {bench.host.name} on {_NAMES[cpu]}"
    told = [_run(where, bench, lambda: chain(round_trip(bench.host, bench.abilities), hard_cases(bench)))]
    if planned.plan.target is Flavour.STLDR:
        odd = bench_for(planned, loader, cpu, _ODD_STYLE)
        told.append(_run(f"{where}, from odd buffers in odd pieces", odd, lambda: odd_pieces(odd)))
    if "SHIM_INIT_ONCE" in planned.parts.flags:
        new = bench_for(planned, loader, cpu, TransferStyle())
        told.append(_run(f"{where}, with a first FlashInit that fails", new, lambda: failure(new, _ONLY_ONCE)))
    return tuple(told)


def _run(where: str, bench: Bench, entries: Callable[[], Iterable[TimelineEntry]]) -> str:
    """Run operations until one goes wrong."""
    operations = 0
    try:
        for entry in entries():
            _check(entry)
            operations += 1
    except RunFailed as problem:
        raise RunFailed(f"{where}, operation {operations + 1}: {problem.message}", hint=BREACH_HINT) from problem
    return f"{where}: {operations} operations, {bench.stand_in.calls} calls of the source, no breach."


def _check(entry: TimelineEntry) -> None:
    if not entry.passed:
        raise RunFailed(
            f"{entry.operation} came to: {entry.observed or 'nothing'} (expected: {entry.expected}).", hint=BREACH_HINT
        )


def bench_for(planned: Planned, loader: Loader, cpu: CpuModel, style: TransferStyle) -> Bench:
    """Return a machine with a converted loader under its host.

    Args:
        planned: the conversion.
        loader: its result, with a hollow source (`hollowed`).
        cpu: the core.
        style: how CubeProgrammer works; others have but one way.
    """
    flash = IdealFlash(planned.parts.device)
    core = UnicornCore(cpu, ram=_ram(planned, loader), peripherals=[flash])
    host = _host(planned, core, loader, style)
    stand_in = StandIn(
        core,
        ideal_driver(planned, core, flash),
        source_image(planned),
        host_stack=host.stack,
        least_stack_bytes=host.stack.size_bytes - MAX_STACK_BYTES,
    )
    return Bench(
        host,
        flash,
        stand_in,
        abilities=_abilities(planned),
        routines=_called(planned),
        pieces=_PIECES[planned.plan.target],
        checksum=host.checksum if isinstance(host, CubeProgrammerHost) and _sums(planned) else None,
    )


def _host(planned: Planned, core: UnicornCore, loader: Loader, style: TransferStyle) -> Host:
    budgets = Budgets(_budget(planned.plan.device))
    return host_for(core, loader, planned.plan.ram, style=style, budgets=budgets)


def _budget(device: Device) -> Budget:
    """Return what no call exceeds that comes to an end at all."""
    sectors = sum(run.count for run in device.sectors)
    return Budget(
        instructions=_BASE_INSTRUCTIONS
        + _INSTRUCTIONS_PER_SECTOR * sectors
        + _INSTRUCTIONS_PER_BYTE * 4 * device.page_size_bytes
    )


def _abilities(planned: Planned) -> tuple[Ability, ...]:
    """Return what the output lets its host do: reading is exported under one name or another, or not at all."""
    exported = {entry.routine for entry in planned.plan.entry_points}
    reads = bool(exported & {Routine.READ, Routine.CHECKSUM, Routine.BLANK_CHECK})
    verifies = reads or Routine.VERIFY in exported
    return (*([Ability.READING] if reads else []), *([Ability.VERIFYING] if verifies else []))


def _sums(planned: Planned) -> bool:
    return any(entry.routine is Routine.CHECKSUM for entry in planned.plan.entry_points)


def _called(planned: Planned) -> list[str]:
    """Return the routines whose failure is tried: what the plan names, and what is called more than once."""
    named = {symbol for entry in planned.plan.entry_points for symbol in entry.carried_by}
    if "SHIM_INIT_ONCE" in planned.parts.flags:
        named.discard(_ONLY_ONCE)
    return [name for name in planned.parts.routines if name in named]


def _ram(planned: Planned, loader: Loader) -> list[AddressRange]:
    """Return all memory that the host or the shim puts something into, on the grid of the emulator."""
    ranges = [planned.plan.ram, *(install.range for install in planned.layout.installs)]
    ranges += [segment.range for segment in loader.image_segments if planned.plan.target is not Flavour.FLM]
    if planned.plan.target is Flavour.IAR and planned.parts.stack is not None:
        ranges.append(planned.parts.stack)
    return on_grid(ranges, GRAIN_BYTES)
