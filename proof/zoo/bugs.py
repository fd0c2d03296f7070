"""The zoo: all planted bugs, each a mistake that an accounting sync can make, in one place."""

from __future__ import annotations

from collections.abc import Sequence

from proof.zoo import (
    content,
    crediting,
    deciding,
    leaving,
    paying,
    saying,
    sending,
    slips,
    spending,
    strangers,
    tokens,
    updating,
)
from proof.zoo.planting import Bug

BUGS: Sequence[Bug] = (
    *sending.BUGS,
    *tokens.BUGS,
    *content.BUGS,
    *updating.BUGS,
    *saying.BUGS,
    *leaving.BUGS,
    *slips.BUGS,
    *strangers.BUGS,
    *deciding.BUGS,
    *paying.BUGS,
    *spending.BUGS,
    *crediting.BUGS,
)
