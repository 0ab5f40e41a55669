"""The SQLite file of a release: lists and search."""

import sqlite3
from pathlib import Path
from urllib.parse import quote


def open_readonly(path: Path) -> sqlite3.Connection:
    """Open a database that never changes, for any thread; raises sqlite3.Error if it cannot be read."""
    return sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True, check_same_thread=False)
