"""Changes as text, in French and English: a sentence for each resource, the most important first, and counts."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import BASE, CPER, DECIMALS, NUMBER
from cper_lod.release.changes.describe import VALUES, Importance, Row, either_value, fact_importance

_NUMBER: Final = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?")
_NUMBERS: Final = DECIMALS | {NUMBER}
MAX_SENTENCES: Final = 15
"""Most sentences about one contract, unless all are asked for."""
_MAX_CLAUSES, _MAX_DOCUMENTS, _MAX_VALUE = 3, 2, 120
"""Most clauses and documents of a sentence, and characters of a value."""
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
"""Characters that break a line, move the cursor of a terminal, or change the text direction."""


def plain(text: str) -> str:
    r"""Return a text as one line that is safe to print on a terminal.

    >>> plain("a\nb\x1b[31mc")
    'a b [31mc'
    """
    return _CONTROL.sub(" ", text)


def number(text: str, lang: Language) -> str:
    """Return a number as a reader of `lang` writes it.

    >>> number("994000000", "en"), number("57.3", "fr")
    ('994,000,000', '57,3')
    """
    whole, _, rest = text.partition(".")
    grouped = f"{int(whole):,}" if not whole.lstrip("-").startswith("0") or whole in ("0", "-0") else whole
    if lang == "fr":
        return grouped.replace(",", "\u202f") + (f",{rest}" if rest else "")
    return grouped + (f".{rest}" if rest else "")


def value(row: Row, term: dict[str, str], lang: Language) -> str:
    """Return a value as text: the name of a resource, a number, a quoted text."""
    text = term["value"]
    if term["type"] == "uri":
        return plain(row["names"][text][lang])
    if term["type"] == "bnode":
        return translate("change-nameless", lang)
    if term.get("datatype") in _NUMBERS and _NUMBER.fullmatch(text):
        return number(formatting.plain(text) if term["datatype"] == NUMBER else text, lang)
    if "datatype" in term or term["type"] == "triple":
        return plain(text)
    tag = term.get("xml:lang")
    return translate("quoted", lang, words=plain(text)) + (f" ({tag})" if tag and tag != lang else "")


def title(row: Row, lang: Language) -> str:
    """Return that a resource is new, withdrawn or changed."""
    more = f" {translate('change-continued', lang)}" if row.get("continued") else ""
    return translate(f"change-{row['change']}", lang, name=_subject(row, lang)) + more


def _subject(row: Row, lang: Language) -> str:
    """Return the name of a resource, and its class unless the name says it."""
    name = plain(row["names"][row["thing"]][lang])
    kind = plain(row["names"][row["class"]][lang]) if row["class"] else ""
    quoted = name if name[:1] in ("«", "“") else translate("quoted", lang, words=name)
    return quoted if not kind or kind.casefold() in name.casefold() else f"{quoted} ({kind})"


def sentence(row: Row, lang: Language) -> str:
    """Return the changes of a resource as one sentence, with the documents that state them."""
    facts, head = _told_facts(row, lang), title(row, lang)
    figure = next((fact for fact in facts if fact["property"] in VALUES), None)
    if row["change"] != "changed":
        facts = [figure] if figure else []
        clauses = [_value(row, either_value(figure), lang)] if figure else []
    else:
        head = _subject(row, lang)
        if figure and figure["change"] == "corrected":
            values = {name: _value(row, figure[name], lang) for name in ("old", "new")}
            head = translate("change-figure", lang, name=head, **values)
        clauses = [_clause(row, fact, lang) for fact in facts if fact is not figure or fact["change"] != "corrected"]
    if len(clauses) > _MAX_CLAUSES:
        clauses[_MAX_CLAUSES:] = [translate("change-others", lang, count=len(clauses) - _MAX_CLAUSES)]
    said = translate("change-told", lang, name=head, said=", ".join(clauses)) if clauses else head
    supports = [each for fact in facts for each in fact["new_statements"] or fact["old_statements"]]
    documents = dict.fromkeys(plain(row["names"][each["document"]][lang]) for each in supports if each["document"])
    return f"{said} ({', '.join([*documents][:_MAX_DOCUMENTS])})." if documents else f"{said}."


def _told_facts(row: Row, lang: Language) -> list[Row]:
    """Return the facts that a sentence tells: one value of a figure, and what is in this language or in no other."""
    facts = [fact for fact in row["facts"] if fact_importance(row["class"], fact) < Importance.COUNTED]
    here = {fact["property"] for fact in facts if _tag(fact) == lang}
    told = [fact for fact in facts if _tag(fact) in ("", lang) or fact["property"] not in here]
    first = min((fact["property"] for fact in told if fact["property"] in VALUES), key=VALUES.index, default="")
    return [fact for fact in told if fact["property"] not in VALUES or fact["property"] == first]


def _tag(fact: Row) -> str:
    return either_value(fact).get("xml:lang", "")


def _clause(row: Row, fact: Row, lang: Language) -> str:
    values = {name: _value(row, fact[name], lang) for name in ("old", "new") if name in fact}
    return translate(f"fact-{fact['change']}", lang, property=plain(row["names"][fact["property"]][lang]), **values)


def _value(row: Row, term: dict[str, str], lang: Language) -> str:
    text = term["value"]
    return value(row, term | {"value": formatting.brief(text, _MAX_VALUE)} if len(text) > _MAX_VALUE else term, lang)


def describe(rows: Iterable[Row], lang: Language, most: int | None = MAX_SENTENCES) -> Iterator[str]:
    """Yield the changes as lines of text: contracts that are new or gone, then by contract, then what is only counted.

    `rows` come the most important first. Of a contract, at most `most` sentences are given, and the number of the
    others; all of them, and what new and withdrawn contracts hold, if it is None.
    """
    whole, names, groups = dict[str, Row](), dict[str, str](), defaultdict[str, list[str]](list)
    contents, others, counted = defaultdict[str, Counter[str]](Counter), Counter[str](), Counter[str]()
    for row in rows:
        contract, importance = row["contract"], Importance(row["importance"])
        if row.get("continued"):
            continue
        if contract == row["thing"] and row["change"] != "changed":
            whole[contract] = row
        elif importance is Importance.COUNTED:
            counted[_counted_as(row)] += contract not in whole
        elif contract in whole and most is not None:
            contents[contract][min(importance, Importance.WORDS).name.lower()] += 1
        elif most is None or len(groups[contract]) < most:
            groups[contract].append(sentence(row, lang))
            names[contract] = plain(row["names"][contract][lang]) if contract else translate("change-beside", lang)
        else:
            others[contract] += 1
    for contract, row in whole.items():
        yield sentence(row, lang)
        if contents[contract]:
            yield "  " + _counts("change-content", contents[contract], lang)
    for contract, sentences in groups.items():
        yield names[contract]
        yield from (f"  {each}" for each in sentences)
        if others[contract]:
            yield "  " + translate("change-more", lang, count=others[contract])
    if counted.total():
        yield _counts("change-counted", counted, lang)


def _counted_as(row: Row) -> str:
    if row["class"] == CPER + "Enonce" or all(fact["property"] == CPER + "enonce" for fact in row["facts"]):
        return "statements"
    if row["class"] == CPER + "Subvention":
        return "subsidies"
    return "derived" if row["thing"].startswith(BASE + "id/") else "vocabulary"


def _counts(key: str, numbers: Mapping[str, int], lang: Language) -> str:
    named = [translate(f"change-number-{name}", lang, count=count) for name, count in numbers.items() if count]
    return translate(key, lang, numbers=", ".join(named))


def counts(summary: dict[str, Any], lang: Language) -> Iterator[str]:
    """Yield the counts as sentences."""
    if summary["same"]:
        yield translate("changes-none", lang)
        if not summary["graphs"]:
            yield translate("changes-beside", lang)
    else:
        yield translate("changes-things", lang, **summary["things"])
        yield translate("changes-facts", lang, **summary["facts"])
    if summary["graphs"]:
        graphs = ", ".join(name.rpartition("/")[2] or name for name in summary["graphs"])
        yield translate("changes-graphs", lang, graphs=plain(graphs))
