"""The options that say where the files of an IAR loader lie."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loaderconv_schemas.errors import UsageProblem

if TYPE_CHECKING:
    from loaderconv_formats.references.search import SearchPaths

ToolkitDir = Annotated[
    Path | None,
    typer.Option(
        "--toolkit-dir", metavar="DIR", readable=False, help="What $TOOLKIT_DIR$ stands for: IAR's folder 'arm'."
    ),
]
Defines = Annotated[
    list[str] | None,
    typer.Option(
        "--define", metavar="NAME=PATH", help="What the variable $NAME$ stands for in IAR files; may be repeated."
    ),
]
Follow = Annotated[bool, typer.Option("--follow", help="Follow references also out of the folders that you named.")]


def search_paths(
    roots: Sequence[Path], toolkit_dir: Path | None, defines: Sequence[str], *, follow: bool
) -> "SearchPaths":
    """Return where references may lead.

    Args:
        roots: folders that the user named as arguments.
        toolkit_dir: value of `--toolkit-dir`.
        defines: values of `--define`.
        follow: `--follow` was given.

    Raises:
        UsageProblem: a folder that does not exist, or a definition that is none.
    """
    from loaderconv_formats.references.search import SearchPaths  # noqa: PLC0415 - `loaderconv --help` need not wait

    variables = dict(_definition(text) for text in defines)
    if toolkit_dir is not None:
        _check_folder("--toolkit-dir", toolkit_dir)
    return SearchPaths(roots=tuple(roots), toolkit_dir=toolkit_dir, variables=variables, follow=follow)


def _definition(text: str) -> tuple[str, Path]:
    """Return name and value; a name may be written as in the files, `$NAME$` or `${NAME}$`."""
    spelled, _, value = text.partition("=")
    name = spelled.strip().strip("${}")
    if not name or not value:
        raise UsageProblem(f"--define {text!r} is not NAME=PATH.", hint="For instance --define PROJ_DIR=../project.")
    _check_folder(f"--define {name}", Path(value))
    return name, Path(value)


def _check_folder(option: str, folder: Path) -> None:
    if not os.path.isdir(folder):  # noqa: PTH112 - Path.is_dir raises for names that are too long
        from loaderconv_formats.file_names import shown  # noqa: PLC0415 - only a failure needs it

        raise UsageProblem(f"{option}: there is no folder {shown(folder)}.", hint="Check its spelling.")
