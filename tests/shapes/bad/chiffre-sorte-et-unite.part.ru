DELETE DATA { <part/etat> sdmx-attribute:unitMeasure <http://qudt.org/vocab/unit/PERCENT> };
INSERT DATA { <part/etat> sdmx-attribute:unitMeasure <http://publications.europa.eu/resource/authority/currency/EUR> }
