"""The catalogue of a release: DCAT, VoID, service description, Hydra, distributions.

May import core, rdf, release.sources, release.storage and release.tables.
"""
