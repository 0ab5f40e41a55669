"""HTTP: request, response, negotiation, conditional requests, compression, URLs, links, templates.

May import core, release and web.site.
"""
