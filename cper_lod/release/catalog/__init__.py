"""The catalogue of a release: DCAT, VoID, service description, distributions.

May import core, rdf, release.storage and the modules of release.
"""
