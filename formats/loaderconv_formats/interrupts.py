"""Holds Ctrl-C off while code runs that cannot bear it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Deliver a Ctrl-C that comes meanwhile as KeyboardInterrupt at the end.

    Extension modules that run Python code while they are being imported end the process when it raises there. Only the
    main thread gets Ctrl-C, and only it may do this; elsewhere nothing happens.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came = False

    def note(_number: int, _frame: object) -> None:
        nonlocal came
        came = True

    before = signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        raise KeyboardInterrupt
