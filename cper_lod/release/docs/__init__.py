"""Documentation from the data of a release: ontology, shapes, usage, and why a query has no result.

May import core, rdf, release.storage and the modules of release.
"""
