"""The origin of a file of subsidies, from the command line options, and the path of the file made from it."""

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from pyoxigraph import NamedNode

from cper_lod.core.config import reject_packaged, today
from cper_lod.core.errors import Problem
from cper_lod.core.formats import TURTLE
from cper_lod.core.namespaces import PROV
from cper_lod.core.text import slug
from cper_lod.importing.files import import_dates, write_all
from cper_lod.importing.subsidies.attachment import AttachmentRule, Contract, find_axis, known_bodies, read_rules
from cper_lod.importing.subsidies.csv_file import CsvFile
from cper_lod.importing.subsidies.parse_cells import InvalidCell, parse_date
from cper_lod.importing.subsidies.to_rdf import Origin
from cper_lod.rdf.graph import Graph
from cper_lod.rdf.reader import read
from cper_lod.rdf.serialize import write
from cper_lod.release.catalog.datasets import DATASETS, SOURCE_IRI, is_catalogue_file
from cper_lod.release.catalog.dcat import CATALOGUE
from cper_lod.release.sources.files import source_files

_FOLDER = "subventions"
"""The folder in data/ for subsidies."""

_ADDRESS = re.compile(r"https?://[!#-;=?-\[\]_a-z~]+")
"""A URL with the characters that RFC 3986 allows."""


def data_files(sources: Path) -> list[Path]:
    """Return the data files of the sources without the subsidies, which may be large; raises `source-missing`."""
    data = sources / "data"
    return [
        path for path in source_files(sources) if path.is_relative_to(data) and not path.is_relative_to(data / _FOLDER)
    ]


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
        found = parse_date(text)[0] if text else ""
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


def file_origin(
    file: CsvFile, files: Sequence[Path], contract: Contract, rules: Sequence[AttachmentRule], *options: str
) -> Origin:
    """Return the origin of a file; `options` are its name, its date and its URL. Raises `parameter-invalid`."""
    name, date, url = options
    shown = re.sub(r"[^\w .,()+-]", "_", file.path.name)[:200]
    bodies = dict(known_bodies(files))
    return Origin(
        file_slug(file.path, name),
        shown,
        file.sha256,
        parse_date_option(date),
        parse_url_option(url),
        contract,
        rules,
        bodies,
    )


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


def record_import(sources: Path, origin: Origin, *, changed: bool) -> None:
    """Write the days on which the subsidies of a contract were imported, unless the catalogue describes their dataset.

    Raises `permission`.
    """
    slug_ = origin.contract.iri.rpartition("/")[2]
    name, folder = f"subventions-{slug_}", f"data/{_FOLDER}/{slug_}/"
    path = sources / "data" / "catalog" / f"{name}.ttl"
    names = ((each, each.relative_to(sources).as_posix()) for each in data_files(sources))
    graph = Graph(quad for each, shown in names if each != path and is_catalogue_file(shown) for quad in read(each))
    described = {each for node in graph.subjects() for each in graph.all(node, PROV + "wasDerivedFrom")}
    if not graph.properties(NamedNode(CATALOGUE)) or NamedNode(SOURCE_IRI + folder) in described:
        return
    quads = list(import_dates(path, [DATASETS + name], changed=changed))
    write_all(sources, {path.relative_to(sources).as_posix(): write(quads, TURTLE)}, [])


def attachment_rules(contract: Contract, axis: str, rules_file: Path | None) -> list[AttachmentRule]:
    """Return the rules of a file, else a single rule that attaches all rows to the axis.

    Raises `parameter-invalid` if both are given, `import-axis`, and the problems of the rules.
    """
    if rules_file is None:
        return [AttachmentRule(find_axis(contract, axis))]
    if axis:
        raise Problem("parameter-invalid", name="--axis", value=axis, expected="--axis | --rules")
    return read_rules(rules_file, contract)


def refuse_duplicate_names(files: Sequence[Path], name: str) -> None:
    """Raise `parameter-invalid` if two files would have the same slug."""
    slugs = [file_slug(path, name) for path in files]
    if duplicates := [each for each in slugs if slugs.count(each) > 1]:
        raise Problem("parameter-invalid", name="--name", value=duplicates[0], expected="1 ↔ 1")
