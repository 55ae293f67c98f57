"""What a rule is: a function that looks at one kind of subject and tells what is wrong with it.

The function's docstring is the rule's page (`loaderconv.lint.page`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from loaderconv.lint.subjects.subject import Fact, Subject
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.lint import Place
from loaderconv_schemas.severity import Severity

HostEffects = Mapping[Host, Verdict]
"""What hosts make of a finding; those that are not named do not mind."""

NO_HOST: HostEffects = {}
"""No host minds."""


@dataclass(frozen=True)
class Problem:
    """What a rule found, without what the rule itself knows.

    Attributes:
        code: which of the rule's findings; short, stable, in lower case with hyphens, and written as a literal where
            the problem is made, so that tests know them all.
        message: one sentence with the fact: symbol, address, numbers.
        fix: one sentence with the next step.
        place: where in the file.
        severity: where it is not the rule's.
        hosts: where it is not what the rule says.
        is_fixable: `--fix` can put this one right.
    """

    code: str
    message: str
    fix: str
    place: Place
    severity: Severity | None = None
    hosts: HostEffects | None = None
    is_fixable: bool = False


S = TypeVar("S", bound=Subject)

Check = Callable[[S], Iterator[Problem]]


@dataclass(frozen=True)
class Rule(Generic[S]):
    """One rule.

    Attributes:
        id: three letters and three digits; never reused.
        severity: of its findings, unless one says otherwise.
        subject: what it looks at; subclasses count too.
        check: gives the problems of a subject.
        hosts: what hosts make of its findings, unless one says otherwise.
        needs: facts without which it is skipped.
        is_fixable: `--fix` can put its findings right, or some of them.
    """

    id: str
    severity: Severity
    subject: type[S]
    check: Check[S]
    hosts: HostEffects = field(default_factory=dict)
    needs: Sequence[Fact] = ()
    is_fixable: bool = False

    @property
    def docstring(self) -> str:
        """The rule's page as its author wrote it."""
        return self.check.__doc__ or ""


AnyRule = Rule[Any]


def rule(
    id: str,  # noqa: A002 - what a rule's id is called everywhere
    severity: Severity,
    subject: type[S],
    *,
    hosts: HostEffects = NO_HOST,
    needs: Sequence[Fact] = (),
    is_fixable: bool = False,
) -> Callable[[Check[S]], Rule[S]]:
    """Make a rule of the function below. Arguments are those of `Rule`."""

    def made(check: Check[S]) -> Rule[S]:
        return Rule(id, severity, subject, check, hosts, needs, is_fixable)

    return made
