"""The official DCAT-AP 3.0.1 shapes (SEMIC, not carried here) against the catalogue that is served."""

from pathlib import Path

import pyshacl
import pytest
from rdflib import Graph, Namespace

from cper_lod.core.formats import TURTLE
from cper_lod.rdf.serialize import write
from cper_lod.release.catalog.distributions import served_catalogue
from cper_lod.release.release import Release
from tests.support.harvest import harvested_whole
from tests.support.requirements import DCAT_AP

SH = Namespace("http://www.w3.org/ns/shacl#")
FILES = ("shapes", "shapes_recommended", "range", "deprecateduris")


@pytest.mark.dcatap
def test_the_official_shapes_find_nothing(release: Release):
    """Violations, recommended properties and warnings alike; a failed sh:node shows as one result, its parent."""
    served = Graph().parse(data=write(served_catalogue(release, "https://cper-lod.fr", "a@cper-lod.fr"), TURTLE))
    shapes = Graph()
    for name in FILES:
        shapes.parse(DCAT_AP / f"html__shacl__{name}.ttl")
    assert len(served) > 300
    conforms, report, text = pyshacl.validate(served, shacl_graph=shapes, advanced=True)
    assert not list(report.objects(None, SH.result)), text
    assert conforms


@pytest.mark.udata
@pytest.mark.slow
def test_the_software_of_data_gouv_fr_harvests_every_dataset_whole_twice(release: Release, tmp_path: Path):
    """Whole: what it counts as quality is all there, the place included, which a fictitious region does not have."""
    assert harvested_whole(served_catalogue(release, "https://cper-lod.fr", "a@cper-lod.fr"), tmp_path)
