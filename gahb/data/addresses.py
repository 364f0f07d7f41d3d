"""Addresses of downloads: which are asked, and how messages show them.

What is checked is what is sent. Libraries disagree on where the host of a crooked address
ends; here requests makes an address canonical, and one form is let through on which all agree.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urljoin

import requests

from gahb.errors import DataError

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
"""Hosts that are this machine."""

ADDRESS = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])(?P<port>:[0-9]{1,5})?"
    r"(?P<path>/[!-~]*?)?(?:[?#][!-~]*)?"
)
"""A canonical address: no user, no escapes in the host, nothing that is not ASCII."""


def prepared(
    url: str, headers: Mapping[str, str], came_from: str | None = None
) -> requests.PreparedRequest:
    """Return the request that asks for an address, exactly as it is sent.

    Parameters
    ----------
    url : str
        HTTPS; plain HTTP is for this machine only, and not where another address leads on.
    headers : mapping
        Of the request. The user's ``.netrc`` adds nothing.
    came_from : str, optional
        Address that led here.

    Raises
    ------
    DataError
        If it is malformed, names a user, or would be asked without encryption.
    """
    if re.search(r"[\x00-\x20\x7f\\]", url):
        raise DataError(f"{public(url)}: not an address: blanks, control characters or backslashes")
    request: requests.PreparedRequest | None
    try:
        request = requests.Request("GET", url, headers).prepare()
    except (requests.RequestException, ValueError):  # whatever is wrong with it
        request = None
    found = ADDRESS.fullmatch(request.url) if request and request.url else None
    if request is None or found is None:
        raise DataError(f"{public(url)}: not of the form https://host/path, without a user")
    encrypted = came_from is not None and came_from.startswith("https:")
    if found["scheme"] == "http" and (encrypted or found["host"] not in LOOPBACK):
        raise DataError(f"{public(url)}: only https addresses are downloaded")
    return request


def is_here(url: str) -> bool:
    """Return whether a canonical address is of this machine, where no proxy leads."""
    found = ADDRESS.fullmatch(url)
    assert found is not None
    return found["host"] in LOOPBACK


def led_to(url: str, location: str) -> str:
    """Return the address that the header ``Location`` of an answer from ``url`` means.

    Raises
    ------
    DataError
        If nobody can tell.
    """
    try:
        # http.client decodes headers as Latin-1; those that are not ASCII are UTF-8.
        return urljoin(url, location.encode("latin-1").decode())
    except ValueError:
        raise DataError(f"{public(url)}: leads to {printable(location)}, no address") from None


def public(url: str) -> str:
    """Return an address as messages show it: without user, password and query."""
    if found := ADDRESS.fullmatch(url):
        return f"{found['scheme']}://{found['host']}{found['port'] or ''}{found['path'] or ''}"
    return printable(re.sub(r"^([A-Za-z]+:/*|).*@", r"\1", re.split("[?#]", url)[0], flags=re.S))


def printable(text: str) -> str:
    """Return what somebody else has written as it may be shown in a message, in one line."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return shown if len(shown) <= 160 else f"{shown[:160]}..."
