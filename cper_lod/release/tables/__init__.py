"""The tables of a release: CSV, CSV on the Web, Frictionless Data Package.

May import core, rdf, release.storage and the modules of release.
"""
