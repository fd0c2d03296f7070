"""Render HTML pages with Jinja2 and a strict content security policy."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from quickbooks_emulator.basics.wire import Request, Response

if TYPE_CHECKING:
    from jinja2 import Environment

STATIC = "/_emulator/static/"
HERE = Path(__file__).parent
MEDIA = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def render(template: str, *, status: int = 200, policy: str = "", **values: Any) -> Response:  # noqa: ANN401  a template's variables have any type
    """Render a template, with headers that forbid content from other origins."""
    headers = {
        "content-type": "text/html;charset=UTF-8",
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
        "script-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        + (policy.strip() or "form-action 'self'"),
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
    body = _environment().get_template(template).render(static=STATIC, **values)
    return Response(status, headers, body.encode())


def static(request: Request) -> Response | None:
    """Return a style sheet, script or image of the pages, or None if there is no such file."""
    name = request.path.removeprefix(STATIC)
    if name not in {each.name for each in (HERE / "static").iterdir()}:
        return None
    path = HERE / "static" / name
    media = {"content-type": f"{MEDIA[path.suffix]};charset=UTF-8", "cache-control": "no-cache"}
    return Response(200, media, path.read_bytes())


def origin(url: str) -> str:
    """Return a URL's scheme and host, for a policy; an empty string for an empty URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415  slow start

    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
