# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read and edit ``.env`` files without disturbing what is not ours. Private to the collection.

The reader follows Docker Compose v2 (compose-spec/compose-go, ``dotenv/parser.go`` and ``template/template.go``),
because Compose is what hands the file to the app:

* single quotes: literal, only an escaped single quote is unescaped; may span lines;
* double quotes: escapes (backslash with one of ``abcfnrtv$"\\``, octal ``\\0ddd``), then interpolation; may span lines;
* unquoted: up to `` #`` or the end of the line, trimmed, then interpolation;
* ``export KEY=``, ``KEY: value``, CRLF and a byte order mark are accepted; a bare ``KEY`` is passed through from the
  environment; the last of several lines of one key wins.

The writer is stricter. It uses a notation only where Compose and python-dotenv both read back exactly the value, takes
one that django-environ reads too wherever there is one, and refuses the rest. Two differences decide what it can use:
python-dotenv expands ``${...}`` even within single quotes and reads two backslashes there as one; ``\\$`` within double
quotes is a dollar sign for Compose only.
"""

from __future__ import annotations

import itertools
import os
import re
import unicodedata
from dataclasses import dataclass, field
from typing import cast

SECRET = "(secret)"
SECRET_OLD = "(secret, old)"
SECRET_NEW = "(secret, new)"
NOT_SHOWN = "(not shown)"

# The tokens of a statement. A blank is what Go's parser trims within a line; the carriage return of a CRLF is not one.
_BLANK = r"(?:[ \t\v\f\x85\xa0]|\r(?!\n|\Z))"
_EOL = r"(?P<eol>\r?\n|\r?\Z)"
_IGNORED = re.compile(rf"{_BLANK}*(?:#[^\n]*?)?{_EOL}")
_KEY = re.compile(rf"(?P<head>{_BLANK}*(?:export{_BLANK}+)?)(?P<key>[\w.\[\]-]+){_BLANK}*(?P<sep>[=:]|(?=\r?\n|\r?\Z))")
_GAP = re.compile(rf"{_BLANK}*")
_QUOTED = re.compile(r"""'(?P<single>(?:\\.|[^'\\])*)'|"(?P<double>(?:\\.|[^"\\])*)\"""", re.DOTALL)
_UNQUOTED = re.compile(rf"(?P<body>[^\n]*?){_EOL}")
_TAIL = re.compile(rf"(?P<tail>{_BLANK}*(?:#[^\n]*?)?){_EOL}")
_LINE = re.compile(rf"[^\n]*?{_EOL}")

_ESCAPE = re.compile(r'\\(?:[abcfnrtv$"\\]|0\d{0,3})')
_ESCAPED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", '"': '"'}
_WORD = "[^{}]*"
for _level in range(3):  # references within the default of a reference
    _WORD = rf"(?:[^{{}}]|\{{{_WORD}\}})*"
_VARIABLE = re.compile(
    rf"\$(?:(?P<escaped>\$)|(?P<named>[A-Za-z_]\w*)"
    rf"|\{{(?:(?P<braced>[A-Za-z_]\w*)(?:(?P<rule>:?[-+?])(?P<word>{_WORD}))?\}}|(?P<invalid>)))",
    re.ASCII,
)

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BARE = re.compile(r"[A-Za-z0-9_./:@%+,=-]*")
_EXPANDED_IN_QUOTES = re.compile(r"\$\{[^}:]*(:-[^}]*)?\}")  # by python-dotenv


class DotenvError(Exception):
    """Something that cannot be written or edited; the message names the key and what to do, never a value."""


@dataclass
class Statement:
    """One statement and the text it was read from: joined again, the texts are the file."""

    text: str
    key: str | None = None
    value: str | None = None  # None: no value in the file, passed through from the environment
    raw: str = ""  # the value as it is written
    constant: bool = True  # the value is the same in every environment
    head: str = ""  # indentation and "export"
    tail: str = ""  # the comment behind the value
    eol: str = ""
    broken: bool = False  # Compose would refuse the file


@dataclass
class Edit:
    """What an edit comes to: the new text, the list of changes, and the lines a diff may show."""

    text: str
    changes: list = field(default_factory=list)
    before: list = field(default_factory=list)
    after: list = field(default_factory=list)


