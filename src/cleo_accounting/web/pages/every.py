"""Every room of the page, in one list."""

from __future__ import annotations

from cleo_accounting.web.pages import connecting, entry, overview

ROUTERS = (
    entry.router,
    entry.inside,
    overview.router,
    connecting.router,
)
