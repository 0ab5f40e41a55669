"""Writes subsidies as lines of N-Triples: the subsidy, its bodies, its period, its file and its row.

Lines are built here rather than with a library because a file may have a million rows. The only cell contents that
become part of an IRI are digits that were checked.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Final

from cper_lod.core import formatting
from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.i18n import translate
from cper_lod.core.names import SiteNames
from cper_lod.core.namespaces import CPER, DCAT, DCT, DEFINITIONS, FOAF, PREFIXES, PROV, RDF, SCHEMA, SKOS, SUBV, XSD
from cper_lod.core.units import EURO, UNIT
from cper_lod.importing.subsidies.attachment import AttachmentRule, Origin
from cper_lod.importing.subsidies.parse_cells import canonical
from cper_lod.importing.subsidies.parse_rows import COLUMNS, Subsidy
from cper_lod.importing.subsidies.report import ImportResult

_TYPE: Final = RDF + "type"
_LABEL: Final = SKOS + "prefLabel"
_DQV: Final = PREFIXES["dqv"]


def subsidy_key(subsidy: Subsidy) -> str:
    """Return the end of the IRI: the funder, the date, and a digest of what identifies the subsidy.

    It does not depend on the amount, on names or on the row, so a corrected file keeps its IRIs.
    """
    fields = (subsidy.funder_siret, subsidy.date, subsidy.reference, subsidy.siret, subsidy.rna, subsidy.purpose)
    digest = hashlib.sha256("\x1f".join((*fields, subsidy.scheme, subsidy.rae)).encode()).hexdigest()[:16]
    return f"{subsidy.funder_siret[:9]}/{subsidy.date}-{digest}"


def subsidy_lines(key: str, row: int, rule_index: int, subsidy: Subsidy, origin: Origin) -> list[str]:
    """Return the sorted lines about one subsidy."""
    iri = f"{origin.contract.names.things}subvention/{key}"
    subdivision = origin.rules[rule_index].subdivision
    granted = canonical(Decimal(subsidy.amount) * Decimal(subsidy.share) / 100)
    # Most beneficiaries receive the whole amount: two statements more about each of a hundred thousand subsidies take 20 MB.
    divided = [
        (SUBV + "montantAvantRepartition", _typed(subsidy.amount, "decimal")),
        (SUBV + "partDuBeneficiaire", _typed(subsidy.share, "decimal")),
    ]
    optional = {
        DCT + "identifier": subsidy.reference,
        SUBV + "siretBeneficiaire": subsidy.siret,
        SUBV + "dispositif": subsidy.scheme,
        SUBV + "rae": subsidy.rae,
    }
    properties = [
        (_TYPE, f"<{SUBV}Subvention>"),
        *_labels(
            f"Subvention à {subsidy.name} par {subsidy.funder_name} ({_in_words(subsidy.date, 'fr')})",
            f"Subsidy to {subsidy.name} from {subsidy.funder_name} ({_in_words(subsidy.date, 'en')})",
        ),
        (CPER + "contrat", f"<{origin.contract.iri}>"),
        (SUBV + "attribuant", f"<{_body(subsidy.funder_siret, '', origin)}>"),
        (SUBV + "siretAttribuant", _text(subsidy.funder_siret)),
        (SUBV + "beneficiaire", f"<{_body(subsidy.siret, subsidy.rna, origin)}>"),
        *(divided if Decimal(subsidy.share) < 100 else ()),
        (SUBV + "montantAttribue", _typed(granted, "decimal")),
        (UNIT, f"<{EURO}>"),
        (DCT + "date", _typed(subsidy.date, "date")),
        (DCT + "description", _text(subsidy.purpose, "@fr")),
        (SUBV + "conditionsDeVersement", _text(subsidy.conditions, "@fr")),
        (SUBV + "notificationUE", _typed(subsidy.notified, "boolean")),
        (DCT + "temporal", f"<{_payment_period(subsidy, origin)}>"),
        (PROV + "wasDerivedFrom", f"<{origin.iri}>"),
        (SUBV + "ligne", _typed(str(row), "integer")),
        (SUBV + "rattachement", f"<{origin.rule_iri(rule_index)}>"),
        *((SUBV + "natureDeLAide", f"<{DEFINITIONS}code/nature/{code}>") for code in subsidy.nature.split()),
        *((predicate, _text(text)) for predicate, text in optional.items() if text),
        *([(CPER + "subdivision", f"<{subdivision}>")] if subdivision else []),
    ]
    return sorted(_lines(iri, properties))


def shared_lines(subsidy: Subsidy, origin: Origin) -> Iterator[str]:
    """Yield the lines about what subsidies share: their period of payment, and the bodies that the data do not describe.

    Names are those of the file.
    """
    start, end = subsidy.period.split("/")
    first, last = ([_in_words(day, lang) for lang in LANGUAGES] for day in (start, end))
    french, english = f"Versement du {first[0]} au {last[0]}", f"Payment from {first[1]} to {last[1]}"
    if start == end:
        french, english = f"Versement le {first[0]}", f"Payment on {first[1]}"
    dates = _period(french, english, start, end)
    yield from _lines(_payment_period(subsidy, origin), dates)
    for siret, rna, name in (
        (subsidy.funder_siret, "", subsidy.funder_name),
        (subsidy.siret, subsidy.rna, subsidy.name),
    ):
        if not origin.bodies.keys() & {siret[:9], rna}:
            properties = [(_TYPE, f"<{PREFIXES['rov']}RegisteredOrganization>"), (FOAF + "name", _text(name, "@fr"))]
            properties += [(CPER + "siren", _text(siret[:9]))] if siret else []
            properties += [(SUBV + "rna", _text(rna))] if rna else []
            yield from _lines(_body(siret, rna, origin), properties)


@lru_cache(2**14)  # a file has far fewer days than rows
def _in_words(day: str, lang: Language) -> str:
    return formatting.date(day, lang)


def _payment_period(subsidy: Subsidy, origin: Origin) -> str:
    """Return the IRI of a period of payment: one for all subsidies of the file with these dates, since many have the same."""
    return f"{origin.iri}/versement/{subsidy.period.replace('/', '_')}"


def origin_lines(origin: Origin, result: ImportResult) -> list[str]:
    """Return the sorted lines about the file, its attachment rules, and what was kept and refused of it."""
    counts = list(_counts(result))
    properties = [
        (_TYPE, f"<{SUBV}FichierDeSubventions>"),
        (_TYPE, f"<{FOAF}Document>"),
        (_TYPE, f"<{PROV}Entity>"),
        *_labels(f"Fichier de subventions « {origin.name} »", f"File of subsidies “{origin.name}”"),
        (DCT + "identifier", _text(f"sha256:{origin.sha256}")),
        *([(DCT + "date", _typed(origin.date, "date"))] if origin.date else []),
        *([(SCHEMA + "contentUrl", _typed(origin.url, "anyURI"))] if origin.url else []),
        *((_DQV + "hasQualityMeasurement", f"<{origin.iri}/compte/{slug}>") for slug, *_ in counts),
        (CPER + "contrat", f"<{origin.contract.iri}>"),
        (DCT + "temporal", f"<{origin.iri}/periode>"),
    ]
    dates = _period("Dates des conventions", "Dates of the agreements", result.first, result.last)
    lines = [*_lines(origin.iri, properties), *_lines(f"{origin.iri}/periode", dates)]
    for slug, metric, number, words in counts:
        count_properties = [
            (_TYPE, f"<{_DQV}QualityMeasurement>"),
            *_labels(*words),
            (_DQV + "isMeasurementOf", f"<{DEFINITIONS}code/compte/{metric}>"),
            (_DQV + "value", _typed(str(number), "integer")),
        ]
        lines += _lines(f"{origin.iri}/compte/{slug}", count_properties)
    for index, rule in enumerate(origin.rules):
        lines += _lines(origin.rule_iri(index), _rule_properties(index, rule, origin))
    return sorted(lines)


def _counts(result: ImportResult) -> Iterator[tuple[str, str, int, Sequence[str]]]:
    """Yield rows by what became of them, then rows by reason. No word comes from a cell, nor from an unknown column.

    Each has the end of its IRI, the code of what it counts, the number, and its words in `LANGUAGES`.
    """
    counts = result.counts()
    for name, key in (
        ("lues", "rows"),
        ("gardees", "kept"),
        ("refusees", "refused"),
        ("personnes", "persons"),
        ("sans-regle", "not_attached"),
        ("repetees", "repeated"),
    ):
        yield name, name, counts[key], [translate(f"import-{name}", lang) for lang in LANGUAGES]
    reasons = Counter[tuple[str, str, str]]()
    for (severity, column, code), count in result.findings.counts.items():
        if severity != "person" and code != "row-again":  # which are counted above
            reasons[severity, column if column in COLUMNS else "", code] += count
    for (severity, column, code), count in sorted(reasons.items()):
        words = [translate(f"finding-{code}", lang, value="…") for lang in LANGUAGES]
        metric = "motif-de-refus" if severity == "error" else "remarque"
        yield f"{column or 'ligne'}-{code}", metric, count, [f"{column} – {each}" if column else each for each in words]


def _rule_properties(index: int, rule: AttachmentRule, origin: Origin) -> list[tuple[str, str]]:
    number = index + 1
    properties = [
        (_TYPE, f"<{PROV}Entity>"),
        *_labels(
            f"Rattachement {number} du fichier « {origin.name} »", f"Attachment {number} of the file “{origin.name}”"
        ),
        (CPER + "contrat", f"<{origin.contract.iri}>"),
        *([(CPER + "subdivision", f"<{rule.subdivision}>")] if rule.subdivision else []),
    ]
    if not rule.reason:
        french = "Décidé à l'import, pour toutes les lignes du fichier, par la personne qui l'a fait."
        english = "Decided at the import, for all rows of the file, by the person who made it."
        return [*properties, (SKOS + "note", _text(french, "@fr")), (SKOS + "note", _text(english, "@en"))]
    french = f"{rule.reason} (dispositif : {rule.scheme} ; objet : {rule.purpose})"
    return [*properties, (SKOS + "note", _text(french, "@fr")), (DCT + "date", _typed(rule.date, "date"))]


def _body(siret: str, rna: str, origin: Origin) -> str:
    """Return the IRI of a body: the one in the data if one of its numbers is known, else one made from its number."""
    known = (iris[number] for number in (siret[:9], rna) for iris in (origin.bodies, origin.aliases) if number in iris)
    return next(known, "") or body_iri(siret[:9], rna, origin.contract.names)


def body_iri(siren: str, rna: str, names: SiteNames) -> str:
    """Return the IRI of a body that is named after its SIREN, or its RNA number if it has none."""
    return f"{names.things}organisme/siren-{siren}" if siren else f"{names.things}organisme/rna-{rna}"


def _labels(french: str, english: str) -> tuple[tuple[str, str], ...]:
    return (_LABEL, _text(french, "@fr")), (_LABEL, _text(english, "@en"))


def _period(french: str, english: str, start: str, end: str) -> list[tuple[str, str]]:
    return [
        (_TYPE, f"<{DCT}PeriodOfTime>"),
        *_labels(french, english),
        (DCAT + "startDate", _typed(start, "date")),
        (DCAT + "endDate", _typed(end, "date")),
    ]


def _lines(subject: str, properties: Sequence[tuple[str, str]]) -> list[str]:
    return [f"<{subject}> <{predicate}> {value} ." for predicate, value in properties]


def _text(text: str, suffix: str = "") -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"{suffix}'


def _typed(text: str, datatype: str) -> str:
    return f'"{text}"^^<{XSD}{datatype}>'
