"""Which probe is meant, and what is said where that is not clear. pyOCD's own look at the USB is replaced."""

import pytest
from pyocd.core.helpers import ConnectHelper
from pyocd.probe.debug_probe import DebugProbe

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.probe.emulated_probe import EmulatedProbe
from loaderconv.probe.probes import ProbeInfo, choose_probe, list_probes
from loaderconv.probe.request import OpenRequest
from loaderconv.probe.session import open_target
from loaderconv_schemas.errors import RunFailed, UsageProblem
from support.emulated_target import RAM

PRODUCT = "loaderconv emulated Cortex-M0"


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> "Plug":
    return Plug(monkeypatch)


class Plug:
    """Makes probes look connected."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def __call__(self, *unique_ids: str) -> list[EmulatedProbe]:
        core = UnicornCore(CpuModel.CORTEX_M0, ram=[RAM])
        probes = [EmulatedProbe(core, cpuid=core.cpu.cpuid, unique_id=each) for each in unique_ids]

        def connected(*, blocking: bool, unique_id: str | None) -> list[DebugProbe]:
            assert not blocking, "pyOCD would wait for a probe for ever"
            return [each for each in probes if unique_id is None or unique_id.lower() in each.unique_id.lower()]

        self._monkeypatch.setattr(ConnectHelper, "get_all_connected_probes", connected)
        return probes


def test_listing(plug: Plug) -> None:
    plug("0031", "0042")
    assert list_probes() == (ProbeInfo("0031", PRODUCT, "", None), ProbeInfo("0042", PRODUCT, "", None))
    plug()
    assert list_probes() == ()


def test_choice(plug: Plug) -> None:
    first, second = plug("0031", "0042")
    assert choose_probe("0031") is first
    assert choose_probe("42") is second
    first, longer = plug("0031", "00310")
    assert choose_probe("0031") is first
    assert choose_probe("00310") is longer
    (only,) = plug("0031")
    assert choose_probe(None) is only


PROBLEMS = {
    "none": ((), None, "No debug probe is connected.", "udev"),
    "none with that id": ((), "0031", "No debug probe is connected.", "udev"),
    "several": (("0031", "0042"), None, f"2 probes are connected: 0031 ({PRODUCT}), 0042 ({PRODUCT}).", "--probe ID"),
    "several fit": (("0031", "0042"), "00", f"2 probes fit that: 0031 ({PRODUCT}), 0042 ({PRODUCT}).", "--probe ID"),
    "unknown": (("0031",), "99", "No probe with '99' in its id is connected.", f"There are: 0031 ({PRODUCT})."),
}


@pytest.mark.parametrize(("connected", "wanted", "message", "hint"), PROBLEMS.values(), ids=PROBLEMS)
def test_unclear_choice(plug: Plug, connected: tuple[str, ...], wanted: str | None, message: str, hint: str) -> None:
    plug(*connected)
    with pytest.raises(UsageProblem) as caught, open_target(OpenRequest(probe=wanted)):
        pass
    assert caught.value.message == message
    assert hint in caught.value.hint


def test_driver_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_facts: object) -> list[DebugProbe]:
        raise OSError("no libusb")

    monkeypatch.setattr(ConnectHelper, "get_all_connected_probes", fail)
    with pytest.raises(RunFailed, match="The probe failed while looking for probes: no libusb"):
        list_probes()
