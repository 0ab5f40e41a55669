"""The one table of settings: each row's default, meaning, and where its value came from (flag, environment, file)."""

import ipaddress
import os
import re
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from cper_lod.terms.namespaces import BASE
from cper_lod.terms.problems import Language, Problem

FILE: Final = "cper-lod.toml"
"""The settings file looked for in the working folder, where CPER_LOD_SETTINGS names no other."""


def _row(default: object, fr: str, en: str, minimum: int | None = None, maximum: int | None = None) -> Any:  # noqa: ANN401
    """Make a row of the table; a dataclass field is typed by its annotation, hence `Any` here."""
    return field(default=default, metadata={"fr": fr, "en": en, "minimum": minimum, "maximum": maximum})


@dataclass(frozen=True)
class Settings:
    """Every setting with its value. Frozen and picklable: server workers are started anew with a copy."""

    sources: Path = _row(
        Path(),
        "dossier qui contient ontology/, shapes/ et data/ (défaut : celui du programme)",
        "folder that holds ontology/, shapes/ and data/ (default: the program's own)",
    )
    releases: Path = _row(
        Path(".cper-lod/releases"), "dossier où sont scellées les publications", "folder where releases are sealed"
    )
    base_iri: str = _row(
        BASE,
        "début des IRI qui ont une adresse /id/… et /doc/… sur ce serveur",
        "start of the IRIs that have an address /id/… and /doc/… on this server",
    )
    public_url: str = _row(
        "",
        "adresse publique du serveur, sans barre finale (défaut : http://<host>:<port>)",
        "public address of the server, without a final slash (default: http://<host>:<port>)",
    )
    host: str = _row("127.0.0.1", "adresse d'écoute", "address to listen on")
    port: int = _row(8000, "port d'écoute", "port to listen on", 1, 65535)
    workers: int = _row(1, "processus de serveur", "server processes", 1, 64)
    lang: str = _row("", "langue de la ligne de commande : fr ou en", "language of the command line: fr or en")
    query_workers: int = _row(3, "requêtes SPARQL exécutées à la fois", "SPARQL queries run at once", 1, 64)
    query_queue: int = _row(32, "requêtes SPARQL en attente au plus", "SPARQL queries waiting at most", 0, 10_000)
    query_wait: int = _row(
        5, "attente d'une place, en secondes, avant 503", "wait for a place, in seconds, before 503", 0, 600
    )
    query_timeout: int = _row(
        10,
        "durée d'une requête SPARQL, en secondes, avant 503",
        "duration of a SPARQL query, in seconds, before 503",
        1,
        3600,
    )
    query_cpu: int = _row(
        10,
        "temps de processeur d'une requête SPARQL, en secondes, avant 503",
        "processor time of a SPARQL query, in seconds, before 503",
        1,
        3600,
    )
    query_memory: int = _row(
        512,
        "mémoire d'une requête SPARQL, en Mio, au-delà de l'index ouvert, avant 503",
        "memory of a SPARQL query, in MiB, beyond the opened index, before 503",
        64,
        65_536,
    )
    query_bytes: int = _row(
        64 * 1024 * 1024, "taille d'un résultat, en octets, avant 400", "size of a result, in bytes, before 400", 1024
    )
    query_rows: int = _row(
        1_000_000,
        "solutions ou triplets d'un résultat, avant 400",
        "solutions or triples of a result, before 400",
        1,
    )
    query_length: int = _row(
        256 * 1024, "taille d'une requête, en octets, avant 413", "size of a query, in bytes, before 413", 64
    )
    service_allow: str = _row(
        "",
        "IRI, séparés par des blancs, des points d'accès qu'une requête peut appeler par SERVICE (défaut : aucun)",
        "IRIs, separated by blanks, of the endpoints that a query may call by SERVICE (default: none)",
    )
    query_cache: int = _row(
        32,
        "mémoire, en Mio, pour les réponses gardées prêtes",
        "memory, in MiB, for answers kept ready",
        0,
        65_536,
    )
    index_memory: int = _row(
        16,
        "taille, en Mio de N-Quads, jusqu'à laquelle les données sont en mémoire, communes aux processus de requête",
        "size, in MiB of N-Quads, up to which the data are in memory, shared by the query processes",
        0,
        1024,
    )
    spool: Path = _row(
        Path(),
        "dossier des fichiers temporaires des grands résultats (défaut : /var/tmp, sinon celui du système)",
        "folder for the temporary files of large results (default: /var/tmp, else the system's)",
    )
    client_timeout: int = _row(
        10,
        "attente, en secondes, d'un client qui n'envoie ou ne lit plus rien",
        "wait, in seconds, for a client that sends or reads nothing more",
        1,
        600,
    )
    access_log: Path = _row(
        Path(),
        "fichier du journal des accès, au format commun, adresses des clients comprises (défaut : aucun)",
        "file of the access log, in the Common Log Format, with the clients' addresses (default: none)",
    )
    trusted_proxy: str = _row(
        "",
        "adresse du mandataire dont X-Forwarded-For dit qui est le client",
        "address of the proxy whose X-Forwarded-For tells who the client is",
    )
    contact: str = _row(
        "",
        "adresse électronique ou https où signaler une erreur, dite à /legal (défaut : aucune)",
        "mail address or https address for reporting an error, shown at /legal (default: none)",
    )
    hosting: str = _row(
        "",
        "qui met ce serveur en ligne et qui l'héberge (noms, adresses), dit à /legal (défaut : non renseigné)",
        "who puts this server online and who hosts it (names, addresses), shown at /legal (default: not said)",
    )


