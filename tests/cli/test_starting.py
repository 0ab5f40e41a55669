"""Messages of a server on standard error while it starts."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from cper_lod.cli.main import main
from cper_lod.core.settings import Settings
from cper_lod.release.history.watcher import Watcher
from tests.support.processes import eventually


@pytest.mark.slow
def test_what_a_server_starts_reads_the_settings_that_the_server_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its builds would otherwise read the settings of the working folder."""
    (tmp_path / "cper-lod.toml").write_text("unknown = 1\n")
    (tmp_path / "cper_lod").mkdir()  # nor is a package of our name in that folder ours
    (tmp_path / "cper_lod" / "__init__.py").write_text("raise SystemExit('not ours')")
    (tmp_path / "given.toml").write_text('lang = "en"\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CPER_LOD_SETTINGS", "")  # as it was, in the end
    told = list[str]()

    def serve(settings: Settings, *_: object, watch: bool) -> None:
        given = Settings(sources=tmp_path / "none", releases=tmp_path / "releases", lang=settings.lang)
        watcher = Watcher(given)
        watcher.interval = 0.01
        watcher.start()
        assert eventually(lambda: bool(caplog.messages))
        watcher.stop()
        told.extend(caplog.messages)

    monkeypatch.setattr("cper_lod.web.server.server.serve", serve)
    monkeypatch.setattr("cper_lod.web.server.server.check_port", lambda *_: None)
    monkeypatch.setattr("cper_lod.cli.publish.publish_or_keep_release", lambda *_: None)
    done = CliRunner().invoke(main, ["serve", "--settings", "given.toml"])
    assert (done.exit_code, done.exception, len(told)) == (0, None, 1)
    assert "not published (code 2, " in told[0]
    assert "unknown" not in told[0]
    assert str(tmp_path / "none") in told[0]
