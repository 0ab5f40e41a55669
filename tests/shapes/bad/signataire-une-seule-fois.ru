DELETE { ?x org:member ?o } INSERT { ?x org:member <../../organisme/fictif-etat> } WHERE { ?x org:member ?o . FILTER(?x = <signataire/region>) }
