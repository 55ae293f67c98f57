"""Files are put in place complete and checked, or not at all."""

from pathlib import Path

import pytest

from loaderconv_formats.output_file import write_complete
from loaderconv_schemas.errors import OutputNotWritten


@pytest.mark.parametrize("old", [None, b"old"], ids=["new file", "existing file"])
def test_a_file_system_that_gives_other_bytes_back_is_told(
    old: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "made.FLM"
    if old is not None:
        output.write_bytes(old)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", lambda _: b"something else")
        with pytest.raises(OutputNotWritten, match="bytes read back are not those written"):
            write_complete(output, b"new")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == ({} if old is None else {output.name: old})
