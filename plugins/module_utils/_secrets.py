# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""What is hidden wherever it would be shown: by its name, though nobody said that it is a secret, and by its value.

Sent into targets, too (Python 3.8).
"""

from __future__ import annotations

import functools
import re
from html.entities import codepoint2name

SAYS_SECRET = re.compile(r"PASSW|PASSPHRASE|SECRET|TOKEN|KEY|CREDENTIAL", re.IGNORECASE)
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^A-Za-z_.\s-]+")
# A name that ends so says where a secret is to be had, where it is kept, or how long it lives.
ABOUT_A_SECRET = re.compile(
    r"(URL|URI|ENDPOINT|FILE|PATH|DIR)S?|DIRECTORY"
    r"|SECONDS|MINUTES|HOURS|DAYS|AGE|EXPIRES?|EXPIRY|EXPIRATION|LIFETIME|TIMEOUT|TTL",
    re.IGNORECASE,
)
HIDDEN = "********"
# Stands in a dry run for what only a run makes up: an invented one would be another at each look.
TO_BE_GENERATED = "(to be generated)"
# A shorter one would hide half of what a message says.
SHORTEST = 4
# What no way of escaping changes.
PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.~")
# So many backslashes stand for one after three rounds of escaping.
MOST = 8
LETTERS = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f", "\v": "v", "\a": "a", "\0": "0"}


@functools.lru_cache(maxsize=1024)
def is_secret(name):
    """Whether a name says that its value is a secret, of which nobody has to say so.

    An address, a path and a span of time are none. Whatever else has password, passphrase, secret, token, key or
    credential in its name is one: what is hidden in vain can be looked up.

    >>> [is_secret(name) for name in ("API_KEY", "password", "ACCESS_TOKEN_URL", "tokenExpireSeconds", "name")]
    [True, True, False, False, False]
    """
    name = str(name)
    return bool(SAYS_SECRET.search(name)) and not ABOUT_A_SECRET.fullmatch(WORD.findall(name)[-1])


def veiled(value, other=None, differs=HIDDEN, same=HIDDEN):
    """Data with a word in the place of every value whose name says that it is a secret.

    :param other: what it is compared with: where the two differ the word is another one.

    >>> veiled({"SECRET": "x", "A": [{"token": ""}]}, {"SECRET": "y"}, "(new)", "(same)")
    {'SECRET': '(new)', 'A': [{'token': ''}]}
    """
    if isinstance(value, dict):
        others = other if isinstance(other, dict) else {}
        return {
            name: (same if entry == others.get(name) else differs)
            if is_secret(name) and entry not in (None, "", [], {}) and not isinstance(entry, bool)
            else veiled(entry, others.get(name), differs, same)
            for name, entry in value.items()
        }
    if isinstance(value, (list, tuple)):
        beside = other if isinstance(other, (list, tuple)) and len(other) == len(value) else [None] * len(value)
        return [veiled(entry, its, differs, same) for entry, its in zip(value, beside)]
    return value


def named(value, inside=False):
    """The texts whose name says that they are secrets, wherever they are in some data.

    >>> sorted(named({"a": [{"api_key": ["x", {"y": "z"}]}, "w"]}))
    ['x', 'z']
    """
    if isinstance(value, dict):
        return {text for name, entry in value.items() for text in named(entry, inside or is_secret(name))}
    if isinstance(value, (list, tuple)):
        return {text for entry in value for text in named(entry, inside)}
    return {value} if inside and isinstance(value, str) else set()


@functools.lru_cache(maxsize=None)
def pattern(secret):
    """Finds a secret however it was escaped: by JSON, Python, a shell, SQL, an address or HTML, once or again."""
    return re.compile("".join(several(run[0]) for run in re.finditer(r"\\+|[^\\]", secret)))


def several(run):
    """The pattern of one character, or of backslashes one after another, which escaping makes many more."""
    if run[0] != "\\":
        return escaped(run)
    return r"(?:\\{%d,%d}|%s{%d})" % (len(run), 4 * len(run), coded("\\"), len(run))


@functools.lru_cache(maxsize=None)
def escaped(char):
    """All that may stand for a character, as a regular expression."""
    if char in PLAIN:
        return re.escape(char)
    # A line may have been indented, or have got the end that lines have elsewhere.
    literal = r"[ \t]{0,80}\r?\n[ \t]{0,80}" if char == "\n" else r"\\{0,%d}" % MOST + re.escape(char)
    other = {" ": [r"\+"], "'": ["''", "'\"'\"'", r"'\\{1,4}''"], '"': ['""']}.get(char, [])
    letter = [r"\\{1,%d}" % MOST + LETTERS[char]] if char in LETTERS else []
    return "(?:%s)" % "|".join([coded(char), *other, *letter, literal])


def coded(char):
    """All the numbers and names that may stand for a character."""
    number = ord(char)
    units, octets = char.encode("utf-16-be", "surrogatepass"), char.encode("utf-8", "surrogatepass")
    pairs = [f"{high:02x}{low:02x}" for high, low in zip(units[::2], units[1::2])]
    names = ["apos"] if char == "'" else [codepoint2name[number]] if number in codepoint2name else []
    found = [
        "".join(r"\\+u%s" % pair for pair in pairs),
        r"\\+u0*\{0*%x\}" % number,
        r"\\+U%08x" % number,
        "".join("%%(?:25)*%02x" % octet for octet in octets),
        "".join(r"\\+x%02x" % octet for octet in octets),
        "".join(r"\\+%03o" % octet for octet in octets),
        "&(?:amp;)*#(?:0*%d|x0*%x);" % (number, number),
        *("&(?:amp;)*%s;" % name for name in names),
        *([r"\\+x%02x" % number] if number < 256 else []),
    ]
    return "(?i:%s)" % "|".join(part.replace(r"\\+", r"\\{1,%d}" % MOST) for part in found)


def found_in(text, secrets):
    """Those of many secrets that are in a text, which is gone through a few times only, not once for each.

    They are looked up by their beginnings, whose length is a power of two: at every place of the text, one look each.

    >>> sorted(found_in("of words and passwords", ["passw", "pass phrase", "words", "s"]))
    ['passw', 's', 'words']
    """
    beginnings: dict[int, dict[str, list[str]]] = {}
    for secret in filter(None, secrets):
        length = 1 << (len(secret).bit_length() - 1)
        beginnings.setdefault(length, {}).setdefault(secret[:length], []).append(secret)
    found: set[str] = set()
    for length, its in beginnings.items():
        for end in range(length, len(text) + 1):
            place = end - length
            found.update(secret for secret in its.pop(text[place:end], ()) if secret in text)
    return found


def masked(text, secrets):
    """A text without these secrets in any form, the longest first: one may be a part of another.

    >>> masked("it said pass&quot;word, or pass%22word, %22", ['pass"word'])
    'it said ********, or ********, %22'
    """
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) < SHORTEST:
            continue
        plain = PLAIN.issuperset(secret)
        text = text.replace(secret, HIDDEN) if plain else pattern(secret).sub(HIDDEN, text)
    return text
