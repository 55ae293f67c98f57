"""Files for the rules on the fields of StorageInfo."""

from support.lint_cases.stldr_descriptor import stldr
from support.rule_cases import Bad, Good, writes
from support.stldr_builder import build
from support.stldr_recipe import SHORT_STORAGE_INFO_SIZE_BYTES, StldrRecipe

SDRAM = 9
SHORT = {
    "descriptor_shipped_bytes": SHORT_STORAGE_INFO_SIZE_BYTES,
    "descriptor_symbol_size_bytes": SHORT_STORAGE_INFO_SIZE_BYTES,
}
TEN_GROUPS = ((26, 0x1000),) * 9 + ((22, 0x1000),)

BAD = (
    Bad("STL020", "other-name", stldr(device_name=b"QSPI_flashloader_CSP"), says=("QSPI_flashloader_CSP", "built.stl")),
    Bad(
        "STL020",
        "other-name",
        writes("k\u00e4se.stldr", build(StldrRecipe())),
        says=("'built'",),
        also=("STL040",),  # what cannot be a DeviceName is no plain file name either
    ),
    Bad("STL021", "empty", stldr(device_name=b""), says=("empty",)),
    Bad("STL021", "unterminated", stldr(device_name=b"W" * 100), says=("all 100 bytes",)),
    Bad("STL021", "not-ascii", stldr(device_name=b"W25Q128 \xb5"), says=("0xb5 at 8",)),
    Bad("STL021", "not-ascii", stldr(device_name=b"built\n"), says=("0x0a at 5",)),
    # As in the files of stm32extldr, whose author signs them there.
    Bad("STL021", "junk", stldr(device_name=b"built\0sourcer32@gmail.com"), says=("19 bytes",)),
    Bad("STL021", "junk", stldr(device_name=b"built\0W"), says=("1 byte of",)),
    Bad("STL022", "unknown-type", stldr(device_type=11), says=("11", "1 to 10")),
    Bad("STL022", "unknown-type", stldr(device_type=0), says=("DeviceType is 0",)),
    Bad("STL023", "no-size", stldr(size_bytes=0), says=("DeviceSize is 0",)),
    Bad(
        "STL023",
        "wraps",
        stldr(base_address=0xFFF0_0000, size_bytes=0x20_0000, groups=((512, 0x1000),)),
        says=("0xfff00000", "0x200000 bytes"),
    ),
    # MX25L512G_STM32F7 of stm32extldr, and W25Q128 of musk95.
    Bad(
        "STL024",
        "sum",
        stldr(size_bytes=0x3D_0900, groups=((1024, 0x1_0000),)),
        says=("0x4000000", "0x3d0900"),
    ),
    Bad("STL024", "sum", stldr(size_bytes=0x100_0000), says=("0x100000 bytes together", "0x1000000")),
    Bad("STL025", "no-sectors", stldr(groups=((0, 0x1000), (256, 0x1000))), says=("count of 0",)),
    # An FLM's { size, address }, and its end.
    Bad("STL025", "no-size", stldr(groups=((0x1000, 0),)), says=("4096 sectors of 0 bytes",)),
    Bad(
        "STL025",
        "flm-end",
        stldr(groups=((256, 0x1000), (0xFFFF_FFFF, 0xFFFF_FFFF))),
        says=("Group 1", "0xffffffff"),
    ),
    Bad("STL025", "behind-end", stldr(groups=((256, 0x1000), (0, 0), (8, 0x2000))), says=("Group 2", "group 1")),
    Bad("STL026", "no-page", stldr(page_size_bytes=0), says=("PageSize is 0",)),
    # ART-Pi_W25Q64.
    Bad("STL026", "page-larger-than-sector", stldr(page_size_bytes=0x2000), says=("0x2000", "0x1000 bytes")),
    Bad("STL026", "odd-page", stldr(page_size_bytes=528), says=("528",)),
    Bad(
        "STL026",
        "odd-sector",
        stldr(size_bytes=96 * 528, page_size_bytes=16, groups=((96, 528),)),
        says=("528 bytes", "no power of two."),
    ),
    Bad("STL026", "odd-sector", stldr(size_bytes=96 * 528, groups=((96, 528),)), says=("not a multiple of the page",)),
    Bad("STL027", "unusual", stldr(erased_value=0), says=("0x00",)),
)

GOOD = (
    Good("STL020", stldr()),
    Good("STL020", stldr(device_name=b"built\0junk")),
    Good("STL020", writes("any.elf", build(StldrRecipe()))),
    Good("STL021", stldr()),
    Good("STL021", stldr(device_name=b"W25Q128 (data flash)")),
    Good("STL021", stldr(device_name=b"W" * 99)),
    Good("STL022", stldr(device_type=10)),
    Good("STL023", stldr()),
    # The last byte of the address space is one, too.
    Good("STL023", stldr(base_address=0xFFF0_0000)),
    Good("STL024", stldr()),
    # A hybrid S25HL, and a table without an unused slot.
    Good("STL024", stldr(size_bytes=0x800_0000, groups=((32, 0x1000), (1, 0x2_0000), (511, 0x4_0000)))),
    Good("STL024", stldr(groups=TEN_GROUPS)),
    Good("STL025", stldr()),
    Good("STL025", stldr(groups=TEN_GROUPS)),
    # What follows a short StorageInfo in its section is not its table.
    Good("STL025", stldr(behind_descriptor=b"constants of Dev_Inf.c, more than sixty-four bytes of them" * 2, **SHORT)),
    Good("STL026", stldr()),
    Good("STL026", stldr(page_size_bytes=1)),
    # ST's IS42S32400F: one sector, and a page as large as the device.
    Good(
        "STL026",
        stldr(device_type=SDRAM, size_bytes=0x100_0000, page_size_bytes=0x100_0000, groups=((1, 0x100_0000),)),
    ),
    Good("STL027", stldr()),
)
