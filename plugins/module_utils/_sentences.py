# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""What went wrong and what to do, as sentences that do not run into each other; also where the first is a quotation."""

from __future__ import annotations


def ended(said: str) -> str:
    """A text that ends as a sentence does, whoever wrote it.

    >>> ended("no such service: web "), ended("Is it there?"), ended("")
    ('no such service: web.', 'Is it there?', '')
    """
    text = said.rstrip()
    return text + "." if text and text[-1] not in ".!?" else text


def with_fix(said: str, fix: str) -> str:
    """What is wrong, and what to do about it where that is known.

    >>> with_fix("no such service: web", "name another.")
    'no such service: web. Fix: name another.'
    >>> with_fix("no such service: web", "")
    'no such service: web'
    """
    return f"{ended(said)} Fix: {fix}" if fix else said
