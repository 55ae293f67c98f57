"""A built shim: its code, and a manifest that tells where everything is."""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import resources

from loaderconv.shims.layout import Layout

BLOB_FOLDER = "blobs"

MAX_STACK_BYTES = 160
"""What a shim takes of the host's stack at most when it calls the source; measured in the tests of conversion."""

WORD = struct.Struct("<I")

_STATE = frozenset({"is_installed", "is_started", "phase", "partial_page", "host_block"})
"""What the shim and its host write; starts as 0."""

_FILLED_FROM_ARGUMENTS = frozenset({"flags", "routine", "install_list", "install_count", "run"})


@dataclass(frozen=True)
class ShimRoutine:
    """A routine that the face offers to its host.

    Attributes:
        offset_bytes: of its first instruction, from the start of the code.
        size_bytes: of its code.
    """

    offset_bytes: int
    size_bytes: int


@dataclass(frozen=True)
class Shim:
    """Code that joins a face and a source, ready to be placed at any multiple of 4; its table follows right behind.

    Attributes:
        name: `<face>_over_<source>`.
        code: position independent ARMv6-M code.
        routines: what the host calls, by symbol.
        layout: of the parameter table.
        toolchain: compiler that built it.
    """

    name: str
    code: bytes
    routines: Mapping[str, ShimRoutine]
    layout: Layout
    toolchain: str

    def table_size_bytes(self, run_count: int, install_count: int) -> int:
        """Return the size of a table with that many sector runs and ranges to install behind it."""
        return (
            self.layout.table["run"]
            + run_count * WORD.size * len(self.layout.run)
            + install_count * WORD.size * len(self.layout.install_range)
        )

    def table(
        self,
        fields: Mapping[str, int],
        routines: Mapping[str, int],
        flags: Sequence[str],
        runs: Sequence[Mapping[str, int]],
        install: Sequence[Mapping[str, int]] = (),
    ) -> bytes:
        """Return the bytes of a parameter table and its two lists.

        Args:
            fields: value by field name, without state and what the other arguments give; taken modulo 2**32.
            routines: address with Thumb bit by the source's routine name; others are absent.
            flags: names of the flags that are set.
            runs: one mapping by field name for each sector run.
            install: likewise for each range to install; `from` counts from the table.

        Raises:
            KeyError: a name that the C declaration does not have, or one of its fields missing.
        """
        expected = set(self.layout.table) - _FILLED_FROM_ARGUMENTS - _STATE
        if set(fields) != expected:
            raise KeyError(f"fields of the parameter table: {sorted(set(fields) ^ expected)}")
        data = bytearray(self.table_size_bytes(len(runs), len(install)))
        install_list = self.table_size_bytes(len(runs), 0)
        words = {
            **fields,
            "flags": sum(self.layout.flags[flag] for flag in flags),
            "install_list": install_list,
            "install_count": len(install),
        }
        for name, value in words.items():
            _put(data, self.layout.table[name], value)
        for name, address in routines.items():
            _put(data, self.layout.table["routine"] + WORD.size * self.layout.routines[name], address)
        _put_list(data, self.layout.table["run"], self.layout.run, runs)
        _put_list(data, install_list, self.layout.install_range, install)
        return bytes(data)

    def manifest(self) -> str:
        """Return the text that is kept beside the code."""
        content = {
            "name": self.name,
            "toolchain": self.toolchain,
            "code_size_bytes": len(self.code),
            "routines": {name: asdict(routine) for name, routine in sorted(self.routines.items())},
            "layout": asdict(self.layout),
        }
        return json.dumps(content, indent=2) + "\n"


def _put(data: bytearray, offset: int, value: int) -> None:
    WORD.pack_into(data, offset, value % (1 << 32))


def _put_list(data: bytearray, start: int, fields: Mapping[str, int], entries: Sequence[Mapping[str, int]]) -> None:
    stride = WORD.size * len(fields)
    for number, entry in enumerate(entries):
        for name, offset in fields.items():
            _put(data, start + number * stride + offset, entry[name])


def load_shim(name: str) -> Shim:
    """Return a committed shim by name. Raises FileNotFoundError for a name that was never built."""
    folder = resources.files("loaderconv.shims").joinpath(BLOB_FOLDER)
    content = json.loads(folder.joinpath(f"{name}.json").read_text("utf-8"))
    return Shim(
        name=content["name"],
        code=folder.joinpath(f"{name}.bin").read_bytes(),
        routines={symbol: ShimRoutine(**routine) for symbol, routine in content["routines"].items()},
        layout=Layout(**content["layout"]),
        toolchain=content["toolchain"],
    )
