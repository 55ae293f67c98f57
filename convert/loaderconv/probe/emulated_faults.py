"""What the fault registers of silicon would hold after an emulated core has faulted.

Bits: Armv7-M Architecture Reference Manual, B3.2.15 (CFSR) and B3.2.16 (HFSR).
"""

from dataclasses import dataclass

from loaderconv.hosts.core import FaultKind, Stop, StopReason

_DEBUG_EVENT = 1 << 31
_FORCED = 1 << 30
"""A fault whose own handler is not enabled becomes a HardFault."""

STACKING_ERROR = 1 << 12
"""STKERR of CFSR: the frame of the exception could not be pushed."""

_IBUSERR = 1 << 8
_PRECISERR = 1 << 9
_BFARVALID = 1 << 15

_CAUSES = {
    FaultKind.UNDEFINED_INSTRUCTION: 1 << 16,
    FaultKind.INVALID_STATE: 1 << 17,
    FaultKind.NO_COPROCESSOR: 1 << 19,
    FaultKind.STACK_LIMIT: 1 << 20,
    FaultKind.UNALIGNED: 1 << 24,
    FaultKind.FETCH_ERROR: _IBUSERR,
    FaultKind.BUS_ERROR: _PRECISERR,
}


@dataclass(frozen=True)
class FaultStatus:
    """Values of the registers.

    Attributes:
        hard_fault_status: HFSR.
        configurable_fault_status: CFSR.
        address: BFAR, None where it is not valid.
    """

    hard_fault_status: int
    configurable_fault_status: int
    address: int | None


def fault_status(stop: Stop) -> FaultStatus:
    """Return what tells of a fault, or of a BKPT that found no debugger."""
    cause = 0 if stop.fault is None else _CAUSES.get(stop.fault, 0)
    has_address = bool(cause & _PRECISERR) and stop.fault_address is not None
    hard = _FORCED if stop.reason is StopReason.FAULT else _DEBUG_EVENT
    return FaultStatus(hard, cause | (_BFARVALID if has_address else 0), stop.fault_address if has_address else None)
