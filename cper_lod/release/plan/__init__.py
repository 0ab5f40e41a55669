"""A plan as people read it: figures with their words, the summary of a contract, passages, what the source does not say.

May import core, rdf, and release.graph.
"""
