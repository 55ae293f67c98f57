"""Runs random Thumb programs on all cores: `python tests/fuzz/random_programs.py --programs 10000`.

Unicorn is C code fed by untrusted bytes. Whatever it is fed, each run must end with a reason, no child process may die
or hang, and a process that runs thousands must not grow. Exit code 1: a batch failed; its seed is told.
"""

import argparse
import random
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from loaderconv.emulator.contained import run_contained
from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.peripheral import Window
from loaderconv.hosts.core import ARGUMENT_REGISTERS, Budget, Register, StopReason
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import LoaderConvError

BATCH = 250
BUDGET = Budget(instructions=2_000)
WALL_CLOCK_S = 60
MAX_GROWTH_KIB = 64 * 1024
"""From the end of a child's first quarter to its end; translated code takes up to 16 MiB of it."""

RAM = AddressRange(start=0x2000_0000, size_bytes=0x2000)
CODE = RAM.start + 0x400
RETURN_TO = RAM.start
DEVICE = 0x4000_0000
POINTERS = (
    DEVICE,
    0xE000_E010,
    0xE000_E014,
    0xE000_ED08,
    0xE000_EDF0,
    0xE000_1004,
    RAM.start + 0x1000,
    CODE,
    0,
    0x7000_0000,
)

TEMPLATES: tuple[tuple[int, ...], ...] = (
    (0x6808,),  # ldr r0, [r1]
    (0x6008,),  # str r0, [r1]
    (0x8008,),  # strh r0, [r1]
    (0x7808,),  # ldrb r0, [r1]
    (0xC90C,),  # ldm r1!, {r2, r3}
    (0xC10C,),  # stm r1!, {r2, r3}
    (0xB510,),  # push {r4, lr}
    (0xBD10,),  # pop {r4, pc}
    (0x3801, 0xD1FD),  # subs r0, #1; bne .-2
    (0x4280, 0xBF08, 0x3001),  # cmp r0, r0; it eq; addeq r0, #1
    (0xBF18, 0xDE00),  # it ne; udfne
    (0xBF20,),  # wfe
    (0xBF30,),  # wfi
    (0xBF10,),  # yield
    (0xDF00,),  # svc
    (0xBE00,),  # bkpt
    (0x4770,),  # bx lr
    (0x4788,),  # blx r1
    (0xE7FC,),  # b .-4
    (0xF3BF, 0x8F6F),  # isb
    (0xF3AF, 0x8002),  # wfe.w
    (0xB672,),  # cpsid i
    (0xB662,),  # cpsie i
    (0x4679, 0x8008, 0xBF00),  # mov r1, pc; strh r0, [r1]: changes what follows
    (0x2003, 0x6008, 0x6048),  # movs r0, #3; str r0, [r1]; str r0, [r1, #4]: SysTick, where r1 points there
    (0xEE30, 0x0A00),  # vadd.f32 s0, s0, s0
    (0xF380, 0x8808),  # msr msp, r0
    (0xE8D0, 0xF001),  # tbb [r0, r1]
)


@dataclass
class _Device:
    """Registers that hold what was written."""

    def __post_init__(self) -> None:
        self.violations: list[str] = []
        self._words: dict[int, int] = {}

    def windows(self) -> tuple[Window, ...]:
        return (Window("device", AddressRange(start=DEVICE, size_bytes=0x400), self._read, self._write),)

    def _read(self, offset: int, size_bytes: int) -> int:
        return self._words.get(offset, 0) & ((1 << 8 * size_bytes) - 1)

    def _write(self, offset: int, _size_bytes: int, value: int) -> None:
        self._words[offset] = value


def program(rng: random.Random) -> bytes:
    """Return some 60 halfwords: templates, arithmetic, branches and noise."""
    halfwords: list[int] = []
    while len(halfwords) < 60:
        kind = rng.random()
        if kind < 0.45:
            halfwords += rng.choice(TEMPLATES)
        elif kind < 0.75:
            halfwords.append(rng.randrange(0x0000, 0xB000))
        elif kind < 0.85:
            halfwords.append(0xD000 | rng.randrange(14) << 8 | rng.randrange(256))
        else:
            halfwords.append(rng.randrange(0x1_0000))
    return b"".join(halfword.to_bytes(2, "little") for halfword in halfwords)


def run_batch(seed: int, count: int) -> dict[str, int]:
    """Run programs one after another, and return how often each reason ended one.

    Raises:
        AssertionError: a run ended without a reason, or the process has grown.
    """
    rng = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    reasons: dict[str, int] = {}
    settled_kib = 0
    for number in range(count):
        core = UnicornCore(rng.choice(tuple(CpuModel)), ram=[RAM], peripherals=[_Device()])
        core.write_memory(RETURN_TO, b"\x00\xbe\xfd\xe7")
        for _ in range(2):  # the second program meets the translations of the first
            core.write_memory(CODE, program(rng))
            for register in ARGUMENT_REGISTERS:
                core.write_register(register, rng.choice(POINTERS))
            core.write_register(Register.SP, RAM.end)
            core.write_register(Register.LR, RETURN_TO | 1)
            core.write_register(Register.PC, CODE)
            stop = core.run(RETURN_TO, BUDGET)
            assert stop.reason in StopReason
            assert stop.detail or stop.reason in (StopReason.STOP_ADDRESS, StopReason.BREAKPOINT_INSTRUCTION)
            reasons[stop.reason] = reasons.get(stop.reason, 0) + 1
        if number == count // 4:
            settled_kib = _peak_kib()
    grown_kib = _peak_kib() - settled_kib
    assert grown_kib < MAX_GROWTH_KIB, f"the process has grown by {grown_kib} KiB"
    return reasons


def _peak_kib() -> int:
    if sys.platform == "win32":
        return 0
    import resource  # noqa: PLC0415 - not on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def run_contained_batch(seed: int, count: int = BATCH) -> dict[str, int]:
    """Run a batch in a process of its own."""
    return run_contained(run_batch, seed, count, wall_clock_s=WALL_CLOCK_S)


def main() -> int:
    """Run all batches, two at a time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    seeds = range(arguments.seed, arguments.seed + -(-arguments.programs // (2 * BATCH)))
    totals: dict[str, int] = {}
    with ThreadPoolExecutor(2) as pool:
        batches = {seed: pool.submit(run_contained_batch, seed) for seed in seeds}
        for seed, batch in batches.items():
            try:
                for reason, count in batch.result().items():
                    totals[reason] = totals.get(reason, 0) + count
            except (LoaderConvError, RuntimeError) as problem:
                print(f"random programs, seed {seed}: {problem}")
                return 1
    told = ", ".join(f"{reason} {count}" for reason, count in sorted(totals.items()))
    print(f"{sum(totals.values())} random programs on {len(CpuModel)} cores: {told}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
