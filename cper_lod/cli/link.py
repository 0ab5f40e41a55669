"""The commands `link check` and `link add`: links with datasets of data.gouv.fr."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from cper_lod.cli.commands import CommandGroup, main
from cper_lod.cli.options import command, flag, lock_sources, print_next_step, show_progress
from cper_lod.core.errors import LANGUAGES, Language, Problem
from cper_lod.core.i18n import translate
from cper_lod.core.settings import Settings

if TYPE_CHECKING:
    from cper_lod.linking.check import Checked
    from cper_lod.linking.datagouv import DataGouv, TabularApi

_NETWORK = ("sources", "datagouv_url", "tabular_url")
"""The settings of the commands that ask data.gouv.fr."""
_EXITS = {True: 0, False: 1, None: 2}
"""The exit code by whether a link holds."""
_KEYS = ("siren", "siret", "insee", "numero", "nom")


@main.group(cls=CommandGroup)
def link() -> None:
    """Relie à des jeux de data.gouv.fr / Link to datasets of data.gouv.fr."""


@command(*_NETWORK, group=link)
@flag("--dry-run", "montrer sans enregistrer / show, record nothing")
def check(settings: Settings, lang: Language, dry_run: bool) -> None:
    """Demande à data.gouv.fr si les liens tiennent / Ask data.gouv.fr whether the links hold.

    Si le jeu, le fichier et la colonne existent, et combien de lignes a chaque chose ; le résultat est gardé avec son jour / Whether dataset, file and column exist, and how many rows each thing has; the result is kept with its day.

    Codes de sortie : 0 tout tient, 1 un lien ne tient pas, 2 pas de réponse / Exit codes: 0 all hold, 1 a link does not hold, 2 no answer.
    """
    from cper_lod.linking.check import LinkChecker, record
    from cper_lod.rdf.graph import Graph
    from cper_lod.release.sources.read import read_sources

    graph = Graph(read_sources(settings.sources).published)
    found = dict[str, "Checked"]()  # two joins may have one dataset
    with _clients(settings, lang) as (site, tabular):
        checker = LinkChecker(graph, site, tabular)
        with show_progress(lang, "link-checking") as show:
            for done, join in enumerate(checker.links, 1):
                found |= {each.iri: each for each in checker.check(join)}
                show(done, len(checker.links))
    for each in found.values():
        click.echo(f"{each.name[lang]}\n    {each.words[lang]}")
    held, broken, unanswered = (sum(each.holds is state for each in found.values()) for state in (True, False, None))
    click.echo(translate("link-checked", lang, held=held, broken=broken, unanswered=unanswered))
    if not dry_run:
        lock_sources(settings.sources, lang)
        if record(settings.sources, found.values(), graph):
            print_next_step("next-build", lang)
    sys.exit(max((_EXITS[each.holds] for each in found.values()), default=0))


@command(*_NETWORK, group=link)
@click.argument("address")
@click.option("--key", type=click.Choice(_KEYS), required=True, help="notre clé / our key")
@click.option("--column", required=True, help="colonne du fichier qui a la clé / column of the file that has the key")
@click.option(
    "--about", required=True, help="region, departement, epci, commune, CONTRAT/DÉCOUPAGE / … CONTRACT/BREAKDOWN"
)
@flag("--contains", "la clé est une partie de la cellule / the key is a part of the cell")
@click.option("--note", default="", help="ce que disent les lignes, en français / what the rows say, in French")
@click.option("--note-en", default="", help="le même en anglais / the same in English")
def add(settings: Settings, lang: Language, address: str, note: str, note_en: str, **rows: Any) -> None:  # noqa: ANN401
    """Ajoute un fichier de data.gouv.fr / Add a file of data.gouv.fr.

    ADDRESS : adresse de la page d'un jeu ou d'un fichier / ADDRESS: address of the page of a dataset or of a file.
    """
    from cper_lod.linking.add import NewJoin, add_join
    from cper_lod.linking.datagouv import clean_text

    french, english = clean_text(note), clean_text(note_en)
    if not french and not english:
        raise Problem("link-note")
    texts = dict(zip(LANGUAGES, (french or english, english or french), strict=True))
    lock_sources(settings.sources, lang)
    with _clients(settings, lang) as (site, tabular):
        path, dataset = add_join(settings.sources, site, tabular, address, NewJoin(**rows, texts=texts))
    click.echo(translate("link-added", lang, title=dataset.title, path=path))
    print_next_step("next-link-check", lang)


@contextmanager
def _clients(settings: Settings, lang: Language) -> Iterator["tuple[DataGouv, TabularApi]"]:
    """Make the clients of the two sites; warn if another site than data.gouv.fr is asked."""
    from cper_lod.linking.datagouv import DataGouv, TabularApi

    if settings.datagouv_url != Settings().datagouv_url:
        click.echo(translate("link-elsewhere", lang, url=settings.datagouv_url), err=True)
    with DataGouv(settings.datagouv_url) as site, TabularApi(settings.tabular_url) as tabular:
        yield site, tabular
