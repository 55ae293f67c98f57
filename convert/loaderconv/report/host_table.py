"""What hosts make of files: a line for each host of a few files, or counts where there are many."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from loaderconv.report.blocks import heading, plain, unbroken
from loaderconv.report.counts import listed
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.lint import LintedFile

FEW_FILES = 5
"""Up to so many files, each has its own lines."""

RULES_SHOWN = 6
"""Of those that lead to a verdict on many files, the most frequent."""

_MEANINGS = {
    Verdict.ACCEPTED: "no objection is known",
    Verdict.LOSS: "an operation fails or does wrong, or data is missing",
    Verdict.REJECTED: "the host does not take the file",
}

_STYLES = {Verdict.ACCEPTED: "green", Verdict.LOSS: "yellow", Verdict.REJECTED: "red"}


@dataclass(frozen=True)
class HostCount:
    """The files of which a host makes the same.

    Attributes:
        host: the tool.
        verdict: what it makes of them.
        file_count: how many they are.
        rules: the ids that lead there, each with the number of files in which it does, the most frequent first.
    """

    host: Host
    verdict: Verdict
    file_count: int
    rules: tuple[tuple[str, int], ...]

    @property
    def because(self) -> str:
        """The rules in words, as many as are good to read."""
        told = [f"{rule} x{count:,}" for rule, count in self.rules[:RULES_SHOWN]]
        rest = len(self.rules) - len(told)
        return listed([*told, f"and {rest:,} more"] if rest else told)


def host_blocks(files: Sequence[LintedFile]) -> list[RenderableType]:
    """Return the table with its heading and what its words mean, nothing where no host has to do with the files."""
    judged = [file for file in files if file.verdicts]
    if not judged:
        return []
    title = heading("What hosts make of it" if len(judged) == 1 else "What hosts make of them")
    legend = Padding(plain(verdict_legend(judged), "dim"), (0, 0, 0, 2), expand=False)
    if len(judged) > FEW_FILES:
        return [title, _counts(host_counts(judged)), legend]
    if len(judged) == 1:
        return [title, _verdicts(judged, judged[0], indent=2), legend]
    blocks = (block for file in judged for block in (unbroken(f"  {file.title}"), _verdicts(judged, file, indent=4)))
    return [title, *blocks, legend]


def host_counts(files: Sequence[LintedFile]) -> list[HostCount]:
    """Return hosts in the order of their enum, the worst verdict of each first."""
    file_counts: Counter[tuple[Host, Verdict]] = Counter()
    rules: dict[tuple[Host, Verdict], Counter[str]] = {}
    for file in files:
        for each in file.verdicts:
            key = each.host, each.verdict
            file_counts[key] += 1
            rules.setdefault(key, Counter()).update(each.rules)
    keys = ((host, verdict) for host in Host for verdict in reversed(Verdict) if (host, verdict) in rules)
    return [HostCount(*key, file_counts[key], tuple(sorted(rules[key].items(), key=_often_first))) for key in keys]


def verdict_legend(files: Iterable[LintedFile]) -> str:
    """Return what the verdicts on these files mean."""
    given = {each.verdict for file in files for each in file.verdicts}
    return "; ".join(f"{verdict.value}: {_MEANINGS[verdict]}" for verdict in Verdict if verdict in given)


def _often_first(counted_rule: tuple[str, int]) -> tuple[int, str]:
    rule, count = counted_rule
    return -count, rule


def _verdicts(judged: Sequence[LintedFile], file: LintedFile, indent: int) -> RenderableType:
    """Return the verdicts on one file, in columns that are the same for all files."""
    all_verdicts = [each for other in judged for each in other.verdicts]
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, min_width=max(len(each.host.value) for each in all_verdicts))
    table.add_column(no_wrap=True, min_width=max(len(each.verdict.value) for each in all_verdicts))
    table.add_column(overflow="fold")
    for each in file.verdicts:
        table.add_row(each.host.value, Text(each.verdict.value, _STYLES[each.verdict]), plain(listed(each.rules)))
    return Padding(table, (0, 0, 0, indent), expand=False)


def _counts(counts: Sequence[HostCount]) -> RenderableType:
    """Return a line for each verdict of a host."""
    width = max(len(f"{each.file_count:,}") for each in counts)
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for number, each in enumerate(counts):
        is_next = number > 0 and counts[number - 1].host is each.host
        told = Text(f"{each.file_count:>{width},} {each.verdict.value}", _STYLES[each.verdict])
        table.add_row("" if is_next else each.host.value, told, plain(each.because))
    return Padding(table, (0, 0, 0, 2), expand=False)
