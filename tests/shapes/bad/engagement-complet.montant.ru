DELETE { ?x obeu-measure:amount ?o } WHERE { ?x a cper:Engagement ; obeu-measure:amount ?o }
