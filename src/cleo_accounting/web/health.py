"""Endpoints for the operator: liveness, readiness and metrics."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from cleo_accounting.flows.admin import health
from cleo_accounting.store.access import Rank
from cleo_accounting.web.access import BEARER, Guarded, HouseHere, needs
from cleo_accounting.web.answers import errors, say
from cleo_accounting.web.frame import Counts
from cleo_accounting.web.schemas import Health

router = APIRouter(tags=["Health"])
guarded = APIRouter(route_class=Guarded, dependencies=[BEARER], tags=["Health"])


@router.get("/livez", response_model=Health)
def livez() -> Response:
    """Check whether the process responds (liveness)."""
    return say(Health(status="ok", problems=[]))


@router.get("/readyz", response_model=Health, responses={503: {"model": Health}})
def readyz(house: HouseHere) -> Response:
    """Check whether the database is writable and grants can be decrypted (readiness).

    An outage of QuickBooks does not make the service unready.
    """
    problems = health.problems(house)
    return say(
        Health(status="not_ready" if problems else "ok", problems=list(problems)),
        503 if problems else 200,
    )


@guarded.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {
            "content": {"text/plain": {"schema": {"type": "string"}}},
            "description": "Metrics in the Prometheus text format.",
        },
        **errors(),
    },
)
@needs(Rank.PLATFORM)
def metrics(request: Request, house: HouseHere) -> Response:
    """Get Prometheus metrics. Requires a platform token."""
    counts: Counts = request.app.state.counts
    for status, number in health.integrations_by_status(house).items():
        counts.integrations.labels(status).set(number)
    for (kind, field), number in health.ignored_fields(house).items():
        counts.ignored_fields.labels(kind, field).set(number)
    return Response(generate_latest(counts.registry), media_type=CONTENT_TYPE_LATEST)


router.include_router(guarded)
