"""Writes a loader that is one ELF file anew (docs/formats/stldr.md, flm.md, iar.md)."""

from loaderconv.rewriting.complete_stldr import check_complete
from loaderconv.rewriting.debug_info import strip_debug_info
from loaderconv.rewriting.device_name import NAME_FIELDS, set_name
from loaderconv.rewriting.draft import draft_of
from loaderconv.rewriting.host_word import make_room_for_host_word
from loaderconv.rewriting.request import RewriteRequest
from loaderconv.rewriting.result import Rewritten
from loaderconv.rewriting.storage_info_flags import make_storage_info_read_only
from loaderconv.rewriting.storage_info_size import give_storage_info_its_size
from loaderconv.rewriting.verify import written_and_verified
from loaderconv_formats.detection import KINDS_OF_LOADERS, detect_flavour
from loaderconv_formats.elf.reader import read_elf
from loaderconv_schemas.errors import UsageProblem
from loaderconv_schemas.loader import Flavour


def rewrite_elf(data: bytes, stem: str, request: RewriteRequest) -> Rewritten:
    """Return a loader in our writer's layout, with the changes that were asked for or that hosts need.

    Args:
        data: the file.
        stem: of its name.
        request: what is wanted.

    Raises:
        UsageProblem: an option that makes no sense for this flavour.
        UnreadableInput: no loader, or damaged.
        ConversionRefused: an stldr that hosts cannot drive and that cannot be put right, or a file with oddities that
            do not survive.
    """
    document = read_elf(data)
    flavour = detect_flavour(document)
    if flavour is Flavour.STLDR or (flavour is None and request.wants_stldr):
        check_complete(document)
    draft = draft_of(data, stem)
    request.check_suffix(KINDS_OF_LOADERS[draft.expected.flavour])
    name = _name(request, draft.expected.flavour)
    if request.without_debug_info:
        draft = strip_debug_info(draft)
    if draft.expected.flavour is Flavour.STLDR:
        draft = make_room_for_host_word(draft)
        draft = give_storage_info_its_size(draft)
        draft = make_storage_info_read_only(draft)
    if name is not None:
        draft = set_name(draft, name)
    return written_and_verified(draft)


def _name(request: RewriteRequest, flavour: Flavour) -> str | None:
    """Return the name to set; hosts compare that of an stldr with the file's (CubeProgrammer 2.18 and later).

    Raises:
        UsageProblem: the flavour has no name, or it does not fit.
    """
    name = request.stem if request.name is None and flavour is Flavour.STLDR else request.name
    if name is None:
        return None
    if flavour not in NAME_FIELDS:
        raise UsageProblem(
            "An IAR executable has no name that --name could set.", hint="Leave --name out; the file's own name counts."
        )
    NAME_FIELDS[flavour].check(name)
    return name
