"""The SFDP table of a serial NOR memory (JESD216B, chapters 6.1 to 6.4)."""

import struct

from loaderconv.emulator.devices.serial_nor_part import NorPart

TABLE_OFFSET = 0x30
TABLE_WORDS = 16


def sfdp(part: NorPart) -> bytes:
    """Return header and basic flash parameter table; what lies behind them reads as 0xFF."""
    header = b"SFDP" + bytes([6, 1, 0, 0xFF])
    parameters = bytes([0x00, 6, 1, TABLE_WORDS]) + TABLE_OFFSET.to_bytes(3, "little") + b"\xff"
    return (header + parameters).ljust(TABLE_OFFSET, b"\xff") + struct.pack(f"<{TABLE_WORDS}I", *_words(part))


def _words(part: NorPart) -> tuple[int, ...]:
    addresses = 1 if part.has_four_byte_addresses else 0
    can_quad = part.vendor.octal is None
    block_code = part.block_size_bytes.bit_length() - 1
    size_bits = part.size_bytes * 8
    return (
        # 1: 4 KiB erase with 20h, pages of 64 bytes or more, 06h before a write of the status register; fast reads.
        0xFF80_20F5 | addresses << 17 | (1 << 16 | 1 << 20 | 1 << 21 | 1 << 22 if can_quad else 0),
        # 2: density, as last bit up to 2 Gbit, as power of two above.
        size_bits - 1 if size_bits <= 1 << 31 else 1 << 31 | size_bits.bit_length() - 1,
        # 3: 1-4-4 EBh with 4 dummy and 2 mode clocks; 1-1-4 6Bh with 8 dummy clocks.
        0x6B08_EB44,
        # 4: 1-1-2 3Bh with 8 dummy clocks; 1-2-2 BBh with 4 mode clocks.
        0xBB80_3B08,
        # 5: 4-4-4 supported, 2-2-2 not.
        0xFFFF_FFFE if can_quad else 0xFFFF_FFEE,
        # 6: 2-2-2, not supported.
        0x0000_FFFF,
        # 7: 4-4-4 EBh with 4 dummy and 2 mode clocks.
        0xEB44_FFFF,
        # 8, 9: erase types 4 KiB 20h, 32 KiB 52h, block D8h, none.
        0x520F_200C,
        0x0000_D800 | block_code,
        # 10, 11: erase times of 48, 128 and 160 ms, page size and time.
        2 | _erase_time(3) << 4 | _erase_time(8) << 11 | _erase_time(10) << 18,
        0x8200_0000 | part.page_size_bytes.bit_length() - 1 << 4 | 2,
        # 12, 13: suspend is not supported.
        0x8000_0000,
        0xFFFF_FFFF,
        # 14: deep power down B9h and ABh, polling of bit 0 of the status register.
        0x0000_0004 | 0xB9 << 23 | 0xAB << 15,
        # 15: quad enable requirement.
        part.vendor.sfdp_quad_enable << 20,
        # 16: reset 66h 99h; 4-byte mode by B7h and E9h.
        1 << 12 | (1 << 24 | 1 << 14 if part.has_four_byte_addresses else 0),
    )


def _erase_time(sixteens_of_milliseconds: int) -> int:
    """Return seven bits: count minus one, and the unit of 16 ms."""
    return sixteens_of_milliseconds - 1 | 1 << 5
