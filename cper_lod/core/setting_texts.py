"""What a textual setting has to look like: addresses, an IP address, a mail address, a name with its password."""

import ipaddress
import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from cper_lod.core.errors import Problem

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
