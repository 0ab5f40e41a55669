INSERT DATA { 
  cper:axeConcerne qb:codeList <hierarchie> .
  <hierarchie> a qb:HierarchicalCodeList ; qb:hierarchyRoot <racine> ; qb:parentChildProperty [ owl:inverseOf skos:broader ] .
  <axe/2> skos:broader <racine> . <axe/3> skos:broader <noeud> . <noeud> skos:broader <racine>
 }
