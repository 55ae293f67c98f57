"""`loaderconv run script`."""

import os
from pathlib import Path

from loaderconv import __version__
from loaderconv.chips.lookup import find_chip
from loaderconv.cli.console import print_note
from loaderconv.cli.memory_argument import parse_ram
from loaderconv.cli.run.arguments import RunArguments
from loaderconv.cli.run.work import read_loader
from loaderconv.probe.user_script import ScriptFacts, script_text
from loaderconv_formats.file_names import shown
from loaderconv_formats.output_file import check_destination, write_complete
from loaderconv_schemas.address_range import AddressRange


def script(arguments: RunArguments) -> None:
    """Write the user script."""
    output = arguments.output
    assert output is not None  # noqa: S101 - typer lets nobody leave it out
    check_destination(arguments.loader, output, replace=arguments.force)
    subject = read_loader(arguments)
    device = subject.loader.described_device
    facts = ScriptFacts(
        loader=subject.name,
        path=_path_from(output, arguments.loader),
        device=device.name,
        address=device.base_address,
        script=output.name,
        ram=_ram(arguments),
        pass_number=arguments.pass_number,
        version=__version__,
    )
    write_complete(output, script_text(facts).encode())
    print_note(f"{shown(output)} is written. Use it so: pyocd load --script {shown(output)} FIRMWARE")


def _path_from(script: Path, loader: Path) -> str:
    """Return the loader's path as the script finds it: from its own folder, or from the root on another drive."""
    try:
        return Path(os.path.relpath(loader.resolve(), script.resolve().parent)).as_posix()
    except ValueError:
        return loader.resolve().as_posix()


def _ram(arguments: RunArguments) -> AddressRange | None:
    if arguments.ram is not None:
        return parse_ram(arguments.ram)
    return None if arguments.chip is None else find_chip(arguments.chip, arguments.pack or []).loader_ram
