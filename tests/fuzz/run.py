"""Fuzzes the readers and `lint`, guided by coverage: `python tests/fuzz/run.py --seconds 60`.

Needs the extra `fuzz` (atheris, with libFuzzer inside; Linux only). Exit code 0: nothing found; 1: an input that broke
something was saved, and its path is told; 2: it could not run.
"""

import argparse
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
REPOSITORY = FOLDER.parents[1]

RSS_LIMIT_MB = 300
INPUT_TIMEOUT_SECONDS = 2
START_SECONDS = 60
"""What a target may take beyond its time: imports, seeds, and the report of a finding."""

_RUNS = re.compile(r"stat::number_of_executed_units: (\d+)")


@dataclass(frozen=True)
class Outcome:
    """What became of one target.

    Attributes:
        target: its name.
        exit_code: libFuzzer's; 0 where nothing was found.
        log: what libFuzzer wrote.
        saved: inputs that broke something.
    """

    target: str
    exit_code: int
    log: str
    saved: Sequence[Path]

    def summary(self) -> str:
        """Return what a person wants to know."""
        if not self.exit_code:
            runs = _RUNS.search(self.log)
            return f"{self.target}: nothing found in {runs[1] if runs else 'no'} runs"
        if not self.saved:
            return f"{self.target}: libFuzzer ended with exit code {self.exit_code}\n{self._end_of_log}"
        return f"{self.target}: FOUND, input saved to {', '.join(map(str, self.saved))}\n{self._end_of_log}"

    @property
    def _end_of_log(self) -> str:
        """The traceback of the finding, or the last lines."""
        lines = self.log.splitlines()
        start = next((at for at, line in enumerate(lines) if "Uncaught Python exception" in line), len(lines) - 15)
        return "\n".join(f"    {line}" for line in lines[max(0, start) :][:60])


def main() -> int:
    """Run all targets, or those named, side by side; return the exit code."""
    arguments = _arguments()
    if importlib.util.find_spec("atheris") is None:
        print("atheris is missing: pip install '.[fuzz]' (Linux only). Nothing was fuzzed.", file=sys.stderr)
        return 2
    sys.path.insert(0, str(FOLDER.parent))
    from fuzz.targets import TARGETS  # noqa: PLC0415 - without atheris it is not needed

    names = arguments.target or list(TARGETS)
    if unknown := set(names) - set(TARGETS):
        print(f"no such target: {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}", file=sys.stderr)
        return 2
    arguments.findings.mkdir(parents=True, exist_ok=True)
    shares = sum(TARGETS[name].share for name in names)
    seconds = {
        name: max(1, arguments.seconds * min(arguments.jobs, len(names)) * TARGETS[name].share // shares)
        for name in names
    }
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(arguments.jobs) as pool:
        for name in names:
            _write_corpus(Path(folder, name), TARGETS[name].seeds())
            _write_dictionary(Path(folder, f"{name}.dict"), TARGETS[name].words)
        started = [
            pool.submit(_fuzz, name, Path(folder), seconds[name], TARGETS[name].max_input_bytes, arguments.findings)
            for name in names
        ]
        outcomes = [each.result() for each in started]
    for outcome in outcomes:
        print(outcome.summary())
    if any(outcome.saved for outcome in outcomes):
        return 1
    return 2 if any(outcome.exit_code for outcome in outcomes) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Fuzz the readers and lint.")
    parser.add_argument("target", nargs="*", help="all where none is named")
    parser.add_argument("--seconds", type=int, default=60, help="wall clock time for all targets together")
    parser.add_argument("--jobs", type=int, default=2, help="targets at a time")
    parser.add_argument("--findings", type=Path, default=REPOSITORY / "build" / "fuzz", help="where inputs are saved")
    return parser.parse_args()


def _write_corpus(folder: Path, seeds: Sequence[bytes]) -> None:
    folder.mkdir()
    for number, seed in enumerate(seeds):
        (folder / f"{number:03}").write_bytes(seed)


def _write_dictionary(path: Path, words: Sequence[bytes]) -> None:
    escaped = ("".join(f"\\x{byte:02x}" for byte in word) for word in words)
    path.write_text("".join(f'"{word}"\n' for word in escaped), "ascii")


def _fuzz(name: str, folder: Path, seconds: int, max_input_bytes: int, findings: Path) -> Outcome:
    command = [
        sys.executable,
        str(FOLDER / "one_target.py"),
        name,
        str(findings),
        str(folder / name),
        f"-max_total_time={seconds}",
        f"-max_len={max_input_bytes}",
        f"-dict={folder / name}.dict",
        f"-rss_limit_mb={RSS_LIMIT_MB}",
        f"-timeout={INPUT_TIMEOUT_SECONDS}",
        f"-artifact_prefix={findings}/{name}-",
        "-print_final_stats=1",
    ]
    before = set(findings.glob(f"{name}-*"))
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=seconds + START_SECONDS,
        env={**os.environ, "TMPDIR": str(folder)},
        check=False,
    )
    saved = sorted(set(findings.glob(f"{name}-*")) - before)
    return Outcome(name, done.returncode, done.stdout.decode("utf-8", "replace"), saved)


if __name__ == "__main__":
    sys.exit(main())
