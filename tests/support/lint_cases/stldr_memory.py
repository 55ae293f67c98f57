"""Files for the rules on the RAM that a loader takes."""

from loaderconv.lint.facts import RamMap, UserFacts
from loaderconv_schemas.address_range import AddressRange
from support.arm_attributes import CPU_ARCH, CPU_ARCH_PROFILE, PROFILE_M, aeabi
from support.elf_builder import Relocation
from support.elf_numbers import PF_ARM_SB, PF_R, PF_W, PF_X
from support.lint_cases.stldr_descriptor import stldr
from support.rule_cases import Bad, Good
from support.stldr_recipe import StldrRecipe

RWX = PF_R | PF_W | PF_X
R_ARM_ABS32 = 2
ARCH_V8_M_MAINLINE = 17
SHT_ARM_EXIDX = 0x7000_0001


def ram(*ranges: tuple[int, int]) -> UserFacts:
    """Return what the user says of the RAM: start and size of each range."""
    parts = [AddressRange(start=start, size_bytes=size_bytes) for start, size_bytes in ranges]
    return UserFacts(ram=RamMap(parts, "--ram"))


AXI_SRAM = ram((0x2400_0000, 0x8_0000))
SRAM_128K = ram((0x2000_0000, 0x2_0000))
ITCM_AND_SRAM = ram((0x0, 0x4000), (0x2000_0000, 0x2_0000))

SECURE = stldr(
    code_address=0x3000_0004,
    entry=0x3000_0005,
    arm_attributes=aeabi({CPU_ARCH: ARCH_V8_M_MAINLINE, CPU_ARCH_PROFILE: PROFILE_M}),
)
"""A loader linked at the secure alias of the RAM."""

BAD = (
    Bad("STL030", "not-ram", stldr(code_address=0x0800_0004, entry=0x0800_0005), says=("0x08000004", "internal flash")),
    Bad("STL030", "not-ram", stldr(code_address=0x9000_0004, entry=0x9000_0005), says=("external memory",)),
    Bad("STL030", "outside-ram", stldr(zi_size_bytes=0), says=("0x20000004", "--ram"), facts=AXI_SRAM),
    Bad(
        "STL030",
        "zeroed-data-outside-ram",
        stldr(zi_address=0x2402_0000, is_zi_in_segment=False),
        says=("0x24020000",),
        facts=SRAM_128K,
    ),
    # h750vb_core_stldr.elf.
    Bad("STL031", "host-word", stldr(code_address=0x2000_0000, entry=0x2000_0001), says=("0x20000000", "hosts put")),
    # W25Q128_STM32F412ZG.stldr: not at the base of the RAM, but where ST's OpenOCD takes it to be.
    Bad(
        "STL031",
        "host-word",
        stldr(code_address=0x2000_0100, entry=0x2000_0101),
        says=("0x20000100", "ST's OpenOCD puts"),
    ),
    Bad(
        "STL031",
        "host-word",
        stldr(code_address=0x2000_1000, entry=0x2000_1001),
        says=("0x20001000", "ST's OpenOCD puts"),
        facts=SRAM_128K,
    ),
    # The MDK-ARM projects of STM32CubeH7RS.
    Bad("STL031", "other-offset", stldr(code_address=0x2000_0008, entry=0x2000_0009), says=("0x20000008",)),
    Bad(
        "STL032",
        "no-stack",
        stldr(),
        says=("0x20000038", "0x20000400", "968 bytes"),
        facts=ram((0x2000_0000, 0x400)),
    ),
    Bad("STL032", "no-buffer", stldr(), says=("fewer than a page of 256",), facts=ram((0x2000_0000, 0x480))),
    # IAR's `P1-P2 ui`.
    Bad("STL033", "outside-segment", stldr(is_zi_in_segment=False), says=("16 bytes", "0x20000028")),
    Bad("STL034", "not-downloaded", stldr(constants=b"constant"), says=("8 bytes", ".rodata")),
    Bad("STL035", "r9", stldr(program_flags=RWX | PF_ARM_SB), says=("0x20000020", "PF_ARM_SB")),
    # ST's script for STM32H7RS: .bss in AXI SRAM, in the segment of the code in DTCM.
    Bad("STL036", "span", stldr(zi_address=0x2402_0000, zi_size_bytes=0x100), says=("67,240,188", "292")),
    Bad("STL036", "span", stldr(zi_address=0x2002_0000, zi_size_bytes=0x100), says=("131,324", "292")),
)

GOOD = (
    Good("STL030", stldr()),
    Good("STL030", stldr(), facts=SRAM_128K),
    Good("STL030", stldr(code_address=0x2400_0004, entry=0x2400_0005), facts=AXI_SRAM),
    # Two RAMs that follow each other are one, and those with TrustZone have two addresses.
    Good("STL030", stldr(), facts=ram((0x2000_0000, 0x10), (0x2000_0010, 0x400))),
    Good("STL030", SECURE, facts=SRAM_128K),
    Good("STL032", SECURE, facts=SRAM_128K),
    # CCM RAM; and relocatable loaders, of which STL039 tells.
    Good("STL030", stldr(code_address=0x1000_0004, entry=0x1000_0005)),
    Good("STL030", stldr(code_address=0x100, entry=0x101), facts=ITCM_AND_SRAM),
    Good("STL031", stldr()),
    Good("STL031", stldr(code_address=0x2000_3004, entry=0x2000_3005), facts=SRAM_128K),
    Good("STL032", stldr(), facts=ram((0x2000_0000, 0x580))),
    # Two RAMs that follow each other are one; and a memory that is RAM needs no page at once.
    Good("STL032", stldr(), facts=ram((0x2000_0000, 0x400), (0x2000_0400, 0x400))),
    Good(
        "STL032",
        stldr(device_type=9, size_bytes=0x100_0000, page_size_bytes=0x100_0000, groups=((1, 0x100_0000),)),
        facts=ram((0x2000_0000, 0x580)),
    ),
    Good("STL033", stldr()),
    # Variables in another RAM are none that a host's stack could meet.
    Good("STL033", stldr(is_zi_in_segment=False, zi_address=0x2402_0000)),
    Good("STL034", stldr()),
    Good("STL034", stldr(constants=b"unwinding tables", constants_section=".ARM.exidx")),
    # As in 28 public files: only the type tells.
    Good("STL034", stldr(constants=b"unwinding tables", constants_section="", constants_type=SHT_ARM_EXIDX)),
    Good("STL035", stldr()),
    # Without variables nothing is reached through r9.
    Good("STL035", stldr(program_flags=RWX | PF_ARM_SB, data=b"", zi_size_bytes=0)),
    Good("STL036", stldr()),
    Good("STL036", stldr(zi_address=0x2000_8000)),
)

MOVABLE = StldrRecipe(
    code_address=0x2000_0000,
    entry=0x2000_0001,
    relocations=(Relocation("P1 rw", StldrRecipe().data_address - 4, R_ARM_ABS32, "Init"),),
)
"""Kept relocations, so that lint --fix can move the image from the host's word."""
