"""The commands `link search`, `keep`, `refuse`, `check` and `show`: links to datasets of data.gouv.fr."""

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cper_lod.cli.errors import Command, CommandGroup
from cper_lod.cli.options import format_option, load_settings, print_next_step, settings_options, show_progress
from cper_lod.core.errors import Language, Problem
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import BASE, shorten
from cper_lod.core.settings import Settings

if TYPE_CHECKING:
    from cper_lod.linking.datagouv.client import Dataset
    from cper_lod.linking.datagouv.http import CatalogClient
    from cper_lod.linking.decisions.store import LinkDecision
    from cper_lod.linking.decisions.verify import LinkCheck
    from cper_lod.linking.suggestions.search import Proposal
    from cper_lod.linking.suggestions.subject import Subject
    from cper_lod.rdf.graph import Graph


T = TypeVar("T")


def network_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of a command that requests data.gouv.fr."""
    return settings_options("sources", "datagouv_url", "datagouv_timeout", "link_cache")(command)


def decision_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of a decision: the things and the reasons."""
    for name, text in (
        ("--reason-en", "motif en anglais / reason in English"),
        ("--reason", "motif en français / reason in French"),
    ):
        command = click.option(name, default="", help=text)(command)
    text = "notre ressource : IRI ou fin de l'IRI, répétable / our thing: IRI or its end, repeatable"
    command = click.option("--for", "targets", multiple=True, required=True, metavar="IRI", help=text)(command)
    return click.argument("dataset")(command)


def published_graph(settings: Settings) -> "Graph":
    """Return the graph of the published data."""
    from cper_lod.rdf.graph import Graph
    from cper_lod.release.sources.read import published_data

    return Graph(published_data(settings.sources))


def catalog_client(settings: Settings, cached: bool) -> "CatalogClient":
    """Return the client for data.gouv.fr."""
    from cper_lod.linking.datagouv.cache import CatalogCache, default_folder
    from cper_lod.linking.datagouv.http import CatalogClient

    folder = default_folder() if settings.link_cache == Path() else settings.link_cache
    return CatalogClient(settings.datagouv_url, settings.datagouv_timeout, CatalogCache(folder) if cached else None)


def read_dataset(settings: Settings, dataset: str, lang: Language) -> "Dataset":
    """Return the current state of a dataset from its id, slug or URL; raises `link-dataset` for other texts."""
    from cper_lod.linking.datagouv.client import DataGouvClient, dataset_name

    name = dataset_name(dataset)
    if name is None:
        raise Problem("link-dataset", name=dataset)
    with catalog_client(settings, cached=False) as client:
        warn_other_site(settings, lang)
        return DataGouvClient(client).dataset(name)


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


def format_proposals(
    ranked: "Sequence[Proposal]",
    count: int,
    subject: "Subject",
    decisions: "Sequence[LinkDecision]",
    form: str,
    lang: Language,
) -> str:
    """Return proposals, best first, each with its reasons and its state for this thing."""
    rows = [_proposal(rank, each, _state(each, subject, decisions), lang) for rank, each in enumerate(ranked, 1)]
    if form == "json":
        return _json(rows)
    if form == "csv":
        return _csv(rows)
    lines = [translate("link-found", lang, count=count, shown=len(rows), thing=subject.label[lang])]
    for row in rows:
        state = "  [" + translate(f"link-state-{row['state']}", lang) + "]" if row["state"] else ""
        lines.append(f"{row['rank']:>3}. {row['points']:>5g}  {row['title']}{state}")
        lines.append(f"            {row['id']}  {row['organization']}  {row['license']}".rstrip())
        lines += [f"            · {reason}" for reason in row["reasons"]]
    return "\n".join(lines) + "\n"


def _state(proposal: "Proposal", subject: "Subject", decisions: "Iterable[LinkDecision]") -> str:
    """Return `kept` or `refused` if that was decided for this thing, `elsewhere` if it is kept for another thing."""
    of_it = [each for each in decisions if each.dataset == proposal.dataset.iri]
    for each in of_it:
        if subject.iri in each.targets:
            return "kept" if each.kept else "refused"
    return "elsewhere" if any(each.kept for each in of_it) else ""


