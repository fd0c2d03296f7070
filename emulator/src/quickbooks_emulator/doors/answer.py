"""Route a request to the control API or to the emulated Intuit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quickbooks_emulator.control.api import CONTROL, answer_control

if TYPE_CHECKING:
    from quickbooks_emulator.basics.wire import Request, Response
    from quickbooks_emulator.world.emulator import Emulator


def answer(emulator: Emulator, request: Request) -> Response:
    """Return the response to one request, from a client or from the emulator's owner."""
    if request.path.startswith(CONTROL):
        return answer_control(emulator, request)
    return emulator.handle(request)
