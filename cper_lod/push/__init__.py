"""Copies a release to another triple store (SPARQL 1.1 Graph Store HTTP Protocol).

May import core, engine, rdf and release.
"""