@dataclass(frozen=True)
class Loaded:
    """The settings in force, and for each its origin: `default`, `file`, `environment` or `flag`, with the detail."""

    settings: Settings
    origins: Mapping[str, str]


def variable(name: str) -> str:
    """Return the environment variable of a setting.

    >>> variable("query_timeout")
    'CPER_LOD_QUERY_TIMEOUT'
    """
    return "CPER_LOD_" + name.upper()


def describe(name: str, lang: Language) -> str:
    """Return what a setting is for, in one line."""
    row = next(each for each in fields(Settings) if each.name == name)
    return str(row.metadata[lang])


def names() -> list[str]:
    """Return the names of all settings, in the order of the table."""
    return [each.name for each in fields(Settings)]


def _value(name: str, raw: object, origin: str) -> object:
    """Return `raw` as the type of the setting, or raise `settings-invalid`."""
    row = next(each for each in fields(Settings) if each.name == name)
    default = row.default if row.default is not MISSING else None

    def refuse(expected: str) -> Problem:
        return Problem("settings-invalid", name=name, value=raw, origin=origin, expected=expected)

    if isinstance(default, int):
        low, high = row.metadata["minimum"], row.metadata["maximum"]
        expected = f"{low}–{high}" if high is not None else f"≥ {low}"
        if isinstance(raw, bool) or not isinstance(raw, int | str):
            raise refuse(expected)
        try:
            number = int(raw)
        except ValueError:
            raise refuse(expected) from None
        if number < low or (high is not None and number > high):
            raise refuse(expected)
        return number
    if not isinstance(raw, str | Path) or "\0" in str(raw):
        raise refuse("texte / text")
    if isinstance(default, Path):
        return Path(raw)
    return _text(name, str(raw), refuse_with=refuse)


def _text(name: str, text: str, refuse_with: Any) -> str:  # noqa: ANN401
    """Return a textual setting, checked for what it is."""
    if name == "lang" and text not in ("", "fr", "en"):
        raise refuse_with("fr | en")
    if name in ("public_url", "base_iri"):
        if text and not text.startswith(("http://", "https://")):
            raise refuse_with("http://… | https://…")
        if any(char in text for char in ' <>"{}|\\^`\r\n\t'):
            raise refuse_with("IRI")
        if name == "public_url" and ("?" in text or "#" in text):
            raise refuse_with("http(s)://… sans / without ? #")
        if name == "base_iri" and not text.endswith(("/", "#")):
            raise refuse_with("http(s)://…/")
        return text.rstrip("/") if name == "public_url" else text
    if name == "trusted_proxy" and text:
        try:
            return str(ipaddress.ip_address(text))
        except ValueError:
            raise refuse_with("une adresse IP / one IP address") from None
    if name == "contact" and text and not _CONTACT.fullmatch(text):
        raise refuse_with("nom@domaine / name@domain | https://…")
    if name == "service_allow":
        if not all(_endpoint(iri) for iri in text.split()):
            raise refuse_with("http(s)://… (ASCII, sans / without @ #)")
        return " ".join(text.split())
    return text


