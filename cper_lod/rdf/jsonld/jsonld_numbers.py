"""Numbers and booleans of JSON: which literals they can stand for without losing anything."""

import re
from typing import Final

from cper_lod.core.namespaces import XSD

INTEGER: Final = XSD + "integer"
BOOLEAN: Final = XSD + "boolean"
WHOLE: Final = frozenset(
    XSD + name
    for name in (
        *("integer", "decimal", "long", "int", "short", "byte", "nonNegativeInteger", "positiveInteger"),
        *("nonPositiveInteger", "negativeInteger", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
    )
)
"""The datatypes of which a whole number can be a JSON number."""
EXACT: Final = 2**53
"""Up to where every language reads a whole number of JSON as it stands."""
_CANONICAL: Final = re.compile("0|-?[1-9][0-9]{0,15}")


def native(lexical: str, datatype: str) -> str | None:
    """Return `lexical` if as a JSON number or boolean it is read back as exactly this literal, else None.

    Reading writes a number without fraction as its digits and keeps the datatype (JSON-LD 1.1 API, section 8.2.2);
    beyond 2^53 other languages round, and an xsd:double would come back as 1.0E0.
    """
    if datatype == BOOLEAN:
        return lexical if lexical in ("true", "false") else None
    whole = datatype in WHOLE and _CANONICAL.fullmatch(lexical) and -EXACT < int(lexical) < EXACT
    return lexical if whole else None
