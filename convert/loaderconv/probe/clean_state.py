"""Makes a halted core as a reset leaves it, as far as a loader would notice.

An application that was stopped leaves its own state behind: execute-never RAM in the MPU, stack limits, unprivileged
threads, masked interrupts, a running SysTick. What pyOCD's own flash programming trips over: pyocd/pyOCD issue 2023.
Registers: Armv7-M Architecture Reference Manual, B3; Armv8-M, D1.2.
"""

from pyocd.core.target import Target
from pyocd.coresight.cortex_m import CortexM
from pyocd.coresight.cortex_m_v8m import CortexM_v8M

XPSR_THUMB = 1 << 24

SYSTICK_CTRL = 0xE000_E010
SYSTICK_VAL = 0xE000_E018
NVIC_CLEAR_ENABLE = 0xE000_E180
NVIC_CLEAR_PENDING = 0xE000_E280
INTERRUPT_CONTROL = 0xE000_ED04
CACHE_CONTROL = 0xE000_ED14
MPU_TYPE = 0xE000_ED90
MPU_CTRL = 0xE000_ED94

PENDSTCLR = 1 << 25
PENDSVCLR = 1 << 27
CCR_DC = 1 << 16
ALL = 0xFFFF_FFFF

NVIC_WORDS = {6: 1, 7: 8, 8: 16}
"""How many words of 32 interrupts each architecture has at most."""

ARMV6M = 6

_STACK_LIMITS = ("msplim_s", "psplim_s", "msplim_ns", "psplim_ns")


def clean_core(core: CortexM) -> tuple[str, ...]:
    """Clean a halted core, and have it halt at faults.

    Returns:
        What could not be put right, in sentences for the user.
    """
    registers = {"control": 0, "primask": 0, "xpsr": XPSR_THUMB}
    version = core.architecture_version[0]
    if version > ARMV6M:
        registers |= {"basepri": 0, "faultmask": 0}
    if isinstance(core, CortexM_v8M):
        limits = [name for name in _STACK_LIMITS if name in core.core_registers.by_name]
        registers |= dict.fromkeys(limits, 0)
    core.write_core_registers_raw(list(registers), list(registers.values()))
    if core.read32(MPU_TYPE):
        core.write32(MPU_CTRL, 0)
    core.write32(SYSTICK_CTRL, 0)
    core.write32(SYSTICK_VAL, 0)
    every_interrupt = [ALL] * NVIC_WORDS.get(version, 1)
    core.write_memory_block32(NVIC_CLEAR_ENABLE, every_interrupt)
    core.write_memory_block32(NVIC_CLEAR_PENDING, every_interrupt)
    core.write32(INTERRUPT_CONTROL, PENDSTCLR | PENDSVCLR)
    core.set_vector_catch(Target.VectorCatch.ALL & ~Target.VectorCatch.CORE_RESET)
    if version > ARMV6M and core.read32(CACHE_CONTROL) & CCR_DC:
        return ("The data cache is on although the target was reset: what is read back may be stale.",)
    return ()
