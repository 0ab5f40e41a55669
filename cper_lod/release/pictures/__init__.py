"""The pictures of a plan: its figures and maps as SVG, and the PNG that other sites show of it.

May import core, rdf, release.graph and release.plan.
"""
