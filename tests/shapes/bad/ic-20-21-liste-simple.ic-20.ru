INSERT DATA { 
  cper:axeConcerne qb:codeList <hierarchie> .
  <hierarchie> a qb:HierarchicalCodeList ; qb:hierarchyRoot <racine> ; qb:parentChildProperty skos:narrower .
  <racine> skos:narrower <noeud> . <noeud> skos:narrower <axe/2>, <axe/3>
 }
