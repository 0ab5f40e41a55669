"""Documents about things: pages, RDF, lists, tables, search, site map; 410 Gone for what is no longer described.

May import core, rdf, release, web.site, web.http, web.components and web.sparql (its spreadsheets).
"""
