"""Pages about the site itself: home, status, legal notice, error types, static files.

May import core, rdf, release, web.site, web.http, web.components and web.history.
"""
