"""Parts of pages that several views share: labels, values, figures, contract summary, pagination, embedded JSON-LD.

May import core, rdf, release, web.site and web.http.
"""
