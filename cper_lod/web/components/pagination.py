"""Paging: the other pages of a list by their relation to this one (rel=first, prev, next, last), and page numbers."""

from collections.abc import Mapping

from flask import request

from cper_lod.core.errors import Phrase, Problem
from cper_lod.web.http import urls
from cper_lod.web.http.links import Link


def other_pages(number: int, last: int) -> dict[str, int]:
    """Return the numbers of the other pages by their relation to page `number`.

    >>> other_pages(2, 9), other_pages(1, 1)
    ({'first': 1, 'prev': 1, 'next': 3, 'last': 9}, {})
    """
    pages = {"first": 1, "prev": min(number - 1, last), "next": number + 1, "last": last}
    return {relation: page for relation, page in pages.items() if 1 <= page <= last and page != number}


def page_links(addresses: Mapping[str, str]) -> list[Link]:
    """Return the typed links to other pages, from their addresses on this host by relation."""
    return [Link(urls.public_url(address), relation) for relation, address in addresses.items()]


def whole_number(name: str, least: int, most: int, default: int) -> int:
    """Return the query parameter `name`, `default` where it is absent; raises `parameter-invalid`."""
    text = urls.single_parameter(name) if name in request.args else str(default)
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and least <= int(text) <= most):
        expected = Phrase(f"a whole number from {least} to {most}", fr=f"un nombre entier de {least} à {most}")
        raise Problem("parameter-invalid", name=name, value=text[:40], expected=expected)
    return int(text)
