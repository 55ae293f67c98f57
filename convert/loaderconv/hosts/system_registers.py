"""Registers that no loader's host needs and every debugger knows."""

from enum import StrEnum


class SystemRegister(StrEnum):
    """Special registers of a Cortex-M beside r0 to r12, sp, lr and pc (Armv8-M Architecture Reference Manual, B3)."""

    XPSR = "xpsr"
    MSP = "msp"
    PSP = "psp"
    PRIMASK = "primask"
    BASEPRI = "basepri"
    FAULTMASK = "faultmask"
    CONTROL = "control"
    FPSCR = "fpscr"
    MSPLIM = "msplim"
    PSPLIM = "psplim"
