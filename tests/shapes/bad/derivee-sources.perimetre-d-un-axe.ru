INSERT DATA { <derive/axe-1> cper:perimetre <../../code/perimetre/hors-mobilites> }
