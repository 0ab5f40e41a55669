"""SHACL constraints as sentences: each has a sentence in both languages, with its parameters."""

import string

import pytest
from pyoxigraph import RdfFormat, parse

from cper_lod.core.i18n import translate
from cper_lod.release.docs.shapes import Shapes
from cper_lod.web.docs.shapes import FILLED, KINDS, LINKED, LISTED, SWITCHES, Requirement, requirements, rule_sentence
from cper_lod.web.http.values import Value
from tests.support.sentences import sentence_keys

HEAD = "@prefix ex: <http://ex.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .\n"
IRI = "http://ex.org/s"


def requirements_of(constraints: str) -> list[Requirement]:
    rules = Shapes(
        parse((HEAD + f"ex:s a sh:PropertyShape ; sh:path ex:p ; {constraints} .").encode(), RdfFormat.TURTLE)
    )
    return list(requirements(rules.all[IRI], rules, lambda term: Value(term.value)))


def sentences(constraints: str) -> list[str]:
    return [
        " ".join([translate(each.key, "en", **each.params), *(value.text for value in each.values)])
        for each in requirements_of(constraints)
    ]


@pytest.mark.parametrize(
    ("constraints", "words"),
    [
        ("sh:minCount 1 ; sh:maxCount 1", ["number of values: exactly 1"]),
        ("sh:property ex:q", ["property http://ex.org/q"]),
        ("sh:minCount 0 ; sh:maxCount 2", ["number of values: at most 2"]),
        ("sh:minCount 2 ; sh:maxCount 3", ["number of values: at least 2", "number of values: at most 3"]),
        ("sh:maxCount 0", ["no value"]),
        ("sh:minCount 0", []),
        ("sh:maxInclusive 9 ; sh:minInclusive 1", ["a value of at least 1", "a value of at most 9"]),
        ("sh:minExclusive 1 ; sh:maxExclusive 9", ["a value greater than 1", "a value less than 9"]),
        ('sh:pattern "^a{2}$" ; sh:flags "i"', ["a text that matches the regular expression ^a{2}$"]),
        ("sh:nodeKind sh:BlankNodeOrIRI", ["an IRI or a blank node"]),
        ("sh:nodeKind ex:NoKind", []),
        ("sh:in ( ex:a ex:b )", ["each value is one of: http://ex.org/a http://ex.org/b"]),
        ('sh:languageIn ( "fr" "en" )', ["each text is in one of these languages: fr en"]),
        (
            "sh:class ex:C ; sh:uniqueLang true",
            ["each value is of the class http://ex.org/C", "at most one text per language"],
        ),
        ("sh:uniqueLang false ; sh:closed true", ["no properties other than those of the rule"]),
        (
            "sh:qualifiedValueShape ex:q ; sh:qualifiedMinCount 2",
            ["number of values that follow this rule: from 2 to ∞. http://ex.org/q"],
        ),
        (
            "sh:qualifiedValueShape ex:q ; sh:qualifiedMinCount 2 ; sh:qualifiedMaxCount 2",
            ["number of values that follow this rule: exactly 2. http://ex.org/q"],
        ),
        ("sh:or ( ex:a ex:b )", ["at least one of these rules: http://ex.org/a http://ex.org/b"]),
        ("sh:xone ex:list", ["sh:xone: http://ex.org/list"]),
    ],
)
def test_a_constraint_in_words(constraints: str, words: list[str]):
    assert sentences(constraints) == words


def test_every_sentence_of_the_tables_is_there_with_its_place():
    filled, others = map(rule_sentence, FILLED), (*map(rule_sentence, (*LINKED, *LISTED, *SWITCHES)), *KINDS.values())
    keys = dict.fromkeys(filled, True) | dict.fromkeys(others, False)
    assert len(keys) > 20
    assert keys.keys() <= {*sentence_keys()}
    for key, has_place in keys.items():
        for lang in ("fr", "en"):
            text = translate(key, lang, value="…")
            assert ("…" in text) is has_place, key
            assert not list(filter(None, (name for _, name, _, _ in string.Formatter().parse(text)))), key
