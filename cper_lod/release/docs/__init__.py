"""Documentation from the data of a release: ontology and its versions, vocabulary, shapes, JSON Schema, usage.

May import core, rdf, release.storage and the modules of release.
"""
