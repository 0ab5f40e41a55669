"""The catalogue of the datasets (DCAT) and the statistics of the data (VoID), as documents and as a page.

May import core, rdf, release, web.site, web.http and web.components.
"""
