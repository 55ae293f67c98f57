"""Folders with the files of an IAR loader that name each other, for rules that look at several of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from support.iar_builder import build
from support.iar_recipe import IarRecipe
from support.iar_texts import BASE, BLOCK, PAGE, board_text, flash_text
from support.rule_cases import Write

EXE = "<exe>loader.out</exe>"
MACRO = "<macro>loader.mac</macro>"
ELEMENTS = (EXE, PAGE, BLOCK, BASE)
"""A `.flash` file of 64 blocks of 0x1000 bytes at 0x08000000, in pages of 512 bytes."""

LOADER = "<loader>memory.flash</loader>"
RANGE = "<range>CODE 0x08000000 0x0803ffff</range>"

PROGRAM = build(IarRecipe())

HOOK = b'execUserFlashInit()\r\n{\r\n  __message "----- Prepare hardware -----\\n";\r\n}\r\n'
"""What most macro files of HDSC hold."""


def folder(named: str, files: Mapping[str, bytes]) -> Write:
    """Return what writes files, and returns the path of one of them."""

    def write(where: Path) -> Path:
        for name, data in files.items():
            path = where / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return where / named

    return write


def flash(*elements: str, program: bytes = PROGRAM, macros: bytes = HOOK) -> Write:
    """Return what writes a `.flash` file with these elements, its executable and its macro file."""
    return flash_of(flash_text(*elements), program=program, macros=macros)


def flash_of(data: bytes, *, program: bytes = PROGRAM, macros: bytes = HOOK) -> Write:
    """Return what writes a `.flash` file, byte for byte, its executable and its macro file."""
    return folder("memory.flash", {"memory.flash": data, "loader.out": program, "loader.mac": macros})


def board(*elements: str, flash_elements: Sequence[str] = ELEMENTS, program: bytes = PROGRAM) -> Write:
    """Return what writes a `.board` file with these elements, the `.flash` file `memory.flash`, and its executable."""
    return board_of(board_text(*elements), flash_elements=flash_elements, program=program)


def board_of(data: bytes, *, flash_elements: Sequence[str] = ELEMENTS, program: bytes = PROGRAM) -> Write:
    """Return what writes a `.board` file, byte for byte, and the other two."""
    files = {"device.board": data, "memory.flash": flash_text(*flash_elements), "loader.out": program}
    return folder("device.board", files)


def one_pass(*elements: str) -> str:
    """Return a pass that uses `memory.flash`."""
    return f"<pass>{LOADER}{''.join(elements)}</pass>"
