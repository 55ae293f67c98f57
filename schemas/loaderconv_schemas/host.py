"""The tools that load and call loaders, and what they make of a file."""

from enum import StrEnum


class Host(StrEnum):
    """A tool that downloads a loader and calls it. The values are what `--for` takes."""

    CUBE_PROGRAMMER = "cubeprogrammer"
    ST_OPENOCD = "st-openocd"
    UVISION = "uvision"
    PYOCD = "pyocd"
    PROBE_RS = "probe-rs"
    JLINK = "jlink"
    C_SPY = "c-spy"


class Verdict(StrEnum):
    """What a host makes of a loader, from good to bad."""

    ACCEPTED = "accepted"
    LOSS = "accepted with a loss"
    REJECTED = "rejected"

    @property
    def rank(self) -> int:
        """0 for the best."""
        return list(Verdict).index(self)
