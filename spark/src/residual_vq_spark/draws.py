"""Seeded random numbers, those of the npm package (ts/model/random.ts), for the choice of first codewords."""

from __future__ import annotations

_MASK = 0xFFFF_FFFF


class Random:
    """xoshiro128** (Blackman and Vigna, 2018), seeded through splitmix32; `stream` gives independent sequences for one seed."""

    def __init__(self, seed: int, stream: int = 0):
        self._mix = (seed ^ (stream * 0x85EBCA6B)) & _MASK
        self._state = [self._next() for _ in range(4)]

    def uint32(self) -> int:
        a, b, c, d = self._state
        result = (_rotate((b * 5) & _MASK, 7) * 9) & _MASK
        t = (b << 9) & _MASK
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= t
        self._state = [a, b, c, _rotate(d, 11)]
        return result

    def uniform(self) -> float:
        """From 0 (included) to 1 (not), with 53 bits."""
        return ((self.uint32() >> 5) * 0x4000000 + (self.uint32() >> 6)) / 0x20000000000000

    def below(self, n: int) -> int:
        """From 0 to n - 1, each as likely."""
        limit = 0x1_0000_0000 - 0x1_0000_0000 % n  # what lies above would favour small numbers
        while True:
            value = self.uint32()
            if value < limit:
                return value % n

    def _next(self) -> int:
        self._mix = (self._mix + 0x9E3779B9) & _MASK
        z = self._mix ^ (self._mix >> 16)
        z = (z * 0x21F0AAAD) & _MASK
        z = ((z ^ (z >> 15)) * 0x735A2D97) & _MASK
        return z ^ (z >> 15)


def _rotate(x: int, k: int) -> int:
    return ((x << k) | (x >> (32 - k))) & _MASK
