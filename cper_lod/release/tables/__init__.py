"""Tables of a release: CSV, CSVW, Data Package.

May import core, rdf, release.sources and release.storage.
"""
