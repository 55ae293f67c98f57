"""Runs the command line, inside this process or in one of its own, and judges how it failed."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from loaderconv.cli.app import app

COMMAND = "flm-to-stldr"
_TIMEOUT_S = 60

Snapshot = dict[str, bytes | str]


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    exit_code: int
    stdout: str
    stderr: str


Runner = Callable[..., Outcome]


def invoke(*arguments: str | Path, env: Mapping[str, str] | None = None) -> Outcome:
    """Run the command line in this process."""
    result = CliRunner().invoke(app, [str(each) for each in arguments], env=env)
    return Outcome(result.exit_code, result.stdout, result.stderr)


def run(
    *arguments: str | Path | bytes,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    before: Callable[[], None] | None = None,
    stdout: int = subprocess.PIPE,
) -> Outcome:
    """Run `python -m loaderconv` as a user does; `before` is called in the new process, not on Windows."""
    result = subprocess.run(
        [sys.executable, "-B", "-m", "loaderconv", *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=_environment(env),
        cwd=cwd,
        preexec_fn=before,
        timeout=_TIMEOUT_S,
        check=False,
    )
    out = (result.stdout or b"").decode("utf-8", "replace")
    return Outcome(result.returncode, out, result.stderr.decode("utf-8", "replace"))


def run_code(code: str, *arguments: str) -> Outcome:
    """Run a small program in a new process."""
    result = subprocess.run(
        [sys.executable, "-B", "-c", code, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=_environment(None),
        timeout=_TIMEOUT_S,
        check=False,
    )
    return Outcome(result.returncode, result.stdout, result.stderr)


def _environment(changes: Mapping[str, str] | None) -> dict[str, str]:
    """Return the environment without what decides about colours, plus the changes."""
    inherited = {
        name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR", "COLUMNS"}
    }
    return {**inherited, "PYTHONIOENCODING": "utf-8", **(changes or {})}


def snapshot(folder: Path) -> Snapshot:
    """Return everything below a folder: bytes of files, target of links, a word for folders."""
    found: Snapshot = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = f"link to {path.readlink()}"
        else:
            found[name] = path.read_bytes() if path.is_file() else "no file"
    return found


def assert_failure(outcome: Outcome, exit_code: int) -> None:
    """Check that a command failed as every command must: one error, one hint, nothing else."""
    assert outcome.exit_code == exit_code, outcome.stderr
    lines = outcome.stderr.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["error", "hint"], outcome.stderr
    assert all(line.partition(": ")[2].strip() for line in lines), outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert outcome.stdout == ""
