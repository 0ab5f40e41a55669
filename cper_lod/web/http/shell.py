"""Command lines that fetch what a page shows, to be copied from it."""

from collections.abc import Mapping
from urllib.parse import quote

from cper_lod.web.site import site


def quoted(address: str, query: Mapping[str, str]) -> str:
    """Return an address with its query, quoted for a shell where it needs it."""
    text = quote(address, safe=":/@!$&()*+,;=~-._")
    if query:
        text += "?" + "&".join(f"{key}={quote(value, safe='')}" for key, value in query.items())
    return f"'{text}'" if any(char in text for char in "?&;()*!$#'") else text


def command(
    path: str, query: Mapping[str, str], media_type: str = "application/ld+json", *, follow: bool = False
) -> str:
    """Return the command line that fetches a document of this site in the form of `media_type`.

    With `follow`, from the name of a thing to the document about it.
    """
    return f"curl {'-L ' if follow else ''}-H 'Accept: {media_type}' {quoted(site().settings.public_url + path, query)}"
