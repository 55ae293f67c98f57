"""What the options and the settings of `lint` say of the chip, and of where files lie."""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from loaderconv.cli.memory_argument import parse_ram
from loaderconv.cli.search_options import search_paths
from loaderconv.lint.facts import RamMap, SimulationFacts, UserFacts
from loaderconv_formats.file_names import shown
from loaderconv_schemas.errors import UsageProblem, naming
from loaderconv_schemas.settings import LintSettings


def lint_facts(
    settings: LintSettings, blamed: Path | None, folders: Sequence[Path], defines: Sequence[str]
) -> UserFacts:
    """Return the facts.

    Args:
        settings: those of the settings file, with the options of the command line.
        blamed: the settings file where nothing of this comes from an option, so that messages name it; else None.
        folders: that the user named as arguments.
        defines: values of `--define`.

    Raises:
        UsageProblem: RAM or a definition that is none, an unknown chip, or RAM and chip together.
        UnreadableInput: a pack cannot be read.
    """
    variables = [*(f"{name}={path}" for name, path in settings.define.items()), *defines]
    with nullcontext() if blamed is None else naming(shown(blamed)):
        search = search_paths(folders, settings.toolkit_dir, variables, follow=settings.follow)
        return UserFacts(_ram_map(settings), search)


def simulation_facts(*, simulate: bool, machine: str | None, cpu: str | None) -> SimulationFacts | None:
    """Return how loaders are to be run; None where they are not.

    Raises:
        UsageProblem: the emulator is missing, there is no such machine, or nothing is to be run.
    """
    if not simulate:
        if machine is not None or cpu is not None:
            raise UsageProblem("--machine and --cpu say where loaders are run, and none is.", hint="Add --simulate.")
        return None
    from loaderconv.emulator.machines.registry import machine_named  # noqa: PLC0415 - most runs of lint run no loader
    from loaderconv.emulator.unicorn_binding import require_unicorn  # noqa: PLC0415

    require_unicorn()
    if machine is not None:
        machine_named(machine)
    return SimulationFacts(machine, cpu)


def _ram_map(settings: LintSettings) -> RamMap | None:
    if settings.ram is not None and settings.chip is not None:
        raise UsageProblem("--ram and --chip both say which RAM there is.", hint="Leave one of them out.")
    if settings.ram is not None:
        return RamMap((parse_ram(settings.ram),), settings.ram)
    if settings.chip is None:
        return None
    from loaderconv.chips.lookup import find_chip  # noqa: PLC0415 - only a named chip needs the table

    chip = find_chip(settings.chip, settings.pack)
    return RamMap(chip.ram, chip.name)
