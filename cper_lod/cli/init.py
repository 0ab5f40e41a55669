"""The command `init`: the folder of a site of one's own, with settings and a catalogue, but no contract."""

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cper_lod.cli.options import A_PATH, command, flag
from cper_lod.core.config import SETTINGS_FILE, default_sources, reject_packaged, today
from cper_lod.core.errors import LANGUAGES, Language, Phrase, Problem
from cper_lod.core.files import file_problem
from cper_lod.core.i18n import translate
from cper_lod.core.settings import Settings, describe

if TYPE_CHECKING:
    from cper_lod.core.names import SiteNames

_MAX_PUBLISHER: Final = 200
"""Characters of the name of a publisher, which stands in titles and in an IRI."""
_TABLES: Final = "data/catalog/authorities.ttl"
"""The terms of the tables of the European Union that every catalogue uses."""


@command("public_url", "contact", name="init")
@click.argument("folder", type=A_PATH)
@click.option("--publisher", required=True, metavar="NOM / NAME", help="qui publie le site / who publishes the site")
@flag("--with-examples", "avec les contrats du programme, en exemple / with the contracts of the program, as examples")
def init(settings: Settings, lang: Language, folder: Path, publisher: str, with_examples: bool) -> None:
    """Crée le dossier d'un site à soi / Create the folder of a site of one's own.

    FOLDER : un dossier vide ou à créer ; il reçoit les réglages et un catalogue au nom de l'éditeur, sans contrat / FOLDER: a folder that is empty or to be created; it gets the settings and a catalogue in the publisher's name, without a contract.

    L'ontologie et les règles sont celles du programme / The ontology and the rules are those of the program.
    """
    from cper_lod.core.names import SiteNames
    from cper_lod.release.sources.address import CATALOGUE_FILE, is_address
    from cper_lod.release.sources.writing import write_all

    given = click.get_current_context().params
    for name in ("public_url", "contact"):
        if not given[name]:
            raise click.MissingParameter(param_hint=f"--{name.replace('_', '-')}", param_type="option")
    reject_packaged(folder.absolute(), "FOLDER")
    _refuse_full(folder)
    site = SiteNames(f"{settings.public_url}/")
    if not is_address(site.address):
        raise Problem("parameter-invalid", name="--public-url", value=settings.public_url, expected="http(s)://…")
    files = {
        _TABLES: (default_sources() / _TABLES).read_bytes(),
        CATALOGUE_FILE: _catalogue(publisher, site),
        SETTINGS_FILE: _settings_file(settings, lang),
        **(examples := _examples(site) if with_examples else {}),
    }
    write_all(folder, files, [])
    click.echo(translate("cli-site-new", lang, path=folder))
    if count := sum("/contracts/" in each for each in examples):
        click.echo(translate("cli-site-examples", lang, count=count))
    click.echo(translate("next-site", lang, path=shlex.quote(str(folder))), err=True)


def _refuse_full(folder: Path) -> None:
    """Raise `site-folder` unless a folder is absent or empty, hidden files aside; raises `permission`."""
    try:
        names = sorted(each.name for each in folder.iterdir() if not each.name.startswith("."))
    except FileNotFoundError:
        return
    except NotADirectoryError:
        raise Problem("site-folder", path=folder, reason=Phrase("it is a file", fr="c'est un fichier")) from None
    except OSError as error:
        raise file_problem(error, folder) from error
    if names:
        raise Problem("site-folder", path=folder, reason=Phrase(f"it holds {names[0]}", fr=f"il contient {names[0]}"))


def _settings_file(settings: Settings, lang: Language) -> bytes:
    values = {"sources": ".", "contact": settings.contact}
    # A string of JSON is a basic string of TOML.
    rows = [f"# {describe(name, lang)}\n{name} = {json.dumps(value)}\n" for name, value in values.items()]
    return "\n".join(rows).encode()


