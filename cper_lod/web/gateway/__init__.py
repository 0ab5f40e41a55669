"""ASGI entry point: request bodies, caches, SPARQL without a thread, everything else to Flask.

May import every package of web but server.
"""
