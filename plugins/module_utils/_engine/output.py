# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""What is kept of what a target says, which may have no end: a reply as a whole, and of everything else the last.

A reply is one line between the markers of its request (see ``agent.say``). What is dropped leaves its signs: what
``target.py`` looks for in an output is found in what is kept of it.
"""

from __future__ import annotations

import re

# So many bytes of noise are kept, and up to twice as many, so that not every read has to drop some.
KEPT = 2_000_000
# No reply is so long. What begins like one and is longer is noise.
LONGEST = 250_000_000
ECHO = b"sent = Sent("
LOOKED = re.compile(rb"\nLooked at \d+ objects\.\n")
# A line of the agent's own that is no reply is shorter.
LINE = 100
WHITESPACE = b" \t\n\r\v\f"


class Output:
    """One of the outputs of a target.

    :param nonce: the one of the request whose reply is awaited.
    """

    def __init__(self, nonce: str = "", kept: int = KEPT, longest: int = LONGEST):
        self.kept, self.longest = kept, longest
        self.expect(nonce)
        self.clear()

    def expect(self, nonce: str) -> None:
        """Await the reply to another request."""
        self.nonce = nonce.encode()
        self.begin, self.end, self.writes = (form % self.nonce for form in (b"<<%s\n", b"\n%s>>", b"<<%s writes>>"))
        self.searched, self.begins = 0, -1

    def clear(self) -> None:
        self.text, self.reply = bytearray(), b""
        self.signs: dict[str, bytes] = {}
        #: The last that was dropped, without white space: a nonce may stand half in it.
        self.edge = b""
        #: Up to where the text was looked at, and where a reply begins in it that may not be whole yet.
        self.searched, self.begins = 0, -1

    def add(self, data: bytes | bytearray) -> None:
        self.text += data
        while self.nonce and self._search():
            pass
        self._drop()

    def _search(self) -> bool:
        """Look on from where it was left, and whether there is more to look at."""
        if self.begins < 0:
            self.begins = self.text.find(self.begin, self.searched)
            if self.begins < 0:
                self.searched = max(self.searched, len(self.text) - len(self.begin) + 1)
                return False
            self.searched = self.begins + len(self.begin)
        first, end = self.begins + len(self.begin), self.text.find(b"\n", self.searched)
        if end < 0:
            self.searched = len(self.text)
            if self.searched - first > self.longest:
                self.begins = -1
            return False
        begin, stop = self.begins, end + len(self.end)
        found = self.text[end:stop]
        if len(found) < len(self.end) and self.end.startswith(found):
            self.searched = end
            return False
        self.searched = first
        if found == self.end and self.text.startswith(b"{", first):
            # The last one counts.
            self.reply = bytes(self.text[begin:stop])
            del self.text[begin:stop]
            self.searched = begin
        self.begins = -1
        return True

    def _drop(self) -> None:
        """Drop the oldest noise, where it is worth it."""
        end = len(self.text) - self.kept
        if self.begins >= 0:
            end = min(end, self.begins)
        if end <= self.kept:
            return
        # Not in the middle of one of the agent's lines, which begin with a line break.
        line = self.text.rfind(b"\n", max(0, end - LINE), end)
        end = line if line > 0 else end
        self._leave_signs(end)
        del self.text[:end]
        self.searched = max(0, self.searched - end)
        self.begins = max(-1, self.begins - end)

    def _leave_signs(self, end: int) -> None:
        if self.text.find(ECHO, 0, end + len(ECHO)) >= 0:
            self.signs["echo"] = ECHO
        start = self.text.rfind(b"\nLooked at ", 0, end)
        if start >= 0 and (looked := LOOKED.match(self.text, start)):
            self.signs["looked"] = looked[0].strip()
        if not self.nonce:
            return
        dropped = self.text[:end]
        if self.writes in dropped:
            self.signs["writes"] = self.writes
            dropped = dropped.replace(self.writes, b"")
        bare = self.edge + dropped.translate(None, WHITESPACE)
        if self.nonce in bare:
            self.signs["nonce"] = self.nonce
        rest = 1 - len(self.nonce)
        self.edge = bytes(bare[rest:])

    def __str__(self) -> str:
        parts: list[bytes | bytearray] = [*self.signs.values(), self.edge, self.text]
        if self.reply:
            parts.append(self.reply + b"\n")
        return b"\n".join(parts).decode("utf-8", "replace")
