"""What `.flash` and `.board` files have in common, whether or not they can be read as XML."""

from dataclasses import dataclass

from loaderconv.lint.subjects.subject import RuleSet, Subject
from loaderconv_schemas.host import Host
from loaderconv_schemas.lint_hosts import HOSTS_OF_FLAVOURS
from loaderconv_schemas.loader import Flavour


@dataclass(eq=False)
class DescriptionFile(Subject):
    """A `.flash` or `.board` file, well-formed or not (docs/formats/iar.md, The .flash file)."""

    @property
    def rule_set(self) -> RuleSet:
        """The rules that may look at it."""
        return RuleSet.IAR

    @property
    def hosts(self) -> tuple[Host, ...]:
        """The hosts for which it is, as far as its content and its name tell."""
        return HOSTS_OF_FLAVOURS[Flavour.IAR]
