"""`.ARM.attributes`: the few build attributes that tell where code may run (Arm IHI0045, "Build attributes")."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage, ElfSection
from loaderconv_schemas.loader import Architecture
from loaderconv_schemas.text import printable


class Attribute(IntEnum):
    """Tags of the aeabi sub-section, file scope."""

    CPU_RAW_NAME = 4
    CPU_NAME = 5
    CPU_ARCH = 6
    CPU_ARCH_PROFILE = 7
    THUMB_ISA_USE = 9
    PCS_R9_USE = 14
    PCS_RW_DATA = 15
    PCS_RO_DATA = 16


@dataclass(frozen=True)
class FileAttributes:
    """The attributes of the whole file.

    Attributes:
        values: numeric attributes by tag.
        cpu_name: Tag_CPU_name, None where absent.
    """

    values: dict[Attribute, int] = field(default_factory=dict)
    cpu_name: str | None = None


_FILE_SCOPE = 1
_COMPATIBILITY = 32
_TEXTS = (Attribute.CPU_RAW_NAME, Attribute.CPU_NAME, _COMPATIBILITY)
"""Tags with a string; above 32 all odd ones have one, and 32 itself has a number in front of it."""
_WRITTEN_ARCHITECTURES = {
    Architecture.V6_M: 11,
    Architecture.V7_M: 10,
    Architecture.V7E_M: 13,
    Architecture.V8_M_BASELINE: 16,
    Architecture.V8_M_MAINLINE: 17,
    Architecture.V8_1_M_MAINLINE: 21,
    Architecture.NOT_CORTEX_M: 0,
}
"""Tag_CPU_arch by architecture. 0 (before ARMv4) names the one that no Cortex-M is; which other one it was, the model
does not keep."""
_THUMB_ISA_FROM_ARCHITECTURE = 3


def read_attributes(image: ElfImage) -> FileAttributes:
    """Return the file-scope attributes; none where the section is absent or damaged, since hosts do not need them."""
    for section in image.sections:
        if section.type == c.SHT_ARM_ATTRIBUTES:
            try:
                return _parse(section.data)
            except (IndexError, ValueError):
                return FileAttributes()
    return FileAttributes()


def attributes_section(
    architecture: Architecture | None, cpu: str | None, procedure_call: Mapping[Attribute, int]
) -> ElfSection:
    """Return a section that names core and instruction set, so that disassemblers and readers need not guess them.

    Args:
        architecture: None leaves the instruction set out.
        cpu: None leaves the core out.
        procedure_call: how data is reached (PCS_*), by tag; values below 128.
    """
    body = bytearray()
    if cpu is not None:
        body += bytes((Attribute.CPU_NAME,)) + printable(cpu).encode("ascii", "replace") + b"\0"
    if architecture is not None:
        body += bytes((Attribute.CPU_ARCH, _WRITTEN_ARCHITECTURES[architecture]))
    if architecture not in (None, Architecture.NOT_CORTEX_M):
        body += bytes((Attribute.CPU_ARCH_PROFILE, ord("M")))
        body += bytes((Attribute.THUMB_ISA_USE, _THUMB_ISA_FROM_ARCHITECTURE))
    for tag, value in procedure_call.items():
        body += bytes((tag, value))
    file_scope = bytes((_FILE_SCOPE,)) + (len(body) + 5).to_bytes(4, "little") + body
    vendor = b"aeabi\0" + file_scope
    data = b"A" + (len(vendor) + 4).to_bytes(4, "little") + vendor
    return ElfSection(".ARM.attributes", c.SHT_ARM_ATTRIBUTES, size_bytes=len(data), content=data)


def _parse(data: bytes) -> FileAttributes:
    """Parse the section. Raises IndexError or ValueError where it is damaged."""
    if data[:1] != b"A":
        raise ValueError("unknown format version")
    at = 1
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "little")
        if size < 5:
            raise ValueError("sub-section without content")
        name_end = data.index(b"\0", at + 4)
        if data[at + 4 : name_end] == b"aeabi" and data[name_end + 1] == _FILE_SCOPE:
            scope_size = int.from_bytes(data[name_end + 2 : name_end + 6], "little")
            return _parse_file_scope(data[name_end + 6 : name_end + 1 + scope_size])
        at += size
    return FileAttributes()


def _parse_file_scope(data: bytes) -> FileAttributes:
    values: dict[Attribute, int] = {}
    cpu_name = None
    at = 0
    while at < len(data):
        tag, at = _uleb128(data, at)
        if tag == _COMPATIBILITY:
            _, at = _uleb128(data, at)
        if tag in _TEXTS or (tag > _COMPATIBILITY and tag % 2):
            end = data.index(b"\0", at)
            if tag == Attribute.CPU_NAME:
                cpu_name = printable(data[at:end].decode("ascii", "backslashreplace"))
            at = end + 1
            continue
        value, at = _uleb128(data, at)
        if tag in Attribute.__members__.values():
            values[Attribute(tag)] = value
    return FileAttributes(values, cpu_name)


def _uleb128(data: bytes, at: int) -> tuple[int, int]:
    """Return a number and the position behind it. Raises IndexError at the end of the data."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 35:
            raise ValueError("number of more than 32 bits")
