DELETE DATA { <montant/etat> sdmx-attribute:unitMeasure <http://publications.europa.eu/resource/authority/currency/EUR> };
INSERT DATA { <montant/etat> sdmx-attribute:unitMeasure <http://publications.europa.eu/resource/authority/currency/USD> }