def _catalogue(publisher: str, site: "SiteNames") -> bytes:
    """Return the catalogue of a publisher, with the address of the site, licence, rights, languages and themes as in the program's; raises `parameter-invalid`."""
    from pyoxigraph import Literal, NamedNode

    from cper_lod.core.formats import TURTLE
    from cper_lod.core.namespaces import DCT, XSD, expand
    from cper_lod.core.text import slug
    from cper_lod.importing.contracts.parse_cells import UnreadableCell, clean_text
    from cper_lod.rdf.graph import Graph, copied, to_quads, translated
    from cper_lod.rdf.reader import read
    from cper_lod.rdf.serialize import write
    from cper_lod.release.sources.address import URI_SPACE

    try:
        name = clean_text(publisher)
    except UnreadableCell:
        name = ""
    if not slug(name) or len(name) > _MAX_PUBLISHER:
        words = "a name of 1 to {} characters, with a letter", "un nom de 1 à {} caractères, avec une lettre"
        expected = Phrase(*(each.format(_MAX_PUBLISHER) for each in words))
        raise Problem("parameter-invalid", name="--publisher", value=publisher[:_MAX_PUBLISHER], expected=expected)
    agent, day = f"{site.things}organisme/{slug(name)}", Literal(today(), datatype=NamedNode(XSD + "date"))
    shipped = Graph(read(default_sources() / "data" / "catalog.ttl", names=site))
    bodies = Graph(quad for path in (default_sources() / "data").glob("bodies*.ttl") for quad in read(path, names=site))
    called = {each: bodies.name(NamedNode(agent), each) or name for each in LANGUAGES}  # as the examples name it
    name = called["fr"]
    catalogue = NamedNode(site.catalogue)
    rights = [each for each in shipped.all(catalogue, DCT + "rights") if isinstance(each, NamedNode)]
    kept = expand("rdf:type dcat:themeTaxonomy dct:language dct:license dct:rights")
    triples = [
        *copied(site.catalogue, shipped, catalogue, kept),
        *(triple for each in rights for triple in copied(each.value, shipped, each, shipped.properties(each))),
        *translated(site.catalogue, DCT + "title", "site-catalogue-title", publisher=name),
        *translated(site.catalogue, DCT + "description", "site-catalogue-description", publisher=name),
        (site.catalogue, DCT + "publisher", NamedNode(agent)),
        *((site.catalogue, DCT + each, day) for each in ("issued", "modified")),
        *((agent, expand("rdf:type")[0], NamedNode(kind)) for kind in expand("foaf:Agent org:FormalOrganization")),
        *((agent, expand("skos:prefLabel")[0], Literal(called[each], language=each)) for each in LANGUAGES),
        (agent, expand("foaf:name")[0], Literal(name, language="fr")),
        (site.catalogue, URI_SPACE, Literal(site.address)),
    ]
    return write(to_quads(triples), TURTLE, names=site)


def _examples(site: "SiteNames") -> dict[str, bytes]:
    """Return the data of the program by path below `data/examples/`; the name of each contract says that it is an example.

    They have names of the site; each contract states the name of the original (dct:source).

    What describes the catalogue, and links to data.gouv.fr, stays away.
    """
    from pyoxigraph import Literal, NamedNode, Quad

    from cper_lod.core.formats import TURTLE
    from cper_lod.core.names import PROGRAM
    from cper_lod.core.namespaces import CPER, DCT, expand
    from cper_lod.rdf.graph import Graph
    from cper_lod.rdf.reader import read
    from cper_lod.rdf.serialize import write
    from cper_lod.release.catalog.datasets import EXAMPLES
    from cper_lod.release.plan.contract import EXAMPLE
    from cper_lod.release.sources.files import rdf_files, text_files

    (name,) = expand("skos:prefLabel")
    data, found = default_sources() / "data", dict[str, bytes]()
    for path in (*rdf_files(data), *text_files([data]).values()):
        content, place = path.read_bytes(), path.relative_to(data)
        if place.parts[0] in ("catalog", "catalog.ttl", "links"):
            continue
        if place.parts[0] == "contracts":
            graph = Graph(quads := [*read(path, names=site)])
            contracts = [node for node in graph.subjects() if CPER + "Contrat" in graph.types(node)]
            named = [each for each in quads if each.subject in contracts and each.predicate == NamedNode(name)]
            marked = [
                Quad(each.subject, each.predicate, Literal(f"{each.object.value} {EXAMPLE[lang]}", language=lang))
                for each in named
                if isinstance(each.object, Literal) and (lang := each.object.language) in EXAMPLE
            ]
            originals = [
                Quad(each, NamedNode(DCT + "source"), NamedNode(PROGRAM.address + site.relative(each.value)))
                for each in contracts
                if isinstance(each, NamedNode)
            ]
            content = write([*(each for each in quads if each not in named), *marked, *originals], TURTLE, names=site)
        found[f"data/{EXAMPLES}/{place.as_posix()}"] = content
    return found