def read(source):
    """The values in a ``.env`` file, as Compose reads them: ``source`` is its text, or its path as ``os.PathLike``."""
    text = read_text(source) if isinstance(source, os.PathLike) else source
    return {line.key: line.value for line in parse(text) if line.value is not None and not line.broken}


def read_text(path):
    """The text of a file, byte for byte recoverable whatever its encoding."""
    with open(path, "rb") as file:
        return file.read().decode("utf-8", "surrogateescape")


def parse(text):
    """Split a text into statements."""
    statements: list[Statement] = []
    known: dict[str, str] = {}
    position = 0
    if text.startswith("\ufeff"):
        statements.append(Statement("\ufeff"))
        position = 1
    while position < len(text):
        statement = _statement(text, position, known)
        if statement.value is not None and not statement.broken:
            known[statement.key] = statement.value
        statements.append(statement)
        position += len(statement.text)
    return statements


def _must(match: re.Match[str] | None) -> re.Match[str]:
    """A match of a pattern that matches everything."""
    return cast("re.Match[str]", match)


def _statement(text, start, known):
    ignored = _IGNORED.match(text, start)
    if ignored:
        return Statement(ignored.group(), eol=ignored["eol"])
    line = _must(_LINE.match(text, start))
    name = _KEY.match(text, start)
    if not name:
        return Statement(line.group(), eol=line["eol"], broken=True)
    key, head = name["key"], name["head"]
    if not name["sep"]:
        return Statement(line.group(), key, head=head, eol=line["eol"])

    position = _must(_GAP.match(text, name.end())).end()
    if text[position : position + 1] in ("'", '"'):
        quoted = _QUOTED.match(text, position)
        end = _TAIL.match(text, quoted.end()) if quoted else None
        if not quoted or not end:
            return Statement(line.group(), key, head=head, eol=line["eol"], broken=True)
        raw, tail = quoted.group(), end["tail"]
        if raw[0] == "'":
            value, constant, valid = _unescape_quote(quoted["single"], "'"), True, True
        else:
            value, constant, valid = _expand(_unescape(_unescape_quote(quoted["double"], '"')), known)
    else:
        end = _must(_UNQUOTED.match(text, position))
        body = end["body"]
        # In `KEY= # note` Compose takes the note for the value, python-dotenv does not, and nobody means it.
        note = position > name.end() and body.startswith("#")
        raw = "" if note else body.split(" #", 1)[0].rstrip()
        tail = " " + body if note else body[len(raw) :]
        value, constant, valid = _expand(raw, known)
        constant = constant and not note
    return Statement(text[start : end.end()], key, value, raw, constant, head, tail, end["eol"], not valid)


def _unescape_quote(inner, quote):
    return re.sub(r"\\(.)", lambda m: quote if m[1] == quote else m[0], inner, flags=re.DOTALL)


def _unescape(value):
    def one(match):
        code = match.group()[1:]
        if code == "$":
            return "$$"  # the interpolation's own way to write a dollar sign
        if code[0] == "0":
            digits = code[1:]
            return chr(int(digits, 8)) if re.fullmatch("[0-3][0-7]{2}", digits) else match.group()
        return _ESCAPED.get(code, match.group())

    return _ESCAPE.sub(one, value)


def _expand(value, known):
    """The value with its references replaced from the keys above, whether it had none, whether Compose accepts them.

    Compose also asks its environment, which wins; that is why such a value is never taken for a fixed one.
    """
    constant = valid = True

    def one(match):
        nonlocal constant, valid
        if match["escaped"]:
            return "$"
        constant = False
        if match["invalid"] is not None:
            valid = False
            return match.group()
        current = known.get(match["named"] or match["braced"])
        rule, word = match["rule"] or "", match["word"] or ""
        there = bool(current) if rule.startswith(":") else current is not None
        if (rule.endswith("-") and not there) or (rule.endswith("+") and there):
            return _expand(word, known)[0]
        return "" if rule.endswith("+") else current or ""

    return _VARIABLE.sub(one, value), constant, valid


def to_text(key, value):
    """The string to write for a value from a playbook."""
    if isinstance(value, (bool, int, float, str)):
        return str(value)
    if value is None:
        fix = 'write "" for an empty value, or name the key in "absent"'
    else:
        fix = "pass a string, for example through the filter to_json"
    raise DotenvError(f"{key}: a value of type {type(value).__name__} cannot be written to a .env file; {fix}.")


