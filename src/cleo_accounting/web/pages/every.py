"""The routers of all pages, in order."""

from __future__ import annotations

from cleo_accounting.web.pages import (
    activity,
    compare,
    connecting,
    entry,
    fields,
    issues,
    landing,
    many,
    mapping,
    overview,
    preview,
    reasons,
    settings,
)

ROUTERS = (
    entry.router,
    entry.inside,
    landing.router,
    landing.inside,
    overview.router,
    connecting.router,
    fields.router,  # before the mapping, whose `{tab}` would match it too
    mapping.router,
    preview.router,
    issues.router,
    many.router,
    reasons.router,
    activity.router,
    compare.router,
    settings.router,
)
