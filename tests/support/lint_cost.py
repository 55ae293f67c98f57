"""Measures what `lint` costs: in a process of its own, so that what others need does not count."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_TIMEOUT_S = 120
"""After that it hangs; an idle machine takes five seconds at most."""

_PROGRAM = """
import json, resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from support.sound_lint import assert_sound, findings_of, linted
report = linted(Path(sys.argv[2]))
assert_sound(report)
# Not ru_maxrss: on Linux it begins with the peak of the process that started this one.
status = Path("/proc/self/status")
if status.exists():
    peak_bytes = int(status.read_text().partition("VmHWM:")[2].split()[0]) * 1024
else:
    peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([peak_bytes, sum(1 for _ in findings_of(report))]))
"""


@dataclass(frozen=True)
class Cost:
    """What a check took.

    Attributes:
        peak_bytes: most memory that the process had, with imports and all reports.
        findings: how many there were.
    """

    peak_bytes: int
    findings: int


def lint_cost(path: Path) -> Cost:
    """Check a file with all that it leads to, judge the report, and return what that cost. Not on Windows."""
    tests = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(tests), str(path)],
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Cost(*json.loads(done.stdout))
