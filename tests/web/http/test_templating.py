"""Templates in each language."""

import pytest
from jinja2 import meta, nodes

from cper_lod.core.errors import Language
from cper_lod.web.http.templating import environment


@pytest.mark.parametrize("lang", ["fr", pytest.param("en", marks=pytest.mark.slow)])
def test_what_templates_import_needs_nothing_of_the_page(lang: Language) -> None:
    made = environment(lang)
    assert made.loader
    trees = {name: made.parse(made.loader.get_source(made, name)[0]) for name in made.list_templates()}
    found = [each for tree in trees.values() for each in tree.find_all((nodes.Import, nodes.FromImport))]
    assert not any(each.with_context for each in found)  # it would be made anew for every page
    imported = {each.template.as_const() for each in found}
    assert imported > {"macros.html", "drawings.html", "figures.html"}
    for name in imported:
        assert meta.find_undeclared_variables(trees[name]) <= set(made.globals), name


def test_each_language_has_its_words() -> None:
    french, english = (environment(lang).get_template("macros.html").module for lang in ("fr", "en"))
    assert french.money("12000.5", "EUR") == '<data value="12000.5">12\u202f000,50\u00a0€</data>'
    assert english.money("12000.5", "EUR") == '<data value="12000.5">€12,000.50</data>'
    said = [environment(lang).globals["_"] for lang in ("fr", "en")]
    assert [each("called-after", kind="l'axe", thing="l'eau :") for each in said] == [
        "l'axe\u00a0: l'eau :",
        "l'axe: l'eau :",
    ]
    assert [each("nav-home") for each in said] == ["Accueil", "Home"]
