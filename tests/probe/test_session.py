"""What a connection sets up, what it leaves behind, and what it neither reads nor prints."""

import logging
from pathlib import Path

import pytest
from pyocd.debug.svd.loader import SVDFile

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.hosts.call import RoutineMisbehaved, call_routine
from loaderconv.hosts.core import Budget, Register, StopReason
from loaderconv.probe.emulated_probe import EmulatedProbe
from loaderconv.probe.failures import probe_failures
from loaderconv.probe.request import Connect, OpenRequest
from loaderconv.probe.session import open_target
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import RunFailed, UsageProblem
from support.emulated_session import probe_on
from support.emulated_target import CODE, FRAME, RAM, STUB, connected

DEMCR = 0xE000_EDFC
VECTOR_CATCHES = 0x7F1
CORE_RESET_CATCH = 1
FIRST_BREAKPOINT = 0xE000_2008
SHORT = Budget(timeout_ms=10)


def fresh_probe(cpu: CpuModel = CpuModel.CORTEX_M4) -> EmulatedProbe:
    return probe_on(UnicornCore(cpu, ram=[RAM]), cpu)


def vector_catches(probe: EmulatedProbe) -> int:
    word = probe.unit.read(DEMCR)
    assert word is not None
    return word & VECTOR_CATCHES


def test_faults_are_caught_while_it_is_open() -> None:
    with connected(CpuModel.CORTEX_M4) as target:
        assert vector_catches(target.probe) == VECTOR_CATCHES & ~CORE_RESET_CATCH
    assert vector_catches(target.probe) == 0
    assert not target.probe.is_open


def test_loader_does_not_run_on_after_a_failure() -> None:
    """The reset core locks up, having no code in flash; the loader would branch to itself for ever."""
    core = UnicornCore(CpuModel.CORTEX_M4, ram=[RAM])
    core.write_memory(CODE, bytes.fromhex("fee7"))
    with pytest.raises(RoutineMisbehaved, match="still running after 10 ms"), connected(core.cpu, core) as target:
        call_routine(target.core, FRAME, "Routine", CODE, (), SHORT)
    assert target.probe.unit.is_locked_up
    assert not target.probe.unit.is_halted


def test_no_breakpoint_is_left() -> None:
    """Neither a comparator nor a patched instruction."""
    for cpu in (CpuModel.CORTEX_M4, CpuModel.CORTEX_M33):
        with connected(cpu) as target:
            target.load("00bf 00bf fee7")
            target.core.write_register(Register.PC, CODE)
            target.core.write_register(Register.LR, 0xFFFF_FFFF)
            assert target.core.run(CODE + 2, SHORT).reason is StopReason.STOP_ADDRESS
        comparator = target.probe.unit.read(FIRST_BREAKPOINT)
        assert comparator is not None
        assert not comparator & 1
        assert target.emulated.read_memory(CODE, 6) == bytes.fromhex("00bf 00bf fee7")


def test_own_failure_of_the_caller_comes_through() -> None:
    probe = fresh_probe()
    with pytest.raises(ZeroDivisionError), open_target(OpenRequest(probe=probe, target="cortex_m", settling_s=0)):
        raise ZeroDivisionError
    assert not probe.is_open


@pytest.mark.parametrize("connect", Connect)
def test_ways_to_connect(connect: Connect) -> None:
    request = OpenRequest(probe=fresh_probe(), target="cortex_m", connect=connect, settling_s=0)
    with open_target(request) as connection:
        core = connection.take_core(STUB)
        core.write_memory(CODE, bytes.fromhex("7047"))
        assert call_routine(core, FRAME, "Routine", CODE, (5,), SHORT).low_word == 5
        assert connection.title == "Cortex-M4 at loaderconv emulated Cortex-M4"
        assert connection.ram == (), "pyOCD calls everything RAM where it does not know the chip"


def test_ram_of_a_chip_that_pyocd_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    # The description of peripherals is not needed here, and pyOCD does not close its file.
    monkeypatch.setattr(SVDFile, "from_builtin", lambda _name: None)
    with open_target(OpenRequest(fresh_probe(CpuModel.CORTEX_M0), target="nrf51", settling_s=0)) as connection:
        assert connection.ram == (AddressRange(start=0x2000_0000, size_bytes=0x4000),)


def test_unknown_target_names_near_ones() -> None:
    with pytest.raises(UsageProblem) as caught, open_target(OpenRequest(fresh_probe(), target="STM32F412")):
        pass
    assert "does not know the target STM32F412" in caught.value.message
    assert caught.value.hint.startswith("Did you mean stm32f412x")
    assert "pyocd pack install STM32F412" in caught.value.hint


FILES_OF_PYOCD = {"pyocd_user.py": "raise SystemExit('read')", ".pyocd.yaml": "frequency: [", "pyocd.yaml": "x: ["}


def test_files_of_the_users_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, content in FILES_OF_PYOCD.items():
        (tmp_path / name).write_text(content)
    monkeypatch.chdir(tmp_path)
    with open_target(OpenRequest(probe=fresh_probe(), target="cortex_m", settling_s=0)) as connection:
        assert connection.notices == []


def test_warnings_are_kept_and_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("pyocd")
    level = logger.level
    with open_target(OpenRequest(probe=fresh_probe(), target="cortex_m", settling_s=0)) as connection:
        logging.getLogger("pyocd.core").warning("two\n  lines")
        logging.getLogger("pyocd.core").info("unimportant")
    assert connection.notices == ["pyOCD: two lines"]
    assert capfd.readouterr() == ("", "")
    assert (logger.level, logger.handlers) == (level, [])


WORDS = [
    (OSError("[Errno 13] Access denied"), "[Errno 13] Access denied."),
    (KeyError(1), "KeyError 1."),
    (ValueError(), "ValueError."),
    (RuntimeError("two\nlines."), "RuntimeError two lines."),
]


@pytest.mark.parametrize(("failure", "words"), WORDS)
def test_words_of_foreign_failures(failure: Exception, words: str) -> None:
    with pytest.raises(RunFailed) as caught, probe_failures("connecting"):
        raise failure
    assert caught.value.message == f"The probe failed while connecting: {words}"
    assert caught.value.__cause__ is failure
