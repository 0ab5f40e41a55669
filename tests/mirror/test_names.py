"""Completeness: every address has files or needs a server; every IRI leads to its address."""

import re
from pathlib import Path

from cper_lod.core.namespaces import BASE
from cper_lod.mirror.paths import site_addresses
from cper_lod.mirror.rules.nginx import DYNAMIC_PATHS
from cper_lod.mirror.rules.w3id import NAMES, htaccess
from tests.support.paths import ROOT
from tests.support.release_history import app_of, publish_states

ABSENT = {"id", "doc", "linkset", "plan", "cite", "embed", "image", "ontology", "shapes", ".well-known"}
"""Addresses of rules for things, lists, contracts and their vocabulary, which this site has none of, and an alias."""


def test_every_address_has_files_or_needs_a_server(tmp_path: Path) -> None:
    app = app_of(*[found[-1] if isinstance(found, list) else found for found in publish_states(tmp_path)])
    with app.test_request_context("/"):
        paths = [address.path[1:] for address in site_addresses(app.extensions["cper_lod"])]
    firsts = {rule.rule.partition("<")[0][1:].partition("/")[0] for rule in app.url_map.iter_rules()} - {""}
    routes = {each if each.startswith(".") else each.partition(".")[0] for each in firsts}
    assert len(routes) > 20
    absent = {each for each in routes - ABSENT if not any(re.match(rf"{each}\b|{each}(?<=-)", p) for p in paths)}
    assert absent == set(DYNAMIC_PATHS) - {"sparql"}, "of /sparql there is a file of terms"


def test_names_of_ours_lead_to_their_address() -> None:
    """Including the event stream and its members, whose fragments stay with the client."""
    public = "https://data.example.org"
    rules = [
        re.fullmatch(r"RewriteRule (\S+) (\S+) \[R=302,L\]\n", line[line.find("RewriteRule") :])
        for line in htaccess(public)
        if "RewriteRule" in line
    ]
    patterns = [found[1] for found in rules if found]
    assert len(patterns) > len(NAMES) > 5
    told = re.search(
        r"^RewriteRule (\^\(\(\?:id\S+)", (ROOT / "docs/how-to/change-the-ontology.md").read_text("utf-8"), re.M
    )
    assert told
    iris = ("changes", "changes/3", "release/0123456789abcdef", "release", "id/bac/x")
    for iri in (BASE + each for each in iris):
        name = iri.removeprefix(BASE)
        assert any(re.search(pattern, name) for pattern in patterns), name
        assert re.search(told[1], name), name
