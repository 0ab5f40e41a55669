"""What a page shows of a document: values, rows of a property with its values, sections of a subject with its rows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Value:
    """One value: what is shown, its language, where it leads here and elsewhere, and its datatype where it tells.

    `raw` is the literal as it stands in the data, where what is shown is written otherwise: `machine` names the
    element that carries it, `data` or `time`. A blank node that only one value points to is shown in its place: as
    `items` where it is a list, else as `within`.
    """

    text: str
    lang: str = ""
    href: str = ""
    outside: str = ""
    datatype: str = ""
    items: tuple["Value", ...] = ()
    within: "Section | None" = None
    raw: str = ""
    machine: str = ""


@dataclass(frozen=True)
class Row:
    """One property with its first values; `more` says how many there are in all, where these are not all."""

    name: str
    title: str
    href: str
    values: tuple[Value, ...]
    more: str = ""
    more_href: str = ""


@dataclass(frozen=True)
class Section:
    """One subject: its title, where it has its own page, its classes and its rows."""

    iri: str
    title: str
    href: str
    anchor: str
    types: tuple[Value, ...]
    rows: tuple[Row, ...]
