"""A connection to a target, from opening its probe to letting it go in a defined state."""

import difflib
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from pyocd.core.exceptions import TargetSupportError
from pyocd.core.session import Session
from pyocd.core.soc_target import SoCTarget
from pyocd.coresight.cortex_m import CortexM
from pyocd.probe.debug_probe import DebugProbe
from pyocd.target import TARGET

from loaderconv.probe.failures import probe_failures
from loaderconv.probe.probes import choose_probe
from loaderconv.probe.request import OpenRequest
from loaderconv.probe.target_core import TargetCore
from loaderconv.probe.target_ram import ram_of
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import LoaderConvError, RunFailed, UsageProblem


class Connection:
    """A target that answers.

    Attributes:
        title: core and probe, for a person.
        ram: RAM of the chip; empty where pyOCD does not know the chip.
        notices: what the user should know, in sentences.
    """

    def __init__(self, core: CortexM, title: str, ram: tuple[AddressRange, ...], notices: list[str]) -> None:
        self.title = title
        self.ram = ram
        self.notices = notices
        self._core = core
        self._target_core: TargetCore | None = None

    def take_core(self, stub_address: int) -> TargetCore:
        """Reset the target, and return its core, halted and clean.

        Args:
            stub_address: of CALL_STUB_BYTES of RAM for calls.

        Raises:
            RunFailed: the target does not answer, or does not halt.
        """
        self._target_core = TargetCore(self._core, stub_address)
        self.notices += self._target_core.prepare()
        return self._target_core

    def tell_registers(self, problem: BaseException) -> None:
        """Halt the core, and add its registers to what is told of a failure."""
        if self._target_core is None:
            return
        self._target_core.halt_anyway()
        registers = self._target_core.describe_registers()
        if registers:
            problem.add_note(f"registers: {registers}")

    def let_go(self) -> None:
        """Leave nothing of ours behind: no breakpoint, no vector catch, no loader that runs on."""
        with suppress(Exception):
            if self._target_core is not None:
                self._target_core.release()
        with suppress(Exception):
            self._core.set_vector_catch(0)
        with suppress(Exception):
            self._core.reset()


@contextmanager
def open_target(request: OpenRequest) -> Iterator[Connection]:
    """Connect to a target; in the end reset it and let it go, whatever happened.

    After a failure the registers of the halted core are added to it as a note.

    Raises:
        UsageProblem: no probe or several, or pyOCD does not know the target.
        RunFailed: the probe is taken by another program, the target does not answer, or whatever the caller raises.
    """
    with _quiet_log() as warnings:
        probe = choose_probe(request.probe) if not isinstance(request.probe, DebugProbe) else request.probe
        with probe_failures("connecting to the target"):
            session = _session(probe, request)
        try:
            with probe_failures("connecting to the target"):
                session.open()
                target, core = _target_of(session)
            title = f"{core.name} at {probe.description}"
            connection = Connection(core, title, ram_of(target.memory_map), warnings)
            try:
                yield connection
            except (LoaderConvError, KeyboardInterrupt) as problem:
                connection.tell_registers(problem)
                raise
            finally:
                connection.let_go()
        finally:
            with suppress(Exception):  # the failure that led here is the one to tell
                session.close()


def _session(probe: DebugProbe, request: OpenRequest) -> Session:
    """Return a session that reads no files of the user's and unlocks nothing: that would erase the chip."""
    options: dict[str, object] = {
        "no_config": True,
        "user_script": os.devnull,
        "project_dir": str(os.getcwd()),  # noqa: PTH109 - as pyOCD compares it
        "frequency": request.frequency_hz,
        "connect_mode": request.connect.value,
        "reset.post_delay": request.settling_s,
        "reset.hold_time": request.settling_s,
        "auto_unlock": False,
        "resume_on_disconnect": False,
        "hide_programming_progress": True,
        "warning.cortex_m_default": False,
    }
    if request.target is not None:
        options["target_override"] = request.target
    try:
        return Session(probe, auto_open=False, options=options)
    except TargetSupportError as problem:
        near = difflib.get_close_matches((request.target or "").lower(), TARGET, n=3)
        known = f"Did you mean {' or '.join(near)}? " if near else ""
        raise UsageProblem(
            f"pyOCD does not know the target {request.target}.",
            hint=f"{known}pyocd pack install {request.target} adds a chip from its CMSIS-Pack; without --target any "
            "Cortex-M is driven, with --ram or --chip.",
        ) from problem


def _target_of(session: Session) -> tuple[SoCTarget, CortexM]:
    """Return the target, and its first core."""
    target = session.target
    if target is None or not target.cores:
        raise RunFailed(
            "The probe works, but no core was found behind it.",
            hint="Is the target powered, and its debug port unlocked? Try --connect under-reset.",
        )
    core = target.cores[min(target.cores)]
    if not isinstance(core, CortexM):
        raise RunFailed(f"The core of the target is no Cortex-M: {core.name}.", hint="Choose another probe or target.")
    if not core.core_registers.by_name:
        raise RunFailed(
            "A core was found, but it did not tell what it is.",
            hint="Look at power and wiring of the target, lower --frequency, or try --connect under-reset.",
        )
    return target, core


@contextmanager
def _quiet_log() -> Iterator[list[str]]:
    """Collect pyOCD's warnings in place of printing them."""
    logger = logging.getLogger("pyocd")
    level, propagates = logger.level, logger.propagate
    collector = _Collector()
    logger.addHandler(collector)
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    try:
        yield collector.sentences
    finally:
        logger.removeHandler(collector)
        logger.setLevel(level)
        logger.propagate = propagates


class _Collector(logging.Handler):
    """Keeps what is logged, in sentences."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.sentences: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        self.sentences.append(f"pyOCD: {' '.join(record.getMessage().split())}")
