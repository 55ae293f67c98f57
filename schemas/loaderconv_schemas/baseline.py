"""A baseline: the findings that a tree had when somebody started to check it."""

from pydantic import Field

from loaderconv_schemas.base import FormatVersion, Model


class KnownFinding(Model):
    """A finding that does not count.

    Attributes:
        rule: id of the rule.
        code: which of the rule's findings.
        place: where in the file, in words.
        fingerprint: what tells it from the other findings of its file.
        message: what was found, for people; it is not compared.
    """

    rule: str
    code: str
    place: str
    fingerprint: str = Field(min_length=1)
    message: str


class KnownFile(Model):
    """A file with findings that do not count.

    Attributes:
        path: relative to the folder of the baseline, with slashes; a file inside of a pack stands behind the pack's.
        findings: sorted by rule, code and place.
    """

    path: str
    findings: tuple[KnownFinding, ...]


class Baseline(Model):
    """What `loaderconv lint --write-baseline` writes.

    Attributes:
        version: of this form.
        files: sorted by path.
    """

    version: FormatVersion
    files: tuple[KnownFile, ...]
