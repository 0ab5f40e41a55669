"""What deploy/ and the Dockerfile say: held to rules, to the tools that read such files, and to a real proxy."""

import re
import shutil
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest

from cper_lod.core.config import load
from deploy.behind_nginx import ANYWHERE, WHOLE_HOST
from tests.support.nginx import Proxied
from tests.support.paths import ROOT, TINY
from tests.support.processes import ended

DEPLOY = ROOT / "deploy"


def test_the_settings_file_is_read_and_complete() -> None:
    loaded = load({}, {"CPER_LOD_SETTINGS": str(DEPLOY / "cper-lod.toml")})
    assert loaded.settings.trusted_proxy == "127.0.0.1"
    assert loaded.settings.contact
    assert loaded.settings.hosting
    assert set(loaded.origins.values()) == {"default", f"file {DEPLOY / 'cper-lod.toml'}"}


@pytest.mark.systemd
@pytest.mark.slow
def test_systemd_reads_the_unit_and_finds_it_closed(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    copy = tmp_path / "cper-lod.service"
    # The program is not installed where the unit says; everything else is as it is.
    copy.write_text((DEPLOY / "cper-lod.service").read_text().replace("/opt/cper-lod/bin/cper-lod", "/usr/bin/env"))
    verified = ended("systemd-analyze", "verify", copy)
    assert (verified.returncode, verified.stderr) == (0, "")
    security = ended("systemd-analyze", "security", "--offline=true", copy)
    score = float(re.search(r"exposure level for cper-lod.service: ([\d.]+)", security.stdout)[1])
    record_property("exposure", score)
    assert score <= 1.5


@pytest.mark.nginx
@pytest.mark.slow
def test_everything_holds_behind_the_real_nginx_of_the_example(tmp_path: Path) -> None:
    given = f"--sources {TINY} --releases {tmp_path}"
    tried = ended("make", "-C", DEPLOY, "try", f"VENV={Path(sys.executable).parents[1]}", f"ARGS={given}")
    assert tried.returncode == 0, tried.stdout + tried.stderr
    assert tried.stdout.count("  ok  ") == len(ANYWHERE | WHOLE_HOST) + len(ANYWHERE)


@pytest.mark.nginx
@pytest.mark.server
@pytest.mark.slow
@pytest.mark.parametrize("letter", ["n", "é"])
def test_heads_fit_the_buffer_that_nginx_has_by_itself(letter: str, tmp_path: Path) -> None:
    sources = Path(shutil.copytree(TINY, tmp_path / "sources"))
    name = letter * 300
    text = (sources / "data" / "bacs.ttl").read_text("utf-8")
    assert "bac/fictif-1>" in text
    (sources / "data" / "bacs.ttl").write_text(text.replace("bac/fictif-1>", f"bac/{name}>"), "utf-8")
    prefix = "/contrats-de-plan-de-la-region-et-de-ses-voisines"
    plain = {"    proxy_buffer_size 16k;\n": "", "    proxy_buffers 8 16k;\n": ""}
    with closing(Proxied(tmp_path, prefix, ("--sources", sources), plain)) as proxied:
        long = f"/bac/{quote(name)}"
        for path in ("/", "/doc/bac", "/doc" + long, f"/doc{long}.ttl", f"/doc{long}.json", "/id" + long):
            answer = proxied.get(path)
            assert answer.status in (200, 303), path
            assert sum(len(f"{each}: {value}\r\n") for each, value in answer.headers.items()) < 4096, path
