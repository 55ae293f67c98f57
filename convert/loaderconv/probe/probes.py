"""Which probes are connected, and which one is meant."""

from dataclasses import dataclass

from pyocd.core.helpers import ConnectHelper
from pyocd.probe.debug_probe import DebugProbe

from loaderconv.probe.failures import probe_failures
from loaderconv_schemas.errors import UsageProblem

_NONE_HINT = (
    "Plug it in and look at its driver: udev rules on Linux, WinUSB on Windows, SEGGER's software for a J-Link. "
    "Without hardware, try --probe emulated:cortex-m4."
)


@dataclass(frozen=True)
class ProbeInfo:
    """A probe that is connected.

    Attributes:
        unique_id: by which it is chosen.
        description: maker and product.
        board: name of the board that it belongs to, empty where it does not tell.
        target: the chip on that board as pyOCD calls it, None where it does not tell.
    """

    unique_id: str
    description: str
    board: str
    target: str | None


def list_probes() -> tuple[ProbeInfo, ...]:
    """Return all probes that are connected. Raises RunFailed where a driver fails."""
    return tuple(_info(probe) for probe in _connected(None))


def choose_probe(unique_id: str | None) -> DebugProbe:
    """Return the probe that is meant.

    Args:
        unique_id: its id or a part of it; None where there is only one.

    Raises:
        UsageProblem: there is none, or there are several.
        RunFailed: a driver fails.
    """
    found = _connected(unique_id)
    found = [each for each in found if each.unique_id == unique_id] or found
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageProblem(
            f"{len(found)} probes {'fit that' if unique_id else 'are connected'}: {_listed(found)}.",
            hint="Choose one with --probe ID; a part of the id that no other has is enough.",
        )
    others = _connected(None) if unique_id else []
    if others:
        raise UsageProblem(
            f"No probe with {unique_id!r} in its id is connected.", hint=f"There are: {_listed(others)}."
        )
    raise UsageProblem("No debug probe is connected.", hint=_NONE_HINT)


def _connected(unique_id: str | None) -> list[DebugProbe]:
    with probe_failures("looking for probes"):
        return list(ConnectHelper.get_all_connected_probes(blocking=False, unique_id=unique_id))


def _info(probe: DebugProbe) -> ProbeInfo:
    board = probe.associated_board_info
    return ProbeInfo(
        unique_id=probe.unique_id,
        description=probe.description,
        board="" if board is None else board.name,
        target=None if board is None else board.target,
    )


def _listed(probes: list[DebugProbe]) -> str:
    return ", ".join(f"{probe.unique_id} ({probe.description})" for probe in probes)
