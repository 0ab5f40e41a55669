"""Decisions of the data officer on suggested links: their storage, and the check of the links that were kept.

May import core, rdf, release and linking.datagouv.
"""
