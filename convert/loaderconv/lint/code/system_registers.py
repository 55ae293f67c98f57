"""Registers of the core that loaders have reasons to leave alone, or to write first (Armv7-M, B3.2)."""

from loaderconv.lint.code.reached import ReachedCode

VTOR = range(0xE000_ED08, 0xE000_ED0C)
CPACR = range(0xE000_ED88, 0xE000_ED8C)
NVIC_ENABLE = range(0xE000_E100, 0xE000_E140)


def stores_to(code: ReachedCode, register: range) -> list[int]:
    """Return where code writes a register, from the lowest address up."""
    return sorted({store.address for store in code.system_stores if store.target in register})
