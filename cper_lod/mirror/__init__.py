"""The static mirror: every representation as a file, with rules for web servers.

May import core, engine, rdf, release and web.
"""
