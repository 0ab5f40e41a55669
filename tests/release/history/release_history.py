"""A history of tiny releases in which things appear, are withdrawn and replaced."""

import json
import shutil
import tempfile
from collections.abc import Sequence
from email.utils import formatdate
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from cper_lod.core.config import load
from cper_lod.release.build.build import build
from cper_lod.release.history import history as history_module
from cper_lod.release.history.history import History
from cper_lod.release.release import Release
from cper_lod.web.app import create_app
from tests.support.paths import TINY

PUBLIC = "http://plan.example/cper"
FERRY = "https://w3id.org/cper-lod/id/bac/fictif-"
MOMENTS = (1_600_000_000, 1_650_000_000, 1_700_000_000, 1_750_000_000)
"""When the four releases were published: in September 2020, April 2022, November 2023 and June 2025."""
_FERRY = '<{}> a cper:Bac ; skos:prefLabel "Bac fictif n° {}"@fr, "Fictitious ferry {}"@en{} .\n'


def ferry(number: int, more: str = "") -> str:
    """Return a ferry as Turtle, with what is said of it beside its name."""
    return _FERRY.format(f"{FERRY}{number}", number, number, more)


REPLACED_BY = f" ; <http://purl.org/dc/terms/isReplacedBy> <{FERRY}1>"
REPLACES = f" ; <http://purl.org/dc/terms/replaces> <{FERRY}2>"
STATES = (ferry(2) + ferry(4, REPLACED_BY), ferry(2), ferry(3, REPLACES), ferry(3, REPLACES) + ferry(5))
"""What the four releases hold beside the first ferry: the second goes with the third release, the fourth with the
second, the third comes with the third and the fifth with the last."""


def publish_states(
    place: Path, states: Sequence[str] = STATES, moments: Sequence[int] = MOMENTS
) -> tuple[History, list[str]]:
    """Seal and publish a release of each state at its moment; return the history and the ids of the releases."""
    ids = sealed(tuple(states), place / "releases")
    history = History(place / "releases")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history_module, "fsync_tree", lambda *_: None)  # no power cut is survived here
        for release, moment in zip(ids, moments, strict=True):
            patch.setenv("SOURCE_DATE_EPOCH", str(moment))
            history.publish(opened(history, release), "build")
    return history, ids


def sealed(states: Sequence[str], place: Path) -> list[str]:
    """Copy the releases of some states to a folder; return their ids."""
    releases = [_built(state) for state in states]
    for release in releases:
        shutil.copytree(release.folder, place / release.folder.name)
    return [release.id for release in releases]


@cache
def _built(state: str) -> Release:
    """Return the release of a state, which is built once in this process."""
    with tempfile.TemporaryDirectory() as folder:
        sources = Path(shutil.copytree(TINY, Path(folder) / "sources"))
        with (sources / "data" / "bacs.ttl").open("a", encoding="utf-8") as file:
            file.write(state)
        return build(Path(_workplace().name), sources)


@cache
def _workplace() -> tempfile.TemporaryDirectory[str]:
    """Return a folder that is removed when this process ends."""
    return tempfile.TemporaryDirectory(prefix="cper-lod-publications-")


def opened(history: History, release: str) -> Release:
    """Return a release of a history without comparing it with its manifest."""
    folder = history.folders_of(release)[0]
    return Release(folder, json.loads((folder / "manifest.json").read_bytes()))


def app_of(history: History, release: str, **more: object) -> Flask:
    """Return the application that serves a release of a history, without an engine; `more` are further settings."""
    settings = load({"public_url": PUBLIC, **more}, {}).settings
    return create_app(opened(history, release), None, settings, history=history)  # type: ignore[arg-type]


class ServedHistory:
    """A history, the ids of its releases in order, and the application that serves one of them, the last if not told."""

    def __init__(self, history: History, ids: list[str], served: str = "") -> None:
        self.history, self.ids = history, ids
        self.app = app_of(history, served or ids[-1])
        self.client = self.app.test_client()

    def get(self, path: str, at: int | None = None, **headers: str) -> TestResponse:
        """Return the whole answer; `at` is the moment of Accept-Datetime."""
        if at is not None:
            headers["Accept-Datetime"] = formatdate(at, usegmt=True)
        return self.client.get(path, headers=headers, buffered=True)

    def below(self, place: int, path: str) -> str:
        """Return the address of a path in the release at a place of the history."""
        return f"/release/{self.ids[place]}{path}"
