"""The command line: the root group, with the commands of all modules."""

import click

from cper_lod.cli import diff, export, importing, link, publish, push
from cper_lod.cli.commands import CommandGroup

# Modules that are slow to import (rdflib, Flask, granian) are imported inside the commands that need them.


@click.group(
    "cper-lod", cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(package_name="cper-lod", help="montre la version / show the version")
def main() -> None:
    """Publie des contrats de plan en données liées / Publishes plan contracts as linked data."""


for command in (
    publish.check,
    publish.format_,
    publish.build,
    publish.rollback,
    diff.diff,
    publish.serve,
    publish.query,
    export.export,
    push.push,
    link.link,
    publish.settings_,
    importing.import_,
    importing.new,
):
    main.add_command(command)
