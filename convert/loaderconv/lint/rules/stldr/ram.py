"""Whether the loader fits the chip's RAM."""

from collections.abc import Iterator

from loaderconv.lint.facts import RamMap
from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.stldr import StldrFile
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfSection, ElfSegment
from loaderconv_formats.elf.loaded import loaded_ranges
from loaderconv_formats.stldr import abi
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_NEVER_RAM = (
    (range(0x0800_0000, 0x0A00_0000), "internal flash"),
    (range(0x0C00_0000, 0x0E00_0000), "internal flash, by its secure alias"),
    (range(0x4000_0000, 0x6000_0000), "peripherals"),
    (range(0x6000_0000, 0xE000_0000), "external memory, which works only once Init has run"),
    (range(0xE000_0000, 0x1_0000_0000), "the core's own registers"),
)
"""Of STM32. Below 0x20000000 some have RAM: CCM at 0x10000000, aliases of the SRAM at 0x0a000000 and 0x0e000000."""

_WRITE_BUFFER_OFFSET_BYTES = 0x408
"""ST's OpenOCD has its buffer this far above the image."""


@rule(
    "STL030",
    Severity.ERROR,
    StldrFile,
    hosts={Host.CUBE_PROGRAMMER: Verdict.REJECTED, Host.ST_OPENOCD: Verdict.REJECTED},
    needs=(Fact.SYMBOLS, Fact.DESCRIPTOR),
)
def image_is_in_ram(file: StldrFile) -> Iterator[Problem]:
    """Code and data are linked for RAM.

    What it checks:
        The address of each PT_LOAD except that of StorageInfo, and with a known chip (--chip, --ram), where these are
        right, also of zero-initialised data: it lies in the chip's RAM. RAMs that adjoin count as one, secure aliases
        of an ARMv8-M as the same. Without a chip, it does not lie where no STM32 has RAM. STL039 tells of addresses
        near 0, STL032 of a RAM that is too small.

    Why it matters:
        Hosts write the loader to its link addresses through the debug port. Flash does not take it, and external memory
        does not work before Init has run.

    Example:
        MEMORY { FLASH (rx) : ORIGIN = 0x08000000, LENGTH = 2048K }   /* the script of the application */

    How to fix:
        Link with a script that places all of the loader in RAM, at base + 4: 0x20000004, or 0x24000004 on an STM32H7.

    Source:
        docs/formats/stldr.md, What real files look like, and Accepted and rejected.
    """
    ram = file.known_ram
    outside = [each for each in file.image_segments if ram is not None and not _starts_in(ram, each)]
    for segment in file.image_segments if ram is None else outside:
        if not segment.address >> 24:
            continue
        what = f"{len(segment.data)} bytes of code or data are linked for 0x{segment.address:08x}"
        place = file.at_segment(segment)
        if ram is None:
            region = next((name for region, name in _NEVER_RAM if segment.address in region), None)
            if region is not None:
                yield Problem("not-ram", f"{what}, which is {region}.", "Link the loader for RAM, at base + 4.", place)
        else:
            yield Problem(
                "outside-ram",
                f"{what}, where the chip has no RAM ({ram.source}).",
                f"Link the loader for {_shown(ram)}, at base + 4.",
                place,
            )
    if ram is None or outside:
        return
    for section in file.allocated:
        if section.type == c.SHT_NOBITS and not _starts_in(ram, section):
            yield Problem(
                "zeroed-data-outside-ram",
                f"The zero-initialised data of section {section.name} start at 0x{section.address:08x}, where the chip"
                f" has no RAM ({ram.source}).",
                f"Link the loader for {_shown(ram)}.",
                file.at_section(section),
            )


@rule("STL032", Severity.WARNING, StldrFile, needs=(Fact.SYMBOLS, Fact.DESCRIPTOR, Fact.RAM))
def image_leaves_room(file: StldrFile) -> Iterator[Problem]:
    """Above the image the RAM has room for 1 KiB of stack and a page.

    What it checks:
        The end of the image, zero-initialised data included, against the end of the chip's RAM there (--chip, --ram):
        1024 bytes of stack follow, and a buffer of PageSize, but for memories that are RAM themselves.

    Why it matters:
        CubeProgrammer puts its stack pointer 0x400 above the image and its buffer right above that. A loader that does
        not fit the RAM that its database gives the chip is silently not downloaded, or "elf loader is bigger than the
        RAM size". ST's OpenOCD writes a whole page at once, 0x408 above the image.

    Example:
        A loader of 7.5 KiB with PageSize 0x1000 on a chip with 8 KiB of SRAM.

    How to fix:
        Build with -Os and --gc-sections, leave out HAL modules that are not needed, or set PageSize to what the memory
        programs at once.

    Source:
        docs/formats/stldr.md, How hosts drive it (items 3 and 4), and Accepted and rejected.
    """
    start = file.image_start
    ram_end = None if start is None else file.ram.end_above(start)
    if start is None or ram_end is None:
        return
    ranges = loaded_ranges(file.image, without=file.descriptor_segment)
    end = max(each.end for each in ranges if start <= each.address < ram_end)
    page = 0 if file.describes_ram else file.info.page_size_bytes
    place = file.at_address(start)
    if end + abi.HOST_STACK_BYTES > ram_end:
        yield Problem(
            "no-stack",
            f"The image ends at 0x{end:08x}, the RAM at 0x{ram_end:08x} ({file.ram.source}): {ram_end - end} bytes are"
            f" left, and the host's stack takes {abi.HOST_STACK_BYTES}.",
            "Make the image smaller.",
            place,
            hosts={Host.CUBE_PROGRAMMER: Verdict.REJECTED, Host.ST_OPENOCD: Verdict.REJECTED},
        )
    elif end + _WRITE_BUFFER_OFFSET_BYTES + page > ram_end:
        yield Problem(
            "no-buffer",
            f"Above the image and {abi.HOST_STACK_BYTES} bytes of stack {ram_end - end - abi.HOST_STACK_BYTES} bytes of"
            f" RAM are left ({file.ram.source}), fewer than a page of {page}.",
            "Make the image smaller, or set PageSize to what the memory programs at once.",
            file.at_info("PageSize"),
            hosts={Host.ST_OPENOCD: Verdict.LOSS},
        )


def _starts_in(ram: RamMap, part: ElfSegment | ElfSection) -> bool:
    return ram.holder(part.address, part.address + 1) is not None


def _shown(ram: RamMap) -> str:
    return ", ".join(map(str, ram.ranges))


RULES: tuple[AnyRule, ...] = (image_is_in_ram, image_leaves_room)
