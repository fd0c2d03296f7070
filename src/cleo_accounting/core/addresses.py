"""Which addresses are fit to be given a secret, and which machine an address means."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from urllib.parse import SplitResult, urlsplit


def is_safe(url: str) -> bool:
    """Return whether secrets may be sent to an address: over TLS, or within this machine."""
    parts = split(url)
    if parts is None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(url))


def is_this_machine(url: str) -> bool:
    """Return whether an address is `localhost` or a loopback address of this machine."""
    parts = split(url)
    if parts is None or not parts.hostname:
        return False
    try:
        return ip_address(parts.hostname).is_loopback
    except ValueError:
        return parts.hostname == "localhost"


def is_origin(url: str) -> bool:
    """Return whether a safe address names a host and nothing below it (RFC 6454)."""
    parts = split(url)
    return is_safe(url) and parts is not None and not (parts.path or parts.query or parts.fragment)


def is_network(text: str) -> bool:
    """Return whether a text is an IP address or a network of them, such as 10.0.0.0/8."""
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def split(url: str) -> SplitResult | None:
    """Take an absolute address apart; None for one that browsers and libraries read differently.

    Spaces, control characters, quotes and backslashes have no place in an address (RFC 3986), and a
    user's name before the host makes one host look like another.
    """
    if not url.isascii() or any(one <= " " or one in '"<>\\^`{|}\x7f' for one in url):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no number up to 65535
    except ValueError:
        return None
    return parts if parts.hostname and parts.username is None else None
