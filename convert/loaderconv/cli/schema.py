"""`loaderconv schema`."""

from typing import Annotated

import typer

from loaderconv.cli.console import print_json, print_report
from loaderconv.cli.failures import with_exit_code
from loaderconv_schemas.errors import UsageProblem


@with_exit_code
def schema(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Of the schema; without it, all are listed.")
    ] = None,
) -> None:
    """Print the JSON Schema of what `--format json` writes."""
    # Imported here so that `loaderconv --help` need not wait for the models.
    from loaderconv.json_schemas import JSON_SCHEMAS, schema_text  # noqa: PLC0415
    from loaderconv.report.blocks import grid  # noqa: PLC0415

    if name is None:
        print_report(grid([(each.name, each.purpose) for each in JSON_SCHEMAS]))
        return
    wanted = next((each for each in JSON_SCHEMAS if each.name == name), None)
    if wanted is None:
        raise UsageProblem(
            f"There is no schema {name!r}.", hint=f"Choose from {', '.join(each.name for each in JSON_SCHEMAS)}."
        )
    print_json(schema_text(wanted))
