DELETE DATA { <part/axe-3> sdmx-attribute:obsStatus sdmx-code:obsStatus-M };
INSERT DATA { <part/axe-3> sdmx-attribute:obsStatus sdmx-code:obsStatus-A }
