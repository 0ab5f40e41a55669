"""How a thing is cited: the fields of a citation, and its BibTeX record."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.formats import Format
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import DCT
from cper_lod.core.text import slug
from cper_lod.release.plan.observations import ObservationReader
from cper_lod.web.components.dates import fact_date
from cper_lod.web.http import urls
from cper_lod.web.site import site

BIBTEX: Final = Format("bibtex", "bib", "application/x-bibtex", "BibTeX")
_LATEX: Final = str.maketrans(
    {
        **{char: f"\\{char}" for char in "$&#%_"},
        # BibTeX counts braces, even those after a backslash.
        **{"{": r"{\textbraceleft}", "}": r"{\textbraceright}", "\\": r"{\textbackslash}"},
        **{"^": r"{\textasciicircum}", "~": r"{\textasciitilde}"},
    }
)
"""Characters that LaTeX does not print as they are."""
_URL: Final = "!$&'()*+,/:;=?@[]-._~#%"
"""Characters of a URL that stand in a BibTeX field as they are: neither braces nor backslashes."""
_CONTROL: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True)
class Citation:
    """What a citation says; all values but `title`, `identifier` and `version` may be empty.

    `collection` is the title of the catalogue, `sources` are those of the documents, `day` is that of the release,
    `version` its id, `identifier` the lasting IRI, `address` the page of this very state, `licence` the name of the
    licence. `kept` says
    that `address` is that of this very state for good. `forms` are the records with their addresses.
    """

    title: str
    collection: str
    publisher: str
    sources: tuple[str, ...]
    day: str
    version: str
    identifier: str
    address: str
    licence: str
    lang: Language
    kept: bool = False
    forms: Sequence[tuple[Format, str]] = ()

    @property
    def key(self) -> str:
        """The key of the BibTeX entry: it names the thing and the release."""
        return f"{slug(urls.local_name(self.identifier) or self.title) or 'cper-lod'}-{self.version[:8]}"

    @property
    def sentence(self) -> str:
        """The citation as a sentence to copy."""
        date = formatting.date(self.day, self.lang)
        release = translate("cite-release", self.lang, collection=self.collection, version=self.version, date=date)
        return self._joined(f"{self.publisher} ({self.day[:4]}). {self.title}. {release}", "", self.identifier)

    @property
    def note(self) -> str:
        """What has no field in a record: the sources, the lasting identifier, the licence."""
        return self._joined("", translate("cite-note", self.lang, identifier=self.identifier), "")

    def _joined(self, before: str, between: str, after: str) -> str:
        """Return texts around and between the sources and the licence."""
        named = (" ; " if self.lang == "fr" else "; ").join(self.sources)
        sources = translate("cite-source", self.lang, sources=named) if named else ""
        licence = f"{self.licence}." if self.licence else ""
        return " ".join(filter(None, (before, sources, between, licence, after)))


def citation(observations: ObservationReader, iri: str) -> Citation | None:
    """Return how the thing `iri` is cited, None if the data do not state who publishes them."""
    rights, graph, lang = site().rights, observations.reader, observations.lang
    if not rights.publisher:
        return None
    path, query = urls.page_address(iri)
    below = f"/release/{site().release.id}" if site().timeline else ""
    name, node = urls.local_name(iri), NamedNode(iri)
    return Citation(
        title=graph.label(node, lang),
        collection=graph.text(NamedNode(site().release.names.catalogue), DCT + "title", lang)[0],
        publisher=graph.label(NamedNode(rights.publisher), lang),
        sources=tuple(each.link.text for each in fact_date(observations, node).sources),
        day=site().release_day,
        version=site().release.id,
        identifier=iri,
        address=urls.canonical_url(site().settings.public_url) + below + urls.with_query(path, query),
        licence=graph.label(NamedNode(rights.licence), lang) if rights.licence else "",
        lang=lang,
        kept=bool(below),
        forms=urls.forms_of_page(f"/cite/{name}", {}, (BIBTEX,), localized=(BIBTEX,)) if name else (),
    )


def bibtex(cited: Citation) -> str:
    """Return a BibTeX entry of the type `misc`, which every style knows."""
    fields = {
        "author": f"{{{_latex(cited.publisher)}}}",  # braces within braces: a body, not a first and a last name
        "title": f"{{{_latex(cited.title)}}}",
        "howpublished": _latex(cited.collection),
        "publisher": _latex(cited.publisher),
        "year": cited.day[:4],
        "month": cited.day[5:7].lstrip("0"),
        "date": cited.day,
        "version": cited.version,
        "url": quote(cited.address, safe=_URL),
        "note": _latex(cited.note),
        "langid": {"fr": "french", "en": "english"}[cited.lang],
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@misc{{{cited.key},\n{lines}}}\n"


def _latex(text: str) -> str:
    """Return a text on one line, as LaTeX prints it."""
    return _CONTROL.sub(" ", text).strip().translate(_LATEX)
