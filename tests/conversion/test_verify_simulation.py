"""Simulation passes for whatever is converted, and finds what is wrong with an output."""

import itertools
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from loaderconv.conversion.linking.link import link
from loaderconv.conversion.plan import plan_conversion
from loaderconv.conversion.request import ConversionRequest
from loaderconv.conversion.source import Source, source_of
from loaderconv.conversion.targets.planned import Planned
from loaderconv.conversion.verification.simulation import simulate
from loaderconv_formats.loader_file import read_loader_file
from loaderconv_schemas.device import SectorRun
from loaderconv_schemas.errors import ExitCode, RunFailed
from loaderconv_schemas.loader import Flavour
from support.matrix import IARS, RAM, STLDRS, STRICT, Origin
from support.paths import all_corpus_flms, fixture_flms

HOSTS = {Flavour.STLDR: "STM32CubeProgrammer", Flavour.FLM: "uVision", Flavour.IAR: "C-SPY"}

FLMS = tuple(Origin(path.name) for path in fixture_flms())
NOR_RUNS = (
    SectorRun(offset_bytes=0, sector_size_bytes=0x1000, count=4),
    SectorRun(offset_bytes=0x4000, sector_size_bytes=0x4000, count=3),
)
DYNAMIC = Origin(f"{STRICT}/strict_iar_dynamic.flash", changes=(("geometry", NOR_RUNS), ("page_size_bytes", 256)))
FAR = Origin(f"{STRICT}/strict_iar_far.board")
MOVED = Origin("iar_project/strict_iar_moved.board")
FLM = Origin("strict_flm.FLM")
STLDR = Origin("strict_stldr.stldr")

PAIRS = [
    *itertools.product(FLMS, (Flavour.STLDR, Flavour.IAR)),
    *itertools.product(STLDRS, (Flavour.FLM, Flavour.IAR)),
    *itertools.product((*IARS, DYNAMIC), (Flavour.FLM, Flavour.STLDR)),
]
ONE_OF_EACH = [
    (FLM, Flavour.STLDR),
    (FLM, Flavour.IAR),
    (STLDR, Flavour.FLM),
    (STLDR, Flavour.IAR),
    (MOVED, Flavour.FLM),
    (MOVED, Flavour.STLDR),
]


def named(pairs: list[tuple[Origin, Flavour]]) -> list[object]:
    return [pytest.param(origin, target, id=f"{origin}-to-{target}") for origin, target in pairs]


def planned_of(source: Source, target: Flavour, **changes: object) -> Planned:
    options = {"file_name": "converted", "name": "converted", "given_ram": RAM, **changes}
    return plan_conversion(source, ConversionRequest(target=target, **options))  # type: ignore[arg-type]


def planned_for(origin: Origin, target: Flavour, **changes: object) -> Planned:
    return planned_of(origin.source(), target, **dict(origin.changes), **changes)


def assert_passes(planned: Planned) -> None:
    told = simulate(planned, link(planned))
    assert len(told) == 1 + (planned.plan.target is Flavour.STLDR) + ("SHIM_INIT_ONCE" in planned.parts.flags)
    for sentence in told:
        assert sentence.startswith(f"Simulated under {HOSTS[planned.plan.target]} on Cortex-M")
        assert sentence.endswith(" calls of the source, no breach.")


def failure_of(planned: Planned) -> str:
    with pytest.raises(RunFailed) as failure:
        simulate(planned, link(planned))
    assert failure.value.exit_code is ExitCode.RUN_FAILED
    assert failure.value.hint
    return failure.value.message


@pytest.mark.parametrize(("origin", "target"), named(PAIRS))
def test_every_pair_passes(origin: Origin, target: Flavour) -> None:
    assert_passes(planned_for(origin, target))


@pytest.mark.parametrize(("origin", "target"), named(ONE_OF_EACH))
def test_what_cannot_be_read_passes_without_reading(origin: Origin, target: Flavour) -> None:
    assert_passes(planned_for(origin, target, with_read=False))


@pytest.mark.parametrize("target", [Flavour.FLM, Flavour.STLDR], ids=str)
def test_a_source_that_is_initialised_once_passes(target: Flavour) -> None:
    assert_passes(planned_for(FAR, target, init_once=True))


