"""The command line: the group of commands, each of which is in the module of its use."""

import click

from cper_lod.cli import contracts, diff, export, importing, link, publish, push
from cper_lod.cli.errors import Commands

# The rooms that cost time to import (rdflib, Flask, granian) are imported by the commands that need them.


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cper-lod")
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
    contracts.new,
):
    main.add_command(command)
importing.import_.add_command(contracts.import_contract)
