"""Checks of URLs and addresses: which may receive secrets, and which host they refer to."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from urllib.parse import SplitResult, urlsplit


def is_safe(url: str) -> bool:
    """Return whether secrets may be sent to a URL: it uses TLS or refers to this machine."""
    parts = split(url)
    if parts is None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(url))


def is_this_machine(url: str) -> bool:
    """Return whether a URL refers to `localhost` or a loopback address."""
    parts = split(url)
    if parts is None or not parts.hostname:
        return False
    try:
        return ip_address(parts.hostname).is_loopback
    except ValueError:
        return parts.hostname == "localhost"


def is_origin(url: str) -> bool:
    """Return whether a safe URL has no path, query or fragment (RFC 6454)."""
    parts = split(url)
    return is_safe(url) and parts is not None and not (parts.path or parts.query or parts.fragment)


def is_network(text: str) -> bool:
    """Return whether a text is an IP address or a network, such as 10.0.0.0/8."""
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def split(url: str) -> SplitResult | None:
    """Split an absolute URL; None if browsers and libraries may read it differently.

    Spaces, control characters, quotes and backslashes are not allowed in a URL (RFC 3986), and a
    user name before the host makes one host look like another.
    """
    if not url.isascii() or any(one <= " " or one in '"<>\\^`{|}\x7f' for one in url):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises if it is not a number up to 65535
    except ValueError:
        return None
    return parts if parts.hostname and parts.username is None else None
