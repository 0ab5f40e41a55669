"""The static copy: files with relative links that lead to files, whole or not at all, in place of an earlier copy alone."""

import posixpath
import re
import shutil
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from cper_lod.core.config import load
from cper_lod.core.namespaces import PREFIXES
from cper_lod.core.settings import Settings
from cper_lod.release.build.build import build
from cper_lod.release.release import Release
from cper_lod.web.documents import lists
from cper_lod.web.static_copy import STATUS_FILE, export_site
from tests.support.paths import TINY
from tests.support.refusals import full_disk, refused

pytestmark = pytest.mark.slow
ID = "https://w3id.org/cper-lod/id/"
PUBLIC = "https://data.example.org/cper"
ODD = ("été", "Grand", "grand", "a%20b", "nul", "l" * 200, "/".join("profond"), "dollar$", "plus+et&", "d'été,(1)")
"""Names of things that are hard on files: accents, capitals, escapes, devices, long and deep ones, signs."""
MANY = lists.PAGE_SIZE + 3
"""Things with easy names: a list of them has a second page."""
LINKS = re.compile(r' (?:href|src|action)="([^"]*)"')


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Release, Settings]:
    """Return a copy of small sources with odd names, many things and a beneficiary, which no test changes."""
    folder = tmp_path_factory.mktemp("static")
    shutil.copytree(TINY, folder / "sources")
    names = [f"bac/{name}" for name in (*ODD, *(f"n{number}" for number in range(MANY)))]
    lines = [
        f'<{ID}{name}> a cper:Bac ; skos:prefLabel "Bac {at}"@fr, "Ferry {at}"@en .' for at, name in enumerate(names)
    ]
    head = [f"@prefix {name}: <{PREFIXES[name]}> ." for name in ("cper", "skos", "rov")]
    lines += [f'<{ID}organisme/siren-1/periode> a cper:Bac ; skos:prefLabel "Période"@fr, "Period"@en .']
    lines += [f'<{ID}organisme/siren-1> a rov:RegisteredOrganization ; skos:prefLabel "Un organisme"@fr .']
    (folder / "sources/data/noms.ttl").write_text("\n".join([*head, *lines, ""]), "utf-8")
    settings = load({"releases": folder / "releases", "public_url": PUBLIC}, environment={}).settings
    release = build(settings.releases, folder / "sources")
    export_site(folder / "copy", release, settings, lambda done, total: None)
    return folder / "copy", release, settings


def pages(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the path of each page below the folder, and its text."""
    for path in sorted(folder.rglob("*.html")):
        yield str(path.relative_to(folder)), path.read_text("utf-8")


def test_every_link_is_relative_and_leads_to_a_file_or_is_absolute(made: tuple[Path, Release, Settings]) -> None:
    folder, files = made[0], 0
    for page, text in pages(folder):
        for href in map(unescape, LINKS.findall(text)):
            parts = urlsplit(href)
            if parts.scheme or not parts.path:
                continue
            assert (href.startswith("/"), parts.query) == (False, ""), (page, href)
            target = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path)))
            assert (folder / target).is_file(), (page, href)
            files += 1
    assert files > 1000


def test_things_have_pages_and_documents_and_lists_all_their_pages(made: tuple[Path, Release, Settings]) -> None:
    folder = made[0]
    for suffix in ("html", "en.html", "ttl", "jsonld", "json"):
        assert (folder / f"doc/bac/n1.{suffix}").is_file()
    listed = [text for page, text in pages(folder) if page.startswith("doc/bac.") and not page.endswith(".en.html")]
    assert len(listed) == 2
    assert all(any(f'href="bac/n{number}.html"' in text for text in listed) for number in range(MANY))
    assert len({str(path).casefold() for path in folder.rglob("*")}) == len(list(folder.rglob("*")))
    odd = [text for page, text in pages(folder) if page.startswith("odd/")]
    for name in ("été", "nul", "dollar$"):
        assert any(f"{ID}bac/{name}" in unquote(unescape(text)) for text in odd), name


def test_a_beneficiary_and_what_is_below_it_are_rows_alone(made: tuple[Path, Release, Settings]) -> None:
    folder = made[0]
    rows = (folder / "doc/rov-registered-organization.html").read_text("utf-8")
    assert f'href="{PUBLIC}/doc/organisme/siren-1"' in rows
    assert not (folder / "doc/organisme/siren-1.html").exists()
    assert f'href="{PUBLIC}/doc/organisme/siren-1/periode"' in "".join(text for _, text in pages(folder / "doc"))


def test_an_earlier_copy_is_replaced_and_anything_else_refused(
    made: tuple[Path, Release, Settings], tmp_path: Path
) -> None:
    _, release, settings = made
    earlier = tmp_path / "earlier"
    earlier.mkdir()
    (earlier / STATUS_FILE).write_text("{}")
    (earlier / "stale.html").write_text("stale")
    export_site(earlier, release, settings, lambda done, total: None)
    assert not (earlier / "stale.html").exists()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["earlier", "earlier.zip"]
    with zipfile.ZipFile(tmp_path / "earlier.zip") as archive:
        names = {each for each in archive.namelist() if not each.endswith("/")}
    assert names == {str(path.relative_to(tmp_path)) for path in earlier.rglob("*") if path.is_file()}
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters/one.txt").write_text("dear")
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(earlier)
    for name, words in (("letters", "one.txt"), ("file", "not a folder"), ("link", "not a folder")):
        with refused("export-folder", words):
            export_site(tmp_path / name, release, settings, lambda done, total: None)
    assert [each.name for each in (tmp_path / "letters").iterdir()] == ["one.txt"]


def test_an_export_that_fails_leaves_the_earlier_copy(made: tuple[Path, Release, Settings], tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / STATUS_FILE).write_text("{}")
    with refused("disk-full", "copy"):
        export_site(tmp_path / "copy", made[1], made[2], full_disk)
    assert [each.name for each in tmp_path.iterdir()] == ["copy"]
    assert [each.name for each in (tmp_path / "copy").iterdir()] == [STATUS_FILE]