def _proposal(rank: int, proposal: "Proposal", state: str, lang: Language) -> dict[str, Any]:
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
    """Return rows as CSV; texts that a spreadsheet would take for formulas get a leading apostrophe."""
    output = io.StringIO()
    names = ("rank", "points", "id", "title", "organization", "license", "lastUpdate", "page", "state", "reasons")
    writer = csv.writer(output)
    writer.writerow(names)
    for row in rows:
        cells = ["; ".join(each) if isinstance(each, list) else each for each in (row[name] for name in names)]
        writer.writerow(f"'{each}" if isinstance(each, str) and each[:1] in "=+-@" and each else each for each in cells)
    return output.getvalue()


def format_checks(checks: "Sequence[LinkCheck]", form: str, lang: Language) -> str:
    """Return the result for each link."""
    if form == "json":
        return _json([_finding(each, lang) for each in checks])
    lines = []
    for each in checks:
        row = _finding(each, lang)
        texts = [change["words"] for change in row["changes"]] or [row["problem"] or translate("link-same", lang)]
        lines.append(f"{row['label']}  {each.link.dataset.rpartition('/')[2]}")
        lines += [f"    {words}" for words in texts]
    to_review = sum(any(change.needs_review for change in each.changes) for each in checks)
    unread = sum(each.problem is not None for each in checks)
    return (
        "\n".join([*lines, translate("link-checked", lang, count=len(checks), grave=to_review, unread=unread)]) + "\n"
    )


def _finding(check: "LinkCheck", lang: Language) -> dict[str, Any]:
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


def format_decisions(decisions: "Sequence[LinkDecision]", form: str, lang: Language) -> str:
    """Return the links kept and refused."""
    if form == "json":
        return _json([_decision(each) for each in decisions])
    lines = []
    for each in decisions:
        state = translate("link-state-kept" if each.kept else "link-state-refused", lang)
        lines.append(f"{_plain(each.label.get(lang, each.iri))}  [{', '.join(filter(None, (state, each.day)))}]")
        lines.append(f"    {each.dataset}")
        lines.append("    " + translate("link-for", lang, things=", ".join(_short(target) for target in each.targets)))
        if each.key:
            lines.append("    " + translate("link-by-key", lang, name=shorten(each.key)))
        lines.append("    " + _plain(each.reason.get(lang, "")))
        if each.snapshot:
            texts = ", ".join(_plain(value) for value in each.snapshot.values.values())
            lines.append("    " + translate("link-read", lang, day=each.snapshot.day, facts=texts))
        elif each.kept:
            lines.append("    " + translate("link-unread", lang))
    kept = sum(each.kept for each in decisions)
    return "\n".join([*lines, translate("link-counted", lang, kept=kept, refused=len(decisions) - kept)]) + "\n"


def _decision(decision: "LinkDecision") -> dict[str, Any]:
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
    """Return a text without control characters."""
    return "".join(char if char.isprintable() else " " for char in text)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


@click.group(cls=CommandGroup)
def link() -> None:
    """Relie à des jeux de data.gouv.fr / Link to datasets of data.gouv.fr."""


@link.command(cls=Command)
@click.argument("thing", required=False)
@format_option("table", "json", "csv")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="jeux montrés / datasets shown"
)
@click.option(
    "--pages", type=click.IntRange(1, 20), default=1, show_default=True, help="pages par recherche / pages per search"
)
@click.option("--no-cache", is_flag=True, help="ignorer le cache / ignore the cache")
@network_options
def search(
    thing: str | None, form: str, limit: int, pages: int, no_cache: bool, settings_file: Path | None, **flags: object
) -> None:
    """Propose des jeux de données pour une ressource / Propose datasets for a thing.

    THING : contrat, axe, organisme ou territoire (défaut : le contrat) / THING: contract, axis, body or territory (default: the contract).
    """
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

    settings, lang = load_settings(settings_file, flags)
    graph = published_graph(settings)
    subject = describe_subject(graph, find_thing(graph, thing))
    with catalog_client(settings, cached=not no_cache) as client:
        site = DataGouvClient(client)
        with progress_of(search_queries(subject), "link-searching", lang) as queries:
            candidates = find_candidates(site, queries, pages)
        ranked = rank(candidates.values(), subject)
        with progress_of(organizations_to_look_up(ranked), "link-identifying", lang) as organizations:
            ranked = rank(with_sirens(site, ranked, organizations), subject)
    if site.skipped:
        click.echo(translate("link-left-out", lang, count=site.skipped), err=True)
    click.echo(
        format_proposals(ranked[:limit], len(ranked), subject, DecisionStore(settings.sources).all(), form, lang),
        nl=False,
    )
    if form == "table" and ranked:
        print_next_step("next-keep", lang, flags, thing=_short(subject.iri))


