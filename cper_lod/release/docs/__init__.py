"""Documentation made from the data: ontology, vocabulary, shapes, JSON Schema.

May import core, rdf, release.sources and release.storage.
"""
