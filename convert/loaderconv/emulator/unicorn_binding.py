"""The one place that imports Unicorn, and as much of its untyped interface as is used here."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, Protocol, cast

from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.stop_details import READ_UNMAPPED, WRITE_UNMAPPED
from loaderconv.hosts.core import Register
from loaderconv_schemas.errors import UsageProblem

TRANSLATION_BUFFER_BYTES = 16 << 20
"""Unicorn's default reserves 1 GiB of address space per instance and ends the process where that is refused."""

MmioRead = Callable[[object, int, int, object], int]
MmioWrite = Callable[[object, int, int, int, object], None]


class Uc(Protocol):
    """The methods of `unicorn.Uc` that are used."""

    def mem_map(self, address: int, size: int) -> None:
        """Map RAM."""

    def mmio_map(
        self, address: int, size: int, read_cb: MmioRead, read_ud: None, write_cb: MmioWrite, write_ud: None
    ) -> None:
        """Map a window."""

    def mem_read(self, address: int, size: int) -> bytearray:
        """Read RAM."""

    def mem_write(self, address: int, data: bytes) -> None:
        """Write RAM."""

    def reg_read(self, reg_id: int) -> int:
        """Read a register."""

    def reg_write(self, reg_id: int, value: int) -> None:
        """Write a register."""

    def hook_add(
        self, htype: int, callback: Callable[..., object], user_data: None = None, begin: int = 1, end: int = 0
    ) -> int:
        """Add a hook, for the whole address space where `end` is below `begin`."""

    def hook_del(self, h: int) -> None:
        """Remove a hook."""

    def emu_start(self, begin: int, until: int, *, count: int) -> None:
        """Run."""

    def emu_stop(self) -> None:
        """End the run from inside a hook."""

    def ctl_remove_cache(self, lbound: int, ubound: int) -> None:
        """Forget translated code."""

    def ctl_flush_tb(self) -> None:
        """Forget all translated code."""

    def context_save(self) -> object:
        """Return all registers."""

    def context_restore(self, context: object) -> None:
        """Set all registers."""


def require_unicorn() -> None:
    """Raise UsageProblem where Unicorn is not installed."""
    try:
        import_module("unicorn")
    except ImportError as error:
        raise UsageProblem(
            "The emulator needs the Python package unicorn, which is not installed.",
            hint='Install it with pip install "loaderconv[emulator]".',
        ) from error


def create(cpu: CpuModel) -> Uc:
    """Return a new core without memory.

    The mode is plain Thumb: UC_MODE_MCLASS replaces whatever model was asked for by a Cortex-M33.
    """
    unicorn = _unicorn()
    uc = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB, cpu=cpu.unicorn_constant())
    uc.ctl_set_tcg_buffer_size(TRANSLATION_BUFFER_BYTES)
    return cast("Uc", uc)


def error_type() -> type[Exception]:
    """Return `unicorn.UcError`."""
    return cast("type[Exception]", _unicorn().UcError)


def hook_number(name: str) -> int:
    """Return the number of a kind of hook, by its name behind `UC_HOOK_`."""
    return int(getattr(_unicorn(), f"UC_HOOK_{name}"))


def register_number(name: str) -> int:
    """Return the number of a register, by its name behind `UC_ARM_REG_`."""
    return int(getattr(import_module("unicorn.arm_const"), f"UC_ARM_REG_{name}"))


def register_numbers() -> dict[Register, int]:
    """Return the numbers of the registers that hosts know."""
    return {register: register_number(register.upper()) for register in Register}


def access_verbs() -> dict[int, str]:
    """Return words for Unicorn's kinds of failed data accesses; what is not among them is a fetch."""
    unicorn = _unicorn()
    return {
        unicorn.UC_MEM_READ_UNMAPPED: READ_UNMAPPED,
        unicorn.UC_MEM_WRITE_UNMAPPED: WRITE_UNMAPPED,
        unicorn.UC_MEM_READ_PROT: "read from protected",
        unicorn.UC_MEM_WRITE_PROT: "write to protected",
    }


def _unicorn() -> Any:
    # Its own annotations are out of a type checker's reach: the package chooses at run time what it exports.
    return import_module("unicorn")
