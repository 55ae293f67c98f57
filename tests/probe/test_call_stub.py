"""The stub is what its listing says."""

import subprocess
from pathlib import Path

import pytest

from loaderconv.hosts.core import Register
from loaderconv.probe import call_stub
from loaderconv.probe.call_stub import CODE, CallStub
from support.toolchain import needs_toolchain

_COLUMN = 40


def listed_source() -> str:
    """Return the assembly in the module's docstring, which has two columns."""
    assert call_stub.__doc__ is not None
    lines = [line for line in call_stub.__doc__.splitlines() if line.startswith("    ")]
    columns = [line[4:_COLUMN] for line in lines], [line[_COLUMN:] for line in lines]
    return "\n".join(column.strip() for side in columns for column in side)


@needs_toolchain
def test_code_is_what_the_listing_assembles_to(tmp_path: Path) -> None:
    source, built, binary = (tmp_path / name for name in ("stub.s", "stub.o", "stub.bin"))
    source.write_text(f".syntax unified\n.cpu cortex-m0\n.thumb\n{listed_source()}\n.balign 4\nblock: .word 0\n")
    subprocess.run(["arm-none-eabi-gcc", "-c", "-o", built, source], check=True)
    subprocess.run(["arm-none-eabi-objcopy", "-O", "binary", built, binary], check=True)
    assert binary.read_bytes()[:-4] == CODE


def test_results_count_only_once_the_routine_has_returned() -> None:
    stub = CallStub(0x2000_0000)
    block = stub.block({Register.R1: 1, Register.SP: 0x2000_1000}, 0x2000_0100)
    results = block[stub.results.start - stub.block_address :]
    assert len(results) == stub.results.size_bytes
    assert stub.registers(results) is None
    done = results[:-4] + stub.block_address.to_bytes(4, "little")
    returned = {Register.R0: 0x2000_0101, Register.R1: 0, Register.SP: 0x2000_1000, Register.R9: 0}
    assert stub.registers(done) == returned


def test_address_is_that_of_a_word() -> None:
    with pytest.raises(ValueError, match="words"):
        CallStub(0x2000_0002)
