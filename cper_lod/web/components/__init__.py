"""Parts of pages that several pages show.

May import core, rdf, release, web.site and web.http.
"""
