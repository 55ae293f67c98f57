"""What a linked file says of its build: toolchain, core, instruction set, position independence.

armlink writes no `.ARM.attributes`; its facts are in an absolute symbol `BuildAttributes$$...` and in `.comment`
(docs/formats/flm.md, What real files look like). GCC and clang write `.ARM.attributes` (Arm IHI0045).
"""

import re
from dataclasses import dataclass, field

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.attributes import Attribute, read_attributes
from loaderconv_formats.elf.image import ElfImage
from loaderconv_formats.elf.loaded import segment_of
from loaderconv_formats.elf.lookup import sections_named
from loaderconv_schemas.loader import Architecture, FloatAbi

BUILD_ATTRIBUTES_PREFIX = "BuildAttributes$$"
ROPI = "ROPI"
RWPI = "RWPI"
"""Words of the build attributes symbol: read-only and read-write position independent."""

PI_FLAG = "PF_ARM_PI on the code segment"
ROPI_WORD = "ROPI in the build attributes"
PC_RELATIVE_CONSTANTS = "pc-relative constants in .ARM.attributes"
"""What shows that code and constants may move, strongest first."""

SB_FLAG = "PF_ARM_SB on the code segment"
RWPI_WORD = "RWPI in the build attributes"
R9_RELATIVE_DATA = "r9-relative data in .ARM.attributes"
WRITABLE_EVIDENCE = (SB_FLAG, RWPI_WORD, R9_RELATIVE_DATA)
"""What shows that data is reached through r9, strongest first."""

R9_IS_STATIC_BASE = 1
READ_ONLY_PC_RELATIVE = 1
WRITABLE_SB_RELATIVE = 2
"""Values of the attributes PCS_R9_USE, PCS_RO_DATA and PCS_RW_DATA (Arm IHI0045)."""

CPU_OPTION = re.compile(r"--cpu[= ]([A-Za-z0-9_.+-]+)")
TOOLCHAINS = (
    re.compile(r"ARM Compiler [\w.]+(?: update \w+)?", re.ASCII),
    re.compile(r"ARM Linker, (?:\d+ \[Build \d+\]|[\w.]+)", re.ASCII),
    re.compile(r"IAR ANSI C/C\+\+ Compiler V[\d.]+|IAR ELF Linker V[\d.]+", re.ASCII),
    re.compile(r"GCC: \([\x20-\x28\x2a-\x7e]{1,80}\) [\d.]+", re.ASCII),
    re.compile(r"clang version [\d.]+", re.ASCII),
)

_MAX_COMMENT_BYTES = 1 << 16

_ARCHITECTURES = {
    11: Architecture.V6_M,
    12: Architecture.V6_M,
    10: Architecture.V7_M,
    13: Architecture.V7E_M,
    16: Architecture.V8_M_BASELINE,
    17: Architecture.V8_M_MAINLINE,
    21: Architecture.V8_1_M_MAINLINE,
}
"""Tag_CPU_arch values of IHI0045 that are M profile; 10 is ARMv7 of any profile."""

_M_PROFILE_TAG = ord("M")


@dataclass(frozen=True)
class BuildFacts:
    """What the file says; None and False where it says nothing.

    Attributes:
        toolchain: as the tools spell themselves.
        cpu: core that the tools were told.
        architecture: instruction set.
        float_abi: from e_flags.
        read_only_independent: evidence that code and constants may move, strongest first.
        writable_independent: evidence that data is reached through r9, strongest first.
    """

    toolchain: str | None = None
    cpu: str | None = None
    architecture: Architecture | None = None
    float_abi: FloatAbi | None = None
    read_only_independent: tuple[str, ...] = field(default=())
    writable_independent: tuple[str, ...] = field(default=())


def build_facts(image: ElfImage) -> BuildFacts:
    """Collect the facts from e_flags, p_flags, build attributes, `.ARM.attributes` and `.comment`."""
    comment = _comment(image)
    tokens = _armlink_tokens(image)
    attributes = read_attributes(image)
    cpu = next((match.group(1) for match in CPU_OPTION.finditer(comment)), None) or attributes.cpu_name
    return BuildFacts(
        toolchain=_toolchain(comment),
        cpu=cpu,
        architecture=_architecture_of_tokens(tokens) or _architecture_of_attributes(attributes.values),
        float_abi=_float_abi(image),
        read_only_independent=_read_only_evidence(image, tokens, attributes.values),
        writable_independent=_writable_evidence(image, tokens, attributes.values),
    )


