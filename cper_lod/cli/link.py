"""The commands that link with data.gouv.fr: link search, keep, refuse, check and show."""

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from cper_lod.cli.errors import Command, Commands
from cper_lod.cli.options import loaded, options
from cper_lod.core.errors import Language, Problem
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import BASE, shorten
from cper_lod.core.settings import Settings
from cper_lod.linking.decisions.store import Decision
from cper_lod.linking.decisions.verify import LinkCheck
from cper_lod.linking.suggestions.search import Proposal
from cper_lod.linking.suggestions.subject import Subject

if TYPE_CHECKING:
    from cper_lod.linking.datagouv.client import Dataset
    from cper_lod.linking.datagouv.http import CatalogClient
    from cper_lod.rdf.graph import Graph


def network(command: Callable[..., None]) -> Callable[..., None]:
    """Add the settings of a command that asks data.gouv.fr."""
    return options("sources", "datagouv_url", "datagouv_timeout", "link_cache")(command)


def things(command: Callable[..., None]) -> Callable[..., None]:
    """Add the flags by which a person says what a decision is about and why."""
    for name, text in (
        ("--reason-en", "motif en anglais / reason in English"),
        ("--reason", "motif en français / reason in French"),
    ):
        command = click.option(name, default="", help=text)(command)
    text = "notre ressource : IRI ou fin de l'IRI, répétable / our thing: IRI or its end, repeatable"
    command = click.option("--for", "targets", multiple=True, required=True, help=text)(command)
    return click.argument("dataset")(command)


def data(settings: Settings) -> "Graph":
    """Return what the data say that are published."""
    from cper_lod.rdf.graph import Graph
    from cper_lod.release.sources.read import published_data

    return Graph(published_data(settings.sources))


def asker(settings: Settings, cached: bool) -> "CatalogClient":
    """Return the client that asks data.gouv.fr."""
    from cper_lod.linking.datagouv.cache import ResponseCache, default_folder
    from cper_lod.linking.datagouv.http import CatalogClient

    folder = default_folder() if settings.link_cache == Path() else settings.link_cache
    return CatalogClient(settings.datagouv_url, settings.datagouv_timeout, ResponseCache(folder) if cached else None)


def read(settings: Settings, dataset: str, lang: Language) -> "Dataset":
    """Return a dataset as it is now, by whatever a person calls it; raises `link-dataset` for what names none."""
    from cper_lod.linking.datagouv.client import DataGouvClient, dataset_name

    name = dataset_name(dataset)
    if name is None:
        raise Problem("link-dataset", name=dataset)
    with asker(settings, cached=False) as asking:
        elsewhere(settings, lang)
        return DataGouvClient(asking).dataset(name)


def elsewhere(settings: Settings, lang: Language) -> None:
    """Warn where what is read is not read from data.gouv.fr."""
    if settings.datagouv_url != Settings().datagouv_url:
        click.echo(translate("link-elsewhere", lang, url=settings.datagouv_url), err=True)


def progress(items: Sequence[Any], key: str, lang: Language) -> AbstractContextManager[Iterable[Any]]:
    """Return the items, with a bar on standard error as they pass where that is a terminal."""
    if not sys.stderr.isatty():
        return nullcontext(items)
    return click.progressbar(items, label=translate(key, lang), file=sys.stderr)


_STATES: Final = {"kept": "link-state-kept", "refused": "link-state-refused", "elsewhere": "link-state-elsewhere"}
"""What was decided of a dataset, and the key of the sentence that says it."""


def proposals(
    best: Sequence[Proposal], count: int, about: Subject, known: Sequence[Decision], form: str, lang: Language
) -> str:
    """Return proposals, the best first, each with its reasons and with what was decided of it for this thing."""
    rows = [_proposal(rank, each, _state(each, about, known), lang) for rank, each in enumerate(best, 1)]
    if form == "json":
        return _json(rows)
    if form == "csv":
        return _csv(rows)
    out = [translate("link-found", lang, count=count, shown=len(rows), thing=about.label[lang])]
    for row in rows:
        state = f"  [{translate(_STATES[row['state']], lang)}]" if row["state"] else ""
        out.append(f"{row['rank']:>3}. {row['points']:>5g}  {row['title']}{state}")
        out.append(f"            {row['id']}  {row['organization']}  {row['license']}".rstrip())
        out += [f"            · {reason}" for reason in row["reasons"]]
    return "\n".join(out) + "\n"


def _state(proposal: Proposal, about: Subject, known: Iterable[Decision]) -> str:
    """Return `kept` or `refused` where that was decided for this thing, `elsewhere` where it is kept for another."""
    of_it = [each for each in known if each.dataset == proposal.dataset.iri]
    for each in of_it:
        if about.iri in each.targets:
            return "kept" if each.kept else "refused"
    return "elsewhere" if any(each.kept for each in of_it) else ""


