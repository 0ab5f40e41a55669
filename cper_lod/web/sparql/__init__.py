"""The SPARQL endpoint: protocol, query page, spreadsheets of results.

May import core, engine, release, web.site, web.http and web.components.
"""
