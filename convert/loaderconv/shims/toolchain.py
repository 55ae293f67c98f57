"""Compiles and links a shim, and proves that the result may run at any address."""

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PREFIX = "arm-none-eabi-"
SOURCE_FOLDER = Path(__file__).parent / "source"
LINK_BASES = (0, 0x2000_4000)
"""Two bases; a blob that depends on its address differs between them."""

COMPILE_FLAGS = (
    "-mcpu=cortex-m0",
    "-mthumb",
    "-mno-unaligned-access",
    "-std=c11",
    "-Os",
    "-fPIC",
    "-ffreestanding",
    "-fno-builtin",
    "-fno-common",
    "-fwhole-program",  # all of a shim is one unit; what its face does not offer may be inlined
    "-ffixed-r7",  # holds the address of the table
    "-fno-inline-functions-called-once",  # with eight low registers, one long function spills more than two short ones
    "-fno-ivopts",  # this and the next three make the code longer
    "-fno-tree-forwprop",
    "-fno-tree-dominator-opts",
    "-fno-move-loop-invariants",
    "-fno-tree-loop-distribute-patterns",  # or loops become calls of memcpy and memset
    "-fno-unwind-tables",
    "-fno-asynchronous-unwind-tables",
    "-fno-stack-protector",
    "-fno-ident",
    "-fvisibility=hidden",
    "-frandom-seed=loaderconv",
    "-Wall",
    "-Wextra",
    "-Werror",
)

ALLOWED_RELOCATIONS = frozenset({"R_ARM_THM_CALL", "R_ARM_THM_JUMP24", "R_ARM_THM_JUMP11", "R_ARM_REL32", "R_ARM_NONE"})
"""Calls, branches and pc-relative references: none of them depends on where the blob lies."""


class BuildFailed(Exception):
    """A step of the build failed; the message says which and why."""


@dataclass(frozen=True)
class LinkedShim:
    """What the linker made.

    Attributes:
        code: all bytes in front of the parameter table.
        symbols: name, and value and size of each defined global symbol.
    """

    code: bytes
    symbols: dict[str, tuple[int, int]]


def run(*command: str, cwd: Path | None = None) -> str:
    """Run a tool and return its output. Raises BuildFailed where it fails or is missing."""
    try:
        done = subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True)  # noqa: S603 - our own command
    except FileNotFoundError as problem:
        raise BuildFailed(f"{command[0]} is not installed (Debian: gcc-arm-none-eabi)") from problem
    except subprocess.CalledProcessError as problem:
        raise BuildFailed(f"{' '.join(command)}\n{problem.stderr}") from problem
    return done.stdout


def compiler_version() -> str:
    """Return the first line that the compiler says of itself."""
    return run(f"{PREFIX}gcc", "--version").splitlines()[0]


def compile_unit(sources: Sequence[str], output: Path, *extra: str) -> None:
    """Compile C files of the source folder as one unit. The result is the same from any folder."""
    unit = output.with_suffix(".unit.c")
    unit.write_text("".join(f'#include "{source}"\n' for source in sources), "utf-8")
    _compile(str(unit), output, "-I", ".", *extra)


def assemble(source: str, output: Path) -> None:
    """Assemble a file of the source folder."""
    _compile(source, output)


def _compile(source: str, output: Path, *extra: str) -> None:
    prefixes = (f"-ffile-prefix-map={SOURCE_FOLDER}=.", f"-ffile-prefix-map={output.parent}=.")
    run(f"{PREFIX}gcc", *COMPILE_FLAGS, *prefixes, *extra, "-c", source, "-o", str(output), cwd=SOURCE_FOLDER)


def link(name: str, objects: list[Path], folder: Path) -> LinkedShim:
    """Link at two bases and compare. Raises BuildFailed where the code depends on its address."""
    for each in objects:
        _check_relocations(name, each)
    images = [_link_at(base, objects, folder / f"{name}-{base:08x}") for base in LINK_BASES]
    if len({image.read_bytes() for image, _ in images}) != 1:
        raise BuildFailed(f"{name}: linked at {LINK_BASES[0]:#x} and {LINK_BASES[1]:#x} the bytes differ")
    binary, elf = images[0]
    return LinkedShim(binary.read_bytes(), _symbols(elf))


def _check_relocations(name: str, path: Path) -> None:
    listing = run(f"{PREFIX}readelf", "-rW", str(path))
    found = set(re.findall(r"\bR_ARM_\w+", listing))
    if found - ALLOWED_RELOCATIONS:
        raise BuildFailed(f"{name}: {path.name} has relocations {sorted(found - ALLOWED_RELOCATIONS)}")


def _link_at(base: int, objects: list[Path], stem: Path) -> tuple[Path, Path]:
    """Return the raw image and the ELF file linked at a base."""
    elf, binary = stem.with_suffix(".elf"), stem.with_suffix(".bin")
    run(
        f"{PREFIX}ld",
        "-T",
        str(SOURCE_FOLDER / "shim.ld"),
        f"--defsym=SHIM_BASE={base:#x}",
        "--orphan-handling=error",
        "--no-warn-rwx-segments",
        "--build-id=none",
        "-n",
        *map(str, objects),
        "-o",
        str(elf),
    )
    run(f"{PREFIX}objcopy", "-O", "binary", str(elf), str(binary))
    return binary, elf


def _symbols(elf: Path) -> dict[str, tuple[int, int]]:
    found = {}
    for line in run(f"{PREFIX}readelf", "-sW", str(elf)).splitlines():
        fields = line.split()
        if len(fields) == 8 and fields[4] == "GLOBAL" and fields[6] != "UND":
            found[fields[7]] = (int(fields[1], 16), int(fields[2], 0))
    return found
