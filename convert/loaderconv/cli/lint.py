"""`loaderconv lint`."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from loaderconv.cli.chip_option import ChipOption, PackOption
from loaderconv.cli.console import print_note
from loaderconv.cli.failures import with_exit_code
from loaderconv.cli.lint_options import (
    BaselineOption,
    ConfigOption,
    FailOnOption,
    FilesArgument,
    FixOption,
    FormatOption,
    ForOption,
    IgnoreOption,
    InPlaceOption,
    LintFormat,
    NoConfigOption,
    OutputDirOption,
    OutputOption,
    RamOption,
    ReportOption,
    SelectOption,
    ShowOption,
    SkipOthersOption,
    WriteBaselineOption,
)
from loaderconv.cli.search_options import Defines, Follow, ToolkitDir
from loaderconv_formats.file_names import shown
from loaderconv_schemas.errors import ExitCode, UsageProblem

if TYPE_CHECKING:
    from loaderconv.cli.file_list import FileList
    from loaderconv.lint.facts import RamMap, UserFacts
    from loaderconv.lint.run import Order
    from loaderconv_schemas.lint import LintReport
    from loaderconv_schemas.settings import LintSettings


@with_exit_code
def lint(
    files: FilesArgument = None,
    select: SelectOption = None,
    ignore: IgnoreOption = None,
    fail_on: FailOnOption = None,
    show: ShowOption = None,
    for_hosts: ForOption = None,
    chip: ChipOption = None,
    ram: RamOption = None,
    pack: PackOption = None,
    config: ConfigOption = None,
    no_config: NoConfigOption = False,
    baseline: BaselineOption = None,
    write_baseline: WriteBaselineOption = None,
    format: FormatOption = LintFormat.TEXT,  # noqa: A002 - the option's name
    output: OutputOption = None,
    report: ReportOption = None,
    skip_others: SkipOthersOption = False,
    fix: FixOption = False,
    in_place: InPlaceOption = False,
    output_dir: OutputDirOption = None,
    toolkit_dir: ToolkitDir = None,
    define: Defines = None,
    follow: Follow = False,
) -> None:
    """Check loaders before a release: what hosts refuse, what breaks boards, and how to put it right.

    Files of IAR loaders are checked with those to which they lead, packs with the loaders in them, folders with all
    that is in and below them. `loaderconv rule ID` explains a rule. Settings: loaderconv.toml, or [tool.loaderconv] in
    pyproject.toml.
    """
    # Imported here so that `loaderconv --help` need not wait for the models.
    from loaderconv.cli.file_list import file_list  # noqa: PLC0415
    from loaderconv.cli.host_names import parse_hosts, split_words  # noqa: PLC0415
    from loaderconv.cli.lint_reports import check_not_inputs, destinations, print_lint_reports  # noqa: PLC0415
    from loaderconv.lint.run import Order, exit_code, without_hidden  # noqa: PLC0415
    from loaderconv.lint.settings_file import load_settings  # noqa: PLC0415

    wanted = destinations(format, output, report or [])
    fixed_to = _fixed_to(output_dir, fix=fix, in_place=in_place)
    if config is not None and no_config:
        raise UsageProblem("--config and --no-config exclude each other.", hint="Leave one of them out.")
    settings, settings_file = (_no_settings(), None) if no_config else load_settings(config, Path.cwd())
    settings = settings.overridden_by(
        {
            "select": split_words(select),
            "ignore": split_words(ignore),
            "fail_on": fail_on,
            "show": show,
            "for_hosts": parse_hosts(for_hosts),
            "chip": chip,
            "ram": ram,
            "pack": pack,
            "baseline": baseline,
            "toolkit_dir": toolkit_dir,
            "follow": follow or None,
        }
    )
    if settings.chip or settings.pack:
        from loaderconv.cli.chip_list import printed_chips  # noqa: PLC0415 - most runs name no chip

        if printed_chips(settings.chip, settings.pack):
            return
    listed = file_list(files or [Path()])
    if skip_others:
        listed = listed.without_names()
    check_not_inputs(wanted, (each.path for each in listed.candidates))
    with _naming(settings_file, chip, ram, pack, toolkit_dir, define):
        facts = _facts(settings, listed.folders, define or [])
    found = _lint(listed, Order(settings, settings_file, facts, write_baseline, fixed_to))
    if not found.files and not found.unread and not skip_others:
        raise listed.no_loader
    print_lint_reports(without_hidden(found, settings.show), wanted, fail_on=settings.fail_on)
    if write_baseline is not None:
        print_note(f"{shown(write_baseline)} knows {_known(found)} now.")
    code = exit_code(found, settings.fail_on)
    if code is not ExitCode.OK:
        raise typer.Exit(code)


def _naming(settings_file: Path | None, *options: object) -> AbstractContextManager[None]:
    """Return what names the settings file in front of what it says wrong; nothing where options say it."""
    from loaderconv_schemas.errors import naming  # noqa: PLC0415

    return nullcontext() if settings_file is None or any(options) else naming(shown(settings_file))


def _known(report: "LintReport") -> str:
    count = sum(each.dismissed.baseline for each in report.files)
    return f"{count} finding{'' if count == 1 else 's'}"


def _no_settings() -> "LintSettings":
    from loaderconv_schemas.settings import LintSettings  # noqa: PLC0415

    return LintSettings()


def _fixed_to(output_dir: Path | None, *, fix: bool, in_place: bool) -> Callable[[Path], Path] | None:
    """Return what says where repaired files go; None where nothing is to be repaired.

    Raises:
        UsageProblem: it is open where they go, or they go somewhere although nothing is to be repaired.
    """
    if not fix:
        if in_place or output_dir is not None:
            raise UsageProblem("--in-place and --output-dir go with --fix.", hint="Add --fix, or leave them out.")
        return None
    if in_place == (output_dir is not None):
        raise UsageProblem(
            "--fix needs to know where repaired files go.", hint="Give either --output-dir DIR or --in-place."
        )
    if output_dir is None:
        return lambda path: path
    from loaderconv.lint.fixing import beside  # noqa: PLC0415 - loads what writes files

    return beside(output_dir)


def _facts(settings: "LintSettings", folders: Sequence[Path], defines: Sequence[str]) -> "UserFacts":
    """Return what settings and options say of the chip and of where files lie.

    Raises:
        UsageProblem: RAM or a definition that is none, or an unknown chip.
        UnreadableInput: a pack cannot be read.
    """
    from loaderconv.cli.search_options import search_paths  # noqa: PLC0415
    from loaderconv.lint.facts import UserFacts  # noqa: PLC0415

    variables = [*(f"{name}={path}" for name, path in settings.define.items()), *defines]
    search = search_paths(folders, settings.toolkit_dir, variables, follow=settings.follow)
    return UserFacts(_ram_map(settings), search)


def _ram_map(settings: "LintSettings") -> "RamMap | None":
    from loaderconv.cli.memory_argument import parse_ram  # noqa: PLC0415
    from loaderconv.lint.facts import RamMap  # noqa: PLC0415

    if settings.ram is not None:
        return RamMap((parse_ram(settings.ram),), "--ram")
    if settings.chip is None:
        return None
    from loaderconv.chips.lookup import find_chip  # noqa: PLC0415 - only a named chip needs the table

    chip = find_chip(settings.chip, settings.pack)
    return RamMap(chip.ram, chip.name)


def _lint(listed: "FileList", order: "Order") -> "LintReport":
    from loaderconv.cli.progress import progress  # noqa: PLC0415
    from loaderconv.lint.run import lint as lint_candidates  # noqa: PLC0415

    with progress(len(listed.candidates)) as seen:
        report = lint_candidates(listed.candidates, order, seen=seen)
    return report.model_copy(update={"unread": listed.unsearched + report.unread})
