"""Decisions of the data officer on suggested links: stored, verified.

May import core, rdf, release and linking.datagouv.
"""