@pytest.mark.corpus
@pytest.mark.parametrize("target", [Flavour.STLDR, Flavour.IAR], ids=str)
@pytest.mark.parametrize("path", all_corpus_flms())
def test_every_real_flm_passes(path: Path, target: Flavour) -> None:
    assert_passes(planned_of(source_of(read_loader_file(path), path.name), target))


def test_a_large_device_is_simulated_whole() -> None:
    runs = (SectorRun(offset_bytes=0, sector_size_bytes=0x1_0000, count=1024),)
    assert_passes(with_geometry(runs, 256))


def test_a_device_off_the_grid_of_the_emulator_is_simulated() -> None:
    runs = (SectorRun(offset_bytes=0, sector_size_bytes=0x60, count=5),)
    assert_passes(with_geometry(runs, 0x20))


@pytest.mark.parametrize("target", [Flavour.STLDR, Flavour.IAR], ids=str)
def test_pages_that_are_not_made_of_words_pass(target: Flavour) -> None:
    assert_passes(planned_for(FLM, target, page_size_bytes=254))


def with_geometry(runs: tuple[SectorRun, ...], page: int) -> Planned:
    return planned_of(DYNAMIC.source(), Flavour.STLDR, geometry=runs, page_size_bytes=page)


def test_the_core_is_the_one_that_the_source_was_built_for() -> None:
    planned = planned_for(FLM, Flavour.IAR)
    assert " on Cortex-M0:" in simulate(planned, link(planned))[0]


def with_field(planned: Planned, field: str, change: Callable[[int], int], *, index: int = 0) -> Planned:
    """Return a plan whose table was made with another value than it says."""
    return with_word(planned, planned.shim.layout.table[field] + 4 * index, change)


def with_word(planned: Planned, offset: int, change: Callable[[int], int]) -> Planned:
    table = bytearray(planned.table)
    (value,) = struct.unpack_from("<I", table, offset)
    struct.pack_into("<I", table, offset, change(value) % (1 << 32))
    assert bytes(table) != planned.table
    return replace(planned, table=bytes(table))


ROUTINES = [
    pytest.param(origin, target, name, id=f"{name}-of-{origin}-to-{target}")
    for origin, target in ONE_OF_EACH
    for name in planned_for(origin, target).parts.routines
    if (target, name) != (Flavour.IAR, "Verify")  # C-SPY asks for sums, and reads: nothing calls an FLM's Verify
]


@pytest.mark.parametrize(("origin", "target", "name"), ROUTINES)
@pytest.mark.parametrize("wrong", ["absent", "four bytes behind", "another one"])
def test_a_wrong_routine_is_found(origin: Origin, target: Flavour, name: str, wrong: str) -> None:
    planned = planned_for(origin, target)
    routines = planned.parts.routines
    another = next(address for other, address in routines.items() if address != routines[name])
    changes: dict[str, Callable[[int], int]] = {
        "absent": lambda _: 0,
        "four bytes behind": lambda address: address + 4,
        "another one": lambda _: planned.layout.moved(another),
    }
    failure_of(with_field(planned, "routine", changes[wrong], index=planned.shim.layout.routines[name]))


@pytest.mark.parametrize(
    ("origin", "target"),
    named([(FLM, Flavour.STLDR), (FLM, Flavour.IAR), (Origin("strict_stldr_r9.stldr"), Flavour.FLM)]),
)
def test_a_wrong_static_base_is_found(origin: Origin, target: Flavour) -> None:
    planned = with_field(planned_for(origin, target), "static_base", lambda base: base + 4)
    assert "static base" in failure_of(planned)


@pytest.mark.parametrize("target", [Flavour.FLM, Flavour.STLDR], ids=str)
@pytest.mark.parametrize("origin", [MOVED, FAR], ids=str)
def test_a_wrong_address_delta_is_found(origin: Origin, target: Flavour) -> None:
    planned = with_field(planned_for(origin, target), "address_delta", lambda delta: delta + 0x1000)
    failure_of(planned)


@pytest.mark.parametrize(
    ("origin", "field"),
    [
        *((MOVED, field) for field in ("device_base", "device_size", "init_address", "erased_value")),
        *((FLM, field) for field in ("device_base", "page_size", "program_unit", "init_address", "erased_value")),
    ],
    ids=str,
)
def test_a_wrong_fact_of_the_device_is_found(origin: Origin, field: str) -> None:
    failure_of(with_field(planned_for(origin, Flavour.STLDR), field, lambda value: value + (value or 0x1000)))


