# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read and edit ``.env`` files without disturbing what is not ours. Private to the collection.

The reader follows Docker Compose v2 (compose-spec/compose-go, ``dotenv/parser.go`` and ``template/template.go``),
because Compose is what hands the file to the app:

* single quotes: literal, only an escaped single quote is unescaped; may span lines;
* double quotes: escapes (backslash with one of ``abcfnrtv$"\\``, octal ``\\0ddd``), then interpolation; may span lines;
* unquoted: up to `` #`` or the line feed, trimmed, then interpolation;
* a closing quote ends a statement: another one may follow on the same line (``A="1" B="2"``);
* ``export KEY=``, ``KEY: value``, CRLF and a byte order mark are accepted; a carriage return alone is a blank; a bare
  ``KEY`` is passed through from the environment; the last of several lines of one key wins.

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
from dataclasses import dataclass, field, replace
from typing import cast

from ansible_collections.mitodl.openedx.plugins.module_utils._secrets import TO_BE_GENERATED, is_secret

SECRET = "(secret)"
SECRET_OLD = "(secret, old)"
SECRET_NEW = "(secret, new)"
NOT_SHOWN = "(not shown)"
# What a removal leaves of a client id or secret without which an app does not start.
REMOVED = "removed"
# The entry of a record that is no key.
PLACES = ""

# What Go's unicode.IsSpace says of a line, and what its parser trims around a name and an equals sign.
_SPACES = "\t\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_SPACE, _BLANK = f"[{_SPACES}]", r"[\t\v\f\r \x85\xa0]"
_EOL = r"(?P<eol>\r?\n|\Z)"
# "export" with nothing behind it means nothing.
_IGNORED = re.compile(rf"{_SPACE}*?(?:#[^\n]*?|export{_BLANK}*?(?=\r?\n))?{_EOL}")
_WORD = r"[\w.\[\]-]+"
_KEY = re.compile(
    rf"(?P<head>{_SPACE}*(?:export[\t\f\r ]{_BLANK}*)?)(?P<key>{_WORD}(?:{_BLANK}+{_WORD})*){_BLANK}*"
    r"(?P<sep>[=:]|(?=\n|\Z))"
)
_GAP = re.compile(rf"(?:(?!\r\n){_BLANK})*")
_QUOTED = re.compile(r"""'(?P<single>(?:\\.|[^'\\])*)'|"(?P<double>(?:\\.|[^"\\])*)\"""", re.DOTALL)
_UNQUOTED = re.compile(rf"(?P<body>[^\n]*?){_EOL}")
_TAIL = re.compile(rf"(?P<tail>{_SPACE}*?(?:#[^\n]*?)?){_EOL}")

_ESCAPE = re.compile(r'\\(?:[abcfnrtv$"\\]|0\d{0,3})')
_ESCAPED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", '"': '"'}
_REFERENCE = re.compile(r"\$(?:(?P<escaped>\$)|(?P<named>[A-Za-z_]\w*)|(?P<brace>\{))", re.ASCII)
_BRACED = re.compile(r"(?P<name>[A-Za-z_]\w*)(?:(?P<rule>:?[-+?])(?P<word>.*))?\Z", re.ASCII)
# What Linux hands to a program as one variable, and in all; and more levels than anybody writes.
LONGEST, LARGEST, DEEPEST = 128 * 1024, 2 * 1024 * 1024, 20

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
    problem: str = ""  # why Compose would refuse the file
    required: tuple[str, ...] = ()  # the variables without which it would


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
    return {line.key: line.value for line in parse(text) if line.value is not None and not line.problem}


def read_text(path):
    """The text of a file, byte for byte recoverable whatever its encoding."""
    with open(path, "rb") as file:
        return file.read().decode("utf-8", "surrogateescape")


def parse(text):
    """Split a text into statements."""
    statements: list[Statement] = []
    known: dict[str, str] = {}
    position = grown = 0
    if text.startswith("\ufeff"):
        statements.append(Statement("\ufeff"))
        position = 1
    while position < len(text):
        statement = _statement(text, position, known)
        if statement.value and not statement.constant:
            if grown + len(statement.value) > LARGEST:
                statement.value, statement.problem = "", "with it, more than what a program can be given"
            grown += len(statement.value)
        if statement.value is not None and not statement.problem:
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

    def whole_line(problem, key=None, head=""):
        line = _must(_UNQUOTED.match(text, start))
        return Statement(line.group(), key, head=head, eol=line["eol"], problem=problem)

    name = _KEY.match(text, start)
    if not name or (name["key"] == "export" and text.startswith(("\t", "\f", "\r", " "), name.end("key"))):
        return whole_line("no name that Compose accepts")
    key, head = name["key"], name["head"]
    if " " in key:
        return whole_line("a space within the name")
    if not name["sep"]:
        return whole_line("", key, head)

    position = _must(_GAP.match(text, name.end())).end()
    note = False
    if text.startswith(("'", '"'), position):
        quoted = _QUOTED.match(text, position)
        if not quoted:
            return whole_line("a quote that is not closed", key, head)
        raw = quoted.group()
        end = _TAIL.match(text, quoted.end())
        # Without an end of the line, another statement follows.
        stop, tail, eol = (end.end(), end["tail"], end["eol"]) if end else (quoted.end(), "", "")
        if raw[0] == "'":
            found = Expanded(_unescape_quote(quoted["single"], "'"))
        else:
            found = _expand(_unescape(_unescape_quote(quoted["double"], '"')), known)
    else:
        end = _must(_UNQUOTED.match(text, position))
        body = end["body"]
        # In `KEY= # note` Compose takes the note for the value, python-dotenv does not, and nobody means it.
        note = position > name.end() and body.startswith("#")
        raw = "" if note else body.split(" #", 1)[0].rstrip(_SPACES)
        size = len(raw)
        stop, tail, eol = end.end(), " " + body if note else body[size:], end["eol"]
        found = _expand(raw, known)
        if note:
            found.problem = _expand(body.split(" #", 1)[0], known).problem
    return Statement(
        text[start:stop],
        key,
        found.text,
        raw,
        not (note or found.varies),
        head,
        tail,
        eol,
        found.problem,
        found.required,
    )


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


@dataclass
class Expanded:
    """A value with its references replaced."""

    text: str
    varies: bool = False  # it had some
    problem: str = ""  # why Compose does not accept them
    required: tuple[str, ...] = ()  # the variables without which it does not


def _expand(value, known, depth=0):
    """The value with its references replaced from the keys above.

    Compose also asks its environment, which wins; that is why such a value is never taken for a fixed one.
    """
    found = Expanded("")
    if depth > DEEPEST:
        found.problem = f"references within references, more than {DEEPEST} deep"
        return found
    parts, length, position = [], 0, 0
    while not found.problem:
        match = _REFERENCE.search(value, position)
        stop = match.start() if match else len(value)
        part = value[position:stop]
        if match:
            part += _replacement(value, match, known, depth, found)
        length += len(part)
        if length > LONGEST:
            found.problem = "a value that is longer than what a program can be given"
            return found
        parts.append(part)
        if not match:
            break
        position = _reference_end(value, match)
    found.text = "".join(parts)
    return found


def _reference_end(value, match):
    """Where a reference ends: with the brace that closes it, or the last one of its line where none does."""
    if not match["brace"]:
        return match.end()
    line_end = value.find("\n", match.end())
    last = value.rfind("}", match.end(), len(value) if line_end < 0 else line_end)
    if last < 0:
        return match.end()
    opened, position = 0, match.start()
    while position <= last:
        if value[position] == "}":
            opened -= 1
            if not opened:
                return position + 1
        elif value[position] == "{":
            opened += 1
            position += 1  # Compose does not look at what follows it
        position += 1
    return last + 1


def _replacement(value, match, known, depth, found):
    """What stands for one reference; ``found`` is told what it comes to besides."""
    if match["escaped"]:
        return "$"
    found.varies = True
    if match["named"]:
        return known.get(match["named"], "")
    begin, end = match.end(), _reference_end(value, match) - 1
    braced = _BRACED.match(value[begin:end])
    if not braced:
        found.problem = "a ${ that is not closed, or is no reference"
        return ""
    current, rule = known.get(braced["name"]), braced["rule"] or ""
    there = bool(current) if rule.startswith(":") else current is not None
    if rule.endswith("?") and not there:
        found.required += (braced["name"],)
    if (rule.endswith("-") and not there) or (rule.endswith("+") and there):
        word = _expand(braced["word"], known, depth + 1)
        found.problem, found.required = word.problem, found.required + word.required
        return word.text
    # Without the value that is asked for, `+` stands for what there is, which is nothing.
    return current or ""


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


def edit(text, values=None, secrets=None, defaults=None, absent=None, public=None):
    """Plan the edit of a text; nothing is written here.

    :param public: values of keys that are shown, although others of the same key are secrets.
    """
    wanted = _wanted(values, secrets, defaults, absent)
    statements = parse(text)
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
            operation, after = "set", [_assigned(lines[-1] if lines else Statement("", key), value)]
        if operation:
            secret = key in (secrets or {}) or is_secret(key)
            statements = _replaced(statements, key, after)
            result.changes.append({"key": key, "operation": operation, "secret": secret})
            result.before += [_shown(line, operation, _hides(line, secret, public), SECRET_OLD) for line in lines]
            result.after += [_shown(line, operation, _hides(line, secret, public), SECRET_NEW) for line in after]
    result.text = _joined(statements)
    _refuse_new_mark(text, result)
    _prove(text, result, wanted)
    return result


def restore(text, keys, record, defaults=None, hidden=(), public=None):
    """Plan to bring keys back to what a record says they were; one that it does not name is not ours to change.

    Without any record nothing is known of before, and the keys go. A key in ``defaults`` gets that value where it would
    end up missing or empty. Those in ``hidden`` are secrets, whatever their names say, unless they have the value of
    ``public``.
    """
    statements = parse(text)
    before, after = {}, {}
    for key in keys:
        if record is not None and key not in record:
            continue
        before[key] = [line for line in statements if line.key == key]
        _refuse_broken(key, before[key], statements)
        after[key] = [line for line in parse((record or {}).get(key, "")) if line.key == key]
    wanted = {key: _filled(key, lines, defaults or {}) for key, lines in after.items()}
    placed = _in_places(statements, record or {}, after)
    there = before if placed is None else after
    statements = statements if placed is None else placed
    result = Edit(text)
    for key, lines in wanted.items():
        if _joined(lines) != _joined(there[key]):
            statements = _replaced(statements, key, lines)
        if _joined(lines) != _joined(before[key]):
            secret, same = key in hidden or is_secret(key), _values(before[key]) == _values(lines)
            result.changes.append({"key": key, "operation": "restore" if lines else "unset", "secret": secret})
            for shown, side, marker in ((result.before, before[key], SECRET_OLD), (result.after, lines, SECRET_NEW)):
                marker = SECRET if same else marker
                shown += [_shown(line, "restore", _hides(line, secret, public), marker) for line in side]
    result.text = _joined(statements)
    _refuse_new_mark(text, result)
    return result


def placeholders(text, defaults, record):
    """The keys that have no more than their defaults, and had something else or nothing before, as far as one knows."""
    now, before = read(text), read("".join(record.get(key, "") for key in defaults))
    wanted = {key: to_text(key, value) for key, value in defaults.items()}
    return [key for key, value in wanted.items() if now.get(key) == value and before.get(key) != value]


def _values(lines):
    return [line.value for line in lines]


def _filled(key, lines, defaults):
    """The lines of a key, where they leave it missing or empty with its default."""
    if key not in defaults or (lines and not _is_empty(lines[-1])):
        return lines
    return [*lines[:-1], _assigned(lines[-1] if lines else Statement("", key), defaults[key])]


def recorded(text, keys, record):
    """The record of what the keys were before the first change, where ``text``, None for no file, is of after that.

    Each key has its lines. The entry without a name has the places of all statements, as `_in_places` reads them; it is
    None where there was no file.
    """
    before = restore(text or "", [key for key in record if key != PLACES], record).text
    was_there = bool(before) if PLACES in record and record[PLACES] is None else text is not None
    statements = parse(before)
    names = dict.fromkeys([*record, *keys])
    names.pop(PLACES, None)
    lines = {key: _joined(line for line in statements if line.key == key) for key in names}
    places = [(line.key or "") + _line_end(line.text) for line in statements]
    return {**lines, PLACES: places if was_there else None}


def _line_end(text):
    """What ends a line."""
    size = len(text.rstrip("\r\n"))
    return text[size:]


def is_made_by_us(record):
    """Whether there was no file before the first change."""
    return record is not None and PLACES in record and record[PLACES] is None


def is_record(data):
    """Whether this is a record; those of old have no places."""
    if not isinstance(data, dict):
        return False
    places = data.get(PLACES)
    return (places is None or (isinstance(places, list) and all(isinstance(place, str) for place in places))) and all(
        isinstance(lines, str) for key, lines in data.items() if key != PLACES
    )


def _in_places(statements, record, lines):
    """The statements with the recorded lines where they were, None where others are not as they were then.

    A place is the key of a statement, nothing for a comment, and how its line ended.
    """
    places = record.get(PLACES)
    others = iter([line for line in statements if line.key not in record])
    ours = {key: iter(found) for key, found in lines.items()}
    if places is None or {*record} - {*ours} != {PLACES}:
        return None
    result = []
    for place in places:
        key = place.rstrip("\r\n")
        line = next(ours[key] if key and key in ours else others, None)
        if line is None or (line.key or "") != key:
            return None
        if line.eol and not place.endswith("\n"):
            # A line was put behind it.
            line = replace(line, text=line.text.rstrip("\r\n") + _line_end(place), eol="")
        result.append(line)
    return result if next(others, None) is None else None


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


def _hides(line, secret, public):
    """Whether the value of a line is one that nobody may see: the one that everybody knows is none."""
    known = (public or {}).get(line.key)
    return secret and (known is None or line.value != to_text(line.key, known))


def _shown(line, operation, secret, marker):
    """A line of the diff. Nobody said whether a removed key is a secret, so its value is not shown."""
    if operation == "unset":
        return f"{line.key}={NOT_SHOWN}"
    if secret and not _is_empty(line):
        return f"{line.key}={SECRET if operation == 'deduplicate' else marker}"
    if line.value == TO_BE_GENERATED:
        return f"{line.key}={TO_BE_GENERATED}"
    return f"{line.key}={'' if secret else line.raw}"


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
        if line.problem and line.value is None:
            raise DotenvError(
                f"{key}: line {_number(statements, line)} cannot be read ({line.problem}); mend or delete that line by "
                "hand."
            )


def unreadable(text, environment=None):
    """The lines for which Compose would refuse the file: their numbers, and why.

    A line may ask for a variable (``${NAME:?}``); where the environment is not known, it has that.
    """
    found, number = {}, 1
    for line in parse(text):
        lacking = [name for name in line.required if environment is not None and not environment.get(name)]
        problem = line.problem or (f"{lacking[0]} is required and not set" if lacking else "")
        if problem:
            found[number] = problem
        number += line.text.count("\n")
    return found


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


def _joined(statements):
    return "".join(line.text for line in statements)


def _ended(line, eol):
    """The statement with an end of its line."""
    return line if line.eol or line.text == "\ufeff" else replace(line, text=line.text + eol, eol=eol)


def _replaced(statements, key, new):
    """The statements with the lines of a key replaced by its new ones, in the place of the last, or at the end.

    What is new has a line of its own: python-dotenv reads no second statement on one.
    """
    eol = next((line.eol for line in statements if line.eol), "\n")
    old = [line for line in statements if line.key == key]
    if not old:
        return [*statements[:-1], *(_ended(line, eol) for line in [*statements[-1:], *new])]
    result: list[Statement] = []
    for line in statements:
        before = result[-1:]
        if line is old[-1]:
            # Where its line goes, another statement on it keeps the end of it.
            result[-1:] = [_ended(one, eol if new else line.eol) for one in before]
            result += [_ended(one, line.eol) for one in new]
        elif line.key != key:
            if before and before[0].key == key:
                result[-1:] = [_ended(before[0], eol)]
            result.append(line)
    return result


def _refuse_new_mark(text, result):
    """A byte order mark within the file, as two files put together have it, must not come to stand at its beginning."""
    if result.text.startswith("\ufeff") and not text.startswith("\ufeff"):
        number = text[: text.index("\ufeff")].count("\n") + 1
        raise DotenvError(
            f"{', '.join(change['key'] for change in result.changes)}: cannot be changed, because line {number} "
            "would become the first, and begins with a byte order mark; take that out by hand."
        )


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
