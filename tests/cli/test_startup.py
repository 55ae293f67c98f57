"""Help and version come at once: nothing heavy is imported before a command needs it."""

import pytest

from loaderconv_schemas.errors import ExitCode
from support.command import run, run_code
from support.inspecting import FLM

HEAVY = ("lief", "pyocd", "unicorn", "elftools", "defusedxml")

PROGRAM = """
import sys
from loaderconv.__main__ import main
sys.argv = ["loaderconv", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    code = end.code
print("imported:", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
sys.exit(code)
"""

CONVERSIONS = ("flm-to-stldr", "flm-to-iar", "stldr-to-flm", "stldr-to-iar", "iar-to-flm", "iar-to-stldr")
COMMANDS = (*CONVERSIONS, "inspect", "diff", "rule", "schema")
INVOCATIONS = (["--help"], *([name, "--help"] for name in COMMANDS), ["--version"])


@pytest.mark.parametrize("arguments", INVOCATIONS, ids=" ".join)
def test_nothing_heavy_is_imported(arguments: list[str]) -> None:
    assert not set(HEAVY) & imported(*arguments)


def imported(*arguments: str) -> set[str]:
    """Return the packages that a command imports."""
    outcome = run_code(PROGRAM, *arguments)
    assert outcome.exit_code == 0
    label, *modules = outcome.stderr.split()
    assert label == "imported:"
    assert "loaderconv" in modules
    return set(modules)


@pytest.mark.parametrize("command", [["inspect"], ["diff", str(FLM)]], ids=["inspect", "diff"])
def test_reading_needs_neither_editor_nor_emulator(command: list[str]) -> None:
    modules = imported(*command, str(FLM))
    assert "elftools" in modules
    assert not {"lief", "unicorn", "pyocd"} & modules


def test_exit_codes_are_in_the_help() -> None:
    outcome = run("--help")
    text = " ".join(outcome.stdout.split())
    _, _, listed = text.partition("Exit codes: ")
    codes = [int(entry.split()[0]) for entry in listed.rstrip(".").split("; ")]
    assert codes == sorted(ExitCode)
    assert outcome.stderr == ""


OF_ALL = {
    "--ram",
    "--chip",
    "--pack",
    "--no-read",
    "--geometry",
    "--page",
    "--verify",
    "--machine",
    "--dry-run",
    "--force",
    "--format",
}
OF_IAR = {"--relocate", "--init-once", "--pass", "--toolkit-dir", "--define", "--follow"}
OF_SOME = {
    "flm-to-stldr": {"--name"},
    "flm-to-iar": {"--toolkit-dir"},
    "stldr-to-flm": {"--name", "--relocate", "--program-timeout", "--erase-timeout"},
    "stldr-to-iar": {"--relocate", "--toolkit-dir"},
    "iar-to-flm": OF_IAR | {"--name", "--program-timeout", "--erase-timeout"},
    "iar-to-stldr": OF_IAR | {"--name"},
}


@pytest.mark.parametrize("command", CONVERSIONS)
def test_help_of_a_conversion_names_every_option_that_it_takes_and_no_other(command: str) -> None:
    lines = run(command, "--help").stdout.partition("Options:")[2].splitlines()
    named = {line.split()[0] for line in lines if line.startswith("  --")}
    assert named == OF_ALL | OF_SOME[command]


@pytest.mark.parametrize("command", CONVERSIONS)
def test_the_list_of_commands_tells_all_of_each(command: str) -> None:
    (line,) = (line for line in run("--help").stdout.splitlines() if line.split()[:1] == [command])
    assert line.endswith(".")
    assert "..." not in line


def test_version_is_one_line() -> None:
    outcome = run("--version")
    name, version = outcome.stdout.split()
    assert (outcome.exit_code, name) == (0, "loaderconv")
    assert all(part.isdigit() for part in version.split(".")[:2])


def test_no_command_is_a_usage_error() -> None:
    outcome = run()
    assert outcome.exit_code == ExitCode.USAGE
    assert "Usage:" in outcome.stdout + outcome.stderr


@pytest.mark.parametrize(
    "arguments",
    [["--hepl"], ["flm-to-flm"], ["flm-to-stldr"], ["flm-to-stldr", "a.FLM"], ["flm-to-stldr", "a", "b", "c"]],
)
def test_wrong_command_line_is_a_usage_error(arguments: list[str]) -> None:
    outcome = run(*arguments)
    assert outcome.exit_code == ExitCode.USAGE
    assert outcome.stdout == ""
    assert "Traceback" not in outcome.stderr
    assert "Usage:" in outcome.stderr