def encode(key, value, quote=""):
    """The notation of a value that every reader reads back as it is; ``quote`` is the one to prefer if it can do it."""
    for character in value:
        if (unicodedata.category(character) in ("Cc", "Cs") and character != "\t") or character in "\u2028\u2029":
            raise DotenvError(
                f"{key}: the value holds the character U+{ord(character):04X}, which cannot be written to a .env file "
                "so that all readers agree (line breaks, NUL and other control characters); "
                "pass it on one line, for example encoded with the filter b64encode, or take the character out."
            )
    if _EXPANDED_IN_QUOTES.search(value):
        raise DotenvError(
            f"{key}: the value holds ${{...}}, which python-dotenv replaces even within quotes; "
            "give the final value instead of a reference, or choose a value without it."
        )
    notations = {"": _bare(value), "'": _single(value), '"': _double(value), "escaped": _single_escaped(value)}
    for kind in (quote, "", "'", '"', "escaped"):
        if notations[kind] is not None:
            return notations[kind]
    raise DotenvError(
        f"{key}: the value holds $ together with quotes or backslashes for which no notation is read alike by "
        "Docker Compose and python-dotenv; choose a value without $ or without the backslashes."
    )


def _bare(value):
    return value if _BARE.fullmatch(value) else None


def _single(value):
    # A value within double quotes would be stripped of them by django-environ.
    if "'" in value or "\\\\" in value or value.endswith("\\") or re.fullmatch('".*"', value):
        return None
    return f"'{value}'"


def _double(value):
    if "$" in value:
        return None
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _single_escaped(value):
    if re.search(r"\\\\|\\'|\\\Z", value):
        return None
    escaped = value.replace("'", "\\'")
    return f"'{escaped}'"


def edit(text, values=None, secrets=None, defaults=None, absent=None):
    """Plan the edit of a text; nothing is written here."""
    wanted = _wanted(values, secrets, defaults, absent)
    statements = parse(text)
    eol = next((line.eol for line in statements if line.eol), "\n")
    result = Edit(text)
    for key, value in wanted.items():
        lines = [line for line in statements if line.key == key]
        _refuse_broken(key, lines, statements)
        if key in (defaults or {}) and lines and not _is_empty(lines[-1]):
            continue
        if value is None:
            operation, after = ("unset", []) if lines else (None, [])
        elif lines and lines[-1].constant and lines[-1].value == value:
            operation, after = ("deduplicate", lines[-1:]) if len(lines) > 1 else (None, [])
        else:
            operation, after = "set", [_assigned(lines[-1] if lines else Statement("", key, eol=eol), value)]
        if operation:
            secret = key in (secrets or {})
            statements = _replaced(statements, lines, after, eol)
            result.changes.append({"key": key, "operation": operation, "secret": secret})
            result.before += [_shown(line, operation, secret, SECRET_OLD) for line in lines]
            result.after += [_shown(line, operation, secret, SECRET_NEW) for line in after]
    result.text = "".join(line.text for line in statements)
    _prove(text, result, wanted)
    return result


def restore(text, keys, record, defaults=None):
    """Plan to bring keys back to what a record says they were; one that it does not name is not ours to change.

    Without any record nothing is known of before, and the keys go. A key in ``defaults`` gets that value where it would
    end up missing or empty.
    """
    statements = parse(text)
    eol = next((line.eol for line in statements if line.eol), "\n")
    result = Edit(text)
    for key in keys:
        lines = [line for line in statements if line.key == key]
        _refuse_broken(key, lines, statements)
        if record is not None and key not in record:
            continue
        after = [line for line in parse((record or {}).get(key, "")) if line.key == key]
        if key in (defaults or {}) and (not after or _is_empty(after[-1])):
            after = [*after[:-1], _assigned(after[-1] if after else Statement("", key, eol=eol), defaults[key])]
        if "".join(line.text for line in after) == "".join(line.text for line in lines):
            continue
        operation = "restore" if after else "unset"
        statements = _replaced(statements, lines, after, eol)
        result.changes.append({"key": key, "operation": operation, "secret": False})
        result.before += [f"{key}={NOT_SHOWN}" for _line in lines]
        result.after += [f"{key}={NOT_SHOWN}" for _line in after]
    result.text = "".join(line.text for line in statements)
    return result


