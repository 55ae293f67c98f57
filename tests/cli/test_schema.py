"""`loaderconv schema`: the schemas are the committed ones, and what the commands print obeys them."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from loaderconv.json_schemas import JSON_SCHEMAS, schema_text
from loaderconv_formats.bundle_reader import read_bundle
from loaderconv_formats.loader_file import read_loader_file
from support.command import assert_failure, invoke, run
from support.desk import USAGE
from support.inspecting import BOARD, FLASH, FLM, IAR, OUT, STLDR

IAR_RAM = ("--ram", "0x20000000:64K")
COMMITTED = Path(__file__).parents[2] / "docs" / "schemas"
NAMES = (
    *("inspect", "diff", "conversion", "conversions", "rewrite", "lint", "rules", "settings", "baseline"),
    *("timeline", "proof", "run", "probes", "loader", "bundle"),
)
WRITTEN_BY_PEOPLE = {"settings"}


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((COMMITTED / f"{name}.json").read_text("utf-8")))


def printed(*arguments: str | Path) -> Any:
    return json.loads(invoke(*arguments, "--format", "json").stdout)


def test_names() -> None:
    assert tuple(each.name for each in JSON_SCHEMAS) == NAMES
    assert {path.name for path in COMMITTED.iterdir()} == {f"{name}.json" for name in NAMES}


@pytest.mark.parametrize("wanted", JSON_SCHEMAS, ids=lambda each: each.name)
def test_committed_copy(wanted: Any) -> None:
    committed = (COMMITTED / f"{wanted.name}.json").read_text("utf-8")
    assert committed == schema_text(wanted) + "\n", "renew the copies with `make schemas`, and read what changed"


@pytest.mark.parametrize("name", NAMES)
def test_schema_is_valid_and_closed(name: str) -> None:
    schema = validator(name).schema
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:loaderconv:schema:{name}:1"
    objects = [each for each in [schema, *schema["$defs"].values()] if each["type"] == "object"]
    for each in objects:
        assert each["additionalProperties"] is False
        assert name in WRITTEN_BY_PEOPLE or set(each["required"]) == set(each["properties"])
        assert all("description" in field for key, field in each["properties"].items() if key != "version"), each


@pytest.mark.parametrize("name", NAMES)
def test_command_prints_it(name: str) -> None:
    outcome = invoke("schema", name)
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    assert outcome.stdout == (COMMITTED / f"{name}.json").read_text("utf-8")


def test_list_has_one_line_each() -> None:
    outcome = run("schema")
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    assert tuple(line.split()[0] for line in outcome.stdout.splitlines()) == NAMES


@pytest.mark.parametrize("name", ["", "Inspect", "inspect.json", "../inspect", "[red]"])
def test_unknown_name(name: str) -> None:
    outcome = invoke("schema", name)
    assert_failure(outcome, USAGE)
    assert all(known in outcome.stderr for known in NAMES)


def test_what_inspect_prints(tmp_path: Path) -> None:
    for arguments in ([FLM], [STLDR], [BOARD, FLASH, OUT], [IAR], [FLM, tmp_path / "gone.FLM"]):
        validator("inspect").validate(printed("inspect", *arguments))


def test_what_diff_prints() -> None:
    for arguments in ([FLM, FLM], [FLM, STLDR], [STLDR, BOARD]):
        validator("diff").validate(printed("diff", *arguments))


def test_what_a_conversion_prints(tmp_path: Path) -> None:
    validator("conversion").validate(printed("flm-to-stldr", FLM, tmp_path / "out.stldr"))
    validator("conversion").validate(printed("flm-to-stldr", FLM, tmp_path / "other.stldr", "--dry-run"))
    validator("conversion").validate(printed("stldr-to-flm", STLDR, tmp_path / "out.FLM"))
    validator("conversion").validate(printed("stldr-to-iar", STLDR, tmp_path / "out.board"))
    validator("conversion").validate(printed("iar-to-stldr", BOARD, tmp_path / "iar.stldr", "--pass", "2", *IAR_RAM))


def test_what_a_conversion_of_several_passes_prints(tmp_path: Path) -> None:
    document = printed("iar-to-flm", BOARD, tmp_path)
    validator("conversions").validate(document)
    assert [each["number"] for each in document["conversions"]] == [1, 2]
    validator("conversions").validate(printed("iar-to-flm", BOARD, tmp_path, "--dry-run"))


def test_models_with_bytes() -> None:
    validator("loader").validate(json.loads(read_loader_file(FLM).loader.model_dump_json()))
    validator("bundle").validate(json.loads(read_bundle(BOARD).model_dump_json()))


def test_other_documents_are_refused() -> None:
    document = printed("inspect", FLM)
    for change in ({"surprise": 1}, {"version": 2}, {"files": None}):
        with pytest.raises(ValidationError):
            validator("inspect").validate({**document, **change})
    del document["skipped"]
    with pytest.raises(ValidationError):
        validator("inspect").validate(document)
