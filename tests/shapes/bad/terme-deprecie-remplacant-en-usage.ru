DELETE { ?x dct:isReplacedBy ?o } INSERT { ?x dct:isReplacedBy cper:FictionSansSuite } WHERE { ?x owl:deprecated true ; dct:isReplacedBy ?o }
