"""The command `diff`: text in both languages, and exit codes like those of diff(1)."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cper_lod.cli.main import main
from tests.release.history.release_history import MOMENTS, STATES, publish_states


class Place:
    """Four publications, and the command on them."""

    def __init__(self, folder: Path) -> None:
        self.releases = folder / "releases"
        _, self.ids = publish_states(folder)

    def diff(self, *arguments: str, lang: str = "en") -> Result:
        return CliRunner().invoke(main, ["diff", *arguments, "--releases", str(self.releases), "--lang", lang])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The releases that are compared."""
    return Place(tmp_path_factory.mktemp("diff"))


def test_in_words(place: Place) -> None:
    changes = place.diff(place.ids[0][:12], place.ids[1])
    assert changes.exit_code == 1
    assert changes.stdout.splitlines() == [
        f"What changed, from {place.ids[0]} to {place.ids[1]}",
        "",
        "Outside the contracts",
        "  “Fictitious ferry 4” is withdrawn.",
    ]
    assert changes.stderr.startswith("Next: cper-lod diff --all --releases ")
    french = place.diff(place.ids[0], lang="fr")  # and the current one
    assert french.stdout.startswith(f"Ce qui a changé, de {place.ids[0]} à {place.ids[3]}\n")
    assert "  « Bac fictif n° 4 » disparaît." in french.stdout
    assert place.diff("--all").stdout == place.diff(place.ids[2], place.ids[3], "--all").stdout, "the last change"


def test_one_publication_has_nothing_before_it(tmp_path: Path) -> None:
    publish_states(tmp_path, STATES[:1], MOMENTS[:1])
    changes = CliRunner().invoke(main, ["diff", "--releases", str(tmp_path / "releases"), "--lang", "en"])
    assert (changes.exit_code, changes.stdout) == (0, "First publication: all of it is new.\n")
    assert CliRunner().invoke(main, ["diff", "--releases", str(tmp_path / "nothing")]).exit_code == 2


def test_the_same_release(place: Place) -> None:
    same = place.diff(place.ids[1], place.ids[1])
    assert (same.exit_code, len(same.stdout.splitlines())) == (0, 3)
