"""Where a file of subsidies comes from and what it is attached to, as the command line says it; and where it goes."""

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from cper_lod.core.config import refuse_packed
from cper_lod.core.errors import Problem
from cper_lod.importing.subsidies.attachment import Contract, Decision, bodies, find_axis, read_rules
from cper_lod.importing.subsidies.csv_file import Inspected
from cper_lod.importing.subsidies.parse_cells import Fault, day, folded
from cper_lod.importing.subsidies.to_rdf import Origin
from cper_lod.release.sources.files import source_files

_FOLDER = "subventions"
"""The folder in data/ where subsidies are written."""

_ADDRESS = re.compile(r"https?://[!#-;=?-\[\]_a-z~]+")
"""An address of the characters that RFC 3986 allows."""


def data_files(sources: Path) -> list[Path]:
    """Return the data files of the sources but for the subsidies, which may be many; raises `source-missing`."""
    data = sources / "data"
    return [
        path for path in source_files(sources) if path.is_relative_to(data) and not path.is_relative_to(data / _FOLDER)
    ]


def slug(path: Path, name: str) -> str:
    """Return the name under which a file is kept; raises `parameter-invalid`.

    >>> slug(Path("Subventions 2024 – v2.csv"), "")
    'subventions-2024-v2'
    """
    found = re.sub("[^a-z0-9]+", "-", folded(name or path.stem)).strip("-")
    if not found or len(found) > 80:
        raise Problem("parameter-invalid", name="--name", value=name or path.stem, expected="a-z 0-9 - (1–80)")
    return found


def checked_date(text: str) -> str:
    """Return a date in our form, empty where none is given; raises `parameter-invalid`."""
    try:
        return day(text)[0] if text else ""
    except Fault as fault:
        raise Problem("parameter-invalid", name="--date", value=text, expected="AAAA-MM-JJ / YYYY-MM-DD") from fault


def checked_url(text: str) -> str:
    """Return an address, empty where none is given; raises `parameter-invalid`."""
    if text and not (len(text) <= 2000 and _ADDRESS.fullmatch(text) and _host(text)):
        raise Problem("parameter-invalid", name="--url", value=text[:80], expected="https://…")
    return text


def _host(text: str) -> str | None:
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return None if parts.password or parts.username else parts.hostname


def origin(
    file: Inspected, files: Sequence[Path], contract: Contract, decisions: Sequence[Decision], *said: str
) -> Origin:
    """Return the origin of a file; `said` is what the command line says: a name, a date and an address.

    Raises `parameter-invalid`.
    """
    name, date, url = said
    shown = re.sub(r"[^\w .,()+-]", "_", file.path.name)[:200]
    known = dict(bodies(files))
    return Origin(
        slug(file.path, name), shown, file.sha256, checked_date(date), checked_url(url), contract, decisions, known
    )


def place(sources: Path, origin: Origin) -> Path:
    """Return where the subsidies of a file are kept: in the folder of its contract, of which they are a dataset.

    Raises `permission` for the sources of an installed package, and `parameter-invalid` where a file of another
    contract has the name: each names its rows by that.
    """
    refuse_packed(sources, "--sources")
    folder, name = sources / "data" / _FOLDER, f"{origin.slug}.nt"
    own = folder / origin.contract.iri.rpartition("/")[2] / name
    if others := [path for path in folder.rglob(name) if path != own]:
        taken = others[0].relative_to(sources).as_posix()
        raise Problem("parameter-invalid", name="--name", value=origin.slug, expected=f"≠ {taken}")
    return own


def decisions(contract: Contract, axis: str, rules: Path | None) -> list[Decision]:
    """Return what attaches the rows: the rules of a file, else one decision for all rows.

    Raises `parameter-invalid` where both are given, `import-axis`, and the problems of the rules.
    """
    if rules is None:
        return [Decision(find_axis(contract, axis))]
    if axis:
        raise Problem("parameter-invalid", name="--axis", value=axis, expected="--axis | --rules")
    return read_rules(rules, contract)


def refuse_one_name(files: Sequence[Path], name: str) -> None:
    """Raise `parameter-invalid` where two files would be kept under one name."""
    slugs = [slug(path, name) for path in files]
    if twice := [each for each in slugs if slugs.count(each) > 1]:
        raise Problem("parameter-invalid", name="--name", value=twice[0], expected="1 ↔ 1")
