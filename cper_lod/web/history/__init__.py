"""Releases, changes, Atom feed, TimeMaps.

May import core, rdf, release, web.site, web.http and web.components.
"""