@pytest.mark.parametrize("field", ["argument_count", "argument_vector", "source_block", "page_buffer", "stack_top"])
def test_a_wrong_fact_of_the_source_is_found(field: str) -> None:
    failure_of(with_field(planned_for(FAR, Flavour.FLM), field, lambda value: value + 64))


@pytest.mark.parametrize(("origin", "target"), named([pair for pair in ONE_OF_EACH if pair[0] != FLM]))
@pytest.mark.parametrize(
    "top", [lambda _: 0, lambda top: top - 8, lambda top: top + 16], ids=["none", "lower", "higher"]
)
def test_a_wrong_stack_is_found(origin: Origin, target: Flavour, top: Callable[[int], int]) -> None:
    message = failure_of(with_field(planned_for(origin, target), "stack_top", top))
    assert "sp is 0x" in message or "write to unmapped" in message


INSTALLING = [(STLDR, Flavour.FLM), (FAR, Flavour.FLM), (FAR, Flavour.STLDR), (STLDR, Flavour.IAR)]


@pytest.mark.parametrize(("origin", "target"), named(INSTALLING))
@pytest.mark.parametrize(
    ("field", "step"), [("from", 4), ("to", 4), ("to", -4), ("copy_size", -4), ("zero_size", None)]
)
def test_a_wrong_installation_is_found(origin: Origin, target: Flavour, field: str, step: int | None) -> None:
    planned = planned_for(origin, target)
    stack = planned.parts.stack
    assert stack is not None
    for number, install in enumerate(planned.layout.installs):
        is_needed = {"from": install.copy_bytes, "copy_size": install.copy_bytes, "zero_size": install.zero_bytes}
        is_stack = stack.start <= install.to + install.copy_bytes and install.range.end <= stack.end
        if not is_needed.get(field, 1) or (is_stack and not install.copy_bytes):
            continue  # nobody misses zeros in a stack
        (start,) = struct.unpack_from("<I", planned.table, planned.shim.layout.table["install_list"])
        entry = start + number * 4 * len(planned.shim.layout.install_range)
        failure_of(
            with_word(
                planned, entry + planned.shim.layout.install_range[field], lambda value: value + step if step else 0
            )
        )


def test_a_wrong_sector_is_found() -> None:
    planned = planned_for(STLDR, Flavour.FLM)
    run = planned.shim.layout.table["run"]
    failure_of(with_word(planned, run + planned.shim.layout.run["sector_size"], lambda size: size * 2))
    failure_of(with_word(planned, run + planned.shim.layout.run["end_offset"], lambda end: end - 0x1000))


@pytest.mark.parametrize(("origin", "target"), named(ONE_OF_EACH))
def test_a_shim_that_takes_any_phase_for_the_right_one_is_found(origin: Origin, target: Flavour) -> None:
    """Wherever a shim looks for the phase, it sees that of reading; one place asks only whether there is any."""
    planned = planned_for(origin, target)
    offsets = list(loads_of_phase(planned))
    assert offsets
    missed = [offset for offset in offsets if passes(with_instruction(planned, offset))]
    assert len(missed) <= 1, f"of {offsets} {missed}"


def loads_of_phase(planned: Planned) -> Iterator[int]:
    """Yield where the shim has LDR Rt, [r7, #phase], which is how all code of a shim reaches the table."""
    phase = planned.shim.layout.table["phase"]
    assert phase <= 124, "out of the reach of the 16-bit LDR"
    for offset in range(0, len(planned.shim.code), 2):
        (instruction,) = struct.unpack_from("<H", planned.shim.code, offset)
        if instruction & 0xFFF8 == 0x6800 | phase // 4 << 6 | 7 << 3:
            yield offset


def with_instruction(planned: Planned, offset: int) -> Planned:
    """Replace a load by MOVS Rt, #3."""
    code = bytearray(planned.shim.code)
    code[offset : offset + 2] = bytes((3, 0x20 | code[offset] & 7))
    return replace(planned, shim=replace(planned.shim, code=bytes(code)))


def passes(planned: Planned) -> bool:
    try:
        simulate(planned, link(planned))
    except RunFailed:
        return False
    return True
