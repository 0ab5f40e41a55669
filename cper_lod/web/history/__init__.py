"""Releases, changes, Atom feed, event stream, TimeMaps (Memento), and the pool of earlier releases.

May import core, rdf, release, engine, web.site, web.http, web.components, web.observability and web.documents.
"""
