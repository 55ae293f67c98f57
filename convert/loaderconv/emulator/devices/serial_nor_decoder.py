"""From what arrives on the lines of a serial NOR memory to the command that it understands."""

from collections.abc import Callable
from dataclasses import dataclass

from loaderconv.emulator.devices.nor_commands import BARE_COMMANDS, COMMANDS, Address, Kind, NorCommand
from loaderconv.emulator.devices.serial_nor_frame import Frame
from loaderconv.emulator.devices.serial_nor_mode import opcode_in
from loaderconv.emulator.devices.serial_nor_state import ANSWERED_WHILE_BUSY, NorState
from loaderconv.emulator.devices.serial_nor_vendors import OctalStyle, Vendor

QUAD_LINES = 4
_TAKEN_WHILE_BUSY = (Kind.RESET_ENABLE, Kind.RESET)
_LATCHES = (Kind.WRITE_ENABLE, Kind.VOLATILE_WRITE_ENABLE, Kind.WRITE_DISABLE)
"""A program or an erase that misses its write enable is a violation of its own."""

_RECOVERY_OPCODES = frozenset((0x66, 0x99, 0xFF, 0xF5, 0xAB))
"""What a careful loader sends on other lines than the memory listens to, in case it does."""


class NotUnderstood(Exception):
    """Raised for a frame that the memory ignores; the text says why, and is empty where that is no fault."""


class IgnoredHarmlessly(NotUnderstood):
    """Raised for one whose loss shows, where it matters, in what comes after it."""


@dataclass(frozen=True)
class Received:
    """A command with its address.

    Attributes:
        command: what to do.
        address: offset in the array, or for registers the address as sent; 0 where none was taken.
        surplus: what came as address, but counts as data.
    """

    command: NorCommand
    address: int = 0
    surplus: bytes = b""


def command_for(vendor: Vendor, opcode: int) -> NorCommand | None:
    """Return what an opcode means to a part when address or data follow; None where it means nothing."""
    return vendor.commands.get(opcode) or COMMANDS.get(opcode)


def received(frame: Frame, state: NorState, remark: Callable[[str], None]) -> Received:
    """Decode the head of a transfer.

    Args:
        frame: as it was sent.
        state: of the memory that it was sent to.
        remark: is told of what the memory cannot see, but what gives wrong data.

    Raises:
        NotUnderstood: the memory does nothing and drives no line.
        IgnoredHarmlessly: the same, and that alone is no fault.
    """
    vendor = state.part.vendor
    opcode = opcode_in(state.mode, vendor.octal, frame)
    if opcode is None:
        raise NotUnderstood(_on_other_lines(frame, state))
    is_bare = frame.address is None and not frame.data_lines
    command = BARE_COMMANDS.get(opcode) if is_bare else None
    command = command or command_for(vendor, opcode)
    if command is None:
        raise NotUnderstood(f"unknown command 0x{opcode:02x}")
    refusal = _refusal(command, frame, state)
    if refusal:
        raise (IgnoredHarmlessly if command.kind in _LATCHES else NotUnderstood)(refusal)
    if command.needs_dummy and not frame.dummy_cycles and not frame.alternate:
        remark(f"{command.name} without dummy cycles")
    if command.address is Address.NONE:
        if state.mode.is_octal and vendor.octal is OctalStyle.MACRONIX and frame.data_lines and frame.address is None:
            remark(f"{command.name} without the four bytes of address that it takes in {state.mode}")
        return Received(command)
    return _with_address(command, frame, state, remark)


def _on_other_lines(frame: Frame, state: NorState) -> str:
    opcode = frame.opcode
    if opcode is None:
        return "a transfer without opcode"
    if (opcode if frame.opcode_bytes == 1 else opcode >> 8) in _RECOVERY_OPCODES:
        return ""
    rate = " DTR" if frame.is_opcode_ddr else ""
    lines = "1 line" if frame.opcode_lines == 1 else f"{frame.opcode_lines} lines"
    return f"command 0x{opcode:0{2 * frame.opcode_bytes}x} on {lines}{rate} while in {state.mode}"


def _refusal(command: NorCommand, frame: Frame, state: NorState) -> str:
    if state.is_asleep and command.kind is not Kind.RELEASE:
        return f"{command.name} in deep power down"
    if state.busy and command.register not in ANSWERED_WHILE_BUSY and command.kind not in _TAKEN_WHILE_BUSY:
        return f"{command.name} while busy"
    if frame.data_lines == QUAD_LINES and not state.is_quad_enabled:
        return f"{command.name} on four lines while the quad enable bit is 0"
    return ""


def _with_address(command: NorCommand, frame: Frame, state: NorState, remark: Callable[[str], None]) -> Received:
    """Take the address: a memory counts the bytes as it expects them, not as they were meant."""
    expected = state.address_bytes(command.address)
    if frame.address is None:
        raise NotUnderstood(f"{command.name} without address")
    sent = frame.address & (1 << 8 * frame.address_bytes) - 1
    if frame.address_bytes == expected:
        return Received(command, _target(command, sent, state, expected))
    complaint = f"{command.name} with {frame.address_bytes} bytes of address where it takes {expected}"
    if frame.address_bytes < expected:
        raise NotUnderstood(complaint)
    remark(complaint)
    surplus = sent.to_bytes(frame.address_bytes, "big")[expected:]
    return Received(command, _target(command, sent >> 8 * len(surplus), state, expected), surplus)


def _target(command: NorCommand, address: int, state: NorState, address_bytes: int) -> int:
    return address if command.register or command.kind is Kind.READ_SFDP else state.offset(address, address_bytes)
