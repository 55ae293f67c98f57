"""Contents of `.ARM.attributes` as GCC and clang write them (Arm IHI0045)."""

CPU_NAME = 5
CPU_ARCH = 6
CPU_ARCH_PROFILE = 7
PCS_R9_USE = 14
PCS_RW_DATA = 15
PCS_RO_DATA = 16

ARCH_V6_M = 12
ARCH_V7 = 10
PROFILE_A = ord("A")
PROFILE_M = ord("M")

R9_IS_STATIC_BASE = 1
RW_RELATIVE_TO_R9 = 2
RO_RELATIVE_TO_PC = 1

POSITION_INDEPENDENT = {
    CPU_ARCH: ARCH_V6_M,
    PCS_R9_USE: R9_IS_STATIC_BASE,
    PCS_RW_DATA: RW_RELATIVE_TO_R9,
    PCS_RO_DATA: RO_RELATIVE_TO_PC,
}
"""What clang writes for -fropi -frwpi on a Cortex-M0."""


def aeabi(values: dict[int, int], cpu_name: bytes = b"") -> bytes:
    """Return a section with file-scope attributes; all values below 128."""
    body = bytes([CPU_NAME]) + cpu_name + b"\0" if cpu_name else b""
    body += b"".join(bytes([tag, value]) for tag, value in values.items())
    scope = b"\x01" + (len(body) + 5).to_bytes(4, "little") + body
    vendor = b"aeabi\0" + scope
    return b"A" + (len(vendor) + 4).to_bytes(4, "little") + vendor
