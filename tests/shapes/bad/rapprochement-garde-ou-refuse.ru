INSERT { ?refus oa:hasTarget ?chose } WHERE { <../../refus/fictif> oa:motivatedBy oa:assessing . BIND(<../../refus/fictif> AS ?refus) <../../lien/fictif> oa:hasTarget ?chose }
