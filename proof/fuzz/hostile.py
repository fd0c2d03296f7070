"""Hostile values: texts, numbers, ids, forms and files, drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from urllib.parse import quote_plus

TEXTS = (
    "",
    " ",
    "0",
    "-1",
    "null",
    "true",
    "NaN",
    "1e999",
    "9" * 40,
    "2147483648",
    "9223372036854775808",
    "' OR '1'='1",
    "'; DROP TABLE runs; --",
    "\\",
    "%",
    "_%_%",
    "%00",
    "\x00",
    "a\x00b",
    "\r\nSet-Cookie: a=b",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "${jndi:ldap://x/a}",
    "../../../../etc/passwd",
    "..%2f..%2f",
    '=HYPERLINK("http://x")',
    "@SUM(1+1)",
    "CleoPay:pay_1",
    "ﬀ İ \u0131 ß ẞ",
    "e\u0301" * 40,
    "\u202egnirts",
    "\ufeff",
    "\u0000\u0001\u0002",
    "🏦" * 30,
    "\ud83d\ude00",
    "日本語のテキスト",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31T23:59:60Z",
    "0001-01-01T00:00:00+14:00",
    "10000-01-01",
    "1" * 5_000,
    "a" * 70_000,
    "[" * 5_000,
    '{"a":' * 2_000,
    "http://169.254.169.254/latest",
    "javascript:alert(1)",
    "//evil.example",
)
_LETTERS = (
    "abcXYZ019 _-.:/\\'\"<>&%$#@!?=+*{}[]()|~`^,;\t\n\r\x00\x1b\x7f\x85\u00a0\u2028é✓\U0001d518"
)


def text(dice: random.Random) -> str:
    """Draw a text: a known troublemaker, or one of odd letters."""
    if dice.random() < 0.6:
        return dice.choice(TEXTS)
    return "".join(dice.choice(_LETTERS) for _ in range(dice.choice((1, 3, 12, 60, 300))))


def mutated(dice: random.Random, body: bytes, changes: int | None = None) -> bytes:
    """Change some bytes: replace, remove, repeat, insert or cut off."""
    made = bytearray(body)
    for _ in range(dice.randint(1, 12) if changes is None else changes):
        at = dice.randrange(len(made) + 1)
        match dice.randrange(6):
            case 0 if at < len(made):
                made[at] = dice.randrange(256)
            case 1:
                del made[at : at + dice.randint(1, 40)]
            case 2:
                made[at:at] = made[at : at + dice.randint(1, 400)] * dice.randint(1, 20)
            case 3:
                made[at:at] = bytes(dice.randrange(256) for _ in range(dice.randint(1, 20)))
            case 4:
                made[at:at] = text(dice).encode("utf-8", "surrogatepass")
            case _ if dice.random() < 0.2:
                del made[at:]
    return bytes(made)


def form(dice: random.Random, known: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Draw the fields of a form from those it has: kept, changed, doubled, left out, added."""
    made = []
    for name, value in known:
        match dice.randrange(6):
            case 0 | 1 | 2:
                made.append((name, value))
            case 3:
                made.append((name, text(dice)))
            case 4:
                made += [(name, value), (name, text(dice))]
    if dice.random() < 0.3:
        made.append((text(dice)[:60], text(dice)))
    dice.shuffle(made)
    return made


def encoded(fields: Sequence[tuple[str, str]]) -> bytes:
    """Encode a form as browsers do, including lone surrogates."""
    return "&".join(
        f"{quote_plus(name.encode('utf-8', 'surrogatepass'))}="
        f"{quote_plus(value.encode('utf-8', 'surrogatepass'))}"
        for name, value in fields
    ).encode()


def huge(dice: random.Random) -> bytes:
    """Draw the body of a form that is large in one way or another: the page accepts 200 kB."""
    match dice.randrange(6):
        case 0:
            return b"token=" + b"a" * 190_000
        case 1:
            return b"a=b&" * 49_000
        case 2:
            return b"&".join(b"f%d=%d" % (number, number) for number in range(1_900))
        case 3:
            return b"value=" + b"%F0%9F%8F%A6" * 16_000
        case 4:
            return b"a=" + b"%" * 190_000
        case _:
            return b"a=" + b"%" * dice.choice((200_001, 2_000_000, 11_000_000))
