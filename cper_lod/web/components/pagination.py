"""Paging: the other pages of a list by their relation to this one (rel=first, prev, next, last)."""

from collections.abc import Mapping

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
