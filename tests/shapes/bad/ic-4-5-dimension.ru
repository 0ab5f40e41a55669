DELETE WHERE { cper:financeur rdfs:range ?r }
