"""Which routines there are."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.stldr import StldrFile
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.elf import constants as c
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_READS_THROUGH_CODE = {2: "NAND_FLASH", 7: "SPI_FLASH", 8: "I2C_FLASH", 10: "I2C_EEPROM"}
"""DeviceTypes of memories that no bus maps by itself."""


@rule(
    "STL004",
    Severity.ERROR,
    StldrFile,
    hosts={Host.CUBE_PROGRAMMER: Verdict.REJECTED, Host.ST_OPENOCD: Verdict.REJECTED},
    needs=(Fact.SYMBOLS,),
)
def mandatory_routines(file: StldrFile) -> Iterator[Problem]:
    """Init, Write and SectorErase are there.

    What it checks:
        Functions of exactly these names. SectorErase is only a warning where DeviceType says SRAM, PSRAM or SDRAM.

    Why it matters:
        Hosts find routines by name. ST's OpenOCD refuses a loader without these three: "Loader function Init not
        found". Nothing in the program calls them, so that the linker drops them unless it is told not to, and a C++
        compiler adds the types of the arguments to the name.

    Example:
        int Init(void) { ... }   // in Loader_Src.cpp: the symbol is _Z4Initv

    How to fix:
        Mark them __attribute__((used)), compile them as C or extern "C", and name their sections in KEEP() of the
        linker script.

    Source:
        docs/formats/stldr.md, Entry points, and Accepted and rejected.
    """
    for name in ("Init", "Write", "SectorErase"):
        symbol = file.symbols.get(name)
        if symbol is not None and symbol.type in (c.STT_FUNC, c.STT_NOTYPE):
            continue
        prefix = f"_Z{len(name)}{name}"
        mangled = next((each for each in file.symbols if each.startswith(prefix)), None)
        hosts = {Host.CUBE_PROGRAMMER: Verdict.REJECTED, Host.ST_OPENOCD: Verdict.REJECTED}
        if name != "Init":
            hosts[Host.CUBE_PROGRAMMER] = Verdict.LOSS
        if mangled is not None:
            yield Problem(
                "mangled",
                f"{name} has the name {mangled} of a C++ function, so hosts do not find it.",
                f'Declare {name} in extern "C".',
                file.at_symbol(mangled),
                hosts=hosts,
            )
            continue
        can_do_without = name == "SectorErase" and file.raw is not None and file.describes_ram
        yield Problem(
            "missing",
            f"The file has no function {name}.",
            f"Define {name}, mark it as used, and keep it in the linker script.",
            file.at_symbol(name),
            severity=Severity.WARNING if can_do_without else None,
            hosts={Host.ST_OPENOCD: Verdict.REJECTED} if can_do_without else hosts,
        )


@rule(
    "STL005",
    Severity.WARNING,
    StldrFile,
    hosts={Host.CUBE_PROGRAMMER: Verdict.LOSS, Host.ST_OPENOCD: Verdict.LOSS},
    needs=(Fact.SYMBOLS, Fact.DESCRIPTOR),
)
def mass_erase(file: StldrFile) -> Iterator[Problem]:
    """MassErase is there.

    What it checks:
        A function of exactly this name. A memory that DeviceType calls SRAM, PSRAM or SDRAM needs none.

    Why it matters:
        Without it "full chip erase" fails, in CubeProgrammer and with the command mass_erase of ST's OpenOCD. Erasing
        sectors still works. 29 of 444 public loaders have none.

    Example:
        int Mass_Erase(uint32_t Parallelism);

    How to fix:
        Define MassErase; a loop over all sectors will do.

    Source:
        docs/formats/stldr.md, Entry points; td-p/777754.
    """
    if not _has(file, "MassErase") and not file.describes_ram:
        yield Problem(
            "missing",
            "The file has no function MassErase, so the whole memory cannot be erased at once.",
            "Define MassErase, for instance as a loop over all sectors.",
            file.at_symbol("MassErase"),
        )


@rule(
    "STL006",
    Severity.WARNING,
    StldrFile,
    hosts={Host.CUBE_PROGRAMMER: Verdict.LOSS},
    needs=(Fact.SYMBOLS, Fact.DESCRIPTOR),
)
def read(file: StldrFile) -> Iterator[Problem]:
    """Read is there where the memory is not mapped.

    What it checks:
        A function Read, where DeviceType is NAND_FLASH (2), SPI_FLASH (7), I2C_FLASH (8) or I2C_EEPROM (10).

    Why it matters:
        Without Read hosts read the addresses of the memory directly after Init, which works where Init maps it: ST's
        boards do so, and call their memories NOR_FLASH. For serial memories authors report that CubeProgrammer wants
        Read. Which types it means exactly is not known.

    Example:
        SPI_FLASH, 0x00000000, 0x00100000,   /* in Dev_Inf.c, and no Read in Loader_Src.c */

    How to fix:
        Define int Read(uint32_t Address, uint32_t Size, uint8_t *buffer), or let Init map the memory and use NOR_FLASH
        as DeviceType.

    Source:
        docs/formats/stldr.md, How hosts drive it (item 9).
    """
    kind = _READS_THROUGH_CODE.get(file.info.type_code)
    if kind is not None and not _has(file, "Read"):
        yield Problem(
            "missing",
            f"DeviceType is {file.info.type_code} ({kind}), but the file has no function Read to read it with.",
            "Define Read, or map the memory in Init and use NOR_FLASH as DeviceType.",
            file.at_symbol("Read"),
        )


@rule("STL007", Severity.NOTE, StldrFile, needs=(Fact.SYMBOLS,))
def verification(file: StldrFile) -> Iterator[Problem]:
    """Verify and CheckSum are there.

    What it checks:
        Functions of exactly these names.

    Why it matters:
        Both are optional. Without Verify the host reads back, through Read or through mapped memory, which is slower.
        CheckSum serves hosts that compare sums; where Verify is there, little depends on it. 313 of 444 public loaders
        have neither, 28 have Verify alone.

    Example:
        static uint32_t CheckSum(...)   /* local, so hosts do not look at it */

    How to fix:
        Take both from ST's Loader_Src.c, or leave them out: nothing fails without them.

    Source:
        docs/formats/stldr.md, Entry points.
    """
    missing = [name for name in ("CheckSum", "Verify") if not _has(file, name)]
    if "Verify" in missing:
        yield Problem(
            "missing",
            f"The file has no {' and no '.join(missing)}, so hosts read back what they wrote.",
            "Nothing needs to be done; define them to make verification faster.",
            file.at_symbol("Verify"),
        )
    elif missing:
        yield Problem(
            "no-checksum",
            "The file has no CheckSum; hosts can verify with its Verify all the same.",
            "Nothing needs to be done; CheckSum is optional.",
            file.at_symbol("CheckSum"),
        )


def _has(file: StldrFile, name: str) -> bool:
    return any(entry.symbol == name for entry in file.entries)


RULES: tuple[AnyRule, ...] = (mandatory_routines, mass_erase, read, verification)
