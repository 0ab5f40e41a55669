"""The command line: the root group, with the commands of all modules."""

# Modules that are slow to import (rdflib, Flask, granian) are imported inside the commands that need them.
from cper_lod.cli import diff, export, importing, init, link, publish, push, withdraw  # noqa: F401 - they add commands
from cper_lod.cli.commands import main

__all__ = ["main"]
