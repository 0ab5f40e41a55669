"""A catalogue to search in, in the form of the API: the eleven datasets of the field, and plausible others.

Fixtures of ours; of what they say only eight identifiers and three slugs are real. No score was made for a title:
`crowd("a")` was looked at while the weights were chosen, `crowd("b")` was held out, with other subjects, places,
publishers and habits of tagging.
"""

import tomllib
from itertools import cycle, product
from pathlib import Path
from typing import Any

TABLES = tomllib.loads((Path(__file__).parent / "udata_datasets.toml").read_text("utf-8"))
PUBLISHERS = ("Ministère de l'Intérieur", "Ministère de la Transition écologique", "Etalab")


def eleven() -> list[dict[str, Any]]:
    """Return the eleven datasets."""
    return [record(**row) for row in TABLES["eleven"]]


def crowd(variation: str) -> list[dict[str, Any]]:
    """Return 189 other datasets of a variation, `a` or `b`."""
    told = TABLES[variation]
    villages = [(f"Communauté de communes n° {number}", "") for number in range(9)]
    rows = [(title, "", "country:fr", []) for title in told["national"]]
    rows += [(title, name, zone, []) for title, name, zone in told["near"]]
    for forms, places, kind in (
        ("regional", told["regions"], "Région"),
        ("local", [*told["towns"], *villages], "Ville de"),
    ):
        pairs = product(told[forms], places)
        rows += [(form.format(name), f"{kind} {name}", zone, tags) for (form, tags), (name, zone) in pairs]
    publishers, licences = cycle(PUBLISHERS), cycle(told["licences"])
    first = 4096 if variation == "a" else 8192
    return [
        record(
            id=f"{place:024x}",
            title=title,
            publisher=publisher or next(publishers),
            badges=[] if publisher else ["public-service"],
            tags=tags or [word for word in title.lower().split() if len(word) > 3][:2],
            zones=[zone] if zone else [],
            license=next(licences),
            quality=place % 10 / 10,
        )
        for place, (title, publisher, zone, tags) in enumerate(rows[:189], start=first)
    ]


def record(title: str, publisher: str, zones: list[str], badges: list[str], **told: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a dataset as the API gives it (v2, shortened)."""
    organization = {
        "id": f"{sum(map(ord, publisher)):024x}",
        "name": publisher,
        "business_number_id": told.pop("siren", None),
        "badges": [{"kind": each} for each in badges],
    }
    return {
        "slug": "-".join(title.lower().replace("'", "-").split())[:60],
        "description": f"Données : {title}.",
        **told,
        "title": title,
        "quality": {"score": told["quality"]},
        "organization": organization,
        "spatial": {"zones": zones, "granularity": "country" if "country:fr" in zones else "other"},
        "last_update": "2026-10-01T08:00:00+00:00",
        "archived": None,
        "deleted": None,
        "temporal_coverage": None,
        "resources": {"rel": "subsection", "href": "", "type": "GET", "total": 1},
    }
