"""The Reconciliation Service API over HTTP.

May import core, release, linking.reconciliation, web.site, web.http and web.components.
"""
