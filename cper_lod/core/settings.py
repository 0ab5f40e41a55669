"""The one table of settings: each row's name, default and meaning; `terms.configuration` finds their values."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from cper_lod.core.errors import LANGUAGES, Language, Problem
from cper_lod.core.namespaces import BASE

Refuse = Callable[[str], Problem]
"""Returns the problem of a value, given what is expected in its place."""
_ENDPOINTS: Final = {"service_allow": "", "datagouv_url": "", "engine": "embedded", "engine_store": ""}
"""Settings that are addresses that something is sent to, and what they may be beside."""
_CONTACT: Final = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+|https?://[!#-;=?-Z_a-z~]+", re.ASCII)
_PAIR: Final = re.compile(r"[^:\x00-\x1f\x7f]+:[^\x00-\x1f\x7f]*")
_ENDPOINT: Final = re.compile(
    r"https?://(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?(?:[/?][!$-;=?-Z_a-z~]*)?", re.ASCII
)


def text_setting(name: str, text: str, refuse_with: Refuse) -> str:
    """Return a textual setting, checked for what it is; raises what `refuse_with` makes of what is expected."""
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
    if name == "engine_login" and text and not _PAIR.fullmatch(text):
        raise refuse_with("nom:mot de passe / name:password")
    return _endpoints(name, text, refuse_with) if name in _ENDPOINTS else text


def without_login(name: str, raw: object) -> object:
    """Return a wrong value as it may be shown: of an engine's address without a name and a password in it."""
    return re.sub(r"//[^/\s]*@", "//***@", str(raw)) if name in ("engine", "engine_store") else raw


def _endpoints(name: str, text: str, refuse_with: Refuse) -> str:
    """Return one address, or several where the setting takes them."""
    if text == _ENDPOINTS[name]:
        return text
    one = name == "service_allow" or (len(text.split()) == 1 and not (name == "datagouv_url" and "?" in text))
    if not one or not all(_endpoint(iri) for iri in text.split()):
        raise refuse_with(f"{_ENDPOINTS[name]} | ".lstrip(" |") + "http(s)://… (ASCII, sans / without @ #)")
    return " ".join(text.split())


def _endpoint(iri: str) -> bool:
    """Return whether an IRI can be that of a SPARQL endpoint: it is sent as it stands, so in ASCII."""
    found = _ENDPOINT.fullmatch(iri)
    try:
        urlsplit(iri)
    except ValueError:  # brackets that are no IPv6 address
        return False
    return found is not None and 0 < int(found[1] or 80) < 65_536


