"""Releases, changes, Atom feed, TimeGates (Memento), and the pool of earlier releases.

May import core, rdf, release, engine, web.site, web.http, web.components, web.observability and web.documents.
"""
