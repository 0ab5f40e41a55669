DELETE { <../fictif-2030-2036> cper:signePar ?o } WHERE { <../fictif-2030-2036> cper:signePar ?o . FILTER(?o != <../../organisme/fictif-etat>) }
