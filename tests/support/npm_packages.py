"""The JavaScript clients, and generators of clients, that tests run: installed by npm where the checkout lies."""

import fcntl
import shutil
from pathlib import Path
from typing import Final

from tests.support.paths import NPM_PACKAGES, ROOT
from tests.support.processes import ended

FOLDER: Final = ROOT / ".npm-clients"
LOCKED: Final = "package-lock.json"


def npm_packages() -> Path:
    """Return the folder of the packages, installed once for each lock file, by whichever process comes first."""
    FOLDER.mkdir(exist_ok=True)
    installed, locked = FOLDER / "installed.json", (NPM_PACKAGES / LOCKED).read_bytes()
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not installed.exists() or installed.read_bytes() != locked:
            shutil.copytree(NPM_PACKAGES, FOLDER, dirs_exist_ok=True)
            done = ended("npm", "ci", cwd=FOLDER, timeout=600)
            assert done.returncode == 0, done.stdout + done.stderr
            installed.write_bytes(locked)
    return FOLDER / "node_modules"


if __name__ == "__main__":
    npm_packages()
