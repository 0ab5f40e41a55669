"""What deploy/ and the Dockerfile say: held to rules, to the tools that read such files, and to a real proxy."""

import json
import os
import re
import shutil
import sys
import tomllib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest

from cper_lod.core.config import load
from cper_lod.core.settings import environment_variable
from deploy.behind_nginx import ANYWHERE, WHOLE_HOST
from tests.support.nginx import Proxied
from tests.support.paths import ROOT, TINY
from tests.support.processes import ended
from tests.support.server import Server, free_port

DEPLOY = ROOT / "deploy"
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def instructions() -> list[tuple[str, str]]:
    """Return the instructions of the Dockerfile, continued lines joined, comments left out."""
    text = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE))
    return [(line.partition(" ")[0], line.partition(" ")[2].strip()) for line in text.splitlines() if line.strip()]


def last_stage() -> list[tuple[str, str]]:
    found = instructions()
    return found[max(place for place, (name, _) in enumerate(found) if name == "FROM") :]


def value_of(name: str) -> str:
    return next(value for each, value in reversed(last_stage()) if each == name)


def test_the_image_is_made_from_what_is_there_and_nothing_else() -> None:
    copied = {
        each
        for name, value in instructions()
        if name == "COPY" and not value.startswith("--from")
        for each in value.split(" ")[:-1]
    }
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in lines
    assert {line[1:] for line in lines if line.startswith("!")} == copied
    assert all((ROOT / name).exists() for name in copied)
    hatch = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {*hatch["packages"], *hatch["force-include"]} <= copied


def environment_of_image() -> dict[str, str]:
    return dict(re.findall(r"(\w+)=(\S+)", value_of("ENV")))


def test_the_settings_of_the_image_are_settings() -> None:
    environment = environment_of_image()
    loaded = load({}, environment)
    ours = {name for name in environment if name.startswith("CPER_LOD_")}
    assert {environment_variable(name) for name, origin in loaded.origins.items() if origin != "default"} == ours
    assert loaded.settings.host == "0.0.0.0"  # noqa: S104
    assert str(loaded.settings.releases).startswith(value_of("WORKDIR"))
    assert value_of("EXPOSE") == str(loaded.settings.port)


@pytest.mark.slow
@pytest.mark.server
def test_the_health_check_of_the_image_tells_a_server_that_answers(server: Server) -> None:
    command = json.loads(value_of("HEALTHCHECK").partition("CMD ")[2])
    python = shutil.which(command[0]) or "python3"
    for port, code in ((server.port, 0), (free_port(), 1)):
        environment = {"CPER_LOD_PORT": str(port), "PATH": os.environ["PATH"]}
        assert ended(python, *command[1:], env=environment).returncode == code


def test_the_settings_of_compose_are_settings() -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    assert f"image: cper-lod:{VERSION}" in text
    environment = dict(re.findall(r'^      (CPER_LOD_\w+): "?([^"\n]*)"?$', text, re.MULTILINE))
    loaded = load({}, environment)
    given = {environment_variable(name) for name, origin in loaded.origins.items() if origin != "default"}
    assert given == set(environment) != set()
    assert f"- releases:{value_of('WORKDIR')}" in text
    assert re.search(r"gateway: (\S+)", text)[1] == loaded.settings.trusted_proxy


def test_the_unit_names_the_settings_file_and_a_folder_it_may_write_to() -> None:
    text = (DEPLOY / "cper-lod.service").read_text()
    environment = dict(each.split("=", 1) for each in re.search(r"^Environment=(.*)$", text, re.MULTILINE)[1].split())
    assert environment["CPER_LOD_SETTINGS"] == re.findall(r"^# (/etc/\S+):", (DEPLOY / "cper-lod.toml").read_text())[0]
    state = re.search(r"^StateDirectory=(.*)$", text, re.MULTILINE)[1]
    assert environment["CPER_LOD_RELEASES"].startswith(f"/var/lib/{state}/")


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


def test_what_to_install_is_said_where_nginx_is_missing(tmp_path: Path) -> None:
    tried = ended(sys.executable, DEPLOY / "behind_nginx.py", env={"PATH": str(tmp_path), "NGINX": "none"})
    assert (tried.returncode, "apt install nginx" in tried.stderr) == (1, True)


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
