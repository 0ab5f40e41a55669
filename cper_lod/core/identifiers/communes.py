"""The communes of France, with their postcodes and what they lie in; also those that are parts of another one today.

`LICENSE` says where the table is from, `rebuild` makes it anew. It is read when a release is built.
"""

import lzma
from collections.abc import Iterator
from importlib.resources import files
from typing import Final, NamedTuple

COMMUNES: Final = "communes.xz"
"""Columns of today's communes, then those of parts of them: `rebuild.communes`."""


class Commune(NamedTuple):
    """A commune, or a part of one, which has the code of the whole: `name` is what it is looked for by."""

    code: str
    name: str
    postcodes: tuple[str, ...]
    intercommunality: str = ""
    """SIREN, empty for a commune that is in none, and for a part."""
    is_part: bool = False


def communes() -> Iterator[Commune]:
    """Yield the communes of today in the order of their codes, then the parts of them.

    >>> next(each for each in communes() if each.code == "59350")
    Commune(code='59350', name='Lille', postcodes=('59000', '59160', '59260', '59777', '59800'), intercommunality='200093201', is_part=False)
    """
    table = lzma.decompress((files("cper_lod.core.identifiers") / COMMUNES).read_bytes()).decode()
    codes, names, postcodes, within, part_names, part_postcodes, wholes = (
        line.split("\t") for line in table.split("\n")
    )
    for code, name, posted, siren in zip(codes, names, postcodes, within, strict=True):
        yield Commune(code, name, tuple(posted.split()), siren)
    for whole, name, posted in zip(wholes, part_names, part_postcodes, strict=True):
        yield Commune(whole, name, tuple(posted.split()), is_part=True)
