DELETE DATA { <axe/1> cper:theme <../../../def/code/theme/mobilites> };
INSERT DATA { <axe/1> cper:theme <../../../def/code/type-de-subdivision/axe> }
