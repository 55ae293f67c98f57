"""What a team settles for `loaderconv lint` in `loaderconv.toml` or in `[tool.loaderconv]` of `pyproject.toml`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import ConfigDict, Field, StrictBool, StringConstraints

from loaderconv_schemas.base import Model
from loaderconv_schemas.host import Host
from loaderconv_schemas.severity import Severity

NotBlank = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""Text that says something."""

RulePrefix = Annotated[NotBlank, Field(json_schema_extra={"pattern": "^[A-Za-z]{1,3}[0-9]{0,3}$"})]
"""The beginning of rule ids, or a whole one: STL, STL02, FLM047."""


def _toml_key(field: str) -> str:
    return field.replace("_", "-")


class _Settings(Model):
    """Base of what people write: keys are spelled as the options of the command line."""

    model_config = ConfigDict(alias_generator=_toml_key, populate_by_name=True)


class FileIgnore(_Settings):
    """Findings of some files that somebody decided to live with.

    Attributes:
        path: pattern for paths relative to the folder of the settings, with slashes, as in a .gitignore file.
        rules: ids of rules, or how ids begin.
        reason: why; for the people who read this later.
    """

    path: NotBlank
    rules: tuple[RulePrefix, ...] = Field(min_length=1)
    reason: NotBlank


class LintSettings(_Settings):
    """Settings of `loaderconv lint`; an option of the command line takes the place of the key of its name.

    Attributes:
        select: rules that apply, by id or how ids begin; empty for all.
        ignore: rules that do not; where both fit, the longer one counts, and of two equals this one.
        fail_on: from which severity on a finding makes the command end with 1.
        show: from which severity on findings are reported.
        chip: name of the chip, for its RAM.
        ram: RAM of the chip, as BASE:SIZE.
        pack: CMSIS-Packs that describe the chip.
        for_hosts: tools for which loaders are meant; empty for those of each file's own flavour.
        baseline: file with findings that are known.
        toolkit_dir: what $TOOLKIT_DIR$ stands for in IAR files.
        define: what other variables stand for in IAR files.
        follow: follow references also out of the folders that were named.
        per_file_ignores: findings of some files that do not count.
    """

    select: tuple[RulePrefix, ...] = ()
    ignore: tuple[RulePrefix, ...] = ()
    fail_on: Severity = Severity.ERROR
    show: Severity = Severity.NOTE
    chip: NotBlank | None = None
    ram: NotBlank | None = None
    pack: tuple[Path, ...] = ()
    for_hosts: tuple[Host, ...] = Field(default=(), alias="for")
    baseline: Path | None = None
    toolkit_dir: Path | None = None
    define: dict[str, Path] = Field(default_factory=dict)
    follow: StrictBool = False
    per_file_ignores: tuple[FileIgnore, ...] = ()

    def overridden_by(self, options: Mapping[str, object | None]) -> Self:
        """Return the settings with those of the options that were given.

        A chip takes the place of the RAM in the settings, and the other way round, for both tell the same.

        Args:
            options: values by the name of the field; None, or an empty list, for an option that was not given.
        """
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in options.items()}
        given = {name: value for name, value in values.items() if value not in (None, ())}
        told = {"chip", "ram"} & given.keys()
        return self.model_copy(update={**(dict.fromkeys(("chip", "ram")) if told else {}), **given})
