"""What deploy/ and the Dockerfile say: held to rules, to the tools that read such files, and to a real proxy."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cper_lod.core.config import load
from deploy.behind_nginx import ANYWHERE, WHOLE_HOST
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