def _proposal(rank: int, proposal: Proposal, state: str, lang: Language) -> dict[str, Any]:
    dataset = proposal.dataset
    return {
        "rank": rank,
        "points": proposal.score.points,
        "id": dataset.id,
        "title": dataset.title,
        "organization": dataset.organization,
        "license": dataset.license,
        "lastUpdate": dataset.last_update,
        "page": dataset.iri,
        "state": state,
        "reasons": [each.words(lang) for each in proposal.score.reasons],
    }


def _csv(rows: Sequence[dict[str, Any]]) -> str:
    """Return rows as CSV; a text that a spreadsheet would take for a formula gets an apostrophe before it."""
    out = io.StringIO()
    names = ("rank", "points", "id", "title", "organization", "license", "lastUpdate", "page", "state", "reasons")
    writer = csv.writer(out)
    writer.writerow(names)
    for row in rows:
        cells = ["; ".join(each) if isinstance(each, list) else each for each in (row[name] for name in names)]
        writer.writerow(f"'{each}" if isinstance(each, str) and each[:1] in "=+-@" and each else each for each in cells)
    return out.getvalue()


def findings(found: Sequence[LinkCheck], form: str, lang: Language) -> str:
    """Return what was found of each link."""
    if form == "json":
        return _json([_finding(each, lang) for each in found])
    out = []
    for each in found:
        row = _finding(each, lang)
        told = [change["words"] for change in row["changes"]] or [row["problem"] or translate("link-same", lang)]
        out.append(f"{row['label']}  {each.link.dataset.rpartition('/')[2]}")
        out += [f"    {words}" for words in told]
    to_review = sum(any(change.needs_review for change in each.changes) for each in found)
    unread = sum(each.problem is not None for each in found)
    return "\n".join([*out, translate("link-checked", lang, count=len(found), grave=to_review, unread=unread)]) + "\n"


def _finding(check: LinkCheck, lang: Language) -> dict[str, Any]:
    link = check.link
    return {
        "link": link.iri,
        "dataset": link.dataset,
        "label": _plain(link.label.get(lang, link.iri)),
        "changes": [
            {
                "code": each.key,
                "before": each.before,
                "after": each.after,
                "review": each.needs_review,
                "words": translate(each.key, lang, before=each.before, after=each.after),
            }
            for each in check.changes
        ],
        "problem": str(check.problem.words(lang)) if check.problem else None,
    }


def decisions(known: Sequence[Decision], form: str, lang: Language) -> str:
    """Return the links kept and refused."""
    if form == "json":
        return _json([_decision(each) for each in known])
    out = []
    for each in known:
        state = translate(_STATES["kept" if each.kept else "refused"], lang)
        out.append(f"{_plain(each.label.get(lang, each.iri))}  [{', '.join(filter(None, (state, each.day)))}]")
        out.append(f"    {each.dataset}")
        out.append("    " + translate("link-for", lang, things=", ".join(_short(target) for target in each.targets)))
        if each.key:
            out.append("    " + translate("link-by-key", lang, name=shorten(each.key)))
        out.append("    " + _plain(each.reason.get(lang, "")))
        if each.snapshot:
            told = ", ".join(_plain(value) for value in each.snapshot.values.values())
            out.append("    " + translate("link-read", lang, day=each.snapshot.day, facts=told))
    kept = sum(each.kept for each in known)
    return "\n".join([*out, translate("link-counted", lang, kept=kept, refused=len(known) - kept)]) + "\n"


def _decision(decision: Decision) -> dict[str, Any]:
    snapshot = decision.snapshot
    return {
        "link": decision.iri,
        "dataset": decision.dataset,
        "state": "kept" if decision.kept else "refused",
        "label": decision.label,
        "things": decision.targets,
        "key": decision.key or None,
        "reason": decision.reason,
        "decided": decision.day or None,
        "read": {"date": snapshot.day, **snapshot.values} if snapshot else None,
    }


def _short(iri: str) -> str:
    return iri.removeprefix(BASE + "id/")


def _plain(text: str) -> str:
    """Return a text without what could drive a terminal."""
    return "".join(char if char.isprintable() else " " for char in text)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


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
    "--pages", type=click.IntRange(1, 20), default=1, show_default=True, help="pages par recherche / pages per search"
)
@click.option("--no-cache", is_flag=True, help="ignorer le cache / ignore the cache")
@network
def search(
    thing: str | None, form: str, limit: int, pages: int, no_cache: bool, settings_file: Path | None, **flags: object
) -> None:
    """Propose des jeux de données pour une ressource / Propose datasets for a thing.

    THING : contrat, axe, organisme ou territoire (défaut : le contrat) / contract, axis, body or territory (default: the contract).
    """
    pass
    from cper_lod.linking.datagouv.client import DataGouvClient
    from cper_lod.linking.decisions.store import DecisionStore
    from cper_lod.linking.suggestions.search import (
        find_candidates,
        organizations_to_look_up,
        rank,
        search_queries,
        with_sirens,
    )
    from cper_lod.linking.suggestions.subject import describe_subject, find_thing

    settings, lang = loaded(settings_file, flags)
    graph = data(settings)
    about = describe_subject(graph, find_thing(graph, thing))
    with asker(settings, cached=not no_cache) as asking:
        site = DataGouvClient(asking)
        with progress(search_queries(about), "link-searching", lang) as asked:
            found = find_candidates(site, asked, pages)
        best = rank(found.values(), about)
        with progress(organizations_to_look_up(best), "link-identifying", lang) as looked_up:
            best = rank(with_sirens(site, best, looked_up), about)
    if site.skipped:
        click.echo(translate("link-left-out", lang, count=site.skipped), err=True)
    click.echo(proposals(best[:limit], len(best), about, DecisionStore(settings.sources).all(), form, lang), nl=False)


