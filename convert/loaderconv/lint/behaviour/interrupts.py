"""What a loader left of the core's interrupts, as a debugger reads it afterwards."""

from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.lint.behaviour.observations import Interrupts
from loaderconv.simulation.rig import Rig

# ARMv7-M Architecture Reference Manual, B3.2.5, B3.3.3 and B3.4.4; ARMv6-M, B3.2.3: the Cortex-M0 has no VTOR.
VTOR = 0xE000_ED08
SYSTICK_CTRL = 0xE000_E010
NVIC_ENABLE = 0xE000_E100
NVIC_ENABLE_WORDS = 8

_ENABLE_AND_INTERRUPT = 0b11


def interrupts_of(rig: Rig) -> Interrupts:
    """Return what stands in the registers now."""
    vtor = _word(rig, VTOR)
    return Interrupts(
        is_cortex_m0=rig.machine.cpu is CpuModel.CORTEX_M0,
        vtor=vtor or None,
        has_systick=_word(rig, SYSTICK_CTRL) & _ENABLE_AND_INTERRUPT == _ENABLE_AND_INTERRUPT,
        has_others=any(_word(rig, NVIC_ENABLE + 4 * number) for number in range(NVIC_ENABLE_WORDS)),
    )


def joined(first: Interrupts | None, second: Interrupts) -> Interrupts:
    """Return what either of two runs left."""
    if first is None:
        return second
    return Interrupts(
        first.is_cortex_m0,
        first.vtor or second.vtor,
        first.has_systick or second.has_systick,
        first.has_others or second.has_others,
    )


def _word(rig: Rig, address: int) -> int:
    return int.from_bytes(rig.core.read_memory(address, 4), "little")
