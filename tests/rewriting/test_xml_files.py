"""IAR's XML files come out as they went in, but for what strict parsers refuse."""

import pytest

from loaderconv_schemas.errors import UnreadableInput, UsageProblem
from loaderconv_schemas.file_kind import FileKind
from support.paths import FIXTURES
from support.rewriting import codes, rewritten

FLASH = next((FIXTURES / "iar").rglob("strict_iar.flash")).read_bytes()
BOARD = next((FIXTURES / "iar").rglob("strict_iar.board")).read_bytes()

BOM = b"\xef\xbb\xbf"

ODD = b"""<?xml version="1.0" encoding="iso-8859-1"?>\r\n<!-- f\xfcr -->
<flash_device  >\t<exe>a.out</exe><unknown a='1'/>\r\n<flash_base>0x0</flash_base><page>256</page>
<block>2 0x1000</block></flash_device ><!-- end -->\n\n"""


@pytest.mark.parametrize(("data", "kind"), [(FLASH, FileKind.IAR_FLASH), (BOARD, FileKind.IAR_BOARD)])
def test_every_byte_stays(data: bytes, kind: FileKind) -> None:
    result = rewritten(data)
    assert (result.data, result.kind, result.changes) == (data, kind, ())
    assert len(result.checks) == 2


def test_odd_files_stay_odd() -> None:
    assert rewritten(ODD).data == ODD


@pytest.mark.parametrize("front", [b" ", b"\r\n\t", BOM, BOM + b"\n", b"\n" * 3000])
@pytest.mark.parametrize("data", [FLASH, BOARD], ids=["flash", "board"])
def test_bytes_in_front_of_the_declaration_go(data: bytes, front: bytes) -> None:
    assert data.startswith(b"<?xml")
    result = rewritten(front + data)
    assert result.data == data
    assert codes(result) == ["leading-bytes"]
    assert result.changes[0].message.startswith("1 byte in" if len(front) == 1 else f"{len(front)} bytes in")
    assert rewritten(result.data).changes == ()


def test_without_a_declaration_nothing_is_cut_off() -> None:
    data = b"\n\n" + FLASH[FLASH.index(b"<flash_device") :]
    assert rewritten(data).data == data


def test_byte_order_mark_that_tells_the_encoding_stays() -> None:
    data = BOM + "<?xml version='1.0' encoding='iso-8859-1'?><flash_device>ü".encode()
    data += b"<exe>x</exe><flash_base>0</flash_base><page>4</page><block>1 4</block></flash_device>"
    result = rewritten(data)
    assert (result.data, result.changes) == (data, ())


@pytest.mark.parametrize("options", [{"name": "x"}, {"without_debug_info": True}])
def test_options_for_programs_are_mistakes(options: dict[str, object]) -> None:
    with pytest.raises(UsageProblem, match="neither a name nor debug information"):
        rewritten(FLASH, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(("data", "out"), [(FLASH, "x.board"), (BOARD, "x.flash"), (FLASH, "x.FLM")])
def test_output_that_promises_another_kind_is_a_mistake(data: bytes, out: str) -> None:
    with pytest.raises(UsageProblem, match="stays one"):
        rewritten(data, out=out)


@pytest.mark.parametrize("data", [b"<flash_device/>", b"<flash_board/>", FLASH[:-3], b"<?xml version='1.0'?><other/>"])
def test_files_without_a_meaning_are_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadableInput):
        rewritten(data)
