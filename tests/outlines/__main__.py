"""Writes the outlines of a region and of its departments, simplified, as they stand in data/geometries/.

    python -m tests.outlines hauts-de-france DEPARTMENTS.geojson > data/geometries/hauts-de-france.ttl

The region and its departments are those of data/territories.ttl; the features are known by their property `code` (the
Insee code), in WGS 84. What the file of features is has to be described in data/geometries/sources.ttl.
"""

import json
import sys
from pathlib import Path

from tests.outlines.turtle import DOCUMENT, features, turtle

if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(str(__doc__))
    document = sys.argv[3] if len(sys.argv) == 4 else DOCUMENT
    collection = json.loads(Path(sys.argv[2]).read_bytes())
    sys.stdout.buffer.write(turtle(sys.argv[1], features(sys.argv[1], collection), document))
