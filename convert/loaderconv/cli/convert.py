"""What the six conversions do with their arguments."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from loaderconv.chips.lookup import find_chip
from loaderconv.cli.base_argument import parse_base
from loaderconv.cli.chip_list import printed_chips
from loaderconv.cli.console import print_json, print_report
from loaderconv.cli.conversion_arguments import ConversionArguments, Verification
from loaderconv.cli.geometry_argument import parse_geometry
from loaderconv.cli.memory_argument import parse_ram
from loaderconv.cli.report_format import ReportFormat
from loaderconv.cli.search_options import search_paths
from loaderconv.cli.size_argument import parse_size
from loaderconv.conversion.files.job import convert_file, preview_file
from loaderconv.conversion.files.options import ConversionOptions
from loaderconv.conversion.files.pass_job import convert_passes, preview_passes
from loaderconv.conversion.request import ConversionWishes
from loaderconv.report.conversion import conversion_report, conversions_report
from loaderconv_formats.file_names import shown
from loaderconv_schemas.base import Model
from loaderconv_schemas.errors import UsageProblem
from loaderconv_schemas.loader import Flavour
from loaderconv_schemas.plan import VerificationLevel

if TYPE_CHECKING:
    from rich.console import RenderableType


def run_conversion(source: str, target: str, arguments: ConversionArguments) -> None:
    """Convert and report, or list the chips.

    Args:
        source: name of the flavour of the input.
        target: likewise of the output.
        arguments: what the user wrote.

    Raises:
        LoaderConvError: whatever kept it from being done.
    """
    if printed_chips(arguments.chip, arguments.pack or []):
        return
    if arguments.source is None or arguments.output is None:
        name = f"loaderconv {source}-to-{target}".lower()
        missing = "IN and OUT are" if arguments.source is None else "OUT is"
        raise UsageProblem(f"{missing} missing.", hint=f"Usage: {name} IN OUT; {name} --help tells the options.")
    if arguments.dry_run and arguments.verify is not Verification.STRUCTURE:
        raise UsageProblem("--dry-run runs nothing.", hint=f"Leave out --dry-run or --verify {arguments.verify}.")
    options = _options(Flavour(source), Flavour(target), arguments)
    if options.source is Flavour.IAR and _is_folder(arguments.output):
        _into_folder(arguments.source, Path(arguments.output), options, arguments)
    elif _names_folder(arguments.output):
        raise UsageProblem(
            f"{shown(arguments.output)} names a folder.", hint="Name the file to write in it, with its suffix."
        )
    else:
        _into_file(arguments.source, arguments.output, options, arguments)


def _into_file(source: Path, output: str, options: ConversionOptions, arguments: ConversionArguments) -> None:
    if arguments.dry_run:
        report = preview_file(source, Path(output), options)
    else:
        report = convert_file(source, Path(output), options, replace=arguments.force)
    _print(report, conversion_report(report), arguments.format)


def _into_folder(source: Path, folder: Path, options: ConversionOptions, arguments: ConversionArguments) -> None:
    if arguments.dry_run:
        report = preview_passes(source, folder, options)
    else:
        report = convert_passes(source, folder, options, replace=arguments.force)
    _print(report, conversions_report(report), arguments.format)


def _print(report: Model, text: "RenderableType", wanted: ReportFormat) -> None:
    if wanted is ReportFormat.JSON:
        print_json(report.model_dump_json(indent=2, ensure_ascii=True))
    else:
        print_report(text)


def _is_folder(output: str) -> bool:
    """Tell whether OUT names a folder: one that exists, or one that shall be made."""
    return _names_folder(output) or os.path.isdir(output)  # noqa: PTH112 - Path drops a separator at the end


def _names_folder(output: str) -> bool:
    return output.endswith(tuple(filter(None, (os.sep, os.altsep))))


def _options(source: Flavour, target: Flavour, arguments: ConversionArguments) -> ConversionOptions:
    """Return the options, parsed. Raises LoaderConvError where one cannot be meant."""
    toolkit_dir, define = arguments.toolkit_dir, arguments.define or []
    chip = None if arguments.chip is None else find_chip(arguments.chip, arguments.pack or [])
    return ConversionOptions(
        source=source,
        target=target,
        name=arguments.name,
        wishes=ConversionWishes(
            given_ram=None if arguments.ram is None else parse_ram(arguments.ram),
            chip=chip,
            with_read=not arguments.no_read,
            relocate_to=None if arguments.relocate is None else parse_base(arguments.relocate),
            geometry=None if arguments.geometry is None else parse_geometry(arguments.geometry),
            page_size_bytes=None if arguments.page is None else parse_size(arguments.page, option="--page"),
            program_timeout_ms=arguments.program_timeout,
            erase_timeout_ms=arguments.erase_timeout,
            init_once=arguments.init_once,
        ),
        pass_number=arguments.pass_number,
        search=search_paths((), toolkit_dir, define, follow=arguments.follow),
        verification=VerificationLevel(arguments.verify),
        machine=arguments.machine,
    )
