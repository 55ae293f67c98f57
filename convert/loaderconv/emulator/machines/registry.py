"""The list of machines, and the choice of one."""

import difflib

from loaderconv.emulator.machines.generic import GENERIC
from loaderconv.emulator.machines.machine import MachineKind, Need
from loaderconv.emulator.machines.nordic import NORDIC
from loaderconv.emulator.machines.stm32_external import STM32_EXTERNAL
from loaderconv.emulator.machines.stm32_i2c import STM32_I2C
from loaderconv.emulator.machines.stm32_internal import STM32_INTERNAL
from loaderconv.emulator.machines.stm32_parallel import STM32_PARALLEL
from loaderconv.emulator.machines.strict_nor import STRICT_NOR
from loaderconv_schemas.errors import UsageProblem

MACHINES: tuple[MachineKind, ...] = (
    NORDIC,
    STM32_INTERNAL,
    *STM32_PARALLEL,
    *STM32_I2C,
    *STM32_EXTERNAL,
    STRICT_NOR,
    GENERIC,
)
"""In order of choice: the first that fits is taken. The last fits everything."""


def choose_machine(need: Need, name: str | None = None) -> MachineKind:
    """Return the machine for a loader.

    Args:
        need: what of the loader decides.
        name: the machine that the user wants, whether or not it seems to fit; None: the first that fits.

    Raises:
        UsageProblem: there is no machine of that name.
    """
    if name is not None:
        return machine_named(name)
    return next(kind for kind in MACHINES if kind.fits(need))


def machine_named(name: str) -> MachineKind:
    """Return the machine of a name.

    Raises:
        UsageProblem: there is none.
    """
    for kind in MACHINES:
        if kind.name == name:
            return kind
    near = difflib.get_close_matches(name, [kind.name for kind in MACHINES], n=3, cutoff=0.5)
    meant = f"Did you mean {' or '.join(near)}? " if near else ""
    raise UsageProblem(
        f"There is no machine named {name}.", hint=f"{meant}loaderconv simulate --machine list prints all of them."
    )
