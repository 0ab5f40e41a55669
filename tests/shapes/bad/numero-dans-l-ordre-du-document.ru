INSERT DATA {
  <axe/1> cper:enonce <enonce/apres> .
  <enonce/apres> a cper:Enonce ; cper:atteste skos:prefLabel ; cper:position [ oa:start 500 ] ; prov:wasQuotedFrom <../../document/fictif>
}
