"""Runs `loaderconv lint` in the current folder, and judges what it says."""

from pathlib import Path

from loaderconv_schemas.lint import LintReport
from support.command import Outcome, invoke
from support.flm_builder import build as build_flm
from support.flm_recipe import FlmRecipe
from support.stldr_builder import build
from support.stldr_recipe import SHORT_STORAGE_INFO_SIZE_BYTES, StldrRecipe

FLM = build_flm(FlmRecipe())
CLEAN = build(StldrRecipe())
SHORT = build(
    StldrRecipe(
        descriptor_shipped_bytes=SHORT_STORAGE_INFO_SIZE_BYTES,
        descriptor_symbol_size_bytes=SHORT_STORAGE_INFO_SIZE_BYTES,
    )
)
"""An error, STL009, which --fix can put right."""
MISNAMED = build(StldrRecipe(device_name=b"Other"))
"""A warning, STL020."""


def put(name: str, data: bytes) -> Path:
    """Write a file, with the folders that it needs."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def lint(*arguments: str | Path) -> Outcome:
    """Run the command in this process, in a window in which no line is broken."""
    return invoke("lint", *arguments, env={"COLUMNS": "400"})


def as_report(*arguments: str | Path) -> tuple[int, LintReport]:
    """Return exit code and report; nothing else may have been said."""
    outcome = lint(*arguments, "--format", "json")
    assert outcome.stderr == ""
    return outcome.exit_code, LintReport.model_validate_json(outcome.stdout)


def report_on(*arguments: str | Path) -> LintReport:
    """Return the report, whatever was said besides."""
    return LintReport.model_validate_json(lint(*arguments, "--format", "json").stdout)


def rules(report: LintReport) -> list[str]:
    """Return the rules of all findings, in their order."""
    return [finding.rule for file in report.files for finding in file.findings]


def assert_failure_beside_report(outcome: Outcome, exit_code: int) -> None:
    """Check that one thing went wrong, of which standard error tells, whatever the report says."""
    assert outcome.exit_code == exit_code
    assert [line.partition(":")[0] for line in outcome.stderr.splitlines()] == ["error", "hint"]
