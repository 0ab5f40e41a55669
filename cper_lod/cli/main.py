"""The command line: the root group, with the commands of all modules."""

# Modules that are slow to import (rdflib, Flask, granian) are imported inside the commands that need them.
from cper_lod.cli import export, importing, init, link, publish, withdraw  # noqa: F401 - they add commands
from cper_lod.cli.commands import main

__all__ = ["main"]
