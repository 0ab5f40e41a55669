"""cper-lod publishes public plan contracts as linked open data. This is the map of its code.

The program publishes a release: the folders ontology/, shapes/ and data/, read, validated and indexed at one moment and
then never changed. Each answer is a function of the release and of the request. A room imports only rooms on floors
below its own; import-linter checks it (pyproject.toml).

    cli      floor 7  the commands, a module for each use: `cli.publishing` checks, formats, builds, serves and queries,
                      `cli.importing` imports, `cli.exporting` exports
    export   floor 6  every address of a release as files: `export.addresses` names them, `export.asking` asks the
                      application for each, `export.mirror` writes what differs, `export.rules` the rules for servers;
                      `export.push` loads a release into another store, by `export.graph_store`
    web      floor 5  HTTP: the only room that knows Flask and granian; `web.worker` is a server process, `web.stage`
                      what serves one release in it, `web.following` opens the next; `web.gateway` is the front
                      room, behind which
                      `web.app` has the routes' list, `web.replies` and `web.responses` make every response,
                      `web.protocol` reads a query, `web.resources`, `web.sparql`, `web.ontology`, `web.home`,
                      `web.catalog` and `web.status` hold the addresses, templates/, static/ and editor/ the pages,
                      which `web.rendering` writes in a language, and
                      whose maps and figures `web.figures.territory` and its neighbours draw;
                      `web.observer` notes what is asked (log, figures, rate limit);
                      `web.archive` opens earlier releases below /release/<id> (`web.door` stands before them), which
                      `web.releases` describes, `web.timemaps` leads to the state of a moment, `web.withdrawal` says
                      what is gone, `web.faults` what readers hear of a fault of ours
    linking  floor 4  others' data: links to data.gouv.fr (`linking.datagouv`, through `linking.asking`) are
                      proposed (`linking.proposing`, `linking.relevance`), kept (`linking.links`) and checked
                      (`linking.checking`); names are matched to our IRIs (`linking.reconciliation`)
    importing floor 4 what others wrote, made RDF or findings: `importing.subsidies` reads files of subsidies in bounded
                      memory; workbooks of contracts (`importing.workbook` is their table, `importing.rows` reads,
                      `importing.contract` tells, `importing.contract_files` checks)
    release  floor 3  what is published: `release.sources` reads, `release.checking` checks
                      (`release.earlier` is what was checked before), `release.build` seals
                      (of any size: `release.stated` sorts what is read, `release.division` divides it by datasets,
                      `release.together` does what is left side by side, `release.progress` tells how far it is),
                      `release.release` opens, `release.resource` says what there is about one IRI, `release.schema`
                      what a document of each class looks like; `release.ontology` tells the terms,
                      `release.vocabulary` all terms in use, `release.versions` which versions there are,
                      `release.revision` what one changed; `release.publishing` publishes and goes back,
                      `release.history` holds what was served when (`release.succession` what changed),
                      `release.comparison` compares two, `release.telling` tells it, `release.changes` notes it,
                      `release.chronicle` reads that, `release.event_stream` makes it a stream (LDES);
                      `release.retention` says what is kept; `release.timeline` is that as a server reads it,
                      `release.gone` what is withdrawn, `release.provenance` all of it as RDF; `release.collection`
                      tells lists in RDF, `release.tables` has their rows, `release.sealed_tables` those of whole
                      classes; `release.catalog` completes the catalogue, `release.void` counts, `release.addresses`
                      adds to both what is known when they are served; `release.querying` has the engine of a release
    rdf      floor 2  files and formats: `rdf.reading`, `rdf.writing`, `rdf.jsonld`, `rdf.formatting`;
                      `rdf.french_csv` and `rdf.xlsx` for spreadsheets; `rdf.report` holds
                      findings; `rdf.validation` is SHACL; behind it, `rdf.shacl.examination` finds suspects (by
                      `rdf.shacl.constraints`, `rdf.shacl.patterns` and `rdf.shacl.conditions`), of which
                      pyshacl makes the results: `rdf.validation` and rdf.shacl alone know it and rdflib
    engine   floor 2  SPARQL: `engine.engine` is the port, `engine.embedded` runs queries in child processes, each of
                      which is `engine.worker`, forked of `engine.template`, when `engine.lanes` says;
                      `engine.federation` asks allowed endpoints; `engine.remote` has another endpoint answer, asked by
                      `engine.remote_worker`
    terms    floor 1  the tables that all rooms read: `terms.formats`, `terms.settings` (`terms.configuration` finds
                      their values), `terms.problems`,
                      `terms.language`, `terms.namespaces`

One request, GET /id/contrat/x, Accept: application/ld+json: `web.resources.thing` asks `terms.formats.negotiate` for
the form and answers 303. GET /doc/contrat/x.jsonld: `web.resources.doc` takes the document of
`release.resource.document`, has `rdf.jsonld.write` write it, and `web.responses.representation` sends it with its type
and validator. POST /sparql: `web.gateway` has `web.protocol` read it and gives the text to
`engine.embedded.EmbeddedEngine`, which has a child process answer it whole, or raises a problem of the table.

One file, data/contracts/x.ttl: `release.sources.read_sources` reads it through `rdf.streaming.pieces`;
`release.checking.check` has `rdf.validation.validate_file` validate what is read and adds what only files show;
`release.build.build` refuses a report with violations, else writes a folder aside and moves it to its place;
`release.release.open_release` opens it, read-only.

Every error is a `terms.problems.Problem`: the row of a table with an HTTP status, an exit code, and words in French and
English.
"""
