"""The peers: Python packages in virtual environments made on demand, and programs of the system."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
PLACE: Final = Path(os.environ.get("BENCHMARKS_PEERS", ROOT / ".cper-lod" / "peers"))
"""Where the environments are kept, from one run to the next."""


@dataclass(frozen=True)
class Packaged:
    """A peer out of the Python Package Index: the requirements that pip is given, the first one is the peer itself."""

    requirements: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of its package."""
        return re.split(r"[\[<>=~!]", self.requirements[0])[0]


PACKAGED: Final[Mapping[str, Packaged]] = {
    "oxigraph": Packaged(("oxigraph>=0.5.5,<0.6",)),
    "rdflib-endpoint": Packaged(("rdflib-endpoint[web]>=0.6",)),
    "rdflib": Packaged(("rdflib>=7.6,<8",)),
    "pyshacl": Packaged(("pyshacl>=0.40,<1",)),
    "pyrudof": Packaged(("pyrudof",)),
    "pyld": Packaged(("pyld>=2.0.4",)),
    "gunicorn": Packaged(("gunicorn>=23",)),
}
SYSTEM: Final[Mapping[str, tuple[str, str, str]]] = {
    "nginx": ("nginx", "-v", "apt-get install nginx-light"),
    "virtuoso": ("virtuoso-t", "-?", "apt-get install virtuoso-opensource-7"),
}
"""Peers and tools of the system: their program, the flag that tells the version, how they are installed."""
_VERSION: Final = re.compile(r"\d+\.\d+[\w.+-]*")


def missing_package(error: ModuleNotFoundError) -> str:
    """Return what to install where a package that only tests and benchmarks need is missing."""
    return (
        f"The Python package {error.name} is missing. Install the packages of the tests: "
        "`make .venv/.installed-test`, or `pip install -e '.[test]'`."
    )


class MissingPeer(Exception):
    """A peer is not there and cannot be had: which, and what to do."""


def environment(name: str) -> Path:
    """Return the folder of a peer's environment, made with pip where it is not there; raises MissingPeer.

    One that was made of other requirements is made anew.
    """
    peer, folder = PACKAGED[name], PLACE / name
    wanted = f"{sys.version_info[:2]} {' '.join(peer.requirements)}\n"
    mark = folder / "requirements.txt"
    if mark.exists() and mark.read_text("utf-8") == wanted:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*pip, *peer.requirements], capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise MissingPeer(f"{name}: pip could not install {' '.join(peer.requirements)}: {reason}")
    mark.write_text(wanted, "utf-8")
    return folder


def program(name: str) -> Path:
    """Return the program of a peer; raises MissingPeer."""
    if name in PACKAGED:
        return environment(name) / "bin" / name
    command, _, how = SYSTEM[name]
    # Debian has nginx where the search path of ordinary users does not lead.
    found = shutil.which(command, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise MissingPeer(f"{name} is not there: {how}")
    return Path(found)


def python(name: str) -> Path:
    """Return the Python of a peer's environment; raises MissingPeer."""
    return environment(name) / "bin" / "python"


def packages(name: str) -> Path:
    """Return the folder with the packages of a peer, for a path that they are to be added to; raises MissingPeer."""
    (found,) = (environment(name) / "lib").glob("python*/site-packages")
    return found


def version(name: str) -> str:
    """Return the version of a peer, empty where it is not there: nothing is installed for the answer."""
    if name in PACKAGED:
        paths = [str(path) for path in (PLACE / name).glob("lib/python*/site-packages")]
        wanted = PACKAGED[name].name
        found = importlib.metadata.distributions(name=wanted, path=paths) if paths else ()
        return next((each.version for each in found), "")
    command, flag, _ = SYSTEM[name]
    path = shutil.which(command, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")
    if path is None:
        return ""
    done = subprocess.run([path, flag], capture_output=True, text=True, check=False)
    told = _VERSION.search(done.stdout + done.stderr)
    return told[0] if told else "?"


def versions() -> dict[str, str]:
    """Return the versions of the peers that are there."""
    return {name: told for name in (*PACKAGED, *SYSTEM) if (told := version(name))}


def require(names: Sequence[str]) -> None:
    """Have these peers there; ends the program with 1, and says of each that cannot be had what to do."""
    missing = []
    for name in names:
        try:
            program(name) if name in SYSTEM else environment(name)
        except MissingPeer as reason:
            missing.append(str(reason))
    if missing:
        sys.exit("\n".join(missing))
