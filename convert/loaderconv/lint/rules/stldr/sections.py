"""Sections and segments that make hosts lose bytes, or count RAM wrongly."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.program import holds
from loaderconv.lint.subjects.stldr import StldrFile
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.anatomy import MAX_GAP_BYTES
from loaderconv_formats.elf.image import ElfSection
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_HUGE_SEGMENT_BYTES = 16 << 20
_SPAN_FACTOR = 4
_UNWINDING = (".ARM.exidx", ".ARM.extab", ".ARM", ".eh_frame")
_SHT_ARM_EXIDX = 0x7000_0001
"""Tables that nothing reads in a loader: by their names, or by the type where a section has no name."""


@rule("STL033", Severity.WARNING, StldrFile, needs=(Fact.SYMBOLS, Fact.DESCRIPTOR))
def zeroed_data_are_counted(file: StldrFile) -> Iterator[Problem]:
    """Zero-initialised data behind the image lie in its PT_LOAD.

    What it checks:
        NOBITS sections up to 64 KiB behind a PT_LOAD: whether its size in memory (p_memsz) covers them.

    Why it matters:
        A host that takes the size of the image from the program headers puts its stack and its buffer right above them,
        onto these variables. IAR's linker leaves its zero-initialised sections outside: 9 of 21 IAR files. What
        CubeProgrammer takes is not known; ST's OpenOCD goes by sections.

    Example:
        P1-P2 ui  NOBITS  20000f38  000000e4 WA   /* and p_memsz ends at 20000f38 */

    How to fix:
        Place zero-initialised data with the initialised data, in one block (IAR: initialize manually), so that the file
        holds their zeros; or know that RAM use is larger than the program headers tell.

    Source:
        docs/formats/stldr.md, What breaks a naive parser (item 6).
    """
    outside = [each for each in file.allocated if each.type == c.SHT_NOBITS and _follows_uncounted(file, each)]
    if outside:
        size_bytes = sum(each.size_bytes for each in outside)
        yield Problem(
            "outside-segment",
            f"{size_bytes} bytes of zero-initialised data at 0x{outside[0].address:08x} lie behind the end of their"
            " PT_LOAD, so program headers understate the RAM.",
            "Let the linker place them inside of the segment with the code.",
            file.at_section(outside[0]),
        )


def _follows_uncounted(file: StldrFile, section: ElfSection) -> bool:
    if any(each.address <= section.address < each.memory_end for each in file.image.load_segments):
        return False
    return any(0 <= section.address - each.memory_end < MAX_GAP_BYTES for each in file.image_segments)


@rule(
    "STL034",
    Severity.NOTE,
    StldrFile,
    hosts={Host.ST_OPENOCD: Verdict.LOSS},
    needs=(Fact.SYMBOLS, Fact.DESCRIPTOR),
)
def constants_are_downloaded(file: StldrFile) -> Iterator[Problem]:
    """Constants lie in sections that can be executed or written.

    What it checks:
        Sections in the segments of code and data that are allocated, but neither executable nor writable, such as
        .rodata and .isr_vector. Tables for unwinding do not count.

    Why it matters:
        ST's OpenOCD downloads sections, not segments, and only those that can be executed or written. Constants in
        other sections are missing in RAM. CubeProgrammer downloads the whole segment. 321 of 345 public files made with
        GCC have sections that are neither, tables for unwinding counted.

    Example:
        .rodata : { *(.rodata*) } >RAM :Loader

    How to fix:
        Put the constants into the section of the code: .text : { *(.text*) *(.rodata*) } >RAM :Loader.

    Source:
        docs/formats/stldr.md, How hosts drive it (item 6), and What breaks a naive parser (item 7).
    """
    lost = [each for each in file.allocated if _is_lost(file, each)]
    if lost:
        size_bytes = sum(each.size_bytes for each in lost)
        names = ", ".join(dict.fromkeys(each.name or "(without a name)" for each in lost))
        yield Problem(
            "not-downloaded",
            f"{size_bytes} bytes of constants are in sections that ST's OpenOCD does not download: {names}.",
            "Put the constants into the section of the code in the linker script.",
            file.at_section(lost[0]),
        )


def _is_lost(file: StldrFile, section: ElfSection) -> bool:
    is_read_only = not section.flags & (c.SHF_WRITE | c.SHF_EXECINSTR)
    has_bytes = section.type not in (c.SHT_NOBITS, _SHT_ARM_EXIDX) and section.name not in _UNWINDING
    is_descriptor = file.descriptor is not None and section is file.descriptor.section
    return (
        is_read_only and has_bytes and not is_descriptor and any(holds(each, section) for each in file.image_segments)
    )


@rule("STL036", Severity.WARNING, StldrFile, needs=(Fact.SYMBOLS, Fact.DESCRIPTOR))
def segments_have_their_size(file: StldrFile) -> Iterator[Problem]:
    """No segment is much larger in memory than what lies in it.

    What it checks:
        p_memsz of the segments of code and data: at most 16 MiB, and at most four times the sections in it, or 64 KiB.

    Why it matters:
        A host that counts RAM by p_memsz finds that the loader does not fit, or clears what is not its own. ST's script
        for STM32H7RS puts the variables at 0x24020000 into the segment of the code at 0x20000004: that makes 64 MB.

    Example:
        .bss : { ... } >RAM_D2 :Loader   /* while the code is in RAM_D1 */

    How to fix:
        Give data in another RAM a PT_LOAD of its own, or place them in the RAM of the code.

    Source:
        docs/formats/stldr.md, What breaks a naive parser (item 6).
    """
    for segment in file.image_segments:
        inside = [each for each in file.allocated if segment.address <= each.address < segment.memory_end]
        size_bytes = sum(each.size_bytes for each in inside)
        limit_bytes = max(_SPAN_FACTOR * size_bytes, MAX_GAP_BYTES) if inside else _HUGE_SEGMENT_BYTES
        if segment.memory_size_bytes > min(limit_bytes, _HUGE_SEGMENT_BYTES):
            yield Problem(
                "span",
                f"PT_LOAD {file.at_segment(segment).name} at 0x{segment.address:08x} has"
                f" {segment.memory_size_bytes:,} bytes in memory, of which its sections use {size_bytes:,}.",
                "Give data in another RAM a PT_LOAD of its own.",
                file.at_segment(segment),
            )


RULES: tuple[AnyRule, ...] = (zeroed_data_are_counted, constants_are_downloaded, segments_have_their_size)
