"""The JSON Schemas of the documents that loaderconv writes or reads; `make schemas` puts them into docs/schemas."""

import inspect
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core.core_schema import DataclassField, ModelField, ModelSchema, TypedDictField

from loaderconv_schemas.base import FORMAT_VERSION, Model
from loaderconv_schemas.baseline import Baseline
from loaderconv_schemas.bundle import Bundle
from loaderconv_schemas.difference import DiffReport
from loaderconv_schemas.inspection import InspectReport
from loaderconv_schemas.lint import LintReport
from loaderconv_schemas.loader import Loader
from loaderconv_schemas.pass_conversions import PassConversions
from loaderconv_schemas.plan import ConversionReport
from loaderconv_schemas.probe_list import ProbeList
from loaderconv_schemas.proof import Proof
from loaderconv_schemas.rewriting import RewriteReport
from loaderconv_schemas.rule_page import RulePages
from loaderconv_schemas.run_report import RunReport
from loaderconv_schemas.settings import LintSettings
from loaderconv_schemas.timeline import Timeline


@dataclass(frozen=True)
class JsonSchema:
    """A kind of document.

    Attributes:
        name: by which it is asked for.
        purpose: what has this form, in one line.
        model: its model.
        mode: "validation" for what people write, who may leave out whatever has a default.
    """

    name: str
    purpose: str
    model: type[Model]
    mode: JsonSchemaMode = "serialization"


JSON_SCHEMAS = (
    JsonSchema("inspect", "what `loaderconv inspect --format json` prints", InspectReport),
    JsonSchema("diff", "what `loaderconv diff --format json` prints", DiffReport),
    JsonSchema("conversion", "what a conversion prints with --format json", ConversionReport),
    JsonSchema("conversions", "what a conversion into a folder prints with --format json", PassConversions),
    JsonSchema("rewrite", "what `loaderconv rewrite --format json` prints", RewriteReport),
    JsonSchema("lint", "what `loaderconv lint --format json` prints", LintReport),
    JsonSchema("rules", "what `loaderconv rule --all --format json` prints", RulePages),
    JsonSchema("settings", "what loaderconv.toml and [tool.loaderconv] may hold", LintSettings, "validation"),
    JsonSchema("baseline", "what `loaderconv lint --write-baseline` writes", Baseline),
    JsonSchema("timeline", "what `loaderconv simulate --format json` prints", Timeline),
    JsonSchema("proof", "what `loaderconv prove --format json` prints", Proof),
    JsonSchema("run", "what the commands of `loaderconv run` print with --format json", RunReport),
    JsonSchema("probes", "what `loaderconv run list --format json` prints", ProbeList),
    JsonSchema("loader", "a loader with its bytes, in base64", Loader),
    JsonSchema("bundle", "the loaders for which a file stands, with their bytes", Bundle),
)


def schema_text(wanted: JsonSchema) -> str:
    """Return a schema as indented JSON (draft 2020-12)."""
    head = {
        "$schema": GenerateJsonSchema.schema_dialect,
        "$id": f"urn:loaderconv:schema:{wanted.name}:{FORMAT_VERSION}",
    }
    body = wanted.model.model_json_schema(mode=wanted.mode, schema_generator=_OfDocuments)
    return json.dumps({**head, **body}, indent=2)


class _OfDocuments(GenerateJsonSchema):
    """Documents are written with all their fields, and the models' docstrings say what each means."""

    def field_is_required(self, field: ModelField | DataclassField | TypedDictField, total: bool) -> bool:  # noqa: FBT001 - pydantic's signature
        return self.mode == "serialization" or super().field_is_required(field, total)

    def model_schema(self, schema: ModelSchema) -> JsonSchemaValue:
        described = super().model_schema(schema)
        lineage = [inspect.cleandoc(each.__doc__ or "") for each in reversed(schema["cls"].__mro__)]
        described["description"] = lineage[-1].partition("\nAttributes:\n")[0].strip()
        for docstring in lineage:
            for name, text in _attributes(docstring):
                field = schema["cls"].model_fields.get(name)
                if field is not None:
                    described["properties"][field.alias or name]["description"] = text
        return described


def _attributes(docstring: str) -> Iterator[tuple[str, str]]:
    """Give names and texts of the docstring's last part."""
    _, _, listed = docstring.partition("\nAttributes:\n")
    for entry in re.split(r"\n(?= {4}\w)", "\n" + listed):
        name, _, text = entry.strip().partition(": ")
        yield name, " ".join(text.split())
