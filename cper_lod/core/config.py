"""Load and check the settings: flags override the environment, which overrides the file, which overrides defaults."""

import os
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.files import file_problem
from cper_lod.core.settings import ROWS, Settings, check_text, environment_variable, without_login

SETTINGS_FILE: Final = "cper-lod.toml"
"""The settings file in the working folder, unless CPER_LOD_SETTINGS names another."""

OTHER_VARIABLES: Final = frozenset(
    f"CPER_LOD_{name}" for name in ("SETTINGS", "DEBUG", "ASSETS", "SOURCE", "CHROMIUM", "DCAT_AP", "UDATA", "ENDPOINT")
)
"""Variables that are not settings: the path of the settings file, and those of the build and of the tests."""


def today() -> str:
    """Return the date of today (UTC) in ISO 8601."""
    return time.strftime("%Y-%m-%d", time.gmtime(now()))


MAX_DRIFT: Final = 60
"""Seconds by which the clock may go back: it is adjusted, and publications in one second are dated a second apart."""


def now() -> int:
    """Return the present time in seconds since 1970; SOURCE_DATE_EPOCH sets it (reproducible-builds.org)."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())


@dataclass(frozen=True)
class LoadedSettings:
    """The settings, and the origin of each: `default`, `file …`, `environment …` or `flag …`."""

    settings: Settings
    origins: Mapping[str, str]


def _value(name: str, raw: object, origin: str) -> object:
    """Return `raw` converted to the type of the setting; raises `settings-invalid`."""
    row = ROWS[name]

    def invalid(expected: str) -> Problem:
        shown = "***" if row.metadata["secret"] else without_login(name, raw)
        return Problem("settings-invalid", name=name, value=shown, origin=origin, expected=expected)

    if isinstance(row.default, int):
        low, high = row.metadata["minimum"], row.metadata["maximum"]
        expected = f"{low}–{high}"
        if isinstance(raw, bool) or not isinstance(raw, int | str):
            raise invalid(expected)
        try:
            number = int(raw)
        except ValueError:
            raise invalid(expected) from None
        if not low <= number <= high:
            raise invalid(expected)
        return number
    if not isinstance(raw, str | Path) or "\0" in str(raw):
        raise invalid("texte / text")
    if isinstance(row.default, Path):
        return Path(raw)
    if any("\ud800" <= character <= "\udfff" for character in str(raw)):  # bytes of the environment in another encoding
        raise invalid("UTF-8")
    choices = row.metadata["choices"]
    if choices and raw not in choices:
        raise invalid(" | ".join(filter(None, choices)))
    return check_text(name, str(raw), invalid)


def load(
    flags: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> LoadedSettings:
    """Load the settings: flags override the environment, which overrides the file, which overrides the defaults.

    `flags` maps names to values, None if not given. Raises `settings-unknown`, `settings-invalid`, `source-missing` (no
    such file), `permission`, `source-encoding` and `source-syntax` (not TOML).
    """
    environment = os.environ if environment is None else environment
    values: dict[str, object] = {}
    origins = dict.fromkeys(ROWS, "default")

    def take(name: str, raw: object, origin: str) -> None:
        if name not in origins:
            raise Problem("settings-unknown", name=name, origin=origin, offers=", ".join(ROWS))
        values[name] = _value(name, raw, origin)
        origins[name] = origin

    named = file or (Path(environment["CPER_LOD_SETTINGS"]) if environment.get("CPER_LOD_SETTINGS") else None)
    path = named or Path(SETTINGS_FILE)
    if named and not named.is_file():
        raise Problem("source-missing", path=named)
    if path.is_file():
        for name, raw in _toml(path).items():
            take(name, raw, f"file {path}")
    for key in sorted(environment):
        if key.startswith("CPER_LOD_") and key not in OTHER_VARIABLES:
            name = key.removeprefix("CPER_LOD_").lower()
            take(name if key == environment_variable(name) else key, environment[key], f"environment {key}")
    for name, raw in (flags or {}).items():
        if raw is not None:
            take(name, raw, f"flag --{name.replace('_', '-')}")
    settings = replace(Settings(), **values)  # type: ignore[arg-type]
    if "sources" not in values:
        settings = replace(settings, sources=default_sources())
    if not settings.public_url:
        settings = replace(settings, public_url=settings.local_url)
    return LoadedSettings(settings, origins)


def _toml(path: Path) -> dict[str, object]:
    """Read a TOML file; raises `permission`, and `source-syntax` or `source-encoding` with line and column."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))  # as some editors save it
    except OSError as error:
        raise file_problem(error, path) from error
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


_PACKAGED: Final = "_sources"
"""The folder of the sources inside the installed package."""


def reject_packaged(folder: Path, option: str) -> None:
    """Raise `permission` for a folder inside the installed package: its next version replaces what is written there.

    `option` is the command-line option that names another folder.
    """
    if _PACKAGED in folder.parts:
        words = Phrase(
            f"the sources inside the package go with its next version; name a folder of yours with {option}",
            f"les sources du paquet s'en vont avec sa prochaine version ; nommez un dossier à vous avec {option}",
        )
        raise Problem("permission", path=folder, message=words)


def default_sources() -> Path:
    """Return the folder of sources that comes with the program: in the installed package, or the checkout."""
    package = Path(__file__).resolve().parent.parent
    packaged = package / _PACKAGED
    return packaged if packaged.is_dir() else package.parent