@link.command(cls=Command)
@decision_options
@click.option(
    "--key",
    default="",
    help="clé de rapprochement : cper:siren, igeo:codeINSEE… / join key: cper:siren, igeo:codeINSEE…",
)
@click.option("--no-key", is_flag=True, help="aucune clé connue / no key is known")
@network_options
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

    DATASET : identifiant, nom court ou adresse de la page / DATASET: identifier, slug or address of the page.
    """
    from cper_lod.linking.decisions.store import DecisionStore, reason_texts
    from cper_lod.linking.suggestions.subject import find_thing, link_targets, resolve_join_key

    settings, lang = load_settings(settings_file, flags)
    graph = published_graph(settings)
    things = tuple(find_thing(graph, each) for each in targets)
    if bool(key) is no_key:
        raise Problem("link-key", key=key, thing=", ".join(targets))
    iri = resolve_join_key(graph, key, things) if key else ""
    reasons = reason_texts(reason, reason_en)
    found = read_dataset(settings, dataset, lang)
    if found.deleted:
        raise Problem("catalogue-missing", url=found.iri, status=found.deleted)
    decision = DecisionStore(settings.sources).keep(found, link_targets(graph, things, iri), iri, reasons)
    click.echo(translate("link-kept", lang, title=found.title, iri=decision.iri, dataset=found.iri))
    print_next_step("next-build", lang, flags)


@link.command(cls=Command)
@decision_options
@network_options
def refuse(
    dataset: str, targets: tuple[str, ...], reason: str, reason_en: str, settings_file: Path | None, **flags: object
) -> None:
    """Refuse un lien vers un jeu / Refuse a link to a dataset.

    Le refus est gardé, non publié / The refusal is kept, not published.
    """
    from cper_lod.linking.datagouv.client import dataset_name
    from cper_lod.linking.decisions.store import DecisionStore, reason_texts
    from cper_lod.linking.suggestions.subject import find_thing

    settings, lang = load_settings(settings_file, flags)
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
    decision = store.refuse(found, things, reasons)
    click.echo(translate("link-refused", lang, title=found.title, iri=decision.iri, dataset=found.iri))
    print_next_step("next-build", lang, flags)


@link.command(cls=Command)
@format_option("text", "json")
@click.option(
    "--write", is_flag=True, help="enregistrer l'état lu, avec la date / store the state that was read, with the date"
)
@network_options
def check(form: str, write: bool, settings_file: Path | None, **flags: object) -> None:
    """Vérifie les jeux des liens gardés / Check the datasets of the kept links.

    Codes de sortie : 0 rien à revoir, 1 à revoir, 2 illisible / Exit codes: 0 nothing to review, 1 to review, 2 unreadable.
    """
    from cper_lod.linking.datagouv.client import DataGouvClient
    from cper_lod.linking.decisions.store import DecisionStore
    from cper_lod.linking.decisions.verify import check_links, exit_code

    settings, lang = load_settings(settings_file, flags)
    store = DecisionStore(settings.sources)
    with catalog_client(settings, cached=False) as client:
        warn_other_site(settings, lang)
        with progress_of([each for each in store.all() if each.kept], "link-checking", lang) as kept_links:
            checks = list(check_links(DataGouvClient(client), kept_links))
    click.echo(format_checks(checks, form, lang), nl=False)
    if write:
        written = store.update_snapshots({each.link.dataset: each.snapshot for each in checks if each.snapshot})
        click.echo(translate("link-written", lang, count=len(written)), err=True)
    sys.exit(exit_code(checks))


@link.command(cls=Command)
@format_option("text", "json")
@settings_options("sources")
def show(form: str, settings_file: Path | None, **flags: object) -> None:
    """Montre les liens gardés et refusés, sans réseau / Show links kept and refused, offline."""
    from cper_lod.linking.decisions.store import DecisionStore

    settings, lang = load_settings(settings_file, flags)
    click.echo(format_decisions(DecisionStore(settings.sources).all(), form, lang), nl=False)
