"""Builds the shim blobs: `python -m loaderconv.shims.build`, or `--check` to compare with what is committed.

The bytes are equal only for the pinned compiler (Debian 12's gcc-arm-none-eabi 12.2.rel1); another one makes code that
behaves the same.
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from loaderconv.shims import toolchain
from loaderconv.shims.blob import BLOB_FOLDER, Shim, ShimRoutine
from loaderconv.shims.layout import read_layout

MAX_CODE_BYTES = 1536
"""A shim shares the loader's RAM, of which small parts have 8 KiB."""

COMMON_SOURCES = ("flash.c", "install.c", "memory.c")


@dataclass(frozen=True)
class Recipe:
    """What a shim is made of.

    Attributes:
        face: the flavour of the host.
        source: the flavour of the loader that does the work.
        routines: symbols that the face offers.
    """

    face: str
    source: str
    routines: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name of the blob."""
        return f"{self.face}_over_{self.source}"


_ROUTINES = {
    "stldr": ("Init", "Write", "Read", "SectorErase", "MassErase", "Verify", "CheckSum"),
    "flm": ("Init", "UnInit", "EraseSector", "EraseChip", "ProgramPage", "Verify", "BlankCheck"),
    "iar": (
        "FlashInitEntry",
        "FlashWriteEntry",
        "FlashEraseWriteEntry",
        "FlashChecksumEntry",
        "FlashSignoffEntry",
        "FlashBreak",
        "FlashInit",
        "FlashWrite",
        "FlashErase",
        "FlashChecksum",
        "FlashSignoff",
    ),
}
"""What each face offers."""

RECIPES = tuple(
    Recipe(face, source, routines) for face, routines in _ROUTINES.items() for source in _ROUTINES if source != face
)


def build(recipe: Recipe, folder: Path) -> Shim:
    """Compile, link and prove one shim. Raises BuildFailed."""
    code, call, layout = (folder / f"{name}.o" for name in ("shim", "call", "layout"))
    header = f'-DSOURCE_HEADER="source_{recipe.source}.h"'
    toolchain.compile_unit([f"face_{recipe.face}.c", f"source_{recipe.source}.c", *COMMON_SOURCES], code, header)
    toolchain.assemble("call.S", call)
    toolchain.compile_unit(["layout.c"], layout, header, "-g")
    linked = toolchain.link(recipe.name, [code, call], folder)
    if len(linked.code) > MAX_CODE_BYTES:
        raise toolchain.BuildFailed(f"{recipe.name}: {len(linked.code)} bytes of code, {MAX_CODE_BYTES} allowed")
    if linked.symbols["shim_parameters"][0] != len(linked.code):
        raise toolchain.BuildFailed(f"{recipe.name}: the parameter table does not follow the code")
    return Shim(
        name=recipe.name,
        code=linked.code,
        routines={name: ShimRoutine(linked.symbols[name][0] & ~1, linked.symbols[name][1]) for name in recipe.routines},
        layout=read_layout(layout),
        toolchain=toolchain.compiler_version(),
    )


def files(shim: Shim) -> dict[str, bytes]:
    """Return the content of the committed files by name."""
    return {f"{shim.name}.bin": shim.code, f"{shim.name}.json": shim.manifest().encode("utf-8")}


def main() -> int:
    """Build all shims and write or compare them. Returns 0 where everything is as it should be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="compare with the committed blobs, write nothing")
    check = parser.parse_args().check
    blobs = Path(__file__).parent / BLOB_FOLDER
    different = 0
    for recipe in RECIPES:
        with tempfile.TemporaryDirectory() as folder:
            shim = build(recipe, Path(folder))
        print(f"{shim.name}: {len(shim.code)} bytes of code")  # noqa: T201 - the tool's output
        for name, content in files(shim).items():
            if not check:
                (blobs / name).write_bytes(content)
            elif not (blobs / name).is_file() or (blobs / name).read_bytes() != content:
                print(f"{name} differs from the committed file")  # noqa: T201 - the tool's output
                different = 1
    return different


if __name__ == "__main__":
    sys.exit(main())
