"""The settings: which value wins, where it came from, and what is refused."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.core.config import OTHER_VARIABLES, SETTINGS_FILE, default_sources, load
from cper_lod.core.errors import Problem
from cper_lod.core.settings import ROWS, Settings


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """No settings file in the working folder."""
    monkeypatch.chdir(tmp_path)


def refused(**arguments: object) -> Problem:
    with pytest.raises(Problem) as caught:
        load(**arguments)  # type: ignore[arg-type]
    return caught.value


def test_flag_over_environment_over_file_over_default():
    Path(SETTINGS_FILE).write_text("port = 1001\nhost = 'file.example'\nquery_memory = 70\n", "utf-8")
    loaded = load({"port": "1003", "query_memory": None}, {"CPER_LOD_PORT": "1002", "CPER_LOD_HOST": "env.example"})
    found = loaded.settings
    assert (found.port, found.host, found.query_memory, found.query_timeout) == (1003, "env.example", 70, 10)
    given = {"port": "flag --port", "host": "environment CPER_LOD_HOST", "query_memory": f"file {SETTINGS_FILE}"}
    assert loaded.origins == dict.fromkeys(ROWS, "default") | given
    assert (found.public_url, found.sources) == ("http://env.example:1003", default_sources())


ADDRESSES = "ftp://x/ https:///sparql http://a:b@x/ http://x/#a http://é/ http://x:65536/ http://[::1/"
PUBLIC = "ftp://x http://x/?a=1 https://é.fr https:///x https://u:p@x.fr"
WRONG: dict[str, tuple[object, ...]] = {
    "port": ("0", "65536", "eighty", "", True, 80.5, [1]),
    "lang": ("de",),
    "public_url": (*PUBLIC.split(), "http://x\r\nSet-Cookie: a"),
    "trusted_proxy": ("proxy.example", "10.0.0.0/8"),
    "contact": ("nobody", "javascript:alert(1)", 'https://x/"><script>'),
    "datagouv_url": tuple(ADDRESSES.split()),
    "host": (1,),
    "title": ("\udcc9tat",),
    "releases": ("a\0b", 3),
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_bad_value_names_setting_origin_and_what_is_expected(name: str, value: object):
    problem = refused(flags={name: value}, environment={})
    assert problem.kind.code == "settings-invalid"
    expected = {"name": name, "value": value, "origin": f"flag --{name.replace('_', '-')}"}
    assert problem.params == {**expected, "expected": problem.params["expected"]}


@pytest.mark.parametrize(
    ("content", "code", "params"),
    [
        ("prot = 8001", "settings-unknown", {"name": "prot", "offers": ", ".join(ROWS)}),
        ("[server]\nport = 8001", "settings-unknown", {"name": "server"}),
        ("port = 8001\nhost = \n", "source-syntax", {"line": 2, "column": 8}),
        ("port = 8001\nhost = '''x", "source-syntax", {"line": 1, "column": 1}),  # tomllib gives no place for the end
        ("port = 8001\nhost = 'déjà'\n", "source-encoding", {"line": 2, "byte": "0xE9"}),
    ],
)
def test_an_unreadable_file_names_the_line_and_an_unknown_key_itself(
    content: str, code: str, params: dict[str, object]
):
    Path(SETTINGS_FILE).write_text(content, "cp1252")
    problem = refused(environment={})
    assert problem.kind.code == code
    assert problem.params.items() >= params.items()


def test_a_variable_that_is_no_setting_is_refused_by_name():
    for variable, name in (("QUERY_TIMOUT", "query_timout"), ("port", "CPER_LOD_port")):
        problem = refused(environment={f"CPER_LOD_{variable}": "5"})
        assert problem.kind.code == "settings-unknown"
        assert (problem.params["name"], problem.params["origin"]) == (name, f"environment CPER_LOD_{variable}")
    known = dict.fromkeys(OTHER_VARIABLES - {"CPER_LOD_SETTINGS"}, "x") | {"CPER": "x"}
    assert load({}, known).origins["port"] == "default"


@pytest.mark.parametrize(
    ("flags", "name", "expected"),
    [
        ({"host": "::1", "port": 9}, "public_url", "http://[::1]:9"),
        ({"public_url": "https://example.org/"}, "public_url", "https://example.org"),
        ({"public_url": ""}, "public_url", "http://127.0.0.1:8000"),
        ({"trusted_proxy": "2001:DB8:0::1"}, "trusted_proxy", "2001:db8::1"),
        ({"engine_store": "  https://e.example/a?b\n"}, "engine_store", "https://e.example/a?b"),
    ],
)
def test_a_value_in_its_normal_form(flags: dict[str, object], name: str, expected: str):
    assert getattr(load(flags, {}).settings, name) == expected


@given(st.sampled_from(list(ROWS)), st.one_of(st.text(max_size=20), st.integers(), st.booleans(), st.none()))
def test_any_value_is_taken_or_refused_by_name(name: str, value: object):
    try:
        loaded = load({name: value}, {})
    except Problem as problem:
        assert problem.kind.code == "settings-invalid"
        assert problem.params["name"] == name
    else:
        assert isinstance(loaded.settings, Settings)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("engine", "http://name:secret-word@e.org/query", "http://***@e.org/query"),
        ("engine", "http://a/ http://b/", "http://a/ http://b/"),
        ("engine_login", "secret\n:word", "***"),
    ],
)
def test_an_engine_that_is_none_and_no_secret_told(name: str, value: str, told: str) -> None:
    with pytest.raises(Problem) as caught:
        load({name: value}, {})
    assert caught.value.kind.code == "settings-invalid"
    assert caught.value.params["value"] == told
    assert "secret" not in str(caught.value)