def _row(
    default: object,
    fr: str,
    en: str,
    minimum: int | None = None,
    maximum: int | None = None,
    choices: tuple[str, ...] = (),
    *,
    secret: bool = False,
) -> Any:  # noqa: ANN401
    """Make a row of the table; a dataclass field is typed by its annotation, hence `Any` here."""
    told = {"fr": fr, "en": en, "minimum": minimum, "maximum": maximum, "choices": choices, "secret": secret}
    return field(default=default, metadata=told, repr=not secret)


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
    watch: int = _row(
        2,
        "secondes entre deux regards de `serve` sur les sources, publiées quand elles changent ; 0 : jamais",
        "seconds between two looks of `serve` at the sources, which are published when they change; 0: never",
        0,
        86_400,
    )
    keep_releases: int = _row(
        100,
        "publications gardées au moins, les dernières servies",
        "releases that are kept at least, those served last",
        2,
        1_000_000,
    )
    keep_days: int = _row(
        3650,
        "jours pendant lesquels toute publication est gardée, depuis qu'elle fut servie",
        "days for which any release is kept, since it was served",
        0,
        1_000_000,
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
    lang: str = _row(
        "",
        "langue de la ligne de commande : fr ou en",
        "language of the command line: fr or en",
        choices=("", *LANGUAGES),
    )
    engine: str = _row(
        "embedded",
        "ce qui exécute les requêtes SPARQL : embedded, ou l'adresse d'un point d'accès SPARQL 1.1 rempli par `push`",
        "what runs SPARQL queries: embedded, or the address of a SPARQL 1.1 endpoint that `push` has filled",
    )
    engine_store: str = _row(
        "",
        "adresse où `push` écrit (SPARQL 1.1 Graph Store HTTP Protocol)",
        "address to which `push` writes (SPARQL 1.1 Graph Store HTTP Protocol)",
    )
    engine_login: str = _row(
        "",
        "nom:mot de passe pour ce point d'accès et cette adresse ; jamais montré (plutôt CPER_LOD_ENGINE_LOGIN)",
        "name:password for that endpoint and that address; never shown (rather by CPER_LOD_ENGINE_LOGIN)",
        secret=True,
    )
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
        "fichier du journal des accès, au format commun (défaut : aucun)",
        "file of the access log, in the Common Log Format (default: none)",
    )
    log_level: str = _row(
        "warning",
        "ce que dit la sortie d'erreur : warning, ce qui ne va pas ; info, aussi une ligne par demande et par requête",
        "what standard error tells: warning, what is wrong; info, also a line for each request and each query",
        choices=("warning", "info"),
    )
    log_format: str = _row(
        "text", "forme de ces lignes : text ou json", "form of these lines: text or json", choices=("text", "json")
    )
    log_addresses: str = _row(
        "truncated",
        "ce que les journaux gardent d'une adresse : truncated (/24, /48), full ou none",
        "what logs keep of an address: truncated (/24, /48), full or none",
        choices=("truncated", "full", "none"),
    )
    log_queries: str = _row(
        "hash",
        "ce qu'ils gardent d'une requête SPARQL : hash, son empreinte ; text, aussi son texte",
        "what they keep of a SPARQL query: hash, its digest; text, its text too",
        choices=("hash", "text"),
    )
    metrics: str = _row(
        "local",
        "qui lit /metrics : local (cette machine, sans mandataire), direct (toutes, sans mandataire), all ou none",
        "who reads /metrics: local (this machine, by no proxy), direct (any machine, by no proxy), all or none",
        choices=("local", "direct", "all", "none"),
    )
    rate_limit: int = _row(
        0,
        "demandes par minute et par client, avant 429 (0 : sans limite)",
        "requests a minute of one client, before 429 (0: no limit)",
        0,
        1_000_000,
    )
    rate_burst: int = _row(
        60, "demandes qu'un client peut faire d'affilée", "requests that a client may make at once", 1, 100_000
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
    datagouv_url: str = _row(
        "https://www.data.gouv.fr",
        "site dont `link` lit l'API (udata) : data.gouv.fr, ou un autre pour essayer",
        "site whose API `link` reads (udata): data.gouv.fr, or another to try with",
    )
    datagouv_timeout: int = _row(
        20, "attente d'une réponse de ce site, en secondes", "wait for an answer of that site, in seconds", 1, 600
    )
    link_cache: Path = _row(
        Path(),
        "dossier où `link search` garde les réponses un jour (défaut : cper-lod/link dans le cache de l'utilisateur)",
        "folder where `link search` keeps answers for a day (default: cper-lod/link in the user's cache)",
    )


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


def shown(settings: Settings, name: str) -> str | int:
    """Return the value of a setting as it may be shown: a secret is none of the words.

    >>> shown(Settings(engine_login="user:word"), "engine_login"), shown(Settings(), "port")
    ('***', 8000)
    """
    value = getattr(settings, name)
    if value and next(each for each in fields(Settings) if each.name == name).metadata["secret"]:
        return "***"
    if value == Path():  # no file
        return ""
    return value if isinstance(value, int) else str(value)


def names() -> list[str]:
    """Return the names of all settings, in the order of the table."""
    return [each.name for each in fields(Settings)]
