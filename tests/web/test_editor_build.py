"""How the query editor is built: exact versions, no host, only where something changed, and what is bundled in it."""

import gzip
import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.support.paths import ROOT

EDITOR = ROOT / "cper_lod" / "web" / "editor"
BUILT = ROOT / "cper_lod" / "web" / "static" / "editor"
MOST = 160_000
"""Bytes of JavaScript, compressed by gzip, that the page may cost."""


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The module that builds the editor, building into a folder of the test."""
    specification = importlib.util.spec_from_file_location("hatch_build", EDITOR / "hatch_build.py")
    assert specification and specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    monkeypatch.setattr(module, "BUILT", tmp_path / "built")
    monkeypatch.delenv("CPER_LOD_ASSETS", raising=False)
    return module


def lock() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EDITOR / "package-lock.json").read_bytes())
    return found


def test_the_lock_file_names_no_host() -> None:
    text = (EDITOR / "package-lock.json").read_text("utf-8")
    assert text.count('"integrity": "sha512-') == len(lock()["packages"]) - 1 > 10
    assert "://" not in text


def test_without_npm_the_page_stays_plain_and_one_warning_says_so(
    hook: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert [line.partition("(")[2][:5] for line in hook.ensure().splitlines()] == ["npm ?"] * 2
    monkeypatch.setenv("CPER_LOD_ASSETS", "skip")
    assert hook.ensure() == ""
    monkeypatch.setenv("CPER_LOD_ASSETS", "require")
    with pytest.raises(hook.NotBuiltError):
        hook.ensure()
    monkeypatch.setenv("CPER_LOD_ASSETS", "perhaps")
    with pytest.raises(ValueError, match=r"CPER_LOD_ASSETS=perhaps \(auto \| require \| skip\)"):
        hook.ensure()
    assert not hook.BUILT.exists()


def test_where_npm_fails_its_first_line_is_told(
    hook: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("npm", "node"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'npm error nothing works' >&2\necho more >&2\nexit 7\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "(npm : npm error nothing works)" in hook.ensure()


@pytest.mark.editor
def test_the_built_editor_is_that_of_these_sources_and_small(hook: ModuleType) -> None:
    manifest = json.loads((BUILT / "manifest.json").read_bytes())
    assert manifest["inputs"] == hook.stamp(), "build it again: python cper_lod/web/editor/hatch_build.py"
    code = (BUILT / "editor.js").read_bytes()
    assert len(gzip.compress(code)) <= MOST
    assert b"://" not in re.sub(rb"http://www\.w3\.org/\d{4}/svg", b"", code), "it would name another host"


@pytest.mark.editor
def test_the_licences_of_all_that_is_bundled_are_there() -> None:
    text = (BUILT / "THIRD-PARTY.txt").read_text("utf-8")
    runtime = {
        path.removeprefix("node_modules/"): each["version"]
        for path, each in lock()["packages"].items()
        if path and not each.get("dev") and not each.get("optional")
    }
    named = dict(re.findall(r"^(\S+) (\d\S+) \(MIT\)$", text, re.MULTILINE))
    assert named == runtime
    assert text.count("Permission is hereby granted") == len(named)
