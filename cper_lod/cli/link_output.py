"""What the commands of `link` print: proposals, findings and decisions, as text, JSON or CSV."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from cper_lod.core.errors import Language
from cper_lod.core.i18n import say
from cper_lod.core.namespaces import BASE, shorten
from cper_lod.linking.decisions.decision import Decision
from cper_lod.linking.decisions.verify import Checked
from cper_lod.linking.suggestions.search import Proposal
from cper_lod.linking.suggestions.subject import Subject

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
    out = [say("link-found", lang, count=count, shown=len(rows), thing=about.label[lang])]
    for row in rows:
        state = f"  [{say(_STATES[row['state']], lang)}]" if row["state"] else ""
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


def findings(found: Sequence[Checked], form: str, lang: Language) -> str:
    """Return what was found of each link."""
    if form == "json":
        return _json([_finding(each, lang) for each in found])
    out = []
    for each in found:
        row = _finding(each, lang)
        told = [change["words"] for change in row["changes"]] or [row["problem"] or say("link-same", lang)]
        out.append(f"{row['label']}  {each.link.dataset.rpartition('/')[2]}")
        out += [f"    {words}" for words in told]
    grave = sum(any(change.grave for change in each.changes) for each in found)
    unread = sum(each.problem is not None for each in found)
    return "\n".join([*out, say("link-checked", lang, count=len(found), grave=grave, unread=unread)]) + "\n"


def _finding(checked: Checked, lang: Language) -> dict[str, Any]:
    link = checked.link
    return {
        "link": link.iri,
        "dataset": link.dataset,
        "label": _plain(link.label.get(lang, link.iri)),
        "changes": [
            {"code": each.key, "before": each.before, "after": each.after, "review": each.grave,
             "words": say(each.key, lang, before=each.before, after=each.after)}
            for each in checked.changes
        ],
        "problem": str(checked.problem.words(lang)) if checked.problem else None,
    }  # fmt: skip


def decisions(known: Sequence[Decision], form: str, lang: Language) -> str:
    """Return the links kept and refused."""
    if form == "json":
        return _json([_decision(each) for each in known])
    out = []
    for each in known:
        state = say(_STATES["kept" if each.kept else "refused"], lang)
        out.append(f"{_plain(each.label.get(lang, each.iri))}  [{', '.join(filter(None, (state, each.day)))}]")
        out.append(f"    {each.dataset}")
        out.append("    " + say("link-for", lang, things=", ".join(_short(target) for target in each.targets)))
        if each.key:
            out.append("    " + say("link-by-key", lang, name=shorten(each.key)))
        out.append("    " + _plain(each.reason.get(lang, "")))
        if each.reading:
            told = ", ".join(_plain(value) for value in each.reading.facts.values())
            out.append("    " + say("link-read", lang, day=each.reading.day, facts=told))
    kept = sum(each.kept for each in known)
    return "\n".join([*out, say("link-counted", lang, kept=kept, refused=len(known) - kept)]) + "\n"


def _decision(decision: Decision) -> dict[str, Any]:
    reading = decision.reading
    return {
        "link": decision.iri,
        "dataset": decision.dataset,
        "state": "kept" if decision.kept else "refused",
        "label": decision.label,
        "things": decision.targets,
        "key": decision.key or None,
        "reason": decision.reason,
        "decided": decision.day or None,
        "read": {"date": reading.day, **reading.facts} if reading else None,
    }


def _short(iri: str) -> str:
    return iri.removeprefix(BASE + "id/")


def _plain(text: str) -> str:
    """Return a text without what could drive a terminal."""
    return "".join(char if char.isprintable() else " " for char in text)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
