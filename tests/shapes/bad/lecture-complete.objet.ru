INSERT DATA { <../../document/fictif/lecture> cper:luEnEntierPour <../../../def/code/perimetre/hors-mobilites> }
