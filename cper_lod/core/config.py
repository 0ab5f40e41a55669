"""The settings in force: a flag wins over the environment, that over the file, that over the default; all checked."""

import os
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from typing import Final

from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.settings import Settings, names, text_setting, variable, without_login

FILE: Final = "cper-lod.toml"
"""The settings file looked for in the working folder, where CPER_LOD_SETTINGS names no other."""

OTHERS: Final = frozenset(
    f"CPER_LOD_{name}" for name in ("SETTINGS", "DEBUG", "ASSETS", "SOURCE", "CHROMIUM", "DCAT_AP", "ENDPOINT")
)
"""Variables that are no settings: where the settings file is, and those of the build and of the tests."""


@dataclass(frozen=True)
class Loaded:
    """The settings in force, and for each its origin: `default`, `file`, `environment` or `flag`, with the detail."""

    settings: Settings
    origins: Mapping[str, str]


def _value(name: str, raw: object, origin: str) -> object:
    """Return `raw` as the type of the setting, or raise `settings-invalid`."""
    row = next(each for each in fields(Settings) if each.name == name)
    default = row.default if row.default is not MISSING else None

    def refuse(expected: str) -> Problem:
        told = "***" if row.metadata["secret"] else without_login(name, raw)
        return Problem("settings-invalid", name=name, value=told, origin=origin, expected=expected)

    if isinstance(default, int):
        low, high = row.metadata["minimum"], row.metadata["maximum"]
        expected = f"{low}–{high}" if high is not None else f"≥ {low}"
        if isinstance(raw, bool) or not isinstance(raw, int | str):
            raise refuse(expected)
        try:
            number = int(raw)
        except ValueError:
            raise refuse(expected) from None
        if number < low or (high is not None and number > high):
            raise refuse(expected)
        return number
    if not isinstance(raw, str | Path) or "\0" in str(raw):
        raise refuse("texte / text")
    if isinstance(default, Path):
        return Path(raw)
    choices = row.metadata["choices"]
    if choices and raw not in choices:
        raise refuse(" | ".join(filter(None, choices)))
    return text_setting(name, str(raw), refuse)


def load(
    flags: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Loaded:
    """Return the settings in force: a flag wins over the environment, that over the file, that over the default.

    `flags` maps names to values, None meaning not given. Raises `Problem` `settings-unknown`, `settings-invalid`,
    `source-missing` (the named file is not there), `permission`, `source-encoding`, `source-syntax` (it is not TOML).
    """
    environment = os.environ if environment is None else environment
    values: dict[str, object] = {}
    origins = dict.fromkeys(names(), "default")

    def take(name: str, raw: object, origin: str) -> None:
        if name not in origins:
            raise Problem("settings-unknown", name=name, origin=origin, offers=", ".join(names()))
        values[name] = _value(name, raw, origin)
        origins[name] = origin

    named = file or (Path(environment["CPER_LOD_SETTINGS"]) if environment.get("CPER_LOD_SETTINGS") else None)
    path = named or Path(FILE)
    if named and not named.is_file():
        raise Problem("source-missing", path=named)
    if path.is_file():
        for name, raw in _toml(path).items():
            take(name, raw, f"file {path}")
    for key in sorted(environment):
        if key.startswith("CPER_LOD_") and key not in OTHERS:
            name = key.removeprefix("CPER_LOD_").lower()
            take(name if key == variable(name) else key, environment[key], f"environment {key}")
    for name, raw in (flags or {}).items():
        if raw is not None:
            take(name, raw, f"flag --{name.replace('_', '-')}")
    settings = replace(Settings(), **values)  # type: ignore[arg-type]
    if "sources" not in values:
        settings = replace(settings, sources=own_sources())
    if "spool" not in values:
        settings = replace(settings, spool=own_spool())
    if not settings.public_url:
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        settings = replace(settings, public_url=f"http://{host}:{settings.port}")
    return Loaded(settings, origins)


def _toml(path: Path) -> dict[str, object]:
    """Read a TOML file, or raise `permission`, or `source-syntax` or `source-encoding` with its place."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise Problem("permission", path=path, message=error.strerror or error) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        byte = f"0x{error.object[error.start]:02X}"
        raise Problem("source-encoding", path=path, line=line, byte=byte) from error
    except tomllib.TOMLDecodeError as error:
        text = str(error)
        line, column = (
            int(word) if (word := text.partition(key)[2].split(",")[0].split(")")[0]).isdigit() else 1
            for key in ("line ", "column ")
        )
        raise Problem("source-syntax", path=path, line=line, column=column, message=text) from error


def own_spool() -> Path:
    """Return a folder for temporary files: on disk where there is one, since `/tmp` is memory on many systems."""
    lasting = Path("/var/tmp")  # noqa: S108  # its files have no name
    return lasting if os.access(lasting, os.W_OK) else Path(tempfile.gettempdir())


_PACKED: Final = "_sources"
"""The folder of the sources that the installed package carries."""


def refuse_packed(folder: Path, option: str) -> None:
    """Raise `permission` for a folder inside the installed package: what is written there is lost with the next one.

    `option` is that of the command line which names another folder.
    """
    if _PACKED in folder.parts:
        words = Phrase(
            f"the sources inside the package go with its next version; name a folder of yours with {option}",
            f"les sources du paquet s'en vont avec sa prochaine version ; nommez un dossier à vous avec {option}",
        )
        raise Problem("permission", path=folder, message=words)


def own_sources() -> Path:
    """Return the folder of sources that comes with the program: in the wheel, or the checkout it is run from."""
    package = Path(__file__).resolve().parent.parent
    packed = package / _PACKED
    return packed if packed.is_dir() else package.parent
