"""Lists that are only read: documents refer to their entries, and the service never writes them."""

from __future__ import annotations

from cleo_accounting.core.kinds.kind import Kind
from cleo_accounting.core.links import RemoteKind

EMPLOYEE = Kind(
    remote=RemoteKind.EMPLOYEE,
    noun="employee",
    plural="employees",
    article="an",
    is_listed=True,
    shares_names=True,
)
TERM = Kind(remote=RemoteKind.TERM, noun="term", plural="terms", is_listed=True)
CLASS = Kind(remote=RemoteKind.CLASS, noun="class", plural="classes", is_listed=True)
DEPARTMENT = Kind(remote=RemoteKind.DEPARTMENT, noun="location", plural="locations", is_listed=True)
