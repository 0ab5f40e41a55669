"""The group of commands that import: what others wrote becomes RDF in data/, or findings."""

import click

from cper_lod.failing import Commands


@click.group("import", cls=Commands)
def import_() -> None:
    """Importe ce que d'autres ont écrit / Import what others wrote."""
