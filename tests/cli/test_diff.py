"""The command `diff`: text in both languages, and exit codes like those of diff(1)."""

from pathlib import Path

from click.testing import CliRunner, Result

from cper_lod.cli.main import main
from tests.release.history.release_history import MOMENTS, STATES, publish_states


def diff(folder: Path, *arguments: str, lang: str = "en") -> Result:
    return CliRunner().invoke(main, ["diff", *arguments, "--releases", str(folder / "releases"), "--lang", lang])


def test_in_words(tmp_path: Path) -> None:
    ids = publish_states(tmp_path)[1]
    changes = diff(tmp_path, ids[0][:12], ids[1])
    assert changes.exit_code == 1
    assert changes.stdout.splitlines() == [
        f"What changed, from {ids[0]} to {ids[1]}",
        "",
        "Outside the contracts",
        "  “Fictitious ferry 4” is withdrawn.",
    ]
    assert changes.stderr.startswith("Next: cper-lod diff --all --releases ")
    french = diff(tmp_path, ids[0], lang="fr")  # and the current one
    assert french.stdout.startswith(f"Ce qui a changé, de {ids[0]} à {ids[3]}\n")
    assert "  « Bac fictif n° 4 » disparaît." in french.stdout
    assert diff(tmp_path, "--all").stdout == diff(tmp_path, ids[2], ids[3], "--all").stdout, "the last change"
    same = diff(tmp_path, ids[1], ids[1])
    assert (same.exit_code, len(same.stdout.splitlines())) == (0, 3)


def test_one_publication_has_nothing_before_it(tmp_path: Path) -> None:
    publish_states(tmp_path, STATES[:1], MOMENTS[:1])
    changes = diff(tmp_path)
    assert (changes.exit_code, changes.stdout) == (0, "First publication: all of it is new.\n")
    assert diff(tmp_path / "nothing").exit_code == 2
