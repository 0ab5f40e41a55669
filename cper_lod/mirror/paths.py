"""Where an address lies in the folder: by its own path where any file system takes that, else under a digest."""

import hashlib
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.formats import ALL, CSV_FR, HTML, XLSX, Format

ODD: Final = "odd"
"""The folder of what lies under a digest."""
CODED: Final = {"br": ".br", "zstd": ".zst", "gzip": ".gz"}
"""What the name of a compressed file ends with, by its coding."""
VARIED: Final = (HTML, XLSX)
"""The forms that have words for a reader: a file for each language, and for each that the address asks for."""
_SEGMENT: Final = re.compile(r"[A-Za-z0-9_~-](?:[A-Za-z0-9._~-]{0,178}[A-Za-z0-9_~-])?", re.ASCII)
_ENDINGS: Final = (*("." + each.suffix for each in (*ALL, CSV_FR)), ".txt", *CODED.values())
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_LONGEST: Final = 900


class Variant(NamedTuple):
    """A page for a reader of a language, who said so in a header, or by the address (`asked`)."""

    language: str
    asked: bool

    @property
    def name(self) -> str:
        """What the name of its file has before the suffix."""
        return f"lang-{self.language}" if self.asked else self.language


VARIANTS: Final = tuple(Variant(language, asked) for asked in (False, True) for language in LANGUAGES)


class Address(NamedTuple):
    """An address, path and query apart and the path decoded; where it lies, without a suffix; and its forms.

    With `suffixed` each form has an address of its own. Without forms it is one file, at that very place.
    """

    path: str
    query: str
    place: str
    forms: tuple[Format, ...] = ()
    suffixed: bool = True


class Representation(NamedTuple):
    """One file to make: how to ask for it, and where it lies."""

    path: str
    query: str
    accept: str
    language: str
    file: str


def plain(path: str) -> bool:
    """Whether a path can be that of files anywhere, with a suffix and beside others.

    >>> plain("doc/contrat/x"), plain("doc/a/../b"), plain("doc/été"), plain("doc/x.ttl/y"), plain("doc/nul")
    (True, False, False, False, False)
    """
    segments = path.split("/")
    return len(path) <= _LONGEST and all(
        _SEGMENT.fullmatch(each) and not each.endswith(_ENDINGS) and not _DEVICES.fullmatch(each) for each in segments
    )


def odd(address: str) -> str:
    """Return the place of an address that cannot be a path: the same in every run."""
    return f"{ODD}/{hashlib.sha256(address.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def representations(address: Address) -> Iterator[Representation]:
    """Yield every file of an address."""
    if not address.forms:
        yield Representation(address.path, address.query, "*/*", "fr", address.place)
    for form in address.forms:
        path = f"{address.path}.{form.suffix}" if address.suffixed else address.path
        if form not in VARIED:
            yield Representation(path, address.query, form.media_type, "fr", f"{address.place}.{form.suffix}")
            continue
        for variant in VARIANTS:
            own = [address.query] if address.query else []
            query = "&".join([*own, f"lang={variant.language}"] if variant.asked else own)
            file = f"{address.place}.{variant.name}.{form.suffix}"
            yield Representation(path, query, form.media_type, variant.language, file)
