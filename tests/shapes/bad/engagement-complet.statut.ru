DELETE { ?x sdmx-attribute:obsStatus ?o } INSERT { ?x sdmx-attribute:obsStatus sdmx-code:obsStatus-M } WHERE { ?x sdmx-attribute:obsStatus ?o . FILTER(?x = <engagement/etat>) }
