"""Parts of pages that several views share: labels, values, linked datasets, drawings, pagination, embedded JSON-LD.

May import core, rdf, release, web.site and web.http.
"""
