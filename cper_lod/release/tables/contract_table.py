"""The tidy table of a contract: a row for each figure, with how it is to be read, its words, and what it is of."""

from collections.abc import Iterator
from typing import Final

from cper_lod.core.errors import Language
from cper_lod.release.plan.listed import FIGURE_COLUMNS, NAME, NUMBER
from cper_lod.release.plan.observations import FIGURES
from cper_lod.release.release import Release
from cper_lod.release.tables.class_table import Cell, class_table

COLUMNS: Final = {
    **{NAME: "text", NUMBER: "number", "unite": "text", "mesure": "text", "min": "number", "max": "number"},
    **dict.fromkeys(("nature", "statut", "motif", "perimetre", "mots", "financeur", "subdivision", "source"), "text"),
}
"""The columns, named as in the tables of the classes of figures, each with the kind of its values.

Values of one `mesure` and one `unite` may be added up; those whose `mesure` says so belong to no sum. `min` and `max` are the bounds
of a computed value.
"""


def contract_rows(release: Release, iri: str, lang: Language) -> Iterator[tuple[str, tuple[Cell, ...]]]:
    """Yield the figures of a contract, each once, with the cells of its row."""
    seen = set[str]()
    for table in (class_table(release, cls) for cls in FIGURES):
        if not table.stored:  # there are none
            continue
        own = next((each.name for each in table.columns if each.name in FIGURE_COLUMNS), NUMBER)
        for figure, cells in table.below(iri, [own if name == NUMBER else name for name in COLUMNS], lang):
            if figure not in seen:
                seen.add(figure)
                yield figure, cells
