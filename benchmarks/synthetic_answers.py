"""Random content of the workbook of a plan contract: signatories, programme and amounts, from a seed."""

import random
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from benchmarks.synthetic_names import AXES, FUNDS, PRIORITIES, REGIONS, SCHEMES, SIZES, siren, town
from cper_lod.importing.contracts.to_rdf import day_in_words

Answers = Mapping[str, Sequence[Mapping[str, Any]]]
"""What each sheet of the workbook holds, by its key: one mapping for a form, one a row for a list."""
_NOTE: Final = "Organisme inventé : fictif."


def signatories(region: int) -> list[dict[str, Any]]:
    """Return the rows of the bodies of a region that sign its contracts, the same in each generation."""
    chance = random.Random(f"signatories of {region}")
    name = REGIONS[region]
    departments, towns = chance.randint(2, 8), chance.randint(1, 4)
    bodies = [(f"Région {name}", "Région", name)]
    for number in range(departments + towns):
        place = town(region * 40 + number)
        department = number < departments
        title = f"Département de {place}" if department else f"Agglomération de {place}"
        bodies.append((title, "Département" if department else "EPCI", "" if department else place))
    rows = [{"nom": "État", "type": "État", "citation": "l'État"}]
    for number, (title, quality, territory) in enumerate(bodies, 1):
        row = {"nom": title, "type": quality, "siren": siren(region * 40 + number), "note": _NOTE}
        rows.append({**row, "territoire": territory if quality == "EPCI" else "", "citation": f"et {title}"})
    return rows


def _split(chance: random.Random, count: int, step: str = "0.1") -> list[Decimal]:
    """Return so many shares, uneven, that are 100 together."""
    weights = [chance.lognormvariate(0, 0.8) + 0.1 for _ in range(count)]
    shares = [Decimal(str(100 * weight / sum(weights))).quantize(Decimal(step)) for weight in weights]
    shares[shares.index(max(shares))] += 100 - sum(shares)
    return shares


def _percent(share: Decimal) -> str:
    return f"{share.normalize():f} %".replace(".", ",")


def _programme(chance: random.Random) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of priorities and axes: each axis serves one or two, and each priority has one."""
    titles, aims = chance.sample(AXES, chance.randint(4, len(AXES))), chance.sample(PRIORITIES, chance.randint(2, 4))
    shares: list[Decimal | None] = [*_split(chance, len(titles))]
    if chance.random() < 0.3:
        shares = [*_split(chance, len(titles) - 1), None]
    axes, served = [], dict.fromkeys(range(1, len(aims) + 1), 0)
    for number, ((title, english), share) in enumerate(zip(titles, shares, strict=True), 1):
        least = min(served, key=lambda each: served[each])
        serves = sorted({least, chance.choice([*served])} if chance.random() < 0.3 else {least})
        for each in serves:
            served[each] += 1
        words = f"axe {number} « {title} »"
        row = {
            "numero": number,
            "intitule": title,
            "intitule_en": english,
            "citation": words,
            "priorites": ", ".join(map(str, serves)),
            "citation_lien": f"{words} sert : " + " ; ".join(aims[each - 1][0] for each in serves),
        }
        given = {"part": _percent(share)} if share is not None else {"motif": "Part fictive non communiquée"}
        axes.append({**row, **given, "citation_part": f"{words} – {_percent(share)} des crédits" if share else words})
    rows = [
        {
            "numero": number,
            "intitule": title,
            "intitule_en": english,
            "description": rest,
            "citation": f"{title} {rest}",
        }
        for number, (title, rest, english) in enumerate(aims, 1)
    ]
    return {"priorites": rows, "axes": axes}


def _amounts(chance: random.Random, region: int, years: int) -> list[dict[str, Any]]:
    """Return the rows of the envelope and of three funders, in whole millions, their shares to a tenth of a percent."""
    whole = max(30, round(SIZES[region] * 200 * chance.lognormvariate(0, 0.3)))
    parts = [max(1, round(whole * float(share) / 100)) for share in _split(chance, 3)]
    total, rows = sum(parts), []
    for name, million in zip(("État", "Région", "Autres signataires"), parts, strict=True):
        share = _percent((Decimal(100 * million) / total).quantize(Decimal("0.1")))
        rows.append(
            {
                "objet": "Engagement",
                "financeur": name,
                "montant": f"{million} M€",
                "nature": "Arrondie",
                "perimetre": "Total",
                "part": share,
                "citation": f"{name} : {million} M€ ({share})",
            }
        )
    bound = f"plus de {total - 5} M€"
    return [
        {
            "objet": "Enveloppe",
            "montant": bound,
            "nature": "Borne inférieure",
            "perimetre": "Total",
            "duree": years,
            "citation": f"une enveloppe fictive de {bound} sur {years} ans",
        },
        *rows,
    ]


def answers(region: int, years: tuple[int, int], seed: int) -> Answers:
    """Return what a workbook of such a contract would hold; every label is marked as fictitious by the importer."""
    chance = random.Random(f"{seed} contract {region} {years}")
    name, span, signed = REGIONS[region], f"{years[0]}-{years[1]}", date(years[0], chance.randint(2, 12), 15)
    day, bodies = day_in_words(signed)[0], signatories(region)
    title = f"Contrat de plan État-Région {span} {name}"
    frame = {
        "region": name,
        "region:citation": f"dans la région fictive {name}",
        "periode": span,
        "periode:citation": span,
        "intitule": title,
        "intitule:citation": f"{title} (CPER {span})",
        "nom_court": f"CPER {span}",
        "signe_le": signed,
        "signe_le:citation": f"le {day}",
        "lieu": "hôtel fictif de la région",
        "lieu:citation": "à l'hôtel fictif de la région",
        "nombre_signataires": len(bodies),
        "nombre_signataires:citation": f"{len(bodies)} signataires fictifs",
        "parts_de_la_somme": chance.choice(["oui", "non"]),
        "essai": "oui",
    }
    source = {
        "titre": f"SIGNATURE FICTIVE DU CONTRAT {span} {name.upper()}",
        "date": signed,
        "date:citation": f"le {day}",
        "editeur": f"Préfecture de {name}",
    }
    schemes = chance.sample(SCHEMES, chance.randint(1, 4))
    funds = FUNDS[: chance.randint(1, 2)]
    return {
        "contrat": [frame],
        "source": [source],
        "signataires": bodies,
        **_programme(chance),
        "montants": _amounts(chance, region, years[1] - years[0] + 1),
        "avenants": [
            {
                "intitule": "Avenant mobilités fictif",
                "statut": "Prévu",
                "date": str(years[0] + 2),
                "axes": "1",
                "citation": f"un avenant mobilités fictif (axe 1) est prévu en {years[0] + 2}",
            }
        ],
        "schemas": [{"nom": each, "citation": f"en lien avec le {each}"} for each in schemes],
        "financements": [{"nom": each, "nom_en": english, "citation": f"avec les {each}"} for each, english in funds],
    }
