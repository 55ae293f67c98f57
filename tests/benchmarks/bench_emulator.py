"""Our engine against raw Unicorn with `count`, on the same code in the same run; and what a short call costs."""

from typing import Any

import unicorn
from pytest_benchmark.fixture import BenchmarkFixture
from unicorn import arm_const

from loaderconv.hosts.core import Budget, Register
from support.machine_code import CODE, DATA, RETURN, RETURN_TO, call, machine

INSTRUCTIONS = 4_000_000
LOOP = (0x3001, 0x4048, 0x6013, 0x6813, 0xB408, 0xBC08, 0xE7F8)
"""loop: adds r0, #1; eors r0, r1; str r3, [r2]; ldr r3, [r2]; push {r3}; pop {r3}; b loop"""


def test_code_in_our_engine(benchmark: BenchmarkFixture) -> None:
    benchmark.group = "4,000,000 instructions without devices"
    core = machine(*LOOP)

    def run() -> None:
        assert call(core, 0, 1, DATA, budget=Budget(INSTRUCTIONS)).instructions == INSTRUCTIONS

    benchmark.pedantic(run, rounds=7, iterations=1, warmup_rounds=1)


def test_code_in_raw_unicorn(benchmark: BenchmarkFixture) -> None:
    benchmark.group = "4,000,000 instructions without devices"
    uc: Any = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB, cpu=arm_const.UC_CPU_ARM_CORTEX_M4)
    uc.ctl_set_tcg_buffer_size(16 << 20)
    uc.mem_map(0x2000_0000, 0x4000)
    uc.mem_write(CODE, b"".join(halfword.to_bytes(2, "little") for halfword in LOOP))

    def run() -> None:
        uc.reg_write(arm_const.UC_ARM_REG_R2, DATA)
        uc.reg_write(arm_const.UC_ARM_REG_SP, 0x2000_3000)
        uc.emu_start(CODE | 1, 0xFFFF_FFFE, count=INSTRUCTIONS)

    benchmark.pedantic(run, rounds=7, iterations=1, warmup_rounds=1)


def test_short_call(benchmark: BenchmarkFixture) -> None:
    core = machine(0x3001, RETURN)
    budget = Budget(1000)

    def run() -> None:
        core.write_register(Register.LR, RETURN_TO | 1)
        core.write_register(Register.PC, CODE)
        core.run(RETURN_TO, budget)

    benchmark(run)
