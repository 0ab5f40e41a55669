"""What the software of data.gouv.fr makes of a catalogue."""

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import Quad

from cper_lod.core.formats import TURTLE
from cper_lod.rdf.serialize import write
from tests.support.requirements import HARVEST_CHECK, UDATA


def harvested_whole(catalogue: Iterable[Quad], folder: Path) -> bool:
    """Return whether it harvests every dataset of a catalogue twice, without a warning, with all that it counts as quality."""
    file = folder / "catalog.ttl"
    file.write_bytes(write(catalogue, TURTLE))
    command = [UDATA, HARVEST_CHECK, file, "--twice", "--no-warnings", "--min-score", "1.0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    pattern = r"second harvest: datasets/dataservices/resources \((\d+), 1, \d+\) -> \(\1, 1, \d+\)\n"
    counted = re.search(pattern, done.stdout)
    return counted is not None and done.stdout.count("(9/9)") == int(counted[1])
