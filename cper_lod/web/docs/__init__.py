"""Documentation of the ontology, its versions and the SHACL shapes; JSON Schemas of the documents.

May import core, rdf, release, web.site, web.http, web.components and web.documents.
"""
