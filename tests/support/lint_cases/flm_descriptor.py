"""Files for the rules on FlashDevice, but its geometry."""

from support.elf_numbers import STT_FUNC, STT_NOTYPE
from support.flm_recipe import SHORT_FLASH_DEVICE_SIZE_BYTES
from support.lint_cases.flm_pages import flm
from support.rule_cases import Bad, Good

LONG_NAME = b"A device with a name that no stldr has room for, as it is longer than the 99 characters that it gets"

BAD = (
    Bad("FLM040", "missing", flm(descriptor_symbol="FlashDevice_"), says=("no symbol FlashDevice",)),
    Bad("FLM040", "too-short", flm(descriptor_shipped_bytes=100), says=("100 bytes", "160")),
    Bad("FLM040", "not-loaded", flm(is_descriptor_loaded=False), says=("0x00000024",)),
    Bad("FLM040", "not-a-variable", flm(descriptor_symbol_kind=STT_NOTYPE), says=("STT_OBJECT",)),
    Bad("FLM040", "not-a-variable", flm(descriptor_symbol_kind=STT_FUNC), says=("STT_OBJECT",)),
    # Rust's flash-algorithm crate
    Bad("FLM041", "version", flm(version=1), says=("0x0001", "0x0101")),
    Bad("FLM042", "empty", flm(device_name=b""), says=("empty",)),
    Bad("FLM042", "not-ascii", flm(device_name="µC Flash".encode("latin-1")), says=(r"'\xb5C Flash'",)),
    Bad("FLM042", "not-ascii", flm(device_name=b"Flash\x07"), says=(r"'Flash\x07'",)),
    Bad("FLM042", "unterminated", flm(device_name=b"N" * 128), says=("128 bytes",)),
    Bad("FLM042", "too-long", flm(device_name=LONG_NAME), says=("100 characters", "99")),
    Bad("FLM042", "junk", flm(device_name=b"Flash 64K\0om another name"), says=("15 bytes",)),
    Bad("FLM042", "junk", flm(device_name=b"Flash 64K\0\xde\xad\xbe\xef"), says=("4 bytes",)),
    Bad("FLM043", "unknown", flm(device_type=0), says=("UNKNOWN",)),
    Bad("FLM043", "undefined", flm(device_type=7), says=("DevType is 7",)),
    Bad("FLM044", "reserved", flm(reserved=0x100), says=("0x00000100",)),
    Bad("FLM044", "padding", flm(padding=b"\xff\xff\xff"), says=("ff ff ff",)),
    Bad("FLM051", "no-program-timeout", flm(program_timeout_ms=0), says=("toProg", "0 ms")),
    Bad("FLM051", "no-erase-timeout", flm(erase_timeout_ms=0), says=("toErase", "0 ms")),
    # Alif's MRAM
    Bad("FLM052", "not-ff", flm(erased_value=0), says=("0x00",)),
    Bad("FLM052", "not-ff", flm(erased_value=0x0F), says=("0x0F",)),
)

GOOD = (
    Good("FLM040", flm()),
    # four public files declare the whole structure and ship one run and the terminator
    Good("FLM040", flm(descriptor_shipped_bytes=SHORT_FLASH_DEVICE_SIZE_BYTES)),
    Good("FLM040", flm(descriptor_section="PrgCode")),
    Good("FLM041", flm()),
    Good("FLM042", flm()),
    Good("FLM042", flm(device_name=LONG_NAME[:99])),
    Good("FLM043", flm()),
    Good("FLM043", flm(device_type=5)),
    Good("FLM044", flm()),
    Good("FLM051", flm()),
    Good("FLM052", flm()),
)
