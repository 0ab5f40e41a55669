"""The commands that link with data.gouv.fr: link search, keep, refuse, check and show."""

import sys
from pathlib import Path

import click

from cper_lod.cli.errors import Command, Commands
from cper_lod.cli.link_input import asker, data, elsewhere, network, progress, read, things
from cper_lod.cli.options import loaded, options
from cper_lod.core.errors import Problem
from cper_lod.core.i18n import say


@click.group(cls=Commands)
def link() -> None:
    """Relie à des jeux de data.gouv.fr / Link with datasets of data.gouv.fr."""


@link.command(cls=Command)
@click.argument("thing", required=False)
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="jeux montrés / datasets shown"
)
@click.option(
    "--pages", type=click.IntRange(1, 20), default=1, show_default=True, help="pages par recherche / pages a search"
)
@click.option("--no-cache", is_flag=True, help="redemander tout / ask everything again")
@network
def search(
    thing: str | None, form: str, limit: int, pages: int, no_cache: bool, settings_file: Path | None, **flags: object
) -> None:
    """Propose des jeux de données pour une ressource / Propose datasets for a thing.

    THING : contrat, axe, organisme ou territoire (défaut : le contrat) / contract, axis, body or territory.
    """
    from cper_lod.cli.link_output import proposals
    from cper_lod.linking.datagouv.client import DataGouv
    from cper_lod.linking.decisions.store import Links
    from cper_lod.linking.suggestions.search import candidates, identified, organizations, questions, ranked
    from cper_lod.linking.suggestions.subject import resolved, subject

    settings, lang = loaded(settings_file, flags)
    graph = data(settings)
    about = subject(graph, resolved(graph, thing))
    with asker(settings, cached=not no_cache) as asking:
        site = DataGouv(asking)
        with progress(questions(about), "link-searching", lang) as asked:
            found = candidates(site, asked, pages)
        best = ranked(found.values(), about)
        with progress(organizations(best), "link-identifying", lang) as looked_up:
            best = ranked(identified(site, best, looked_up), about)
    if site.left_out:
        click.echo(say("link-left-out", lang, count=site.left_out), err=True)
    click.echo(proposals(best[:limit], len(best), about, Links(settings.sources).all(), form, lang), nl=False)


@link.command(cls=Command)
@things
@click.option("--key", default="", help="clé : cper:siren, igeo:codeINSEE… / join key: a property that the thing has")
@click.option("--no-key", is_flag=True, help="aucune clé connue / no key is known")
@network
def keep(
    dataset: str, targets: tuple[str, ...], key: str, no_key: bool, reason: str, reason_en: str,
    settings_file: Path | None, **flags: object,
) -> None:  # fmt: skip
    """Garde un lien vers un jeu / Keep a link to a dataset.

    DATASET : identifiant, nom court ou adresse de la page / identifier, slug or address of the page.
    """
    from cper_lod.linking.decisions.store import Links, Reasons
    from cper_lod.linking.suggestions.subject import join_key, resolved

    settings, lang = loaded(settings_file, flags)
    graph = data(settings)
    ours = tuple(resolved(graph, each) for each in targets)
    if bool(key) is no_key:
        raise Problem("link-key", key=key, thing=", ".join(targets))
    iri = join_key(graph, key, ours) if key else ""
    why = Reasons(reason, reason_en)
    why.texts()
    found = read(settings, dataset, lang)
    if found.deleted:
        raise Problem("catalogue-missing", url=found.iri, status=found.deleted)
    new = Links(settings.sources).keep(found, ours, iri, why)
    click.echo(say("link-kept", lang, title=found.title, iri=new.iri, dataset=found.iri))


@link.command(cls=Command)
@things
@network
def refuse(
    dataset: str, targets: tuple[str, ...], reason: str, reason_en: str, settings_file: Path | None, **flags: object
) -> None:
    """Refuse un lien vers un jeu / Refuse a link to a dataset.

    Le refus est gardé, non publié / The refusal is kept, not published.
    """
    from cper_lod.linking.datagouv.dataset import name_in
    from cper_lod.linking.decisions.store import Links, Reasons
    from cper_lod.linking.suggestions.subject import resolved

    settings, lang = loaded(settings_file, flags)
    graph = data(settings)
    ours = tuple(resolved(graph, each) for each in targets)
    why = Reasons(reason, reason_en)
    why.texts()
    links = Links(settings.sources)
    try:
        found = read(settings, dataset, lang)
    except Problem as problem:
        # What is gone is refused by what is known of it: `link check` sends people here.
        known = links.kept_dataset(name_in(dataset) or "") if problem.kind.code == "catalogue-missing" else None
        if known is None:
            raise
        found = known
    new = links.refuse(found, ours, why)
    click.echo(say("link-refused", lang, title=found.title, iri=new.iri, dataset=found.iri))


@link.command(cls=Command)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--write", is_flag=True, help="garder ce qui est lu, avec la date / keep what is read, with the date")
@network
def check(form: str, write: bool, settings_file: Path | None, **flags: object) -> None:
    """Relit chaque jeu gardé / Read every kept dataset again.

    Exit: 0 rien à revoir / nothing to look at, 1 à revoir / to look at, 2 illisible / unreadable.
    """
    from cper_lod.cli.link_output import findings
    from cper_lod.linking.datagouv.client import DataGouv
    from cper_lod.linking.decisions.store import Links
    from cper_lod.linking.decisions.verify import checked, exit_code

    settings, lang = loaded(settings_file, flags)
    links = Links(settings.sources)
    with asker(settings, cached=False) as asking:
        elsewhere(settings, lang)
        with progress([each for each in links.all() if each.kept], "link-checking", lang) as every:
            found = list(checked(DataGouv(asking), every))
    click.echo(findings(found, form, lang), nl=False)
    if write:
        written = links.reread({each.link.dataset: each.reading for each in found if each.reading})
        click.echo(say("link-written", lang, count=len(written)), err=True)
    sys.exit(exit_code(found))


@link.command(cls=Command)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@options("sources")
def show(form: str, settings_file: Path | None, **flags: object) -> None:
    """Montre les liens gardés et refusés, sans réseau / Show links kept and refused, offline."""
    from cper_lod.cli.link_output import decisions
    from cper_lod.linking.decisions.store import Links

    settings, lang = loaded(settings_file, flags)
    click.echo(decisions(Links(settings.sources).all(), form, lang), nl=False)
