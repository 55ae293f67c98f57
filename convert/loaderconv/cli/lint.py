"""`loaderconv lint`."""

from dataclasses import replace
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
    SimulateOption,
    SkipOthersOption,
    WriteBaselineOption,
)
from loaderconv.cli.search_options import Defines, Follow, ToolkitDir
from loaderconv.cli.simulation_options import CpuOption, MachineOption
from loaderconv_formats.file_names import shown
from loaderconv_schemas.errors import ExitCode, UsageProblem

if TYPE_CHECKING:
    from loaderconv.cli.file_list import FileList
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
    simulate: SimulateOption = False,
    machine: MachineOption = None,
    cpu: CpuOption = None,
) -> None:
    """Check loaders before a release: what hosts refuse, what breaks boards, and how to put it right.

    Files of IAR loaders are checked with those to which they lead, packs with the loaders in them, folders with all
    that is in and below them. `loaderconv rule ID` explains a rule. Settings: loaderconv.toml, or [tool.loaderconv] in
    pyproject.toml.
    """
    # Imported here so that `loaderconv --help` need not wait for the models.
    from loaderconv.cli.file_list import file_list  # noqa: PLC0415
    from loaderconv.cli.fix_options import fixed_to  # noqa: PLC0415
    from loaderconv.cli.host_names import parse_hosts, split_words  # noqa: PLC0415
    from loaderconv.cli.lint_facts import lint_facts, simulation_facts  # noqa: PLC0415
    from loaderconv.cli.lint_reports import check_not_inputs, destinations, print_lint_reports  # noqa: PLC0415
    from loaderconv.lint.run import Order, exit_code, without_hidden  # noqa: PLC0415
    from loaderconv.lint.settings_file import load_settings  # noqa: PLC0415

    wanted = destinations(format, output, report or [])
    if config is not None and no_config:
        raise UsageProblem("--config and --no-config exclude each other.", hint="Leave one of them out.")
    if fix and write_baseline is not None:
        raise UsageProblem("--fix and --write-baseline exclude each other.", hint="Fix first, then write the rest.")
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
    if settings.chip or pack:
        from loaderconv.cli.chip_list import printed_chips  # noqa: PLC0415 - most runs name no chip

        if printed_chips(settings.chip, settings.pack):
            return
    listed = file_list(files or [Path()])
    if skip_others:
        listed = listed.without_names()
    used = filter(None, (settings_file, settings.baseline, write_baseline))
    check_not_inputs(wanted, [*(each.path for each in listed.candidates), *used])
    blamed = None if any((chip, ram, pack, toolkit_dir, define)) else settings_file
    runs = simulation_facts(simulate=simulate, machine=machine, cpu=cpu)
    facts = replace(lint_facts(settings, blamed, listed.folders, define or []), simulation=runs)
    goes_to = fixed_to(output_dir, fix=fix, in_place=in_place)
    found = _lint(listed, Order(settings, settings_file, facts, write_baseline, goes_to))
    if not found.files and not found.unread and not skip_others:
        raise listed.no_loader
    print_lint_reports(without_hidden(found, settings.show), wanted, fail_on=settings.fail_on)
    if write_baseline is not None:
        print_note(f"{shown(write_baseline)} knows {_known(found)} now.")
    code = exit_code(found, settings.fail_on)
    if code is not ExitCode.OK:
        raise typer.Exit(code)


def _known(report: "LintReport") -> str:
    count = sum(each.dismissed.baseline for each in report.files)
    return f"{count} finding{'' if count == 1 else 's'}"


def _no_settings() -> "LintSettings":
    from loaderconv_schemas.settings import LintSettings  # noqa: PLC0415

    return LintSettings()


def _lint(listed: "FileList", order: "Order") -> "LintReport":
    from loaderconv.cli.progress import progress  # noqa: PLC0415
    from loaderconv.lint.run import lint as lint_candidates  # noqa: PLC0415

    with progress(len(listed.candidates)) as seen:
        report = lint_candidates(listed.candidates, order, seen=seen)
    return report.model_copy(update={"unread": listed.unsearched + report.unread})
