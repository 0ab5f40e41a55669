DELETE { ?x obeu-attribute:currency ?o } WHERE { ?x cper:minimum ?_ ; obeu-attribute:currency ?o }
