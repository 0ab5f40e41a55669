DELETE DATA { <axe/1> skos:notation 1 . <axe/2> skos:notation 2 . <axe/3> skos:notation 3 };
INSERT DATA {
  <axe/1> skos:notation "1.2" ; cper:enonce <enonce/apres> .
  <axe/2> skos:notation "2.1" .
  <enonce/apres> a cper:Enonce ; cper:atteste skos:prefLabel ; cper:position [ oa:start 500 ] ; prov:wasQuotedFrom <../../document/fictif>
}