_CONTACT: Final = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+|https?://[!#-;=?-Z_a-z~]+", re.ASCII)
_ENDPOINT: Final = re.compile(
    r"https?://(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?(?:[/?][!$-;=?-Z_a-z~]*)?", re.ASCII
)


def _endpoint(iri: str) -> bool:
    """Return whether an IRI can be that of a SPARQL endpoint: it is sent as it stands, so in ASCII."""
    found = _ENDPOINT.fullmatch(iri)
    try:
        urlsplit(iri)
    except ValueError:  # brackets that are no IPv6 address
        return False
    return found is not None and 0 < int(found[1] or 80) < 65_536


def load(
    flags: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Loaded:
    """Return the settings in force: a flag wins over the environment, that over the file, that over the default.

    `flags` maps names to values, None meaning not given. Raises `Problem` `settings-unknown`, `settings-invalid`,
    `source-missing` (the named file is not there), `permission`, `source-encoding`, `source-syntax` (it is not TOML).
    """
    environment = os.environ if environment is None else environment
    values: dict[str, object] = {}
    origins = dict.fromkeys(names(), "default")

    def take(name: str, raw: object, origin: str) -> None:
        if name not in origins:
            raise Problem("settings-unknown", name=name, origin=origin, offers=", ".join(names()))
        values[name] = _value(name, raw, origin)
        origins[name] = origin

    named = file or (Path(environment["CPER_LOD_SETTINGS"]) if environment.get("CPER_LOD_SETTINGS") else None)
    path = named or Path(FILE)
    if named and not named.is_file():
        raise Problem("source-missing", path=named)
    if path.is_file():
        for name, raw in _toml(path).items():
            take(name, raw, f"file {path}")
    for name in names():
        if (key := variable(name)) in environment:
            take(name, environment[key], f"environment {key}")
    for name, raw in (flags or {}).items():
        if raw is not None:
            take(name, raw, f"flag --{name.replace('_', '-')}")
    settings = replace(Settings(), **values)  # type: ignore[arg-type]
    if "sources" not in values:
        settings = replace(settings, sources=own_sources())
    if "spool" not in values:
        settings = replace(settings, spool=own_spool())
    if not settings.public_url:
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        settings = replace(settings, public_url=f"http://{host}:{settings.port}")
    return Loaded(settings, origins)


def _toml(path: Path) -> dict[str, object]:
    """Read a TOML file, or raise `permission`, or `source-syntax` or `source-encoding` with its place."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise Problem("permission", path=path, message=error.strerror or error) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        byte = f"0x{error.object[error.start]:02X}"
        raise Problem("source-encoding", path=path, line=line, byte=byte) from error
    except tomllib.TOMLDecodeError as error:
        text = str(error)
        line, column = (int(word) if (word := text.partition(key)[2].split(",")[0].split(")")[0]).isdigit() else 1
                        for key in ("line ", "column "))  # fmt: skip
        raise Problem("source-syntax", path=path, line=line, column=column, message=text) from error


def own_spool() -> Path:
    """Return a folder for temporary files: on disk where there is one, since `/tmp` is memory on many systems."""
    lasting = Path("/var/tmp")  # noqa: S108  # its files have no name
    return lasting if os.access(lasting, os.W_OK) else Path(tempfile.gettempdir())


def own_sources() -> Path:
    """Return the folder of sources that comes with the program: in the wheel, or the checkout it is run from."""
    package = Path(__file__).resolve().parent.parent
    packed = package / "_sources"
    return packed if packed.is_dir() else package.parent
