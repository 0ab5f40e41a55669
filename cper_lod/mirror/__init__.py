"""The static mirror: every document as a file, with rules for a web server.

May import core, engine, rdf, release and web.
"""
