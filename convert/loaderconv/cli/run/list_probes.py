"""`loaderconv run list`."""

from loaderconv.cli.console import print_json, print_note, print_report
from loaderconv.cli.report_format import ReportFormat
from loaderconv.cli.run.arguments import RunArguments
from loaderconv.probe.installed import require_pyocd
from loaderconv.report.blocks import grid
from loaderconv_schemas.probe_list import ListedProbe, ProbeList


def list_connected(arguments: RunArguments) -> None:
    """Print the probes that are connected."""
    require_pyocd()
    from loaderconv.probe.probes import list_probes  # noqa: PLC0415 - importing pyOCD takes a second

    found = ProbeList(
        probes=tuple(
            ListedProbe(unique_id=each.unique_id, description=each.description, board=each.board, target=each.target)
            for each in list_probes()
        )
    )
    if arguments.format is ReportFormat.JSON:
        print_json(found.model_dump_json(indent=2, ensure_ascii=True))
    elif found.probes:
        print_report(grid([(each.unique_id, each.description, each.target or "") for each in found.probes]))
    else:
        print_note("No debug probe is connected. --probe emulated:cortex-m4 needs none.")
