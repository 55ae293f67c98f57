"""The routines through which a host drives a loader."""

from enum import StrEnum

from loaderconv_schemas.base import Address, ByteCount, Model


class Routine(StrEnum):
    """What a routine does, whatever its flavour calls it (docs/formats, Entry points)."""

    INIT = "init"
    UNINIT = "uninit"
    ERASE_SECTOR = "erase sector"
    ERASE_CHIP = "erase chip"
    PROGRAM_PAGE = "program page"
    READ = "read"
    VERIFY = "verify"
    CHECKSUM = "checksum"
    BLANK_CHECK = "blank check"
    SIGNOFF = "sign off"
    PRE_INIT = "pre-init"


class EntryPoint(Model):
    """A routine that a host may call.

    Attributes:
        routine: what it does.
        symbol: its name as the file spells it.
        address: link address of its first instruction, without the Thumb bit.
        thumb: the symbol had bit 0 set.
        size_bytes: size of the symbol; 0 where the linker left it out.
    """

    routine: Routine
    symbol: str
    address: Address
    thumb: bool
    size_bytes: ByteCount
