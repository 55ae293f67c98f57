"""Makes the names by which hosts find a loader global.

GNU ld turns hidden symbols into local ones; hosts that look among exported names only do not find those
(docs/formats/stldr.md, What breaks a naive parser).
"""

from loaderconv.rewriting.draft import Draft
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.lookup import symbols_by_name
from loaderconv_formats.flm import abi as flm_abi
from loaderconv_formats.stldr import abi as stldr_abi
from loaderconv_schemas.loader import Flavour

_DESCRIPTORS = {Flavour.STLDR: stldr_abi.DESCRIPTOR_SYMBOL, Flavour.FLM: flm_abi.DESCRIPTOR_SYMBOL}


def export_symbols(draft: Draft) -> Draft:
    """Return the draft with global, visible symbols for its routines and its descriptor."""
    symbols = symbols_by_name(draft.image)
    names = [entry.symbol for entry in draft.expected.entry_points]
    descriptor = _DESCRIPTORS.get(draft.expected.flavour)
    local = [
        symbols[name]
        for name in (*names, *filter(None, [descriptor]))
        if name in symbols and symbols[name].binding == c.STB_LOCAL
    ]
    if not local:
        return draft
    for symbol in local:
        symbol.binding = c.STB_GLOBAL
        symbol.other = symbol.other & ~3 | c.STV_DEFAULT
    return draft.changed("exported-symbols", f"Local before, global now: {', '.join(each.name for each in local)}.")
