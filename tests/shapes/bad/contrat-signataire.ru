DELETE { <../fictif-2030-2036> cper:signataire ?o } WHERE { <../fictif-2030-2036> cper:signataire ?o . FILTER(?o != <signataire/etat>) }
