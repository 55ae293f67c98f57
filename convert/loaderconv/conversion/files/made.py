"""Carries a conversion out in memory: plan, link, read back, verify. No file is written."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from loaderconv.conversion.files.options import ConversionOptions
from loaderconv.conversion.files.outputs import output_paths, outputs_of
from loaderconv.conversion.linking.link import link
from loaderconv.conversion.linking.linked import Linked
from loaderconv.conversion.plan import plan_conversion
from loaderconv.conversion.source import Source
from loaderconv.conversion.targets.planned import Planned
from loaderconv.conversion.verification.structure import verify_program
from loaderconv_formats.elf.writer import write_elf
from loaderconv_formats.file_names import shown
from loaderconv_schemas.plan import ConversionPlan, ConversionReport, VerificationLevel, WrittenFile


@dataclass(frozen=True)
class MadeConversion:
    """A conversion that is done but for the writing.

    Attributes:
        plan: what was decided.
        files: bytes by place, those that refer to others before these.
        paths: the same places, the one that the user named first.
        verified: how far.
        checks: what was re-read and compared, one sentence each.
    """

    plan: ConversionPlan
    files: Mapping[Path, bytes]
    paths: tuple[Path, ...]
    verified: VerificationLevel
    checks: tuple[str, ...]

    def written(self) -> ConversionReport:
        """Return the report for files that are in place."""
        outputs = tuple(_written_file(path, self.files[path]) for path in self.paths)
        return ConversionReport(plan=self.plan, outputs=outputs, verified=self.verified, checks=self.checks)


def make(source: Source, output: Path, options: ConversionOptions) -> MadeConversion:
    """Convert a loader for an output.

    Raises:
        UsageProblem: the output's name is none that a device or a reference can have, or the emulator is missing.
        ConversionRefused: the result could not behave as the source.
        RunFailed: it did not, in the emulator.
    """
    planned = plan_conversion(source, options.request_for(output))
    linked = link(planned)
    program = write_elf(linked.document)
    checks = verify_program(program, linked)
    outputs = outputs_of(output, program, planned.plan, options.search.toolkit_dir)
    return MadeConversion(
        plan=planned.plan,
        files=outputs.files,
        paths=output_paths(output, options.target),
        verified=options.verification,
        checks=(*checks, *outputs.checks, *_executed(source, planned, linked, options)),
    )


def _executed(source: Source, planned: Planned, linked: Linked, options: ConversionOptions) -> tuple[str, ...]:
    level = options.verification
    # Imported here because the emulator is an extra of its own.
    if level is VerificationLevel.SIMULATION:
        from loaderconv.conversion.verification.simulation import simulate  # noqa: PLC0415

        return simulate(planned, linked)
    if level is VerificationLevel.PROVE:
        from loaderconv.conversion.verification.proof import verify_by_proof  # noqa: PLC0415

        return verify_by_proof(source, linked, options.machine)
    return ()


def _written_file(path: Path, data: bytes) -> WrittenFile:
    return WrittenFile(path=shown(path), size_bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
