"""What schemathesis cannot make up: words to search for. It loads this file by SCHEMATHESIS_HOOKS."""

import schemathesis
from hypothesis import strategies as st

schemathesis.openapi.format(
    "search-words", st.lists(st.from_regex(r"[a-zé0-9]{1,10}", fullmatch=True), min_size=1, max_size=16).map(" ".join)
)
