"""The pyOCD user script that `loaderconv run script` writes."""

from dataclasses import dataclass
from string import Template

from loaderconv_schemas.address_range import AddressRange

_SCRIPT = Template('''\
"""pyOCD user script: programs $device with the loader $loader.

    pyocd load --script $script firmware.hex
    pyocd erase --script $script --sector $address
    pyocd gdbserver --script $script

pyOCD has to run in the Python environment in which loaderconv is installed. Written by loaderconv $version.
"""

from pathlib import Path

from loaderconv.programming.under_pyocd import install

LOADER = Path(__file__).parent / $path
RAM = $ram
PASS_NUMBER = $pass_number


def will_connect(board):
    install(board, LOADER, ram=RAM, pass_number=PASS_NUMBER)
''')


@dataclass(frozen=True)
class ScriptFacts:
    """What a script says.

    Attributes:
        loader: name of the loader's file.
        path: where it lies, seen from the folder of the script, or absolute.
        device: name of the memory.
        address: of its first byte.
        script: name of the script's file.
        ram: for the loader, None to take what pyOCD knows of the target.
        pass_number: which pass of a .board, None for the only one.
        version: of loaderconv.
    """

    loader: str
    path: str
    device: str
    address: int
    script: str
    ram: AddressRange | None
    pass_number: int | None
    version: str


def script_text(facts: ScriptFacts) -> str:
    """Return the script."""
    ram = facts.ram
    return _SCRIPT.substitute(
        loader=_in_a_docstring(facts.loader),
        path=repr(facts.path),
        device=_in_a_docstring(facts.device),
        address=f"0x{facts.address:08x}",
        script=_in_a_docstring(facts.script),
        ram=None if ram is None else f"(0x{ram.start:08x}, 0x{ram.size_bytes:x})",
        pass_number=facts.pass_number,
        version=facts.version,
    )


def _in_a_docstring(text: str) -> str:
    """Return text that ends no docstring and begins no escape."""
    return "".join(char if char.isprintable() and char not in '"\\' else "?" for char in text)
