"""Paging: which rows a request asks for, and the other pages by their relation to this one (rel=first, prev, next, last)."""

from collections.abc import Mapping
from dataclasses import dataclass

from cper_lod.web.api import parameters
from cper_lod.web.api.parameters import Parameter
from cper_lod.web.http import urls
from cper_lod.web.http.links import Link


@dataclass(frozen=True)
class Rows:
    """The rows of one page: `size` at most, after the first `after` ones; `default` is the size that needs no parameter.

    A list of things with an order of their own is paged by names instead (`release.storage.class_listing.Page`).
    """

    after: int
    size: int
    default: int

    @property
    def part(self) -> slice:
        """The rows of the page among all of them."""
        return slice(self.after, self.after + self.size)

    def query(self, after: int) -> dict[str, str]:
        """Return the query of the page of the same size after the first `after` rows."""
        size = {"size": str(self.size)} if self.size != self.default else {}
        return size | ({"after": str(after)} if after else {})

    @property
    def own_query(self) -> dict[str, str]:
        """The query of this page."""
        return self.query(self.after)

    def others(self, count: int) -> dict[str, dict[str, str]]:
        """Return the queries of the other pages of `count` rows by relation.

        >>> Rows(100, 100, 100).others(850)
        {'first': {}, 'prev': {}, 'next': {'after': '200'}, 'last': {'after': '800'}}
        >>> Rows(0, 100, 100).others(50)
        {}
        """
        last = max(count - 1, 0) // self.size * self.size
        pages = {"first": 0, "prev": min(max(self.after - self.size, 0), last)} if self.after else {}
        pages |= {"next": self.after + self.size, "last": last} if self.after + self.size < count else {}
        return {relation: self.query(after) for relation, after in pages.items()}


def requested_rows(size: Parameter = parameters.SIZE, most: int = 1000) -> Rows:
    """Return the rows that the request asks for with `size`, `most` at most, and `after`; raises what `whole_number` raises."""
    asked = parameters.whole_number(size)
    return Rows(parameters.whole_number(parameters.AFTER_NUMBER), min(asked, most), size.schema["default"])


def page_links(addresses: Mapping[str, str]) -> list[Link]:
    """Return the typed links to other pages, from their addresses on this host by relation."""
    return [Link(urls.public_url(address), relation) for relation, address in addresses.items()]
