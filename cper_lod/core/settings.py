"""The table of settings: name, default, limits and description of each; `core.config` loads their values."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from cper_lod.core.errors import LANGUAGES, Language, Problem
from cper_lod.core.namespaces import BASE

InvalidSetting = Callable[[str], Problem]
"""Returns the problem of a value, given the text of what is expected."""
_ENDPOINTS: Final = {"service_allow": "", "datagouv_url": "", "engine": "embedded", "engine_store": ""}
"""Settings that are addresses of endpoints, and the other value that each may have."""
_CONTACT: Final = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+|https?://[!#-;=?-Z_a-z~]+", re.ASCII)
_PAIR: Final = re.compile(r"[^:\x00-\x1f\x7f]+:[^\x00-\x1f\x7f]*")
_ENDPOINT: Final = re.compile(
    r"https?://(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?(?:[/?][!$-;=?-Z_a-z~]*)?", re.ASCII
)


def check_text(name: str, text: str, invalid: InvalidSetting) -> str:
    """Return a text setting in its normal form; raises `invalid(…)`."""
    if name in ("public_url", "base_iri"):
        if text and not text.startswith(("http://", "https://")):
            raise invalid("http://… | https://…")
        if any(char in text for char in ' <>"{}|\\^`\r\n\t'):
            raise invalid("IRI")
        if name == "public_url" and ("?" in text or "#" in text):
            raise invalid("http(s)://… sans / without ? #")
        if name == "base_iri" and not text.endswith(("/", "#")):
            raise invalid("http(s)://…/")
        return text.rstrip("/") if name == "public_url" else text
    if name == "trusted_proxy" and text:
        try:
            return str(ipaddress.ip_address(text))
        except ValueError:
            raise invalid("une adresse IP / one IP address") from None
    if name == "contact" and text and not _CONTACT.fullmatch(text):
        raise invalid("nom@domaine / name@domain | https://…")
    if name == "engine_login" and text and not _PAIR.fullmatch(text):
        raise invalid("nom:mot de passe / name:password")
    return _endpoints(name, text, invalid) if name in _ENDPOINTS else text


def without_login(name: str, raw: object) -> object:
    """Return an invalid value as it may be shown: an engine's address without the user name and password in it."""
    return re.sub(r"//[^/\s]*@", "//***@", str(raw)) if name in ("engine", "engine_store") else raw


def _endpoints(name: str, text: str, invalid: InvalidSetting) -> str:
    """Return one address, or several if the setting allows that."""
    if text == _ENDPOINTS[name]:
        return text
    one = name == "service_allow" or (len(text.split()) == 1 and not (name == "datagouv_url" and "?" in text))
    if not one or not all(_endpoint(iri) for iri in text.split()):
        raise invalid(f"{_ENDPOINTS[name]} | ".lstrip(" |") + "http(s)://… (ASCII, sans / without @ #)")
    return " ".join(text.split())


def _endpoint(iri: str) -> bool:
    """Return whether an IRI can be that of a SPARQL endpoint; it is sent unchanged, so it must be ASCII."""
    match = _ENDPOINT.fullmatch(iri)
    try:
        urlsplit(iri)
    except ValueError:  # brackets without an IPv6 address
        return False
    return match is not None and 0 < int(match[1] or 80) < 65_536


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
    """Return a row of the table; `Any`, since a dataclass field has the type of its annotation."""
    metadata = {"fr": fr, "en": en, "minimum": minimum, "maximum": maximum, "choices": choices, "secret": secret}
    return field(default=default, metadata=metadata, repr=not secret)


LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
"""The names of this machine that no other machine reaches."""


