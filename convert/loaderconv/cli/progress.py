"""A progress bar for long lists, on standard error and only where a person sees it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_WORTH_A_BAR = 20


@contextmanager
def progress(total: int) -> Iterator[Callable[[], None]]:
    """Show a bar while the caller works; it calls what it is given after each of `total` steps."""
    if total <= _WORTH_A_BAR or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console  # noqa: PLC0415 - not needed where no bar is
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Reading files", total=total)
        yield lambda: bar.advance(task)
