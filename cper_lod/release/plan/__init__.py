"""A plan as people read it: the figures of a release with their words, and the summary of a contract.

May import core, rdf, and release.graph.
"""