@dataclass(frozen=True)
class Settings:
    """All settings with their values. Picklable: each server process gets a copy."""

    sources: Path = _row(
        Path(),
        "dossier qui contient ontology/, shapes/ et data/ (défaut : celui du programme)",
        "folder that contains ontology/, shapes/ and data/ (default: the program's own)",
    )
    releases: Path = _row(
        Path(".cper-lod/releases"), "dossier où les publications sont enregistrées", "folder where releases are stored"
    )
    watch: int = _row(
        2,
        "secondes entre deux examens des sources par `serve`, qui publie ce qui a changé ; 0 : jamais",
        "seconds between two checks of the sources by `serve`, which publishes what changed; 0: never",
        0,
        86_400,
    )
    check_timeout: int = _row(
        600,
        "durée maximale de la vérification des sources, en secondes ; ensuite, check-timeout nomme la règle en cours ; 0 : sans limite",
        "longest duration of the check of the sources, in seconds; then check-timeout names the rule under way; 0: no limit",
        0,
        86_400,
    )
    keep_releases: int = _row(
        100,
        "nombre de publications conservées au moins, les dernières servies",
        "number of releases that are always kept, those served last",
        2,
        1_000_000,
    )
    keep_days: int = _row(
        3650,
        "jours pendant lesquels une publication est conservée après avoir été servie ; ensuite son dossier est supprimé, mais pas son entrée dans l'historique",
        "days for which a release is kept after it was served; then its folder is deleted, but not its entry in the history",
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
        "adresse publique du serveur, sans barre finale ; avec un chemin, le serveur répond aussi sous ce chemin (défaut : http://<host>:<port>)",
        "public address of the server, without a final slash; with a path, the server also answers below that path (default: http://<host>:<port>)",
    )
    host: str = _row("127.0.0.1", "adresse d'écoute", "address to listen on")
    port: int = _row(
        8000,
        "port d'écoute ; s'il est déjà pris, la commande sort avec 2",
        "port to listen on; if it is in use, the command exits with 2",
        1,
        65535,
    )
    workers: int = _row(
        1,
        "nombre de processus de serveur, chacun avec ses propres processus de requête",
        "number of server processes, each with query processes of its own",
        1,
        64,
    )
    lang: str = _row(
        "",
        "langue de la ligne de commande : fr ou en (défaut : celle du système)",
        "language of the command line: fr or en (default: that of the locale)",
        choices=("", *LANGUAGES),
    )
    engine: str = _row(
        "embedded",
        "ce qui exécute les requêtes SPARQL : embedded, ou l'adresse d'un point d'accès SPARQL 1.1 rempli par `push` ; erreurs : 503 engine-unreachable, 503 engine-release, 502 engine-answer",
        "what runs SPARQL queries: embedded, or the address of a SPARQL 1.1 endpoint filled by `push`; errors: 503 engine-unreachable, 503 engine-release, 502 engine-answer",
    )
    engine_store: str = _row(
        "",
        "adresse où `push` écrit (SPARQL 1.1 Graph Store HTTP Protocol)",
        "address to which `push` writes (SPARQL 1.1 Graph Store HTTP Protocol)",
    )
    engine_login: str = _row(
        "",
        "nom:mot de passe pour ces deux adresses, jamais affiché ni journalisé ; à donner par CPER_LOD_ENGINE_LOGIN plutôt que par une option, que d'autres utilisateurs de la machine peuvent lire",
        "name:password for these two addresses, never shown or logged; set CPER_LOD_ENGINE_LOGIN rather than a flag, which other users of the machine can read",
        secret=True,
    )
    query_workers: int = _row(
        3,
        "nombre de requêtes SPARQL exécutées à la fois ; les longues ont une place de moins",
        "number of SPARQL queries run at once; long ones have one place less",
        1,
        64,
    )
    query_queue: int = _row(
        32,
        "nombre de requêtes SPARQL en attente au plus, courtes et longues comptées à part ; au-delà : 503 query-queue",
        "number of SPARQL queries that may wait, short and long ones counted separately; beyond: 503 query-queue",
        0,
        10_000,
    )
    query_wait: int = _row(
        5,
        "secondes d'attente d'une place pour une requête SPARQL ; ensuite : 503 query-queue",
        "seconds that a SPARQL query may wait for a place; then 503 query-queue",
        0,
        600,
    )
    query_timeout: int = _row(
        10,
        "durée maximale d'une requête SPARQL, en secondes ; ensuite : 503 query-timeout",
        "longest duration of a SPARQL query, in seconds; then 503 query-timeout",
        1,
        3600,
    )
    query_cpu: int = _row(
        10,
        "temps de processeur maximal d'une requête SPARQL, en secondes ; ensuite : 503 query-cpu",
        "most processor time of a SPARQL query, in seconds; then 503 query-cpu",
        1,
        3600,
    )
    query_memory: int = _row(
        512,
        "mémoire maximale d'une requête SPARQL, en Mio, en plus de l'index ; au-delà : 503 query-memory",
        "most memory of a SPARQL query, in MiB, in addition to the index; beyond: 503 query-memory",
        64,
        65_536,
    )
    query_bytes: int = _row(
        64 * 1024 * 1024,
        "taille maximale d'un résultat, en octets ; au-delà : 400 query-result",
        "largest size of a result, in bytes; beyond: 400 query-result",
        1024,
    )
    query_rows: int = _row(
        1_000_000,
        "nombre maximal de solutions ou de triplets d'un résultat ; au-delà : 400 query-rows",
        "most solutions or triples of a result; beyond: 400 query-rows",
        1,
    )
    query_length: int = _row(
        256 * 1024,
        "taille maximale d'une requête, en octets ; au-delà : 413 body-too-large",
        "largest size of a query, in bytes; beyond: 413 body-too-large",
        64,
    )
    service_allow: str = _row(
        "",
        "IRI, séparés par des espaces, des points d'accès qu'une requête peut appeler par SERVICE (défaut : aucun ; réponse : 400 query-service)",
        "IRIs, separated by spaces, of the endpoints that a query may call with SERVICE (default: none; answer: 400 query-service)",
    )
    query_cache: int = _row(
        32,
        "mémoire du cache des résultats de requêtes, en Mio ; 0 : pas de cache",
        "memory of the cache of query results, in MiB; 0: no cache",
        0,
        65_536,
    )
    index_memory: int = _row(
        16,
        "taille des données, en Mio de N-Quads, jusqu'à laquelle elles sont interrogées en mémoire et non sur disque",
        "size of the data, in MiB of N-Quads, up to which they are queried in memory instead of on disk",
        0,
        1024,
    )
    spool: Path = _row(
        Path(),
        "dossier des fichiers temporaires des résultats de plus de 64 Kio (défaut : /var/tmp, sinon celui du système)",
        "folder for the temporary files of results above 64 KiB (default: /var/tmp, else the system's)",
    )
    client_timeout: int = _row(
        10,
        "secondes d'attente du corps d'une requête ; ensuite : 408 request-timeout. Un client qui ne lit plus rien pendant ce temps est déconnecté (Linux)",
        "seconds to wait for the body of a request; then 408 request-timeout. A client that reads nothing for this long is disconnected (Linux)",
        1,
        600,
    )
    access_log: Path = _row(
        Path(),
        "fichier du journal des accès, au format Common Log Format (défaut : aucun)",
        "file of the access log, in the Common Log Format (default: none)",
    )
    log_level: str = _row(
        "warning",
        "ce qui s'écrit sur la sortie d'erreur : warning, les problèmes ; info, aussi une ligne par requête HTTP et par requête SPARQL",
        "what is written to standard error: warning, the problems; info, also one line for each HTTP request and each SPARQL query",
        choices=("warning", "info"),
    )
    log_format: str = _row(
        "text", "format de ces lignes : text ou json", "format of these lines: text or json", choices=("text", "json")
    )
    log_addresses: str = _row(
        "truncated",
        "ce que les journaux gardent d'une adresse IP : truncated (/24 en IPv4, /48 en IPv6), full ou none ; la page /legal l'indique",
        "what the logs keep of an IP address: truncated (/24 of IPv4, /48 of IPv6), full or none; the page /legal says so",
        choices=("truncated", "full", "none"),
    )
    log_queries: str = _row(
        "hash",
        "ce que les journaux gardent d'une requête SPARQL : hash, son empreinte ; text, aussi son texte",
        "what the logs keep of a SPARQL query: hash, its digest; text, also its text",
        choices=("hash", "text"),
    )
    metrics: str = _row(
        "local",
        "qui peut lire /metrics : local (cette machine, sans mandataire), direct (toute machine, sans mandataire), all ou none ; réponse aux autres : 403 metrics-refused, ou 404 avec none",
        "who may read /metrics: local (this machine, not through a proxy), direct (any machine, not through a proxy), all or none; others get 403 metrics-refused, or 404 with none",
        choices=("local", "direct", "all", "none"),
    )
    rate_limit: int = _row(
        0,
        "requêtes HTTP par minute et par client, sauf /health, /ready et /metrics ; au-delà : 429 rate-limited (0 : sans limite). Chaque processus de serveur compte à part",
        "HTTP requests per minute and client, except /health, /ready and /metrics; beyond: 429 rate-limited (0: no limit). Each server process counts separately",
        0,
        1_000_000,
    )
    rate_burst: int = _row(
        60,
        "requêtes HTTP qu'un client peut faire d'affilée, avec rate_limit",
        "HTTP requests that a client may make at once, with rate_limit",
        1,
        100_000,
    )
    trusted_proxy: str = _row(
        "",
        "adresse IP du mandataire dont l'en-tête X-Forwarded-For donne l'adresse du client",
        "IP address of the proxy whose header X-Forwarded-For gives the address of the client",
    )
    title: str = _row(
        "",
        "nom du site, en tête de chaque page (défaut : celui du programme ; avec --data, le titre que les données se donnent, sinon le nom du dossier)",
        "name of the site, at the head of each page (default: the program's; with --data, the title that the data give themselves, else the name of the folder)",
    )
    contact: str = _row(
        "",
        "adresse électronique ou https où signaler une erreur, affichée sur /legal et /accessibility (défaut : aucune)",
        "mail address or https address for reporting an error, shown at /legal and /accessibility (default: none)",
    )
    hosting: str = _row(
        "",
        "qui met ce serveur en ligne et qui l'héberge (noms, adresses), affiché sur /legal (défaut : rien)",
        "who puts this server online and who hosts it (names, addresses), shown at /legal (default: nothing)",
    )
    datagouv_url: str = _row(
        "https://www.data.gouv.fr",
        "site dont `link` lit l'API (udata) : data.gouv.fr, ou un autre pour essayer",
        "site whose API `link` reads (udata): data.gouv.fr, or another one to try with",
    )
    datagouv_timeout: int = _row(
        20,
        "secondes d'attente d'une réponse entière de ce site, demandée quatre fois ; ensuite, catalogue-unreachable et sortie 2",
        "seconds to wait for a whole answer of that site, tried four times; then catalogue-unreachable and exit 2",
        1,
        600,
    )
    link_cache: Path = _row(
        Path(),
        "dossier où `link search` garde les réponses un jour, 64 Mio au plus (défaut : cper-lod/link dans le cache de l'utilisateur)",
        "folder where `link search` keeps answers for a day, 64 MiB at most (default: cper-lod/link in the user's cache)",
    )

    @property
    def endpoint(self) -> str:
        """The address of the SPARQL endpoint, which is also the base IRI of its queries; "" without `public_url`."""
        return f"{self.public_url}/sparql" if self.public_url else ""

    @property
    def local_url(self) -> str:
        """The address that the server listens on."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def is_local(self) -> bool:
        """Whether the public address is one of this machine."""
        return not self.public_url or urlsplit(self.public_url).hostname in LOOPBACK

    @property
    def unset(self) -> list[str]:
        """The settings that a public server should have and this one has not, by name."""
        missing = {"public_url": self.is_local, "contact": not self.contact, "hosting": not self.hosting}
        return [name for name, is_missing in missing.items() if is_missing]


def environment_variable(name: str) -> str:
    """Return the environment variable of a setting.

    >>> environment_variable("query_timeout")
    'CPER_LOD_QUERY_TIMEOUT'
    """
    return "CPER_LOD_" + name.upper()


def describe(name: str, lang: Language) -> str:
    """Return the description of a setting, in one line."""
    row = next(each for each in fields(Settings) if each.name == name)
    return str(row.metadata[lang])


def displayed_value(settings: Settings, name: str) -> str | int:
    """Return the value of a setting as it may be shown: a secret as `***`.

    >>> displayed_value(Settings(engine_login="user:word"), "engine_login"), displayed_value(Settings(), "port")
    ('***', 8000)
    """
    value = getattr(settings, name)
    if value and next(each for each in fields(Settings) if each.name == name).metadata["secret"]:
        return "***"
    if value == Path():  # an empty path: none
        return ""
    return value if isinstance(value, int) else str(value)


def setting_names() -> list[str]:
    """Return the names of all settings, in the order of the table."""
    return [each.name for each in fields(Settings)]
