"""What runs beside the parent: the nursery that imports and forks, and the children that parse.

The wire to the parent is a socket pair each. An order to the nursery is a letter and a key, with
the child's end of a new socket pair where a child is to be born; a notice from it is a letter, a
key and an exit code. A child reads a length and a pickled task, and writes a length and a pickled
`(kind, value)`.
"""

from __future__ import annotations

import contextlib
import importlib
import math
import os
import pickle
import resource
import select
import signal
import socket
import struct
import time
from collections.abc import Sequence
from typing import Any, NoReturn

from bot.errors import RedlineError

ORDER = struct.Struct(">cQ")
NOTICE = struct.Struct(">cQi")
LENGTH = struct.Struct(">Q")

COURTESY = 5
"""How much less a child is in a hurry (nice(2)): people who wait come before parsing."""


def serve_nursery(control: int, preload: Sequence[str], memory: int, cpu: int) -> None:
    """Be the nursery: import, then fork on order until the parent is gone."""
    # Ctrl-C at the terminal is for the parent, which ends us by closing the socket.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in preload:
        importlib.import_module(name)
    _Forks(socket.socket(fileno=control), memory, cpu).serve()


class _Forks:
    """The children of the nursery, by the parent's key."""

    def __init__(self, control: socket.socket, memory: int, cpu: int) -> None:
        self._control = control
        self._memory = memory
        self._cpu = cpu
        self._pids: dict[int, int] = {}
        self._woken, waker = os.pipe()
        os.set_blocking(waker, False)
        signal.set_wakeup_fd(waker)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        """Follow orders and tell of ended children, until the parent is gone."""
        self._control.send(NOTICE.pack(b"R", 0, 0))
        with contextlib.suppress(ConnectionError):
            while self._step():
                pass
        self._end_all()

    def _end_all(self) -> None:
        """Kill the children and wait for them: nobody else may be there to bury them."""
        for pid in self._pids.values():
            os.kill(pid, signal.SIGKILL)
        for pid in self._pids.values():
            os.waitpid(pid, 0)

    def _step(self) -> bool:
        ready, _, _ = select.select([self._control.fileno(), self._woken], [], [])
        if self._woken in ready:
            os.read(self._woken, 4096)
            self._reap()
        return self._control.fileno() not in ready or self._follow()

    def _follow(self) -> bool:
        """Take one order; False where the parent is gone."""
        order, descriptors, _, _ = socket.recv_fds(self._control, ORDER.size, 1)
        if len(order) < ORDER.size:
            return False
        what, key = ORDER.unpack(order)
        if what == b"S":
            self._fork(key, descriptors[0])
        elif key in self._pids:
            os.kill(self._pids[key], signal.SIGKILL)
        return True

    def _fork(self, key: int, descriptor: int) -> None:
        pid = os.fork()
        if pid == 0:
            self._control.close()
            _serve_child(descriptor, self._memory, self._cpu)
        os.close(descriptor)
        self._pids[key] = pid

    def _reap(self) -> None:
        """Tell the parent of children that have ended; only then may their pids be used again."""
        for key, pid in list(self._pids.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self._pids[key]
                code = os.waitstatus_to_exitcode(status)
                self._control.send(NOTICE.pack(b"X", key, code))


def _serve_child(descriptor: int, memory: int, cpu: int) -> NoReturn:
    """Be a child: do one task after the other, and leave without any of the parent's manners."""
    code = 1
    with contextlib.suppress(BaseException):
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.nice(COURTESY)
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with socket.socket(fileno=descriptor) as parent:
            while _serve_one(parent, cpu):
                pass
        code = 0
    os._exit(code)


def _serve_one(parent: socket.socket, cpu: int) -> bool:
    """Do one task; False where the parent is gone or this child can do no more."""
    head = _receive(parent, LENGTH.size)
    if not head:
        return False
    request = _receive(parent, *LENGTH.unpack(head))
    # The limit counts the whole life of the process, so it moves with every task.
    until = math.ceil(time.process_time()) + cpu
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))
    kind, answer = _do(request)
    parent.sendall(LENGTH.pack(len(answer)) + answer)
    return kind != "spent"


def _do(request: bytes) -> tuple[str, bytes]:
    kind: str
    value: Any
    try:
        task, args, kwargs = pickle.loads(request)  # noqa: S301 - it comes from the parent
        kind, value = "value", task(*args, **kwargs)
    except RedlineError as error:
        kind, value = "error", error
    except (MemoryError, RecursionError) as error:
        kind, value = "spent", f"was stopped: {_SPENT[type(error)]}"
    except Exception as error:  # noqa: BLE001 - whatever a parser raises ends here
        kind, value = "failed", f"failed with {_place(error)}"
    return kind, pickle.dumps((kind, value))


_SPENT = {
    MemoryError: "it needed more memory than it may have",
    RecursionError: "the input is nested too deeply",
}


def _place(error: Exception) -> str:
    """Name an error and the line that raised it; its message may hold what a feed wrote."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(error).__name__
    file = os.path.basename(trace.tb_frame.f_code.co_filename)  # noqa: PTH119 - text, not a path
    return f"{type(error).__name__} at {file}:{trace.tb_lineno}"


def _receive(parent: socket.socket, size: int) -> bytes:
    """Read exactly `size` bytes; fewer where the parent is gone."""
    parts = bytearray()
    while len(parts) < size:
        part = parent.recv(min(size - len(parts), 1 << 20))
        if not part:
            return b""
        parts += part
    return bytes(parts)
