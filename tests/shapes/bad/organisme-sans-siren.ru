DELETE { <../../organisme/fictif-region> cper:siren ?o } WHERE { <../../organisme/fictif-region> cper:siren ?o }
