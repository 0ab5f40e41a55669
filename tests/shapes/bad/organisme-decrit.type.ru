DELETE { <../../organisme/fictif-etat> a ?o } WHERE { <../../organisme/fictif-etat> a ?o }
