"""Documentation from the data of a release: ontology and its versions, shapes, JSON Schema, usage.

May import core, rdf, release.storage and the modules of release.
"""
