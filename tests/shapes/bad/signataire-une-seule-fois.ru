DELETE { ?x prov:agent ?o } INSERT { ?x prov:agent <../../organisme/fictif-etat> } WHERE { ?x prov:agent ?o . FILTER(?x = <signataire/region>) }
