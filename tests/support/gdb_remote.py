"""A client of GDB's remote serial protocol, as far as a debugger needs it that knows no source code."""

import os
import select
import time

_FRAME_END_BYTES = 3
"""The character # and two hexadecimal digits."""


class StubGone(Exception):
    """The other side closed the connection, or said that its program ended."""


class StubTimeout(Exception):
    """No answer came in time."""


class GdbRemote:
    """One connection over two file descriptors, such as the pipes of a process.

    Packets and answers are text: what they hold is hexadecimal or ASCII.
    """

    def __init__(self, read_fd: int, write_fd: int) -> None:
        """Begin the conversation. Raises StubGone or StubTimeout."""
        self._read_fd = read_fd
        self._write_fd = write_fd
        self._received = b""
        self.request("QStartNoAckMode")
        # QEMU tells single registers only to a client that asked for their description.
        self.request("qXfer:features:read:target.xml:0,1")

    def request(self, packet: str, timeout_ms: int = 10_000) -> str:
        """Send a packet and return the answer. Raises StubGone or StubTimeout."""
        body = packet.encode("ascii")
        self._send(b"$%b#%02x" % (body, sum(body) & 0xFF))
        return self.answer(timeout_ms)

    def interrupt(self) -> str:
        """Stop the running program and return the answer that tells where it stands. Raises StubGone or StubTimeout."""
        self._send(b"\x03")
        return self.answer(10_000)

    def answer(self, timeout_ms: int) -> str:
        """Return the next answer. Raises StubGone or StubTimeout."""
        end = time.monotonic() + timeout_ms / 1000
        while (frame := self._next_frame()) is None:
            if not select.select([self._read_fd], [], [], max(0, end - time.monotonic()))[0]:
                raise StubTimeout
            received = os.read(self._read_fd, 65536)
            if not received:
                raise StubGone
            self._received += received
        if frame[:1] in ("W", "X"):
            raise StubGone
        return frame

    def _next_frame(self) -> str | None:
        """Return what a complete packet holds and forget it; acknowledgements in front of it count for nothing."""
        start = self._received.find(b"$") + 1
        end = self._received.find(b"#", start)
        if not start or end < 0 or len(self._received) < end + _FRAME_END_BYTES:
            return None
        frame = self._received[start:end]
        self._received = self._received[end + _FRAME_END_BYTES :]
        return frame.decode("ascii")

    def _send(self, data: bytes) -> None:
        try:
            os.write(self._write_fd, data)
        except BrokenPipeError as error:
            raise StubGone from error
