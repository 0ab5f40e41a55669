"""The rate limit: a bucket for each client, a table that no crowd can make grow, an answer that says when to return."""

import asyncio
import json
from types import SimpleNamespace

import pytest

from cper_lod.core.errors import Problem
from cper_lod.web.observability import recorder as rates
from cper_lod.web.observability.recorder import TokenBuckets
from tests.support.asgi import Exchange, GatewayHarness, http_scope


def test_a_burst_then_so_many_a_minute() -> None:
    buckets = TokenBuckets(60, 3)
    for _ in range(3):
        buckets.take("a", 100.0)
    with pytest.raises(Problem) as refused:
        buckets.take("a", 100.1)
    assert refused.value.params == {"limit": 60, "seconds": 1}
    buckets.take("b", 100.1)
    buckets.take("a", 101.2)
    with pytest.raises(Problem):
        buckets.take("a", 101.3)
    for _ in range(3):
        buckets.take("a", 1000.0)
    with pytest.raises(Problem, match="Try again in"):
        buckets.take("a", 1000.0)
    slow = TokenBuckets(1, 1)
    slow.take("a", 0.0)
    with pytest.raises(Problem) as refused:
        slow.take("a", 15.0)
    assert refused.value.params["seconds"] == 45


def test_the_table_is_bounded_and_the_one_seen_last_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MAX_CLIENTS", 10)
    buckets = TokenBuckets(1, 1)
    buckets.take("kept", 0.0)
    for number in range(100):
        buckets.take(f"c{number}", 0.0)
        with pytest.raises(Problem):
            buckets.take("kept", 0.0)
    for number in range(99, 90, -1):
        with pytest.raises(Problem):
            buckets.take(f"c{number}", 0.0)
    for number in range(91):  # not in the table, so their buckets are full
        buckets.take(f"c{number}", 0.0)


def test_the_gateway_refuses_all_but_what_watches_it() -> None:
    async def work() -> None:
        room = GatewayHarness(rate_limit=1, rate_burst=2, trusted_proxy="192.0.2.7")
        rules = [SimpleNamespace(rule=f"/{name}") for name in ("doc/<path:name>", "health", "ready", "metrics")]
        room.recorder.set_release(SimpleNamespace(url_map=SimpleNamespace(iter_rules=lambda: rules)), dict)

        async def asked(path: str, client: str, method: str = "GET") -> Exchange:
            return await room.send(http_scope(method, path, "", ("x-forwarded-for", f"spoofed, {client}")))

        assert [(await asked("/doc/a", "198.51.100.1")).status for _ in range(3)] == [200, 200, 429]
        assert (await asked("/doc/a", "198.51.100.1", "OPTIONS")).status == 429, "preflights and ready replies count"
        for path in ("/health", "/ready", "/metrics", "/prefix/health"):
            assert (await asked(path, "198.51.100.1")).status == 200 or path == "/prefix/health"
        assert (await asked("/doc/a", "198.51.100.2")).status == 200
        assert [(await asked("/doc/a", f"2001:db8::{n}")).status for n in range(3)] == [200, 200, 429], "one network"
        refused = await room.send(
            http_scope("GET", "/doc/a", "", ("x-forwarded-for", "198.51.100.1"), ("accept-language", "fr"))
        )
        assert refused.headers["retry-after"] == "60"
        assert refused.headers["content-type"] == "application/problem+json"
        assert json.loads(refused.body)["title"] == "Trop de requêtes."

    asyncio.run(asyncio.wait_for(work(), 10))
