INSERT { ?x dct:rights <droits> . <droits> rdfs:label "Licence CC BY-NC"@fr } WHERE { ?x a dcat:Catalog }
