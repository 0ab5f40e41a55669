"""Pages of the ontology, of its versions, of the SHACL shapes; JSON Schemas.

May import core, rdf, release, web.site, web.http and web.components.
"""
