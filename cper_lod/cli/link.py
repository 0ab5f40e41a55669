"""The commands `link search`, `keep`, `refuse`, `check` and `show`: links to datasets of data.gouv.fr."""

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from cper_lod.cli.commands import CommandGroup, main
from cper_lod.cli.options import command, flag, format_option, lock_sources, print_next_step, show_progress
from cper_lod.core.errors import Language, Problem
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import BASE, shorten
from cper_lod.core.settings import Settings

if TYPE_CHECKING:
    from cper_lod.linking.datagouv.client import DataGouvClient, Dataset
    from cper_lod.linking.decisions.store import LinkDecision
    from cper_lod.linking.decisions.verify import LinkCheck
    from cper_lod.linking.suggestions.scoring import Proposal
    from cper_lod.linking.suggestions.subject import Subject
    from cper_lod.rdf.graph import Graph


T = TypeVar("T")
Rows = Sequence[dict[str, Any]]

_NETWORK: Final = ("sources", "datagouv_url")
"""The settings of a command that requests data.gouv.fr."""
_COLUMNS: Final = (
    *("rank", "points", "id", "title", "organization", "license", "lastUpdate", "page", "state", "reasons"),
)
"""The properties of a proposal."""


def decision_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of a decision: the things and the reasons."""
    text = "notre ressource : IRI ou fin de l'IRI, répétable / our thing: IRI or its end, repeatable"
    for option in (
        click.option("--reason-en", default="", help="motif en anglais / reason in English"),
        click.option("--reason", default="", help="motif en français / reason in French"),
        click.option("--for", "targets", multiple=True, required=True, metavar="IRI", help=text),
        click.argument("dataset"),
    ):
        command = option(command)
    return command


def published_graph(settings: Settings) -> "Graph":
    """Return the graph of the published data."""
    from cper_lod.rdf.graph import Graph
    from cper_lod.release.sources.read import published_data

    return Graph(published_data(settings.sources))


def catalog_client(settings: Settings, cached: bool) -> "DataGouvClient":
    """Return the client for data.gouv.fr."""
    from cper_lod.linking.datagouv.client import DataGouvClient
    from cper_lod.linking.datagouv.http import CatalogCache, default_folder

    return DataGouvClient(settings.datagouv_url, CatalogCache(default_folder()) if cached else None)


def read_dataset(settings: Settings, dataset: str, lang: Language) -> "Dataset":
    """Return the current state of a dataset from its id, slug or URL; raises `link-dataset` for other texts."""
    from cper_lod.linking.datagouv.client import dataset_name

    name = dataset_name(dataset)
    if name is None:
        raise Problem("link-dataset", name=dataset)
    with catalog_client(settings, cached=False) as client:
        warn_other_site(settings, lang)
        return client.dataset(name)


def warn_other_site(settings: Settings, lang: Language) -> None:
    """Warn if another site than data.gouv.fr is configured."""
    if settings.datagouv_url != Settings().datagouv_url:
        click.echo(translate("link-elsewhere", lang, url=settings.datagouv_url), err=True)


@contextmanager
def progress_of(items: Sequence[T], key: str, lang: Language) -> Iterator[Iterable[T]]:
    """Return the items, and show how many of them are done."""
    with show_progress(lang, key) as show:

        def each() -> Iterator[T]:
            for done, item in enumerate(items, 1):
                yield item
                show(done, len(items))

        yield each()


def print_rows(rows: Rows, form: str, lines: Iterable[str]) -> None:
    """Print rows as JSON or CSV, or the lines that say the same."""
    if form == "csv":
        click.echo(_csv(rows), nl=False)
    else:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2) if form == "json" else "\n".join(lines))


def _csv(rows: Rows) -> str:
    """Return proposals as CSV; texts that a spreadsheet would take for formulas get a leading apostrophe."""
    output = io.StringIO()
    writer = csv.writer(output)
    writer.writerow(_COLUMNS)
    for row in rows:
        cells = ["; ".join(each) if isinstance(each, list) else each for each in row.values()]
        writer.writerow(f"'{each}" if isinstance(each, str) and each[:1] in "=+-@" and each else each for each in cells)
    return output.getvalue()


def _proposals(
    ranked: "Sequence[Proposal]", subject: "Subject", decisions: "Sequence[LinkDecision]", lang: Language
) -> Iterator[dict[str, Any]]:
    """Yield proposals, best first, each with its reasons and its state for this thing."""
    for rank, each in enumerate(ranked, 1):
        found, state = each.dataset, _state(each, subject, decisions)
        named = (found.id, found.title, found.organization, found.license, found.last_update, found.iri, state)
        reasons = [reason.words(lang) for reason in each.reasons]
        yield dict(zip(_COLUMNS, (rank, each.points, *named, reasons), strict=True))


def _state(proposal: "Proposal", subject: "Subject", decisions: "Iterable[LinkDecision]") -> str:
    """Return `kept` or `refused` if that was decided for this thing, `elsewhere` if it is kept for another thing."""
    of_it = [each for each in decisions if each.dataset == proposal.dataset.iri]
    for each in of_it:
        if subject.iri in each.targets:
            return "kept" if each.kept else "refused"
    return "elsewhere" if any(each.kept for each in of_it) else ""


def _proposal_lines(rows: Rows, count: int, subject: "Subject", lang: Language) -> Iterator[str]:
    yield translate("link-found", lang, count=count, shown=len(rows), thing=subject.label[lang])
    for row in rows:
        state = "  [" + translate(f"link-state-{row['state']}", lang) + "]" if row["state"] else ""
        yield f"{row['rank']:>3}. {row['points']:>5g}  {row['title']}{state}"
        yield f"            {row['id']}  {row['organization']}  {row['license']}".rstrip()
        yield from (f"            · {reason}" for reason in row["reasons"])


def _check(check: "LinkCheck", lang: Language) -> dict[str, Any]:
    """Return the result for a link."""
    return {
        "link": check.link.iri,
        "dataset": check.link.dataset,
        "label": _plain(check.link.label.get(lang, check.link.iri)),
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


def _check_lines(rows: Rows, lang: Language) -> Iterator[str]:
    for row in rows:
        texts = [change["words"] for change in row["changes"]] or [row["problem"] or translate("link-same", lang)]
        yield f"{row['label']}  {row['dataset'].rpartition('/')[2]}"
        yield from (f"    {words}" for words in texts)
    to_review = sum(any(change["review"] for change in row["changes"]) for row in rows)
    unread = sum(row["problem"] is not None for row in rows)
    yield translate("link-checked", lang, count=len(rows), grave=to_review, unread=unread)


def _decision(decision: "LinkDecision") -> dict[str, Any]:
    """Return a link kept or refused."""
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


def _decision_lines(rows: Rows, lang: Language) -> Iterator[str]:
    for row in rows:
        state = ", ".join(filter(None, (translate(f"link-state-{row['state']}", lang), row["decided"])))
        yield f"{_plain(row['label'].get(lang, row['link']))}  [{state}]"
        yield f"    {row['dataset']}"
        yield "    " + translate("link-for", lang, things=", ".join(map(_short, row["things"])))
        if row["key"]:
            yield "    " + translate("link-by-key", lang, name=shorten(row["key"]))
        yield "    " + _plain(row["reason"].get(lang, ""))
        if row["read"]:
            day, *facts = map(_plain, row["read"].values())
            yield "    " + translate("link-read", lang, day=day, facts=", ".join(facts))
        elif row["state"] == "kept":
            yield "    " + translate("link-unread", lang)
    kept = sum(row["state"] == "kept" for row in rows)
    yield translate("link-counted", lang, kept=kept, refused=len(rows) - kept)


def _short(iri: str) -> str:
    return iri.removeprefix(BASE + "id/")


def _plain(text: str) -> str:
    """Return a text without control characters."""
    return "".join(char if char.isprintable() else " " for char in text)


@main.group(cls=CommandGroup)
def link() -> None:
    """Relie à des jeux de data.gouv.fr / Link to datasets of data.gouv.fr."""


@command(*_NETWORK, group=link)
@click.argument("thing", required=False)
@format_option("table", "json", "csv")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="jeux montrés / datasets shown"
)
@click.option(
    "--pages", type=click.IntRange(1, 20), default=1, show_default=True, help="pages par recherche / pages per search"
)
@flag("--no-cache", "ignorer le cache / ignore the cache")
def search(
    settings: Settings, lang: Language, thing: str | None, form: str, limit: int, pages: int, no_cache: bool
) -> None:
    """Propose des jeux de données pour une ressource / Propose datasets for a thing.

    THING : contrat, axe, organisme ou territoire (défaut : le contrat) / THING: contract, axis, body or territory (default: the contract).
    """
    from cper_lod.linking.decisions.store import DecisionStore
    from cper_lod.linking.suggestions.scoring import (
        find_candidates,
        organizations_to_look_up,
        rank,
        search_queries,
        with_sirens,
    )
    from cper_lod.linking.suggestions.subject import describe_subject, find_thing

    graph = published_graph(settings)
    subject = describe_subject(graph, find_thing(graph, thing))
    with catalog_client(settings, cached=not no_cache) as site:
        with progress_of(search_queries(subject), "link-searching", lang) as queries:
            candidates = find_candidates(site, queries, pages)
        ranked = rank(candidates, subject)
        with progress_of(organizations_to_look_up(ranked), "link-identifying", lang) as organizations:
            ranked = rank(with_sirens(site, ranked, organizations), subject)
    if site.skipped:
        click.echo(translate("link-left-out", lang, count=site.skipped), err=True)
    rows = [*_proposals(ranked[:limit], subject, DecisionStore(settings.sources).all(), lang)]
    print_rows(rows, form, _proposal_lines(rows, len(ranked), subject, lang))
    if form == "table" and ranked:
        print_next_step("next-keep", lang, thing=_short(subject.iri))


@command(*_NETWORK, group=link)
@decision_options
@click.option(
    "--key",
    default="",
    help="clé de rapprochement : cper:siren, igeo:codeINSEE… / join key: cper:siren, igeo:codeINSEE…",
)
@flag("--no-key", "aucune clé connue / no key is known")
def keep(
    settings: Settings,
    lang: Language,
    dataset: str,
    targets: tuple[str, ...],
    key: str,
    no_key: bool,
    reason: str,
    reason_en: str,
) -> None:
    """Garde un lien vers un jeu / Keep a link to a dataset.

    DATASET : identifiant, nom court ou adresse de la page / DATASET: identifier, slug or address of the page.
    """
    from cper_lod.linking.decisions.store import DecisionStore, reason_texts
    from cper_lod.linking.suggestions.subject import find_thing, link_targets, resolve_join_key

    graph = published_graph(settings)
    things = tuple(find_thing(graph, each) for each in targets)
    if bool(key) is no_key:
        raise Problem("link-key", key=key, thing=", ".join(targets))
    iri = resolve_join_key(graph, key, things) if key else ""
    reasons = reason_texts(reason, reason_en)
    found = read_dataset(settings, dataset, lang)
    if found.deleted:
        raise Problem("catalogue-missing", url=found.iri, status=found.deleted)
    lock_sources(settings.sources, lang)
    decision = DecisionStore(settings.sources).keep(found, link_targets(graph, things, iri), iri, reasons)
    click.echo(translate("link-kept", lang, title=found.title, iri=decision.iri, dataset=found.iri))
    print_next_step("next-build", lang)


@command(*_NETWORK, group=link)
@decision_options
def refuse(
    settings: Settings, lang: Language, dataset: str, targets: tuple[str, ...], reason: str, reason_en: str
) -> None:
    """Refuse un lien vers un jeu / Refuse a link to a dataset.

    Le refus est gardé, non publié / The refusal is kept, not published.
    """
    from cper_lod.linking.datagouv.client import dataset_name
    from cper_lod.linking.decisions.store import DecisionStore, reason_texts
    from cper_lod.linking.suggestions.subject import find_thing

    graph = published_graph(settings)
    things = tuple(find_thing(graph, each) for each in targets)
    reasons = reason_texts(reason, reason_en)
    store = DecisionStore(settings.sources)
    try:
        found = read_dataset(settings, dataset, lang)
    except Problem as problem:
        # A dataset that is gone can be refused too: `link check` advises it.
        known = store.known_dataset(dataset_name(dataset) or "") if problem.kind.code == "catalogue-missing" else None
        if known is None:
            raise
        found = known
    lock_sources(settings.sources, lang)
    decision = store.refuse(found, things, reasons)
    click.echo(translate("link-refused", lang, title=found.title, iri=decision.iri, dataset=found.iri))
    print_next_step("next-build", lang)


@command(*_NETWORK, group=link)
@format_option("text", "json")
@flag("--write", "enregistrer l'état lu, avec la date / store the state that was read, with the date")
def check(settings: Settings, lang: Language, form: str, write: bool) -> None:
    """Relit les jeux de données des liens gardés / Check the datasets of the kept links.

    Codes de sortie : 0 rien à revoir, 1 à revoir, 2 illisible / Exit codes: 0 nothing to review, 1 to review, 2 unreadable.
    """
    from cper_lod.linking.decisions.store import DecisionStore
    from cper_lod.linking.decisions.verify import check_links, exit_code

    store = DecisionStore(settings.sources)
    with catalog_client(settings, cached=False) as client:
        warn_other_site(settings, lang)
        with progress_of([each for each in store.all() if each.kept], "link-checking", lang) as kept_links:
            checks = list(check_links(client, kept_links))
    rows = [_check(each, lang) for each in checks]
    print_rows(rows, form, _check_lines(rows, lang))
    if write:
        lock_sources(settings.sources, lang)
        written = store.update_snapshots({each.link.dataset: each.snapshot for each in checks if each.snapshot})
        click.echo(translate("link-written", lang, count=len(written)), err=True)
    sys.exit(exit_code(checks))


@command("sources", group=link)
@format_option("text", "json")
def show(settings: Settings, lang: Language, form: str) -> None:
    """Montre les liens gardés et refusés, sans réseau / Show links kept and refused, offline."""
    from cper_lod.linking.decisions.store import DecisionStore

    rows = [_decision(each) for each in DecisionStore(settings.sources).all()]
    print_rows(rows, form, _decision_lines(rows, lang))
