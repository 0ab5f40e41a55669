"""The catalogue: documents and page.

May import core, rdf, release, web.site, web.http and web.components.
"""
