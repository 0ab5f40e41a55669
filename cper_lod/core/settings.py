"""The table of settings: name, default and limits of each; `core.config` loads their values."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from cper_lod.core.errors import LANGUAGES, Language, Problem
from cper_lod.core.formats import TABLE_FORMATS, Format
from cper_lod.core.i18n import sentence

InvalidSetting = Callable[[str], Problem]
"""Returns the problem of a value, given the text of what is expected."""
_ADDRESSES: Final = {"public_url": "", "datagouv_url": "", "tabular_url": "", "engine": "embedded", "engine_store": ""}
"""Settings that are addresses of servers, and the other value that each may have."""
_CONTACT: Final = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+|https?://[!#-;=?-Z_a-z~]+", re.ASCII)
_PAIR: Final = re.compile(r"[^:\x00-\x1f\x7f]+:[^\x00-\x1f\x7f]*")
_ENDPOINT: Final = re.compile(
    r"https?://(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?(?:[/?][!$-;=?-Z_a-z~]*)?", re.ASCII
)


def check_text(name: str, text: str, invalid: InvalidSetting) -> str:
    """Return a text setting in its normal form; raises `invalid(…)`."""
    if name in _ADDRESSES and text != _ADDRESSES[name]:
        address, without = text.strip(), "@ #" if name.startswith("engine") else "@ ? #"
        if not _endpoint(address) or ("?" in without and "?" in address):
            raise invalid(f"{_ADDRESSES[name]} | ".lstrip(" |") + f"http(s)://… (ASCII, sans / without {without})")
        return address.rstrip("/") if name == "public_url" else address
    if name == "trusted_proxy" and text:
        try:
            return str(ipaddress.ip_address(text))
        except ValueError:
            raise invalid("une adresse IP / one IP address") from None
    if name == "contact" and text and not _CONTACT.fullmatch(text):
        raise invalid("nom@domaine / name@domain | https://…")
    if name == "engine_login" and text and not _PAIR.fullmatch(text):
        raise invalid("nom:mot de passe / name:password")
    return text


def without_login(name: str, raw: object) -> object:
    """Return an invalid value as it may be shown: an engine's address without the user name and password in it."""
    return re.sub(r"//[^/\s]*@", "//***@", str(raw)) if name in ("engine", "engine_store") else raw


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
    minimum: int | None = None,
    maximum: int | None = None,
    choices: tuple[str, ...] = (),
    *,
    secret: bool = False,
) -> Any:  # noqa: ANN401
    """Return a row of the table; `Any`, since a dataclass field has the type of its annotation."""
    metadata = {"minimum": minimum, "maximum": maximum, "choices": choices, "secret": secret}
    return field(default=default, metadata=metadata, repr=not secret)


LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
"""The names of this machine that no other machine reaches."""


@dataclass(frozen=True)
class Settings:
    """All settings with their values. Picklable: each server process gets a copy."""

    sources: Path = _row(Path())
    releases: Path = _row(Path(".cper-lod/releases"))
    keep_releases: int = _row(100, 2, 1_000_000)
    keep_days: int = _row(3650, 0, 1_000_000)
    public_url: str = _row("")
    host: str = _row("127.0.0.1")
    port: int = _row(8000, 1, 65535)
    lang: str = _row("", choices=("", *LANGUAGES))
    engine: str = _row("embedded")
    engine_store: str = _row("")
    engine_login: str = _row("", secret=True)
    query_workers: int = _row(3, 1, 64)
    query_timeout: int = _row(10, 1, 3600)
    query_memory: int = _row(512, 64, 65_536)
    index_memory: int = _row(16, 0, 1024)
    log_level: str = _row("warning", choices=("warning", "info"))
    trusted_proxy: str = _row("")
    title: str = _row("")
    contact: str = _row("")
    hosting: str = _row("")
    datagouv_url: str = _row("https://www.data.gouv.fr")
    tabular_url: str = _row("https://tabular-api.data.gouv.fr/api")

    @property
    def endpoint(self) -> str:
        """The address of the SPARQL endpoint, which is also the base IRI of its queries; "" without `public_url`."""
        return f"{self.public_url}/sparql" if self.public_url else ""

    @property
    def table_formats(self) -> tuple[Format, ...]:
        """The formats in which the endpoint answers SELECT and ASK; protocol, pages, service description and OpenAPI ask here."""
        return TABLE_FORMATS

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


ROWS: Final = {row.name: row for row in fields(Settings)}
"""The rows of the table by the names of the settings."""


def environment_variable(name: str) -> str:
    """Return the environment variable of a setting.

    >>> environment_variable("query_timeout")
    'CPER_LOD_QUERY_TIMEOUT'
    """
    return "CPER_LOD_" + name.upper()


def describe(name: str, lang: Language) -> str:
    """Return the description of a setting, in one line."""
    return sentence(f"setting-{name.replace('_', '-')}", lang)


def displayed_value(settings: Settings, name: str) -> str | int:
    """Return the value of a setting as it may be shown: a secret as `***`.

    >>> displayed_value(Settings(engine_login="user:word"), "engine_login"), displayed_value(Settings(), "port")
    ('***', 8000)
    """
    value = getattr(settings, name)
    if value and ROWS[name].metadata["secret"]:
        return "***"
    return value if isinstance(value, int) else str(value)
