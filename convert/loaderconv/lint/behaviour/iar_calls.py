"""What only C-SPY asks for: a session that begins, and an erase of nothing."""

from loaderconv.emulator.access import Access
from loaderconv.hosts import framework2
from loaderconv.lint.behaviour.alone import carried_out
from loaderconv.lint.behaviour.observations import Attempt, Ending, Operation, SessionStart
from loaderconv.lint.behaviour.places import place_in
from loaderconv.lint.behaviour.stage import Stage
from loaderconv_formats.iar.abi import OVERRIDE_BUFSIZE, OVERRIDE_LAYOUT, OVERRIDE_PAGESIZE

_RESULT_OFFSET_BYTES = 4
_CODE_MASK = 0xFFFF
_OVERRIDES = OVERRIDE_BUFSIZE | OVERRIDE_LAYOUT | OVERRIDE_PAGESIZE
_CODES = (*range(framework2.RESULT_ERROR_WITH_MSG + 1), *range(100, 201))
"""RESULT_OK to RESULT_ERROR_WITH_MSG, and RESULT_CUSTOM_FIRST to LAST (docs/formats/iar.md, Constants)."""

_GOOD_CODES = (framework2.RESULT_OK, framework2.RESULT_OVERRIDE_DEVICE, framework2.RESULT_ERASE_DONE)


def session_start(stage: Stage) -> SessionStart:
    """Return what FlashInit answers."""
    scene = stage.scene()
    attempt = carried_out(scene, place_in(scene.desk.device), Operation.START)
    interface = stage.subject.loader.iar_interface
    if attempt.ending is not Ending.RETURNED or interface is None or interface.parameters is None:
        return SessionStart(None)
    address = interface.parameters.start + scene.rig.host.moved_by + _RESULT_OFFSET_BYTES
    result = int.from_bytes(scene.rig.core.read_memory(address, 4), "little")
    is_known = result & _CODE_MASK in _CODES and not result & ~(_CODE_MASK | _OVERRIDES)
    is_layout_bad = is_known and result & _CODE_MASK in _GOOD_CODES and not attempt.succeeded
    return SessionStart(result, is_known, attempt.detail.removeprefix("Init failed: ") if is_layout_bad else None)


def empty_erase(stage: Stage) -> tuple[Attempt, Access | None]:
    """Return what came of an erase of no block, and the first access to a device during it."""
    accesses: list[Access] = []
    scene = stage.scene(on_access=accesses.append)
    attempt = carried_out(scene, place_in(scene.desk.device), Operation.EMPTY_ERASE)
    return attempt, accesses[0] if accesses else None