def _comment(image: ElfImage) -> str:
    """Return the start of `.comment`; armlink repeats its command line there for every object file."""
    data = b"\n".join(section.data[:_MAX_COMMENT_BYTES] for section in sections_named(image, ".comment")[:1])
    return data.decode("ascii", "backslashreplace")


def _armlink_tokens(image: ElfImage) -> tuple[str, ...]:
    """Return the words of the build attributes symbol, e.g. THM_ISAv4, 7EM, RWPI; a leading ~ means not."""
    for symbol in image.symbols:
        if symbol.name.startswith(BUILD_ATTRIBUTES_PREFIX):
            return tuple(symbol.name.removeprefix(BUILD_ATTRIBUTES_PREFIX).split("$"))
    return ()


def _toolchain(comment: str) -> str | None:
    return next((match.group() for pattern in TOOLCHAINS if (match := pattern.search(comment))), None)


def _architecture_of_tokens(tokens: tuple[str, ...]) -> Architecture | None:
    """Return the instruction set, which armlink names first; None where nothing is named."""
    if not tokens or not tokens[0].startswith(("ARM_ISA", "THM_ISA")):
        return None
    if tokens[0].startswith("ARM_ISA"):
        return Architecture.NOT_CORTEX_M
    full_thumb2 = tokens[0] == "THM_ISAv4"
    if "8M" in tokens:
        return Architecture.V8_M_MAINLINE if full_thumb2 else Architecture.V8_M_BASELINE
    if "7EM" in tokens:
        return Architecture.V7E_M
    return Architecture.V7_M if full_thumb2 else Architecture.V6_M


def _architecture_of_attributes(values: dict[Attribute, int]) -> Architecture | None:
    number = values.get(Attribute.CPU_ARCH)
    if number is None:
        return None
    profile = values.get(Attribute.CPU_ARCH_PROFILE, 0)
    if number in _ARCHITECTURES and profile in (0, _M_PROFILE_TAG):
        return _ARCHITECTURES[number]
    return Architecture.NOT_CORTEX_M


def _float_abi(image: ElfImage) -> FloatAbi | None:
    if image.flags & c.EF_ARM_ABI_FLOAT_HARD:
        return FloatAbi.HARD
    return FloatAbi.SOFT if image.flags & c.EF_ARM_ABI_FLOAT_SOFT else None


def _read_only_evidence(image: ElfImage, tokens: tuple[str, ...], values: dict[Attribute, int]) -> tuple[str, ...]:
    found = {
        PI_FLAG: _flagged(image, c.PF_ARM_PI),
        ROPI_WORD: ROPI in tokens,
        PC_RELATIVE_CONSTANTS: values.get(Attribute.PCS_RO_DATA) == READ_ONLY_PC_RELATIVE,
    }
    return tuple(words for words, holds in found.items() if holds)


def _writable_evidence(image: ElfImage, tokens: tuple[str, ...], values: dict[Attribute, int]) -> tuple[str, ...]:
    through_r9 = values.get(Attribute.PCS_R9_USE) == R9_IS_STATIC_BASE
    found = {
        SB_FLAG: _flagged(image, c.PF_ARM_SB),
        RWPI_WORD: RWPI in tokens,
        R9_RELATIVE_DATA: through_r9 and values.get(Attribute.PCS_RW_DATA) == WRITABLE_SB_RELATIVE,
    }
    return tuple(words for words, holds in found.items() if holds)


def _flagged(image: ElfImage, flag: int) -> bool:
    """Tell whether every segment that holds a function carries a flag; the descriptor's own segment says nothing."""
    holders = {segment_of(symbol.section) for symbol in image.symbols if symbol.type == c.STT_FUNC} - {None}
    return bool(holders) and all(segment is not None and segment.flags & flag for segment in holders)
