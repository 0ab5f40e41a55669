"""What deploy/ and the Dockerfile say: held to rules, to the tools that read such files, and to a real proxy."""

import json
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest

from cper_lod.core.config import load
from cper_lod.core.settings import environment_variable
from tests.support.nginx import Proxied
from tests.support.paths import ROOT, TINY
from tests.support.processes import ended
from tests.support.server import FERRY, Server, free_port

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


def test_bases_are_pinned_by_name_and_version() -> None:
    bases = [value.split(" ")[0] for name, value in instructions() if name == "FROM"]
    assert len(bases) == 3
    for base in bases:
        assert re.fullmatch(r"(python|node):\d+\.\d+\.\d+(-slim-trixie|-trixie-slim)", base), base
    assert bases[1] == bases[2], "what is built runs on the Python that it was built with"


def test_the_image_is_that_of_a_careful_person() -> None:
    names = [name for name, _ in instructions()]
    known = {"FROM", "COPY", "RUN", "WORKDIR", "ENV", "USER", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
    assert set(names) <= known
    runs = " ".join(value for name, value in instructions() if name == "RUN")
    assert not re.search(r"\bsudo\b|\bcurl\b|\bwget\b|apt(-get)? ", runs), "no list of apt is left, as none is read"
    assert runs.count("pip install") == runs.count("pip install --no-cache-dir")
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", value_of("USER")), "numbers, so that it is seen not to be root"
    assert all(json.loads(value_of(name)) for name in ("ENTRYPOINT", "CMD")), "no shell between the signal and us"
    assert value_of("WORKDIR").startswith("/")
    place = names.index
    copied = next(i for i, (name, value) in enumerate(instructions()) if (name, value) == ("COPY", "cper_lod cper_lod"))
    installed = next(i for i, (_, value) in enumerate(instructions()) if "--requirement" in value)
    assert place("COPY") < installed < copied, "what changes often comes after what takes long"
    after = [name for name, _ in last_stage()]
    assert "RUN" not in after[after.index("USER") :]


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


def test_compose_runs_it_without_rights() -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    for line in (
        *("read_only: true", "init: true", "cap_drop:\n      - ALL", "- no-new-privileges:true", "mem_limit: 3g"),
        *("pids_limit: 256", "restart: unless-stopped", "max-size: 10m", '- "127.0.0.1:8000:8000"'),
    ):
        assert line in text, line
    assert "privileged: true" not in text
    assert f"image: cper-lod:{VERSION}" in text
    told = dict(re.findall(r'^      (CPER_LOD_\w+): "?([^"\n]*)"?$', text, re.MULTILINE))
    loaded = load({}, told)
    assert {environment_variable(name) for name, origin in loaded.origins.items() if origin != "default"} == set(told)
    assert f"- releases:{value_of('WORKDIR')}" in text
    assert re.search(r"gateway: (\S+)", text)[1] == loaded.settings.trusted_proxy


def test_the_settings_file_is_read_and_complete() -> None:
    loaded = load({}, {"CPER_LOD_SETTINGS": str(DEPLOY / "cper-lod.toml")})
    assert loaded.settings.trusted_proxy == "127.0.0.1"
    assert loaded.settings.contact
    assert loaded.settings.hosting
    assert set(loaded.origins.values()) == {"default", f"file {DEPLOY / 'cper-lod.toml'}"}


def unit() -> dict[str, list[str]]:
    """Return the directives of the systemd unit."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", (DEPLOY / "cper-lod.service").read_text(), re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found


def test_the_unit_knows_what_the_server_does() -> None:
    told = unit()
    assert told["KillMode"] == ["mixed"], "a signal to the query processes would cut answers"
    assert told["OOMPolicy"] == ["continue"], "a query that takes all memory ends alone"
    assert told["Type"] == ["exec"], "no word is sent to systemd: no watchdog either"
    assert "WatchdogSec" not in told
    environment = dict(each.split("=", 1) for each in told["Environment"][0].split())
    assert environment["CPER_LOD_SETTINGS"] == re.findall(r"^# (/etc/\S+):", (DEPLOY / "cper-lod.toml").read_text())[0]
    assert environment["CPER_LOD_RELEASES"].startswith(f"/var/lib/{told['StateDirectory'][0]}/")
    assert {"NoNewPrivileges", "ProtectSystem", "SystemCallFilter", "MemoryMax", "DynamicUser"} <= set(told)


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


@pytest.fixture(params=["", "/cper"], ids=["whole host", "below a path"])
def proxied(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Proxied]:
    with closing(Proxied(tmp_path, request.param)) as found:
        yield found


@pytest.mark.nginx
@pytest.mark.server
@pytest.mark.slow
def test_behind_the_real_nginx_of_the_example(proxied: Proxied, tmp_path: Path) -> None:
    headers, body = proxied.get(FERRY, "-H", "Accept-Encoding: identity")
    direct = subprocess.run(["curl", "-s", proxied.server.url + FERRY], capture_output=True, check=True).stdout
    assert (headers[":version"], headers[":status"]) == ("HTTP/2", "200")
    assert body == direct
    unchanged, _ = proxied.get(FERRY, "-H", f"If-None-Match: {headers['etag']}")
    assert unchanged[":status"] == "304", "validators pass"
    coded, packed = proxied.get(FERRY, "-H", "Accept-Encoding: br")
    assert coded.get("content-encoding") == "br" or len(body) < 500
    assert len(packed) <= len(body)
    assert f"https://data.example.org{proxied.prefix}/" in headers["link"], "links stand under the public address"
    redirect, _ = proxied.get("/id/bac/fictif-1", "-H", "Accept: text/turtle")
    assert (redirect[":status"], redirect["location"]) == ("303", proxied.prefix + FERRY)
    page, html = proxied.get("/", "-H", "Accept: text/html")
    assert page[":status"] == "200"
    assert f'href="{proxied.prefix}/'.encode() in html
    for path in ("/metrics", "/%6detrics"):
        assert proxied.get(path)[0][":status"] == "403", path
    assert proxied.get("/metrics/")[0]["location"] == proxied.prefix + "/metrics", "which is refused"
    assert proxied.get("/ready")[0][":status"] == "200"
    asked, rows = proxied.get(
        "/sparql", "-X", "QUERY", "-H", "Content-Type: application/sparql-query", "--data", "ASK {}"
    )
    assert (asked[":status"], json.loads(rows)["boolean"]) == ("200", True)
    long = "ASK%20%7B%7D%20%23" + "x" * 60_000
    assert proxied.get(f"/sparql?query={long}")[0][":status"] == "200", "a query by GET of 60 000 characters"
    slow = "SELECT%20(COUNT(*)%20AS%20%3Fn)%7B" + ".".join(f"%3Fa{n}%20%3Fb{n}%20%3Fc{n}" for n in range(9)) + "%7D"
    limited, said = proxied.get(f"/sparql?query={slow}", "-H", "Accept-Language: en")
    assert (limited[":status"], json.loads(said)["title"]) == ("503", "The query took too long.")
    proxied.get(FERRY, "-H", "X-Forwarded-For: 203.0.113.9", "-H", "Forwarded: for=203.0.113.9")
    proxied.server.close()
    told = (tmp_path / "server.log").read_text()
    assert '"client": "127.0.0.1"' in told
    assert "203.0.113.9" not in told, "what a client says of its address is not believed"


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
            headers, _ = proxied.get(path)
            assert headers[":status"] in ("200", "303"), path
            assert sum(len(f"{each}: {value}\r\n") for each, value in headers.items()) < 4096, path
