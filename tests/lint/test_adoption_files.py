"""The pre-commit hook and the GitHub action: what they name exists, and the action's scripts do what they say."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from loaderconv.cli.app import app

REPOSITORY = Path(__file__).parents[2]
HOOKS = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text("utf-8"))
ACTION = yaml.safe_load((REPOSITORY / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
BASH = shutil.which("bash") if os.name != "nt" else None
needs_bash = pytest.mark.skipif(BASH is None, reason="the scripts of the action run in bash")


class TestHook:
    def test_it_calls_a_command_that_exists(self) -> None:
        (hook,) = HOOKS
        assert hook["id"] == "loaderconv-lint"
        program, command, *options = hook["entry"].split()
        assert (program, options) == ("loaderconv", ["--skip-others"])
        assert command in {each.name for each in app.registered_commands}
        assert hook["language"] == "python"
        assert hook["require_serial"] is True

    @pytest.mark.parametrize(
        "name",
        ["a.FLM", "a.flm", "x/W25Q64.stldr", "A.STLDR", "iar/a.board", "iar/Flash.flash", "Vendor.pdsc", "v 2/[a].FLM"],
    )
    def test_loaders_are_checked(self, name: str) -> None:
        assert looked_at(name)

    @pytest.mark.parametrize(
        "name", ["a.c", "flm", "a.FLM.md", "a.FLMx", "aFLM", "x.flash/a.c", "boards/Kconfig.board", "Kconfig.flash"]
    )
    def test_other_files_are_not(self, name: str) -> None:
        assert not looked_at(name)


def looked_at(name: str) -> bool:
    """Tell whether pre-commit gives a file to the hook."""
    (hook,) = HOOKS
    return re.search(hook["files"], name) is not None and re.search(hook["exclude"], name) is None


class TestAction:
    def test_every_input_is_used_and_described(self) -> None:
        used = set(re.findall(r"\$\{\{[^}]*\binputs\.([\w-]+)", (REPOSITORY / "action.yml").read_text("utf-8")))
        used |= {name for step in STEPS for name in re.findall(r"\binputs\.([\w-]+)", step.get("if", ""))}
        assert used == set(ACTION["inputs"])
        assert all(each["description"] and "default" in each for each in ACTION["inputs"].values())

    def test_every_output_comes_from_a_step(self) -> None:
        for output in ACTION["outputs"].values():
            step, name = re.fullmatch(r"\$\{\{ steps\.(\w+)\.outputs\.([\w-]+) \}\}", output["value"]).groups()  # type: ignore[union-attr]
            (script,) = (each["run"] for each in STEPS if each.get("id") == step)
            assert f"{name}=" in script

    def test_no_expression_becomes_part_of_a_script(self) -> None:
        scripts = [step["run"] for step in STEPS if "run" in step]
        assert len(scripts) == 2
        assert not any("${{" in script for script in scripts)

    def test_scripts_run_in_a_shell_that_all_runners_have(self) -> None:
        assert {step["shell"] for step in STEPS if "run" in step} == {"bash"}

    def test_other_actions_are_pinned_by_commit(self) -> None:
        uses = re.findall(r"uses: (.*)", (REPOSITORY / "action.yml").read_text("utf-8"))
        assert len(uses) == 2
        assert all(re.fullmatch(r"[\w-]+(/[\w-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each) for each in uses)

    def test_upload_happens_also_after_findings(self) -> None:
        (upload,) = (step for step in STEPS if "upload-sarif" in step.get("uses", ""))
        assert upload["if"].startswith("always() && inputs.upload == 'true'")
        assert upload["with"]["sarif_file"] == "${{ steps.lint.outputs.sarif-file }}"


STUB = """
import json, os, pathlib, sys
pathlib.Path("arguments.json").write_text(json.dumps(sys.argv[1:]))
if os.environ["WRITES"]:
    pathlib.Path(os.environ["WRITES"]).write_text("{}")
