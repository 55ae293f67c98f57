"""docs/ci.md names options, settings and formats that exist, and all of them; its examples are valid."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from loaderconv.cli.file_list import file_list
from loaderconv.cli.lint_options import LintFormat
from loaderconv.lint.loader_sets import HOST_FOLDERS
from loaderconv.lint.settings_file import load_settings
from loaderconv_schemas.errors import ExitCode
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.settings import LintSettings
from support.command import invoke

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs" / "ci.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?:^    |- run: |    - |sh '|`)(loaderconv lint [^'`\n]*)", re.MULTILINE)


def options() -> set[str]:
    """Return the long options that `loaderconv lint --help` lists."""
    listed = invoke("lint", "--help").stdout.partition("\nOptions:\n")[2]
    return set(re.findall(r"^  (?:-\w, )?(--[a-z-]+)", listed, flags=re.MULTILINE))


def rows(heading: str) -> list[str]:
    """Return the first cells of the table below a heading, without backticks."""
    text = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [each.strip("` ") for each in re.findall(r"^\| ([^|]+) \|", text, flags=re.MULTILINE)]


def test_options_exist() -> None:
    text = re.sub(r"python -m pip .*", "", PAGE)
    named = set(re.findall(r"(?<![\w-])--[a-z]+(?:-[a-z]+)*", text))
    assert len(named) > 12
    assert named <= options()


def test_every_option_is_told() -> None:
    """Those that are settings too are told as such."""
    settings = {f"--{key}" for key in rows("Settings")}
    assert options() - settings - {"--help"} <= set(re.findall(r"--[a-z-]+", PAGE))


def test_every_setting_is_told() -> None:
    keys = [field.alias or name for name, field in LintSettings.model_fields.items()]
    assert rows("Settings")[1:] == keys


def test_every_format_is_told() -> None:
    assert rows("Reports")[1:] == list(LintFormat)


def test_every_verdict_and_host_is_told() -> None:
    assert rows("What hosts make of it") == ["verdict", *Verdict, "host", *Host]


def test_host_folders_are_told() -> None:
    listed = PAGE.partition("Folders for one host count as their parent: ")[2].partition(", however")[0]
    assert {each.lower() for each in re.findall(r"`([^`]+)`", listed)} == HOST_FOLDERS


def test_folders_that_are_left_out_are_told(tmp_path: Path) -> None:
    listed = PAGE.partition("those in which tools keep copies: ")[2].partition(";")[0]
    names = re.findall(r"`([^`]+)`", listed)
    assert len(names) > 5
    for name in (*names, "src"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.FLM").touch()
    assert [each.path for each in file_list([tmp_path]).candidates] == [tmp_path / "src" / "a.FLM"]


def test_exit_codes_are_those_of_lint() -> None:
    others = {ExitCode.REFUSED, ExitCode.RUN_FAILED}
    assert rows("Exit codes")[1:] == [str(code.value) for code in ExitCode if code not in others]


def test_every_input_of_the_action_is_told() -> None:
    action = yaml.safe_load((REPOSITORY / "action.yml").read_text("utf-8"))
    assert set(rows("GitHub")[1:]) == set(action["inputs"])
    used = [text for kind, text in BLOCKS if kind == "yaml" and "- uses: OWNER" in text]
    (step,) = (each for each in yaml.safe_load(used[0])["jobs"]["loaders"]["steps"] if "with" in each)
    assert set(step["with"]) <= set(action["inputs"])


def test_example_settings_are_taken(tmp_path: Path) -> None:
    (text,) = (text for kind, text in BLOCKS if kind == "toml")
    path = tmp_path / "loaderconv.toml"
    path.write_text(text, "utf-8")
    settings, _ = load_settings(path, tmp_path)
    assert settings.for_hosts == (Host.CUBE_PROGRAMMER, Host.PYOCD)
    assert settings.baseline is None
    path.write_text(text.replace("# baseline = ", "baseline = "), "utf-8")
    settings, _ = load_settings(path, tmp_path)
    assert settings.baseline == tmp_path / "loaderconv-baseline.json"


@pytest.mark.parametrize("text", [text for kind, text in BLOCKS if kind == "yaml"])
def test_examples_are_yaml(text: str) -> None:
    assert yaml.safe_load(text)


def test_hook_exists() -> None:
    hooks = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text("utf-8"))
    (text,) = (text for _, text in BLOCKS if "hooks:" in text)
    example: Any = yaml.safe_load(text)
    assert [each["id"] for each in example["repos"][0]["hooks"]] == [each["id"] for each in hooks]


@pytest.mark.parametrize("command", COMMAND.findall(PAGE))
def test_commands_are_understood(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line gets as far as to look for its files."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loaders").mkdir()
    _, *arguments = shlex.split(command)
    outcome = invoke(*arguments)
    assert "No such option" not in outcome.stderr
    assert outcome.exit_code in {ExitCode.USAGE, ExitCode.UNREADABLE}, outcome.stderr


def test_commands_are_found() -> None:
    assert len(COMMAND.findall(PAGE)) >= 8
