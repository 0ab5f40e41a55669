"""The programs that are compared: Python packages in virtual environments of their own, Oxigraph's server, nginx."""

import shutil
import subprocess
import sys
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent.parent / ".cper-lod" / "peers"
"""Where the environments are kept, from one run to the next."""
PACKAGES: Final[Mapping[str, str]] = {
    "rdflib-endpoint": "rdflib-endpoint[web]>=0.6",
    "pyrudof": "pyrudof",
}
"""What pip installs, by peer."""


def python(name: str) -> Path:
    """Return the Python of a peer's environment, made with pip if it is absent; exits with what pip says if it fails."""
    folder = FOLDER / name
    if not folder.exists():
        venv.create(folder, with_pip=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        done = subprocess.run([*pip, PACKAGES[name]], stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            shutil.rmtree(folder)
            sys.exit(f"pip cannot install {PACKAGES[name]}:\n{done.stderr}")
    return folder / "bin" / "python"


def program(name: str) -> Path:
    """Return the program of a peer; exits with what to do if it is absent."""
    if name in PACKAGES:
        return python(name).with_name(name)
    if name == "oxigraph":  # a package that the tests need too
        return Path(sys.executable).with_name(name)
    # Debian has nginx where the search path of ordinary users does not lead.
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    return Path(found) if found else sys.exit("nginx is absent: apt-get install nginx-light")
