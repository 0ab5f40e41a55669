"""Which addresses are public, in any notation and wrapped in other addresses."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.core.errors import Problem
from cper_lod.engine.service.fetch import is_public, reject_private_endpoints
from tests.support.cases import each_case

NAT64 = ip_network("64:ff9b::/96")
PUBLIC = [
    *("9.9.9.9", "1.1.1.1", "193.51.224.6", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "223.0.0.1"),
    *("2001:660::1", "2620:fe::fe", "2a00::1", "64:ff9b::9.9.9.9"),
]
NOT_PUBLIC = [
    *("127.0.0.1", "127.255.255.255", "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "172.16.0.1"),  # noqa: S104
    *("172.31.255.255", "192.168.0.1", "169.254.169.254", "100.64.0.1", "100.127.255.255", "192.0.0.192", "192.0.2.1"),
    *("198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "224.0.0.1", "239.1.1.1", "240.0.0.1"),
    *("255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:9.9.9.9", "::ffff:0:9.9.9.9"),
    *("fe80::1", "fe80::1%eth0", "2620:fe::fe%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "100::1"),
    *("64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::9.9.9.9", "2002:7f00:1::"),
    *("2002:909:909::1", "2001::1", "2001:0:7f00:1::", "2001:db8::1", "2001:20::1", "3fff::1", "5f00::1", "4000::1"),
    *("", "localhost", "2130706433", "0x7f.1", "127.1", "0177.0.0.1", "9.9.9.9 ", "9.9.9.09"),
]


@each_case(("address", "public"), [*((each, True) for each in PUBLIC), *((each, False) for each in NOT_PUBLIC)])
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


@given(st.ip_addresses())
def test_no_address_that_python_calls_private_is_public(address: IPv4Address | IPv6Address) -> None:
    if is_public(str(address)) and address not in NAT64:
        assert address.is_global
        assert not (address.is_multicast or address.is_reserved or address.is_link_local or address.is_loopback)


@given(st.ip_addresses(v=4))
def test_an_address_behind_nat64_is_judged_by_the_embedded_address(address: IPv4Address) -> None:
    wrapped = ip_address(int(IPv6Address("64:ff9b::")) + int(address))
    assert is_public(str(wrapped)) == is_public(str(address))


@each_case("iri", ["http://127.0.0.1:1/sparql", "https://[::1]/", "http://10.1.2.3/q", "http://169.254.169.254/"])
def test_a_private_endpoint_is_rejected_at_the_start(iri: str) -> None:
    with pytest.raises(Problem) as caught:
        reject_private_endpoints([iri])
    assert (caught.value.kind.code, caught.value.params["value"]) == ("settings-invalid", iri)
    reject_private_endpoints(["https://9.9.9.9/sparql", "https://endpoint.example/sparql"])
