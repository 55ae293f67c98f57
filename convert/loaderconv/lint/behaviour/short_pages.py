"""The same loader told to program in small pieces: the fewer bytes a session programs, the sooner it is over."""

from dataclasses import replace

from loaderconv.lint.behaviour.stage import Stage

SHORT_PAGE_BYTES = 32
"""The widest unit in which a memory that is modelled takes data (flash word of the STM32H7, RM0433 chapter 4)."""


def with_short_pages(stage: Stage) -> Stage:
    """Return the stage with pages of a few bytes; itself where they are that short already.

    Not every loader takes those, so it has to be tried. Where it works, what fails in another condition of the machine
    fails by that condition, not by the size.
    """
    loader = stage.subject.loader
    device = loader.described_device
    if device.page_size_bytes <= SHORT_PAGE_BYTES:
        return stage
    shorter = device.model_copy(update={"page_size_bytes": SHORT_PAGE_BYTES})
    return replace(stage, subject=replace(stage.subject, loader=loader.model_copy(update={"device": shorter})))
