"""The address of a bastion, whose parts are arguments of ssh."""

from __future__ import annotations

import pytest

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection.ssh import Bastion


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("bastion", ["--", "bastion"]),
        ("ada@bastion.example.com:2222", ["-p", "2222", "-l", "ada", "--", "bastion.example.com"]),
        ("ada@example.com@bastion", ["-l", "ada@example.com", "--", "bastion"]),
        ("[2001:db8::1]:22", ["-p", "22", "--", "2001:db8::1"]),
    ],
)
def test_parts_are_arguments(text: str, arguments: list[str]) -> None:
    assert Bastion.parse(text).arguments() == arguments


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-oProxyCommand=id",
        "ada@-oProxyCommand=id",
        "-lroot@bastion",
        "bastion -v",
        "bastion\n",
        "bastion;id",
        "bastion:0",
        "bastion:65536",
        "bastion:x",
        "@bastion",
        "2001:db8::1",
    ],
)
def test_what_could_be_an_option_is_refused(text: str) -> None:
    with pytest.raises(BadRequestError, match="ssh_host is not a host of ssh"):
        Bastion.parse(text)
