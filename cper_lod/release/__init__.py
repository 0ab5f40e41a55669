"""Releases: built from the sources, validated, stored in a folder named by its digest, read by the server.

May import core, rdf and engine.
"""