@link.command(cls=Command)
@things
@click.option(
    "--key",
    default="",
    help="clé de rapprochement : cper:siren, igeo:codeINSEE… / join key: cper:siren, igeo:codeINSEE…",
)
@click.option("--no-key", is_flag=True, help="aucune clé connue / no key is known")
@network
def keep(
    dataset: str,
    targets: tuple[str, ...],
    key: str,
    no_key: bool,
    reason: str,
    reason_en: str,
    settings_file: Path | None,
    **flags: object,
) -> None:
    """Garde un lien vers un jeu / Keep a link to a dataset.

    DATASET : identifiant, nom court ou adresse de la page / identifier, slug or address of the page.
    """
    from cper_lod.linking.decisions.store import DecisionStore, Reasons
    from cper_lod.linking.suggestions.subject import find_thing, resolve_join_key

    settings, lang = loaded(settings_file, flags)
    graph = data(settings)
    ours = tuple(find_thing(graph, each) for each in targets)
    if bool(key) is no_key:
        raise Problem("link-key", key=key, thing=", ".join(targets))
    iri = resolve_join_key(graph, key, ours) if key else ""
    why = Reasons(reason, reason_en)
    why.texts()
    found = read(settings, dataset, lang)
    if found.deleted:
        raise Problem("catalogue-missing", url=found.iri, status=found.deleted)
    new = DecisionStore(settings.sources).keep(found, ours, iri, why)
    click.echo(translate("link-kept", lang, title=found.title, iri=new.iri, dataset=found.iri))


@link.command(cls=Command)
@things
@network
def refuse(
    dataset: str, targets: tuple[str, ...], reason: str, reason_en: str, settings_file: Path | None, **flags: object
) -> None:
    """Refuse un lien vers un jeu / Refuse a link to a dataset.

    Le refus est gardé, non publié / The refusal is kept, not published.
    """
    from cper_lod.linking.datagouv.client import dataset_name
    from cper_lod.linking.decisions.store import DecisionStore, Reasons
    from cper_lod.linking.suggestions.subject import find_thing

    settings, lang = loaded(settings_file, flags)
    graph = data(settings)
    ours = tuple(find_thing(graph, each) for each in targets)
    why = Reasons(reason, reason_en)
    why.texts()
    links = DecisionStore(settings.sources)
    try:
        found = read(settings, dataset, lang)
    except Problem as problem:
        # What is gone is refused by what is known of it: `link check` sends people here.
        known = links.known_dataset(dataset_name(dataset) or "") if problem.kind.code == "catalogue-missing" else None
        if known is None:
            raise
        found = known
    new = links.refuse(found, ours, why)
    click.echo(translate("link-refused", lang, title=found.title, iri=new.iri, dataset=found.iri))


@link.command(cls=Command)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--write", is_flag=True, help="garder ce qui est lu, avec la date / keep what is read, with the date")
@network
def check(form: str, write: bool, settings_file: Path | None, **flags: object) -> None:
    """Relit chaque jeu gardé / Read every kept dataset again.

    Exit: 0 rien à revoir / nothing to look at, 1 à revoir / to look at, 2 illisible / unreadable.
    """
    pass
    from cper_lod.linking.datagouv.client import DataGouvClient
    from cper_lod.linking.decisions.store import DecisionStore
    from cper_lod.linking.decisions.verify import check_links, exit_code

    settings, lang = loaded(settings_file, flags)
    links = DecisionStore(settings.sources)
    with asker(settings, cached=False) as asking:
        elsewhere(settings, lang)
        with progress([each for each in links.all() if each.kept], "link-checking", lang) as every:
            found = list(check_links(DataGouvClient(asking), every))
    click.echo(findings(found, form, lang), nl=False)
    if write:
        written = links.update_snapshots({each.link.dataset: each.snapshot for each in found if each.snapshot})
        click.echo(translate("link-written", lang, count=len(written)), err=True)
    sys.exit(exit_code(found))


@link.command(cls=Command)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@options("sources")
def show(form: str, settings_file: Path | None, **flags: object) -> None:
    """Montre les liens gardés et refusés, sans réseau / Show links kept and refused, offline."""
    pass
    from cper_lod.linking.decisions.store import DecisionStore

    settings, lang = loaded(settings_file, flags)
    click.echo(decisions(DecisionStore(settings.sources).all(), form, lang), nl=False)
