INSERT DATA {
  <axe/1> cper:enonce <enonce/apres> .
  <enonce/apres> a cper:Enonce ; cper:atteste skos:prefLabel ; cper:position [ oa:start 500 ] ; prov:wasQuotedFrom <../../document/fictif> .
  <axe/3> cper:enonce <enonce/numero> .
  <enonce/numero> a cper:Enonce ; cper:atteste skos:notation ; prov:wasQuotedFrom <../../document/presse-fictive>
}