def recorded(text, keys, record):
    """The record with what each key is now, where it does not say yet what it was before."""
    statements = parse(text)
    now = {key: "".join(line.text for line in statements if line.key == key) for key in keys}
    return {**now, **record}


def git_exclude(text, names):
    """A file like .gitignore with the lines that keep files out of git, and which of them it lacked.

    The first name is that of the file that is edited; the names of its backups begin with it.
    """
    patterns = [re.sub(r"([\\*?\[#! ])", r"\\\1", name) for name in names]
    patterns.append(patterns[0] + ".*~")
    lacking = [pattern for pattern in patterns if pattern not in text.splitlines()]
    gap = "\n" if lacking and text and not text.endswith("\n") else ""
    return text + gap + "".join(f"{pattern}\n" for pattern in lacking), lacking


def _is_empty(line):
    # A bare KEY is not: whoever wrote it wants the value of the environment.
    return line.value is not None and line.raw in ("", "''", '""')


def _shown(line, operation, secret, marker):
    """A line of the diff. Nobody said whether a removed key is a secret, so its value is not shown."""
    if secret:
        return f"{line.key}={SECRET if operation == 'deduplicate' else marker}"
    return f"{line.key}={NOT_SHOWN if operation == 'unset' else line.raw}"


def _wanted(values, secrets, defaults, absent):
    """One dictionary of what each key shall be, None for not there."""
    wanted: dict[str, str | None] = {}
    origin: dict[str, str] = {}
    sources = (
        ("values", values),
        ("secrets", secrets),
        ("defaults", defaults),
        ("absent", dict.fromkeys(absent or [])),
    )
    for option, keys in sources:
        for key, value in (keys or {}).items():
            if not isinstance(key, str) or not _NAME.fullmatch(key):
                raise DotenvError(
                    f"{key}: not a valid name in a .env file; use letters, digits and underscores, no digit first."
                )
            if key in origin:
                raise DotenvError(f'{key}: named in both "{origin[key]}" and "{option}"; keep one of them.')
            origin[key] = option
            wanted[key] = None if option == "absent" else to_text(key, value)
            if wanted[key] is not None:
                encode(key, wanted[key])  # refuse before anything is planned
    return wanted


def _refuse_broken(key, lines, statements):
    for line in lines:
        if line.broken and line.value is None:
            raise DotenvError(
                f"{key}: line {_number(statements, line)} cannot be read (a quote that is not closed, or text behind "
                "the closing quote); mend or delete that line by hand."
            )


def unreadable(text):
    """The numbers of the lines for which Compose would refuse the file."""
    statements = parse(text)
    return [_number(statements, line) for line in statements if line.broken]


def _number(statements, wanted):
    before = itertools.takewhile(lambda line: line is not wanted, statements)
    return 1 + sum(line.text.count("\n") for line in before)


def _assigned(line, value):
    """The statement with another value, in its old quotes where they can carry it."""
    raw = encode(line.key, value, line.raw[:1] if line.raw[:1] in ("'", '"') else "")
    tail = line.tail if line.tail.strip() else ""
    if tail and not tail[0].isspace():
        tail = " " + tail
    if tail and not raw:
        raw = "''"  # else Compose would take the comment for the value
    return Statement(
        f"{line.head}{line.key}={raw}{tail}{line.eol}", line.key, value, raw, True, line.head, tail, line.eol
    )


def _replaced(statements, old, new, eol):
    """The statements with the lines of a key replaced by its new ones, in the place of the last, or at the end."""
    if not old:
        last = statements[-1].text if statements else "\n"
        return statements + ([] if last.endswith(("\n", "\ufeff")) else [Statement(eol)]) + new
    result = []
    for line in statements:
        if line is old[-1]:
            result += new
        elif not any(line is other for other in old):
            result.append(line)
    return result


def _prove(text, result, wanted):
    """Read the new text back: a quote that is not closed further up could swallow a line that was appended."""
    changed = [change["key"] for change in result.changes]
    values = read(result.text)

    def others(source):
        return [(line.key, line.raw) for line in parse(source) if line.key and line.key not in changed]

    if any(values.get(key) != wanted[key] for key in changed) or others(text) != others(result.text):
        raise DotenvError(
            f"{', '.join(changed)}: cannot be set, because the file has a quote that is not closed; mend it by hand "
            f"(see line {', '.join(map(str, unreadable(text)))})."
        )
