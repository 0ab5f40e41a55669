"""The W3C Reconciliation Service API for OpenRefine.

May import core, rdf, release, linking.reconciliation, web.site, web.http, web.components and web.sparql (its protocol).
"""
