"""The service as `serve` configures it, on a local port, for attacks on connections."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from cleo_accounting.flows import House
from cleo_accounting.web import connections
from tests.service import app_of


@contextmanager
def listening(house: House, connections_max: int) -> Iterator[tuple[str, int]]:
    """Serve this house until the block ends; yields the address."""
    server = uvicorn.Server(connections.configured(app_of(house), connections_max, ()))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(100)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()
        finally:
            server.should_exit = server.force_exit = True
            thread.join()
