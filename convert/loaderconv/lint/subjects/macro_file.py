"""A file of C-SPY macros, as far as rules look at it (docs/formats/iar.md, Macro files)."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

_NOT_CODE = re.compile(r'/\*.*?(?:\*/|\Z)|//[^\n]*|"(?:\\.|[^"\\\n])*+"?', re.DOTALL)
"""Comments and strings; whichever begins first counts. A string that nothing ends goes to the end of its line."""

_HEAD_OR_BRACE = re.compile(r"\b([A-Za-z_]\w*+)\s*+\([^(){};]*+\)\s*+(?=\{)|[{}]")
_CALL = re.compile(r"\b([A-Za-z_]\w*+)\s*+\(")
"""No expression looks at a character again and again, however long names and blanks are."""

_CONTROL_BYTES = frozenset(range(0x20)) - frozenset(b"\t\r\n\f\x1a")


@dataclass(frozen=True)
class MacroFile:
    """Macros as functions.

    Attributes:
        data: the file.
    """

    data: bytes

    @property
    def is_text(self) -> bool:
        """Whether people can read it; the editor of EWARM can encrypt macro files, which only C-SPY reads then."""
        return bool(self.data.strip()) and not _CONTROL_BYTES & set(self.data)

    @cached_property
    def functions(self) -> Mapping[str, str]:
        """The body of each function by name, without comments and strings."""
        code = _NOT_CODE.sub(" ", self.data.decode("latin-1"))
        found: dict[str, str] = {}
        depth, name, start = 0, "", 0
        for match in _HEAD_OR_BRACE.finditer(code):
            if match[0] == "{":
                depth += 1
            elif match[0] == "}":
                depth = max(0, depth - 1)
                if not depth and name:
                    found[name] = code[start : match.start()]
                    name = ""
            elif not depth:
                name, start = match[1], match.end()
        return found

    def calls_from(self, names: Iterable[str]) -> Counter[str]:
        """Return how often each function is called in some functions and in those that they call."""
        waiting, seen = list(names), set()
        calls: Counter[str] = Counter()
        while waiting:
            name = waiting.pop()
            if name in seen or name not in self.functions:
                continue
            seen.add(name)
            found = _CALL.findall(self.functions[name])
            calls.update(found)
            waiting += found
        return calls
