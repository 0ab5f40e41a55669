DELETE DATA { <jeu/parts-par-axe> qb:structure <../../structure/parts-par-axe> };
INSERT DATA {
  <jeu/parts-par-axe> qb:structure <structure> .
  <structure> a qb:DataStructureDefinition ; qb:component <c1>, <c2> .
  <c1> qb:componentProperty qb:measureType . <c2> qb:componentProperty cper:pourcentage .
  <structure> qb:component <c3> . <c3> qb:componentProperty cper:minimum .
  <part/axe-1> qb:measureType cper:pourcentage .
}
