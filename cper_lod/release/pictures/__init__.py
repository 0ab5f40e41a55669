"""The figures of a contract as SVG, and the PNG that other sites show with a link to it.

May import core, rdf, release.graph and release.plan.
"""
