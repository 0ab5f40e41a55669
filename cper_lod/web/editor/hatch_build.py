"""Builds the query editor with npm where that is to be had: a hook of hatchling, and a command by itself.

CPER_LOD_ASSETS says how much it matters: `auto` (without npm, or where npm fails, the query page stays a plain form,
and one warning says so), `require` (then the build fails), `skip` (nothing is built).
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # as a command it does without
    BuildHookInterface = object  # type: ignore[assignment, misc]

SWITCH = "CPER_LOD_ASSETS"
EDITOR = Path(__file__).resolve().parent
BUILT = EDITOR.parent / "static" / "editor"
INPUTS = (".npmrc", "build.js", "package-lock.json", "package.json", "src/*.js")
WARNING = """\
cper-lod : l'éditeur de requêtes n'est pas construit ({reason}) ; /sparql reste un formulaire. Voir CONTRIBUTING.md.
cper-lod: the query editor is not built ({reason}); /sparql stays a plain form. See CONTRIBUTING.md."""


class NotBuiltError(Exception):
    """The editor cannot be built; says why."""


def inputs() -> list[Path]:
    """Return the files that the editor is made from."""
    return sorted(path for pattern in INPUTS for path in EDITOR.glob(pattern))


def stamp() -> str:
    """Return a digest of the inputs: as long as it stays, nothing is built again."""
    digest = hashlib.sha256()
    for path in inputs():
        digest.update(path.relative_to(EDITOR).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_built() -> bool:
    """Whether the built files are there and made from these inputs."""
    try:
        manifest = json.loads((BUILT / "manifest.json").read_bytes())
        return bool(manifest["inputs"] == stamp()) and (BUILT / "editor.js").is_file()
    except (OSError, ValueError, LookupError, TypeError):
        return False


def build() -> None:
    """Build the editor beside the page's other static files; raises NotBuiltError.

    It is made in a folder of its own, so that no checkout and no wheel ever holds `node_modules`.
    """
    npm, node = shutil.which("npm"), shutil.which("node")
    if not (npm and node):
        raise NotBuiltError("npm ?")
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        for path in inputs():
            copy = work / path.relative_to(EDITOR)
            copy.parent.mkdir(exist_ok=True)
            shutil.copyfile(path, copy)
        _run([npm, "ci", "--ignore-scripts"], work)
        _run([node, "build.js", "built", stamp()], work)
        shutil.rmtree(BUILT, ignore_errors=True)
        shutil.copytree(work / "built", BUILT)


def _run(command: list[str], folder: Path) -> None:
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=300)  # noqa: S603
    except subprocess.CalledProcessError as error:
        lines = (error.stderr or error.stdout).strip().splitlines() or [str(error)]
        raise NotBuiltError(f"{Path(command[0]).name} : {lines[0]}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotBuiltError(str(error)) from error


def ensure() -> str:
    """Build what is not built yet, as CPER_LOD_ASSETS says; return a warning, or nothing.

    Raises NotBuiltError where the editor is required, ValueError for another word in CPER_LOD_ASSETS.
    """
    switch = os.environ.get(SWITCH) or "auto"
    if switch not in ("auto", "require", "skip"):
        raise ValueError(f"{SWITCH}={switch} (auto | require | skip)")
    if switch == "skip" or is_built():
        return ""
    try:
        build()
    except NotBuiltError as error:
        if switch == "require":
            raise
        return WARNING.format(reason=error)
    return ""


class EditorHook(BuildHookInterface):  # type: ignore[misc, type-arg, unused-ignore]
    """Hatchling's hook: runs before a wheel, an sdist or an editable installation is made."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the editor; the files are carried as artifacts."""
        if warning := ensure():
            self.app.display_warning(warning)


if __name__ == "__main__":
    try:
        warning = ensure()
    except (NotBuiltError, ValueError) as error:
        sys.exit(f"cper-lod : {error}")
    if warning:
        sys.stderr.write(warning + "\n")
