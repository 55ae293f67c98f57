"""Links the loader of `tests/rewriting/sources` at any address, with its relocations."""

import subprocess
from pathlib import Path

_SOURCES = Path(__file__).parents[1] / "rewriting" / "sources"

_FLAGS = ("-mthumb", "-std=c11", "-ffreestanding", "-nostdlib", "-ffunction-sections", "-fdata-sections")
_LINKER_FLAGS = ("-Wl,--gc-sections", "-Wl,--no-warn-rwx-segments", "-Wl,--build-id=none")


def link_movable(
    folder: Path, base: int, *flags: str, descriptor: int | None = 0, keep_relocations: bool = True
) -> bytes:
    """Return the loader.

    Args:
        folder: for what the tools write.
        base: address of its code.
        flags: of the compiler.
        descriptor: address of StorageInfo; None puts it behind the image.
        keep_relocations: link with --emit-relocs.
    """
    script = (_SOURCES / "movable.ld").read_text(encoding="ascii")
    place = "" if descriptor is None else f"0x{descriptor:08x}"
    script_file, output = folder / "movable.ld", folder / "movable.elf"
    script_file.write_text(script.replace("@BASE@", f"0x{base:08x}").replace("@DESCRIPTOR@", place), encoding="ascii")
    emit = ["-Wl,--emit-relocs"] if keep_relocations else []
    command = ["arm-none-eabi-gcc", *_FLAGS, *flags, *_LINKER_FLAGS, *emit, f"-Wl,--script={script_file}"]
    # In its folder and by bare names: debug information must not differ between two links.
    subprocess.run(
        [*command, "movable.c", "-lgcc", "-o", str(output)], cwd=_SOURCES, capture_output=True, text=True, check=True
    )
    return output.read_bytes()
