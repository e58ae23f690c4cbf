"""Connections to hosts with several addresses, some of which may not respond.

An address that drops packets must not use up the deadline. So if an attempt takes long, the next
address is tried beside it, and the first connection that opens is used (RFC 8305, as in curl and
browsers). Threads are used because asyncio and anyio take a third of the import time of httpx.
"""

import socket
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import suppress
from itertools import chain, zip_longest
from typing import Protocol, TypeVar

from papertrack.network.calls import Call

_DELAY = 0.25  # seconds until the next address is tried beside the others, from RFC 8305


class _Closable(Protocol):
    def close(self) -> None: ...


_Connection = TypeVar("_Connection", bound=_Closable)


def connect(host: str, port: int, seconds: float) -> socket.socket:
    """Open a connection to a host. Raises OSError, and TimeoutError after about `seconds`."""
    return first_connection(
        resolve(host, port),
        lambda address: socket.create_connection((address, port), seconds),
    )


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, alternating IPv6 and IPv4, as one of the two may not work.

    The first is the one that the system prefers. Raises OSError, and UnicodeError for impossible
    names.
    """
    by_family: dict[socket.AddressFamily, list[str]] = {}
    for family, _, _, _, target in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        by_family.setdefault(family, []).append(_text_of(target))
    alternating = chain.from_iterable(zip_longest(*by_family.values()))
    return list(dict.fromkeys(filter(None, alternating)))


def _text_of(target: tuple[object, ...]) -> str:
    """Return an address as text, with its scope if it is valid only within one."""
    address, scope = str(target[0]), target[3:]
    return f"{address}%{scope[0]}" if any(scope) and "%" not in address else address


def first_connection(
    addresses: Iterable[str], open_connection: Callable[[str], _Connection]
) -> _Connection:
    """Return the first connection that opens, and close those that open later.

    Raises the error of the last attempt that failed if all fail.
    """
    waiting = list(addresses)
    if len(waiting) == 1:
        return open_connection(waiting[0])
    running: set[Future[_Connection]] = set()
    error: BaseException = OSError("no address")
    while waiting or running:
        if waiting:
            running.add(_start(open_connection, waiting.pop(0)))
        done, running = wait(running, _DELAY if waiting else None, FIRST_COMPLETED)
        while done:
            attempt = done.pop()
            if (failure := attempt.exception()) is None:
                for other in done | running:
                    other.add_done_callback(_close)
                return attempt.result()
            error = failure
    raise error


def _start(open_connection: Callable[[str], _Connection], address: str) -> Future[_Connection]:
    attempt = Call(lambda _: open_connection(address))
    attempt.start()
    return attempt.result


def _close(attempt: Future[_Connection]) -> None:
    if attempt.exception() is None:
        with suppress(OSError):
            attempt.result().close()
