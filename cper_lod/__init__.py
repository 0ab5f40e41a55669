"""cper-lod publishes plan contracts as linked open data. This is the map of its packages.

The program publishes releases. A release is made from the folders ontology/, shapes/ and data/: read, validated,
indexed, stored in a folder, and then never changed. Every answer depends on the release and on the request alone.

A package imports only packages below it in this list; import-linter checks it (pyproject.toml).

    cli        the commands
    web        HTTP: the server process, the Flask application, pages by subject; the static copy
    linking    links to data.gouv.fr; matching of names with things (reconciliation)
    importing  workbooks of contracts and files of subsidies, made RDF or findings
    push       loads a release into another triple store
    release    what is published: sources, check, build, storage, catalogue, tables, changes, history
    rdf        reading and writing RDF, JSON-LD, spreadsheets, SHACL validation
    engine     SPARQL: the interface of engines, query processes, another endpoint
    core       errors, languages, settings, formats, namespaces, files, processes

Each package says in its docstring what it is for and what it may import. CONTRIBUTING.md follows one request and one
source file through the code, and says where to add what.
"""
