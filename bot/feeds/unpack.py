"""Content codings taken off while the bytes arrive, a bounded piece at a time."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

import brotli

PIECE = 1 << 16
"""Bytes that are unpacked at a time: no answer can grow past its limit by more than this."""

_GZIP_MAGIC = b"\x1f\x8b"


class UnpackError(Exception):
    """The body is not what its Content-Encoding says, or ends early."""


class Unpacker(Protocol):
    """Takes one coding off a body."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what `data` unpacks to, in pieces of at most about `PIECE` bytes.

        Raises:
            UnpackError: the bytes are not of this coding.
        """
        ...

    def finish(self) -> None:
        """Say that no more comes.

        Raises:
            UnpackError: the body ended in the middle.
        """
        ...


def unpacker(coding: str) -> Unpacker:
    """Return what takes `coding`, the value of a Content-Encoding header, off a body.

    Raises:
        UnpackError: it is none of gzip, deflate, br, or more than one of them. One layer is all
            that honest servers send; each further one multiplies what a bomb can do.
    """
    make = _UNPACKERS.get(_named(coding))
    if make is None:
        raise UnpackError("it is packed in a way Redline does not ask for")
    return make()


def is_packed(coding: str) -> bool:
    """Say whether a body of this Content-Encoding is said to be packed."""
    return _named(coding) not in _NO_CODING


def _named(coding: str) -> str:
    return coding.strip().lower() or "identity"


class _Plain:
    """A body that is said not to be packed. Files of a disk that end in .gz come so, packed."""

    def __init__(self) -> None:
        self._held = b""
        self._gzip: _Zlib | None = None
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        if not self._begun:
            data = self._held + data
            if len(data) < len(_GZIP_MAGIC) and _GZIP_MAGIC.startswith(data):
                self._held = data
                return
            self._begun = True
            self._held = b""
            self._gzip = _Zlib(gzip=True) if data.startswith(_GZIP_MAGIC) else None
        if self._gzip:
            yield from self._gzip.feed(data)
        else:
            yield data

    def finish(self) -> None:
        if self._gzip:
            self._gzip.finish()


class _Zlib:
    """gzip, or deflate in either of the forms that servers send under that name."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._held = b""
        self._engine: zlib._Decompress | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._engine is None:
            data = self._held + data
            if len(data) < 2:
                self._held = data
                return
            self._engine = zlib.decompressobj(31 if self._gzip else _window_bits(data))
        try:
            yield from self._unpack(self._engine, data)
        except zlib.error as error:
            raise UnpackError("its packing is damaged") from error

    def _unpack(self, engine: zlib._Decompress, data: bytes) -> Iterator[bytes]:
        while True:
            piece = engine.decompress(data, PIECE)
            if piece:
                yield piece
            data = engine.unconsumed_tail
            if engine.eof:
                # A gzip body may be several members in a row (RFC 1952 2.2); padding is left out.
                data = engine.unused_data
                if not (self._gzip and data.startswith(_GZIP_MAGIC)):
                    return
                engine = self._engine = zlib.decompressobj(31)
            elif not data and len(piece) < PIECE:
                return

    def finish(self) -> None:
        if self._engine is None or not self._engine.eof:
            raise UnpackError("it ends in the middle")


def _window_bits(data: bytes) -> int:
    """Tell deflate with a zlib header (RFC 1950 2.2) from the bare form."""
    has_header = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
    return 15 if has_header else -15


class _Brotli:
    def __init__(self) -> None:
        self._engine = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        try:
            while True:
                piece = self._engine.process(data, output_buffer_limit=PIECE)
                yield piece
                if len(piece) < PIECE and self._engine.can_accept_more_data():
                    return
                data = b""
        except brotli.error as error:
            raise UnpackError("its packing is damaged") from error

    def finish(self) -> None:
        if not self._engine.is_finished():
            raise UnpackError("it ends in the middle")


# What servers write there for a body that is not packed at all: charsets, and what mail calls so.
_NO_CODING = ("identity", "none", "utf-8", "utf8", "iso-8859-1", "8bit", "binary")
_UNPACKERS: dict[str, Callable[[], Unpacker]] = {
    **dict.fromkeys(_NO_CODING, _Plain),
    "gzip": lambda: _Zlib(gzip=True),
    "x-gzip": lambda: _Zlib(gzip=True),
    "deflate": lambda: _Zlib(gzip=False),
    "br": _Brotli,
}
