"""Where test files lie."""

import os
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parents[2] / "fixtures" / "built"


def fixture_flms() -> list[Path]:
    """Return our own FLMs, built from `fixtures/`."""
    return sorted(FIXTURES.glob("*.FLM"))


def corpus_flms() -> list[Path]:
    """Return the real FLMs, none where LOADERCONV_CORPUS is not set."""
    folder = os.environ.get("LOADERCONV_CORPUS")
    return sorted(path for path in Path(folder, "flm").iterdir() if path.suffix.lower() == ".flm") if folder else []


def corpus_flm(name: str) -> Path:
    """Return one real FLM; the test is skipped where there is none."""
    found = [path for path in corpus_flms() if path.name == name]
    if not found:
        pytest.skip(f"real loader {name}: set LOADERCONV_CORPUS to a folder that holds flm/{name}")
    return found[0]


def all_corpus_flms() -> list[object]:
    """Return parameters for every real FLM, or one that is skipped and says why."""
    found: list[object] = [pytest.param(path, id=path.name) for path in corpus_flms()]
    reason = "real loaders: set LOADERCONV_CORPUS to a folder with a subfolder flm"
    return found or [pytest.param(None, id="no corpus", marks=pytest.mark.skip(reason=reason))]
