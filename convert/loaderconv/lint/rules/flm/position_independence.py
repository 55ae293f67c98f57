"""Whether the image may lie anywhere."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.flm import FlmFile
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.elf.build_facts import R9_RELATIVE_DATA
from loaderconv_formats.elf.image import ElfRelocation, ElfSection
from loaderconv_formats.elf.loaded import segment_of
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_ABSOLUTE = {
    2: "R_ARM_ABS32",
    38: "R_ARM_TARGET1",
    43: "R_ARM_MOVW_ABS_NC",
    44: "R_ARM_MOVT_ABS",
    47: "R_ARM_THM_MOVW_ABS_NC",
    48: "R_ARM_THM_MOVT_ABS",
}
"""Relocations after which the code holds an address as the linker knew it (Arm IHI0044)."""


@rule("FLM030", Severity.WARNING, FlmFile, needs=(Fact.SYMBOLS,))
def build_is_position_independent(file: FlmFile) -> Iterator[Problem]:
    """The file says that it was built to run at any address.

    What it checks:
        Evidence that code may move: the segment flag PF_ARM_PI, ROPI among armlink's build attributes, or pc-relative
        constants in .ARM.attributes. For a file with variables also evidence that they are reached through r9:
        PF_ARM_SB, RWPI, or r9-relative data.

    Why it matters:
        Hosts choose the address. Code that was built for the address it was linked at runs until it touches a
        constant, a pointer or a variable. The flags prove nothing by themselves, but 428 of 430 public files have
        PF_ARM_PI, and the other two are no flash algorithms for Cortex-M: a stldr and a build for RISC-V.

    Example:
        arm-none-eabi-gcc -mcpu=cortex-m4 FlashPrg.c FlashDev.c  (neither -fropi nor -frwpi nor -fpic)

    How to fix:
        Compile with /ropi /rwpi (armcc) or -fropi -frwpi (armclang, clang) and mark the load region PI. GCC has no
        such mode and leaves no mark: try a GCC build at two addresses.

    Source:
        docs/formats/flm.md, Linking and position independence.
    """
    place = file.at_segment(file.image.load_segments[0]) if file.image.load_segments else file.whole
    if not file.build.read_only_independent:
        yield Problem(
            "code",
            "Nothing in the file shows that its code may run at another address than it was linked at.",
            "Build with /ropi /rwpi or -fropi -frwpi, and link with a load region marked PI.",
            place,
        )
    elif not file.build.writable_independent and file.data_sections:
        data = file.data_sections[0]
        yield Problem(
            "data",
            f"Nothing in the file shows that its variables at 0x{data.address:08x} are reached through r9.",
            "Build with /rwpi or -frwpi.",
            file.at_section(data),
        )


@rule(
    "FLM031",
    Severity.ERROR,
    FlmFile,
    hosts=dict.fromkeys((Host.UVISION, Host.PYOCD, Host.PROBE_RS), Verdict.LOSS),
)
def no_absolute_addresses(file: FlmFile) -> Iterator[Problem]:
    """The image holds no addresses from the time of linking.

    What it checks:
        Relocations that the linker kept (--emit-relocs) against PrgCode and PrgData, of the kinds that put an absolute
        address of the image into it, and a .got that is not empty.

    Why it matters:
        No host relocates an FLM. An address that the linker filled in is right only where the image happens to lie at
        its link address, 0. Tables of strings or function pointers are the usual cause; armlink refuses them in a
        position-independent region, GNU ld and lld do not.

    Example:
        static const struct Ops ops[] = { { read_id, erase } };

    How to fix:
        Build tables at run time, or replace them by switch statements; with GCC do not use -fpic.

    Source:
        docs/formats/flm.md, Linking and position independence.
    """
    for section in file.image.sections:
        entries = section.content
        target = section.info_section
        if isinstance(entries, list) and target is not None and _is_downloaded(file, target):
            found = [each for each in entries if _is_absolute(each)]
            if found:
                kinds = ", ".join(dict.fromkeys(_ABSOLUTE[each.type] for each in found))
                first = found[0].offset
                yield Problem(
                    "absolute-relocation",
                    f"{target.name} holds link-time addresses in {len(found)} place{'s' if len(found) > 1 else ''}"
                    f" ({kinds}), from 0x{first:08x} on.",
                    "Avoid constant tables of pointers, or compile with -fropi -frwpi and look at what is left.",
                    file.at_section(target).model_copy(
                        update={"address": first, "offset_bytes": None, "size_bytes": None}
                    ),
                )
        elif section.name.startswith(".got") and section.is_allocated and any(section.data):
            yield Problem(
                "got",
                f"{section.name} at 0x{section.address:08x} holds {section.size_bytes} bytes of link-time addresses.",
                "Compile without -fpic and -fPIE; use -fropi -frwpi (clang).",
                file.at_section(section),
            )


def _is_downloaded(file: FlmFile, section: ElfSection) -> bool:
    descriptor = None if file.descriptor is None else file.descriptor.section
    return section.is_allocated and (section is not descriptor or file.descriptor_segment is None)


def _is_absolute(relocation: ElfRelocation) -> bool:
    """Tell whether the place depends on where the image lies; addresses of peripherals are absolute symbols."""
    symbol = relocation.symbol
    return (
        relocation.type in _ABSOLUTE
        and symbol is not None
        and symbol.section is not None
        and symbol.section.is_allocated
    )


@rule("FLM032", Severity.WARNING, FlmFile, hosts={Host.PYOCD: Verdict.LOSS, Host.PROBE_RS: Verdict.LOSS})
def static_base_is_start_of_data(file: FlmFile) -> Iterator[Problem]:
    """Variables that clang reaches through r9 lie in a segment of their own.

    What it checks:
        Files in which only .ARM.attributes tell of r9-relative data, as clang writes them: PrgData is in another
        PT_LOAD than PrgCode.

    Why it matters:
        Hosts set r9 to the start of PrgData. lld counts the offsets of variables from the start of the segment that
        holds them, GNU ld 2.40 from address 0. With one segment for everything both count from the code, and each
        access misses by the size of the code. armlink counts from PrgData.

    Example:
        PHDRS { prg PT_LOAD; } SECTIONS { PrgCode : { ... } :prg PrgData : { ... } :prg }

    How to fix:
        Link with lld, and give PrgData a PT_LOAD of its own in PHDRS.

    Source:
        docs/formats/flm.md, Linking and position independence.
    """
    if len(file.code_sections) != 1 or not file.data_sections:
        return
    data = file.data_sections[0]
    segment = segment_of(data)
    if segment is None or segment is not segment_of(file.code_sections[0]):
        return
    if file.build.writable_independent == (R9_RELATIVE_DATA,):
        yield Problem(
            "shared-segment",
            f"PrgData at 0x{data.address:08x} shares a segment with PrgCode, so its variables may be counted from"
            f" 0x{segment.address:08x}.",
            "Give PrgData a PT_LOAD of its own, and link with lld.",
            file.at_section(data),
        )


RULES: tuple[AnyRule, ...] = (build_is_position_independent, no_absolute_addresses, static_base_is_start_of_data)