sys.exit(int(os.environ["CODE"]))
"""


@dataclass(frozen=True)
class Ended:
    """How the step that checks ended."""

    exit_code: int
    arguments: list[str]
    outputs: dict[str, str]


@needs_bash
class TestScript:
    def test_usual_inputs(self, tmp_path: Path) -> None:
        ended = self.lint(tmp_path, paths=".")
        assert ended == Ended(
            0,
            ["lint", "--format", "github", "--report", "sarif:out.sarif", "--", "."],
            {"exit-code": "0", "sarif-file": "out.sarif"},
        )

    def test_findings_fail_the_step_and_are_uploaded(self, tmp_path: Path) -> None:
        ended = self.lint(tmp_path, paths=".", code=1)
        assert (ended.exit_code, ended.outputs) == (1, {"exit-code": "1", "sarif-file": "out.sarif"})

    def test_without_a_report_nothing_is_uploaded(self, tmp_path: Path) -> None:
        (tmp_path / "out.sarif").write_text("of another run")
        ended = self.lint(tmp_path, paths=".", code=2, writes="")
        assert (ended.exit_code, ended.outputs) == (2, {"exit-code": "2"})

    def test_paths_are_lines(self, tmp_path: Path) -> None:
        (tmp_path / "a.FLM").touch()
        paths = "a b/[1].FLM\r\n*.FLM\n\n  \\\\server\\x\n$(touch bad)\n`touch bad`; touch bad\n-x\n"
        ended = self.lint(tmp_path, paths=paths)
        wanted = ["a b/[1].FLM", "*.FLM", "  \\\\server\\x", "$(touch bad)", "`touch bad`; touch bad", "-x"]
        assert ended.arguments[6:] == wanted
        assert not (tmp_path / "bad").exists()

    def test_options_are_words(self, tmp_path: Path) -> None:
        (tmp_path / "a.FLM").touch()
        ended = self.lint(tmp_path, paths=".", args="--chip STM32H743\n --select  * $(touch bad) ", fail_on="note")
        wanted = ["--fail-on", "note", "--chip", "STM32H743", "--select", "*", "$(touch", "bad)", "--", "."]
        assert ended.arguments[5:] == wanted
        assert not (tmp_path / "bad").exists()

    def test_name_of_the_report_adds_no_output(self, tmp_path: Path) -> None:
        name = "a\nexit-code=0\r"
        ended = self.lint(tmp_path, paths=".", code=1, sarif_file=name, writes=name)
        assert ended.outputs == {"exit-code": "1", "sarif-file": "aexit-code=0"}

    def lint(
        self,
        folder: Path,
        *,
        paths: str,
        code: int = 0,
        args: str = "",
        fail_on: str = "",
        sarif_file: str = "out.sarif",
        writes: str = "out.sarif",
    ) -> Ended:
        """Run the step that checks, with a stub in the place of loaderconv, as GitHub's runners do."""
        (script,) = (step["run"] for step in STEPS if step.get("id") == "lint")
        (folder / "step.sh").write_text(script)
        (folder / "stub.py").write_text(STUB)
        stub = folder / "loaderconv"
        stub.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{folder / "stub.py"}" "$@"\n')
        stub.chmod(0o755)
        variables = {"COMMAND": stub, "PATHS": paths, "FAIL_ON": fail_on, "ARGS": args, "SARIF_FILE": sarif_file}
        variables |= {"WRITES": writes, "CODE": code, "GITHUB_OUTPUT": folder / "outputs"}
        ended = subprocess.run(
            [str(BASH), "--noprofile", "--norc", "-eo", "pipefail", "step.sh"],
            cwd=folder,
            env={**os.environ, **{name: str(value) for name, value in variables.items()}},
            timeout=60,
            check=False,
        )
        arguments = json.loads((folder / "arguments.json").read_text())
        lines = (folder / "outputs").read_bytes().decode().split("\n")[:-1]
        return Ended(ended.returncode, arguments, dict(line.split("=", 1) for line in lines))
