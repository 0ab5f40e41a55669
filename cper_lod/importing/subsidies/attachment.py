"""Attaches subsidies to a contract and a subdivision, by rules that a person wrote, and to the file that they come from.

The rules and the origin are published too.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pyoxigraph import NamedNode

from cper_lod.core.config import reject_packaged, today
from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.formats import TURTLE
from cper_lod.core.identifiers import with_siren
from cper_lod.core.names import SiteNames
from cper_lod.core.namespaces import CPER, DCAT, DCT, PREFIXES, PROV, SUBV
from cper_lod.core.text import folded, slug
from cper_lod.importing.contracts.importer import import_dates
from cper_lod.importing.csv_file import CsvFile, inspect_csv, read_rows
from cper_lod.importing.subsidies.parse_cells import InvalidCell, parse_date
from cper_lod.importing.subsidies.parse_rows import Subsidy
from cper_lod.rdf.graph import Graph
from cper_lod.rdf.reader import read
from cper_lod.rdf.serialize import write
from cper_lod.rdf.statements import natural_sort_key
from cper_lod.release.catalog.datasets import is_catalogue_file
from cper_lod.release.sources.files import rdf_files
from cper_lod.release.sources.writing import staged

MAX_RULES: Final = 500
_REGION: Final = PREFIXES["igeo"] + "Region"
_COLUMNS: Final = ("dispositif", "objet", "subdivision", "date", "raison")


@dataclass(frozen=True)
class Contract:
    """A contract in the data: its IRI, the IRIs of its subdivisions by the end of their IRI (`axe/2`), its first and last day ("" if not stated)."""

    iri: str
    subdivisions: Mapping[str, str]
    start: str = ""
    end: str = ""
    signatories: frozenset[str] = frozenset()
    """SIRENs of those who signed it."""
    regions: frozenset[str] = frozenset()
    """Codes of its region, and of those in which a signatory lies."""
    bodies: Mapping[str, str] = field(default_factory=dict)
    """The IRI of each body in the data, by its SIREN and its RNA number."""

    @property
    def names(self) -> SiteNames:
        """The names of its site."""
        return SiteNames(self.iri.partition("id/contrat/")[0])

    def grantor_is_elsewhere(self, siren: str) -> bool:
        """Return whether a SIREN is that of a local authority that neither signed the contract nor lies in its regions."""
        bodies = [] if siren in self.signatories else with_siren(siren)
        regions = {region for body in bodies for region in body.regions}
        return bool(regions) and not regions & self.regions


@dataclass(frozen=True)
class AttachmentRule:
    """A rule for rows that match its patterns: the subdivision (an IRI or ""), when and why a person decided so."""

    subdivision: str
    scheme: str = "*"
    purpose: str = "*"
    date: str = ""
    reason: str = ""

    def covers(self, subsidy: Subsidy) -> bool:
        """Return whether the purpose matches, and the scheme of the aid or its number in the RAE."""
        scheme, purpose = folded(self.scheme), folded(self.purpose)
        return fnmatchcase(folded(subsidy.purpose), purpose) and any(
            fnmatchcase(folded(text), scheme) for text in (subsidy.scheme, subsidy.rae)
        )


@dataclass(frozen=True)
class Origin:
    """The origin of the rows of a file, and what they are attached to."""

    slug: str
    name: str
    sha256: str
    date: str
    url: str
    contract: Contract
    rules: Sequence[AttachmentRule]
    bodies: Mapping[str, str]
    """The IRI of each body in the data, by its SIREN and its RNA number."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """The IRI of each body that is named after another of its numbers, by the other ones."""

    @property
    def iri(self) -> str:
        """The IRI of the file."""
        return f"{self.contract.names.things}fichier/{self.slug}"

    def rule_iri(self, index: int) -> str:
        """Return the IRI of an attachment rule."""
        return f"{self.iri}/rattachement/{index + 1}"


def find_contract(files: Sequence[Path], name: str, names: SiteNames) -> Contract:
    """Return a contract by its IRI or the end of its IRI; raises `import-contract`, and the problems of reading."""
    quads = [quad for path in files for quad in read(path, names=names)]
    graph = Graph(quads)
    contracts = {node.value: node for node in graph.subjects() if CPER + "Contrat" in graph.types(node)}
    iri = name if "://" in name else names.contracts + name
    if iri not in contracts:
        known = ", ".join(sorted(each.rpartition("/")[2] for each in contracts)) or "–"
        raise Problem("import-contract", contract=name, known=known)
    below = f"{iri}/"
    subdivisions = {
        node.value.removeprefix(below): node.value
        for node in graph.subjects()
        if isinstance(node, NamedNode) and node.value.startswith(below) and CPER + "Subdivision" in graph.types(node)
    }
    period = graph.one(contracts[iri], DCT + "temporal")
    # A year stands for its first day, and for its last.
    start, end = (
        day and day + rest[len(day) :]
        for name, rest in (("startDate", "0000-01-01"), ("endDate", "0000-12-31"))
        for day in (graph.value(period, DCAT + name) if period else "",)
    )
    signed = (graph.value(body, CPER + "siren") for body in graph.all(contracts[iri], CPER + "signePar"))
    signatories = frozenset(filter(None, signed))
    places = [each for each in graph.all(contracts[iri], CPER + "territoire") if _REGION in graph.types(each)]
    regions = {graph.value(each, PREFIXES["igeo"] + "codeINSEE") for each in places}
    regions.update(code for siren in signatories for body in with_siren(siren) for code in body.regions)
    bodies = {
        str(getattr(quad.object, "value", "")): str(getattr(quad.subject, "value", ""))
        for quad in quads
        if quad.predicate.value in (CPER + "siren", SUBV + "rna")
    }
    return Contract(iri, subdivisions, start, end, signatories, frozenset(regions), bodies)


def find_subdivision(contract: Contract, name: str) -> str:
    """Return the IRI of a subdivision of the contract, "" if no name is given; raises `import-subdivision`."""
    if name and name not in contract.subdivisions:
        known = ", ".join(sorted(contract.subdivisions, key=natural_sort_key)) or "–"
        raise Problem("import-subdivision", subdivision=name, contract=contract.iri, known=known)
    return contract.subdivisions[name] if name else ""


def first_match(rules: Sequence[AttachmentRule], subsidy: Subsidy) -> int | None:
    """Return the index of the first rule that covers the subsidy, None if none does."""
    return next((index for index, rule in enumerate(rules) if rule.covers(subsidy)), None)


def read_rules(path: Path, contract: Contract) -> list[AttachmentRule]:
    """Return the rules of a CSV file (dispositif, objet, subdivision, date, raison); `*` stands for any text.

    Raises the problems of reading, and `import-rules` for invalid rules.
    """
    file = inspect_csv(path)
    header = [re.sub("[^a-z]", "", folded(name)) for name in file.header]
    if sorted(header) != sorted(_COLUMNS):
        raise _invalid_rules(path, 1, Phrase("the columns are not these", fr="les colonnes ne sont pas celles-ci"))
    rules = list[AttachmentRule]()
    for line, row in read_rows(file):
        if len(row) != len(header) or len(rules) == MAX_RULES:
            raise _invalid_rules(path, line, Phrase("too many cells, or rules", fr="trop de cellules, ou de règles"))
        rules.append(_rule(dict(zip(header, map(str.strip, row), strict=True)), contract, path, line))
    return rules


def _rule(cells: Mapping[str, str], contract: Contract, path: Path, line: int) -> AttachmentRule:
    if not cells["raison"] or not cells["raison"].isprintable():
        raise _invalid_rules(path, line, Phrase("no reason is given", fr="aucune raison n'est donnée"))
    try:
        date = parse_date(cells["date"])
    except InvalidCell:
        raise _invalid_rules(path, line, Phrase("the date cannot be read", fr="la date ne se lit pas")) from None
    if date > today():
        raise _invalid_rules(path, line, Phrase("the date is yet to come", fr="la date est à venir"))
    scheme, purpose = (cells[name] or "*" for name in ("dispositif", "objet"))
    return AttachmentRule(find_subdivision(contract, cells["subdivision"]), scheme, purpose, date, cells["raison"])


def _invalid_rules(path: Path, line: int, message: Phrase) -> Problem:
    return Problem("import-rules", path=path, line=line, message=message, columns=",".join(_COLUMNS))


_FOLDER: Final = "subventions"
"""The folder in data/ for subsidies."""

_ADDRESS: Final = re.compile(r"https?://[!#-;=?-\[\]_a-z~]+")
"""A URL with the characters that RFC 3986 allows."""


def data_files(sources: Path) -> list[Path]:
    """Return the RDF files of data/ without the subsidies, which may be large; raises `permission`."""
    return [path for path in rdf_files(sources / "data") if not path.is_relative_to(sources / "data" / _FOLDER)]


def file_slug(path: Path, name: str) -> str:
    """Return the slug of a file, from `name` or its file name; raises `parameter-invalid`.

    >>> file_slug(Path("Subventions 2024 – v2.csv"), "")
    'subventions-2024-v2'
    """
    found = slug(name or path.stem)
    if not found or len(found) > 80:
        raise Problem("parameter-invalid", name="--name", value=name or path.stem, expected="a-z 0-9 - (1–80)")
    return found


def parse_date_option(text: str) -> str:
    """Return a date in ISO 8601 that is not yet to come, "" if none is given; raises `parameter-invalid`."""
    try:
        found = parse_date(text) if text else ""
    except InvalidCell as error:
        raise Problem("parameter-invalid", name="--date", value=text, expected="AAAA-MM-JJ / YYYY-MM-DD") from error
    if found > today():
        raise Problem("parameter-invalid", name="--date", value=text, expected=f"≤ {today()}")
    return found


def parse_url_option(text: str) -> str:
    """Return a URL, "" if none is given; raises `parameter-invalid`."""
    try:
        parts = urlsplit(text if len(text) <= 2000 and _ADDRESS.fullmatch(text) else "")
    except ValueError:
        parts = urlsplit("")
    if text and (not parts.hostname or parts.password or parts.username):
        raise Problem("parameter-invalid", name="--url", value=text[:80], expected="https://…")
    return text


def file_origin(file: CsvFile, contract: Contract, rules: Sequence[AttachmentRule], *options: str) -> Origin:
    """Return the origin of a file; `options` are its name, its date and its URL. Raises `parameter-invalid`."""
    name, date, url = options
    shown = re.sub(r"[^\w .,()+-]", "_", file.path.name)[:200]
    slug_, date, url = file_slug(file.path, name), parse_date_option(date), parse_url_option(url)
    return Origin(slug_, shown, file.sha256, date, url, contract, rules, contract.bodies)


def output_path(sources: Path, origin: Origin) -> Path:
    """Return the path for the subsidies of a file, in the folder of its contract.

    Raises `permission` for the sources of an installed package, and `parameter-invalid` if a file of another contract has
    the same name, since the name is part of the IRIs.
    """
    reject_packaged(sources, "--sources")
    folder, name = sources / "data" / _FOLDER, f"{origin.slug}.nt"
    path = folder / origin.contract.iri.rpartition("/")[2] / name
    if conflicts := [other for other in folder.rglob(name) if other != path]:
        taken = conflicts[0].relative_to(sources).as_posix()
        raise Problem("parameter-invalid", name="--name", value=origin.slug, expected=f"≠ {taken}")
    return path


def dates_path(sources: Path, origin: Origin) -> Path:
    """Return the path of the file with the days on which the subsidies of a contract were imported."""
    return sources / "data" / "catalog" / f"subventions-{origin.contract.iri.rpartition('/')[2]}.ttl"


def record_import(sources: Path, origin: Origin, *, changed: bool) -> None:
    """Write the days on which the subsidies of a contract were imported, unless the catalogue describes their dataset.

    The file is `staged`, as its subsidies are. Raises OSError.
    """
    site = origin.contract.names
    path, folder = dates_path(sources, origin), f"data/{_FOLDER}/{origin.contract.iri.rpartition('/')[2]}/"
    names = ((each, each.relative_to(sources).as_posix()) for each in data_files(sources))
    graph = Graph(
        quad for each, shown in names if each != path and is_catalogue_file(shown) for quad in read(each, names=site)
    )
    described = {each for node in graph.subjects() for each in graph.all(node, PROV + "wasDerivedFrom")}
    if not graph.properties(NamedNode(site.catalogue)) or NamedNode(site.sources + folder) in described:
        return
    dates = import_dates(path, [site.datasets + path.stem], site, changed=changed)
    staged(path).write_bytes(write(list(dates), TURTLE, names=site))


def attachment_rules(contract: Contract, subdivision: str, rules_file: Path | None) -> list[AttachmentRule]:
    """Return the rules of a file, else a single rule that attaches all rows to the subdivision.

    Raises `parameter-invalid` if both are given, `import-subdivision`, and the problems of the rules.
    """
    if rules_file is None:
        return [AttachmentRule(find_subdivision(contract, subdivision))]
    if subdivision:
        raise Problem("parameter-invalid", name="--subdivision", value=subdivision, expected="--subdivision | --rules")
    return read_rules(rules_file, contract)


def refuse_duplicate_names(files: Sequence[Path], name: str) -> None:
    """Raise `parameter-invalid` if two files would have the same slug."""
    slugs = [file_slug(path, name) for path in files]
    if duplicates := [each for each in slugs if slugs.count(each) > 1]:
        raise Problem("parameter-invalid", name="--name", value=duplicates[0], expected="1 ↔ 1")
