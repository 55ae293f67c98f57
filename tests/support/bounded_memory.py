"""Measures what reading a file costs in memory."""

import tracemalloc
from collections.abc import Callable


def peak_bytes(job: Callable[[], object]) -> int:
    """Return the most memory that Python objects held while a job ran."""
    tracemalloc.start()
    try:
        job()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
