"""Documents about things: pages, RDF, lists, tables, search, site map.

May import core, rdf, release, web.site, web.http and web.components.
"""
