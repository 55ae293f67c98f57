"""Writes what `elf.build_facts` reads: toolchain, core, instruction set and position independence of a new file.

Each fact goes where its evidence says that it was found, so that a file made from a Loader tells the same again.
"""

from collections.abc import Collection

from loaderconv_formats.elf import build_facts as facts
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.attributes import Attribute, attributes_section
from loaderconv_formats.elf.image import ElfImage, ElfSection, ElfSymbol
from loaderconv_schemas.loader import Architecture, FloatAbi, Identity

_FLOAT_FLAGS = {None: 0, FloatAbi.SOFT: c.EF_ARM_ABI_FLOAT_SOFT, FloatAbi.HARD: c.EF_ARM_ABI_FLOAT_HARD}

_INDEPENDENCE = {facts.ROPI: facts.ROPI_WORD, facts.RWPI: facts.RWPI_WORD}

_INSTRUCTION_SETS: dict[Architecture | None, tuple[str, ...]] = {
    Architecture.V6_M: ("THM_ISAv3M",),
    Architecture.V7_M: ("THM_ISAv4",),
    Architecture.V7E_M: ("THM_ISAv4", "7EM"),
    Architecture.V8_M_BASELINE: ("THM_ISAv3M", "8M"),
    Architecture.V8_M_MAINLINE: ("THM_ISAv4", "8M"),
    Architecture.NOT_CORTEX_M: ("ARM_ISAv4",),
}
"""armlink's words (docs/formats/flm.md, What real files look like); for ARMv8.1-M they are not known."""


def elf_flags(identity: Identity) -> int:
    """Return e_flags."""
    return c.EF_ARM_EABI_VER5 | _FLOAT_FLAGS[identity.float_abi]


def segment_flags(evidence: Collection[str]) -> int:
    """Return the bits of p_flags that every segment with code must carry."""
    return (c.PF_ARM_PI if facts.PI_FLAG in evidence else 0) | (c.PF_ARM_SB if facts.SB_FLAG in evidence else 0)


def add_build_notes(image: ElfImage, identity: Identity, evidence: Collection[str], comment: str) -> None:
    """Add `.ARM.attributes`, `.comment` and armlink's symbol, as far as there is something to tell.

    Args:
        image: the document.
        identity: toolchain, core and instruction set of the code.
        evidence: what shows that it may move, in the words of `elf.build_facts`.
        comment: what made the file.
    """
    procedure_call = _procedure_call(evidence)
    if identity.architecture is not None or identity.cpu is not None or procedure_call:
        image.sections.append(attributes_section(identity.architecture, identity.cpu, procedure_call))
    text = _comment(identity, comment)
    image.sections.append(ElfSection(".comment", c.SHT_PROGBITS, size_bytes=len(text), content=text))
    words = [word for word, shown_by in _INDEPENDENCE.items() if shown_by in evidence]
    if words:
        name = facts.BUILD_ATTRIBUTES_PREFIX + "$".join((*_INSTRUCTION_SETS.get(identity.architecture, ()), *words))
        image.symbols.append(ElfSymbol(name, 0, other=c.STV_HIDDEN, special_index=c.SHN_ABS))


def _procedure_call(evidence: Collection[str]) -> dict[Attribute, int]:
    found = {}
    if facts.R9_RELATIVE_DATA in evidence:
        found[Attribute.PCS_R9_USE] = facts.R9_IS_STATIC_BASE
        found[Attribute.PCS_RW_DATA] = facts.WRITABLE_SB_RELATIVE
    if facts.PC_RELATIVE_CONSTANTS in evidence:
        found[Attribute.PCS_RO_DATA] = facts.READ_ONLY_PC_RELATIVE
    return found


def _comment(identity: Identity, comment: str) -> bytes:
    """Return one string for each fact and one for what made the file; readers search the first 64 KiB only."""
    lines = []
    if identity.cpu is not None and facts.CPU_OPTION.fullmatch(f"--cpu={identity.cpu}"):
        lines.append(f"--cpu={identity.cpu}")
    if identity.toolchain is not None:
        lines.append(identity.toolchain)
    lines.append(_without_facts(comment))
    return b"".join(line.encode("ascii", "replace") + b"\0" for line in lines)


def _without_facts(comment: str) -> str:
    """Return the comment with what reads like a fact of the code made unreadable: it may quote the name of a file."""
    comment = comment.encode("ascii", "replace").decode("ascii")
    for pattern in facts.TOOLCHAINS:
        comment = pattern.sub(lambda match: match.group().replace(" ", "_"), comment)
    return comment.replace("--cpu", "cpu_")
