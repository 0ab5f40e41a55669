"""Releases: built from the sources, validated, stored in a folder named by digest, and read by the server.

May import core, rdf and engine.
"""
