"""Which STM32 family a loader was built for, judged by where it is loaded and what it addresses."""

from collections.abc import Callable

from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.machines.machine import Need
from loaderconv.emulator.machines.stm32_board import SECURE_OFFSET
from loaderconv.emulator.machines.stm32_families import FAMILIES, Family

RUNS_ON_ALL = CpuModel.CORTEX_M0
"""The others execute its instructions too (ARMv7-M and ARMv8-M manuals)."""

REGISTER_BLOCK_BYTES = 0x200
TELLING_WEIGHT = 3
CLOCKS_WEIGHT = 8
CONTROLLER_WEIGHT = 2


class _Weighed:
    """Remembers what was weighed for one loader: every machine of every family asks for all of them."""

    def __init__(self) -> None:
        self._need: Need | None = None
        self._by_family: dict[str, int] = {}

    def __call__(self, family: Family, need: Need) -> int:
        """Return how much speaks for a family, 0 where the loader could not run on it."""
        if need is not self._need:
            self._need, self._by_family = need, {}
        if family.name not in self._by_family:
            self._by_family[family.name] = _weighed(family, need)
        return self._by_family[family.name]


evidence = _Weighed()
"""How much speaks for a family, 0 where a loader could not run on it."""


def fits_best(family: Family, is_connected: Callable[[Family, Need], bool], need: Need) -> bool:
    """Tell whether more speaks for a family than for any other, and it has the connection that the loader uses."""
    best = max(FAMILIES, key=lambda each: evidence(each, need))
    return best is family and evidence(family, need) > 0 and is_connected(family, need)


def _weighed(family: Family, need: Need) -> int:
    """Weigh the same.

    The image has to lie in its RAM, and the core has to be one of its or one whose code runs on all; then each address
    of its peripherals that the image holds counts, that of clock control most of all, those that only this family has
    and those of memory controllers more than others.
    """
    if need.cpu not in family.cpus and need.cpu is not RUNS_ON_ALL:
        return 0
    if not all(any(ram.overlaps(image) for ram in family.ram) for image in need.image):
        return 0
    constants = plain_constants(family, need)
    ports = {family.port_base(name[-1]) for name in family.clocks.gates if name.startswith("GPIO")}
    plain = ports | {family.clocks.pwr_base, family.flash_registers}
    rcc = range(family.clocks.rcc_base, family.clocks.rcc_base + REGISTER_BLOCK_BYTES)
    return (
        1
        + (need.is_cpu_known and need.cpu is family.cpus[0])
        + TELLING_WEIGHT * len(constants & family.telling)
        + CLOCKS_WEIGHT * any(each in rcc for each in constants)
        + CONTROLLER_WEIGHT * len(constants & set(family.controllers.values()))
        + len(constants & plain)
    )


def plain_constants(family: Family, need: Need) -> frozenset[int]:
    """Return a loader's constants, with the secure aliases of a family taken for what they stand for."""
    if not family.has_trust_zone:
        return need.constants
    secure = {each - SECURE_OFFSET for each in need.constants if 0x5000_0000 <= each < 0x6000_0000}
    return need.constants | secure
