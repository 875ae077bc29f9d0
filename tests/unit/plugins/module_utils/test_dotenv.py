# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import random

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils import _dotenv as dotenv
from ansible_collections.mitodl.openedx.plugins.module_utils._dotenv import DotenvError, edit, encode, parse, read


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("A=1", {"A": "1"}),
        ("A=1\nB=2\n", {"A": "1", "B": "2"}),
        ("A=1\r\nB='2'\r\nC=\r\n", {"A": "1", "B": "2", "C": ""}),
        ("\ufeffA=1\n", {"A": "1"}),
        ("  export A = 1  \n", {"A": "1"}),
        ("A: 1\n", {"A": "1"}),
        ("export=1\n", {"export": "1"}),
        ("# A=1\n\n#B=2\n", {}),
        ("A=1 # note\nB=1#2\nC=1\t# x\n", {"A": "1", "B": "1#2", "C": "1\t# x"}),
        ("A='1' # note\nB=\"1\"#note\n", {"A": "1", "B": "1"}),
        ("A= # note\n", {"A": ""}),
        ("A=#1\n", {"A": "#1"}),
        ("A=it's\n", {"A": "it's"}),
        (r"A='it\'s \n $B \\'", {"A": r"it's \n $B \\"}),
        (r'A="\"x\" \\ \$B \n\t\0101 \q"', {"A": '"x" \\ $B \n\tA \\q'}),
        ("A='1\n2'\nB=3\n", {"A": "1\n2", "B": "3"}),
        ("A=1\nA=2\n", {"A": "2"}),
        ("A\nexport B\n", {}),
        ("A.b-c[0]=1\n", {"A.b-c[0]": "1"}),
        ("A=x\nB=$A/${A}/$$A/$\n", {"A": "x", "B": "x/x/$A/$"}),
        ('A=x\nB="$A ${C:-d} ${C-e} ${A:+f} ${A:-g}"\n', {"A": "x", "B": "x d e f x"}),
        ("A=\nB=${A:-1}${A-2}${A:+3}${A+4}${C:?5}\n", {"A": "", "B": "14"}),
        ("A=x\nB=${C:-${D:-$A}}\n", {"A": "x", "B": "x"}),
        ("A=x\nB=${A}-${C:-{}}}\n", {"A": "x", "B": "x-{}}"}),
        # What follows a closing quote is another statement.
        ("A=\"1\" B='2'C=3 D\nE=4\n", {"A": "1", "B": "2", "C": "3 D", "E": "4"}),
        ("A='1' OTHER\n", {"A": "1"}),
        ("A='1' 2\nB=3\n", {"A": "1", "B": "3"}),
        # A carriage return alone is a blank, and ends no line.
        ("A=1\rB=2\r\nC=3\r", {"A": "1\rB=2", "C": "3"}),
        ('A="1"\rB=\r2\r', {"A": "1", "B": "2"}),
        ("\u3000A=1\u3000\nB=\x1f1\x1f\n", {"A": "1", "B": "\x1f1\x1f"}),
        ("export\nA=1\nA\tB=2\n", {"A": "1", "A\tB": "2"}),
    ],
)
def test_reads_as_compose_does(text, expected):
    assert read(text) == expected
    assert "".join(line.text for line in parse(text)) == text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A=1\n", {}),
        ("A=1\nB='2\nC=3\n", {2: "a quote that is not closed"}),
        ("A='1' 2 3\n", {1: "a space within the name"}),
        ("A B=1\n", {1: "a space within the name"}),
        ("=1\nexport =1\n", {1: "no name that Compose accepts", 2: "no name that Compose accepts"}),
        ("A=1\n\nnot a line!\n", {3: "no name that Compose accepts"}),
        ("A='1\n2'\nB=${\n", {3: "a ${ that is not closed, or is no reference"}),
        ('A="${B:-x\ny}"\n', {1: "a ${ that is not closed, or is no reference"}),
        ("A= # ${\n", {1: "a ${ that is not closed, or is no reference"}),
        ("A=${B:?}\nC=${D?not there}\n", {1: "B is required and not set", 2: "D is required and not set"}),
        ("B=\nA=${B?}\nC=${B-${D:?}}\n", {}),
        ("A=${HOME:?}\n", {}),
    ],
)
def test_names_the_lines_that_compose_refuses(text, found):
    assert dotenv.unreadable(text, {"HOME": "/root"}) == found
    assert "".join(line.text for line in parse(text)) == text


def test_without_an_environment_it_has_what_is_asked_for():
    assert dotenv.unreadable("A=${B:?}\n") == {}


def test_references_cannot_grow_without_bound():
    text = "A0=0123456789\n" + "".join(f"A{n}=${{A{n - 1}}}$A{n - 1}\n" for n in range(1, 24))
    # The first that is too long is named, and what refers to it has nothing to grow from.
    assert dotenv.unreadable(text) == {15: "a value that is longer than what a program can be given"}
    assert max(len(value) for value in read(text).values()) <= dotenv.LONGEST
    wide = f"A={'x' * 100000}\n" + "".join(f"B{n}=${{A}}\n" for n in range(30))
    assert min(dotenv.unreadable(wide)) == 22
    assert sum(len(value) for value in read(wide).values()) < dotenv.LARGEST + dotenv.LONGEST
    deep = "A=" + "${B:-" * 1000 + "}" * 1000
    assert dotenv.unreadable(deep) == {1: "references within references, more than 20 deep"}
    assert len(read("A=x\nB=" + "${A}${C:-y}" * 5000)["B"]) == 10000
    # Neither does the time that a line takes.
    assert read(f"A=x{' ' * 100000}x\n")["A"][-1] == "x"


def test_reads_a_file_of_any_encoding_and_gives_its_bytes_back(tmp_path):
    path = tmp_path / ".env"
    path.write_bytes(b"A=1\n# caf\xe9\n")
    assert read(path) == {"A": "1"}
    assert dotenv.read_text(path).encode("utf-8", "surrogateescape") == b"A=1\n# caf\xe9\n"


@pytest.mark.parametrize(
    ("value", "quote", "raw"),
    [
        ("", "", ""),
        ("", "'", "''"),
        ("http://xpro.odl.local:8053/a?", "", "'http://xpro.odl.local:8053/a?'"),
        ("http://xpro.odl.local:8053/a", "", "http://xpro.odl.local:8053/a"),
        ("http://xpro.odl.local:8053/a", '"', '"http://xpro.odl.local:8053/a"'),
        ("a b", "", "'a b'"),
        ("pa$$word", "", "'pa$$word'"),
        ("pa$$word", '"', "'pa$$word'"),
        ("a#b", "", "'a#b'"),
        ("it's", "", '"it\'s"'),
        ("""it's "it" """, "", r'''"it's \"it\" "'''),
        ("it's $5", "", r"'it\'s $5'"),
        ('"$"', "", """'"$"'"""),
        ('{"a": 1}', "", """'{"a": 1}'"""),
        ('"a"', "", r'"\"a\""'),
        ("C:\\x", "", "'C:\\x'"),
        ("C:\\", "", '"C:\\\\"'),
        ("a\\\\b", "", '"a\\\\\\\\b"'),
    ],
)
def test_notation(value, quote, raw):
    assert encode("KEY", value, quote) == raw
    assert read(f"KEY={raw}\n") == {"KEY": value}


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("a\nb", "U+000A"),
        ("a\r", "U+000D"),
        ("a\0b", "U+0000"),
        ("a\x1b", "U+001B"),
        ("a\u2028b", "U+2028"),
        ("a\x85b", "U+0085"),
        ("a\udc80b", "U+DC80"),
        ("${HOME}", "${...}"),
        ("a${HOME:-b}c", "${...}"),
        ("$a\\", "choose a value without $"),
        ("$\\\\", "choose a value without $"),
        ("$\\'", "choose a value without $"),
    ],
)
def test_refuses_what_readers_would_not_read_alike(value, says):
    with pytest.raises(DotenvError) as error:
        encode("KEY", value)
    assert str(error.value).startswith("KEY: ")
    assert says in str(error.value)
    if len(value) > 3:
        assert value not in str(error.value)


CHARACTERS = "ab1 \t'\"\\$#={}:`~!&;|<>()*?[]%^@+-_/.,né€"


def random_values(seed, count):
    chance = random.Random(seed)
    return ["".join(chance.choice(CHARACTERS) for _ in range(chance.randint(0, 12))) for _ in range(count)]


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_random_values_come_back_from_every_reader(quote):
    python_dotenv = pytest.importorskip("dotenv")
    written = {}
    for number, value in enumerate(random_values(quote, 1500)):
        try:
            written[f"KEY{number}"] = (value, encode("KEY", value, quote))
        except DotenvError:
            assert "$" in value
    assert len(written) > 1400
    text = "".join(f"{key}={raw}\n" for key, (_value, raw) in written.items())
    expected = {key: value for key, (value, _raw) in written.items()}
    assert read(text) == expected
    assert python_dotenv.dotenv_values(stream=io.StringIO(text), interpolate=True) == expected


SAMPLE = """\
# The app's settings
SECRET_KEY=local_unsafe_key
#OPENEDX_IP=172.22.0.1

export DEBUG="True"   # for development
OPENEDX_API_CLIENT_ID=old
MAILGUN_KEY=
  INDENTED: 'x'
PASSED_THROUGH
this is not a statement
JSON='{"a": 1}'
LAST=1"""


@pytest.mark.parametrize(
    ("options", "before", "after"),
    [
        ({"values": {"OPENEDX_API_CLIENT_ID": "new"}}, "OPENEDX_API_CLIENT_ID=old", "OPENEDX_API_CLIENT_ID=new"),
        (
            {"values": {"DEBUG": "False"}},
            'export DEBUG="True"   # for development',
            'export DEBUG="False"   # for development',
        ),
        (
            {"values": {"DEBUG": "a$b"}},
            'export DEBUG="True"   # for development',
            "export DEBUG='a$b'   # for development",
        ),
        ({"values": {"INDENTED": "y"}}, "  INDENTED: 'x'", "  INDENTED='y'"),
        ({"values": {"PASSED_THROUGH": "y"}}, "PASSED_THROUGH\n", "PASSED_THROUGH=y\n"),
        ({"values": {"LAST": "2"}}, "LAST=1", "LAST=2"),
        ({"values": {"NEW": "2"}}, "LAST=1", "LAST=1\nNEW=2\n"),
        ({"values": {"OPENEDX_IP": "2"}}, "LAST=1", "LAST=1\nOPENEDX_IP=2\n"),
        ({"defaults": {"MAILGUN_KEY": "fake"}}, "MAILGUN_KEY=", "MAILGUN_KEY=fake"),
        ({"absent": ["MAILGUN_KEY", "NOT_THERE"]}, "MAILGUN_KEY=\n", ""),
        ({"absent": ["LAST"]}, "LAST=1", ""),
        ({"absent": ["PASSED_THROUGH"]}, "PASSED_THROUGH\n", ""),
    ],
)
@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_edits_one_place_and_nothing_else(options, before, after, eol):
    assert SAMPLE.count(before) == 1
    text, before, after = (part.replace("\n", eol) for part in (SAMPLE, before, after))
    result = edit(text, **options)
    assert result.text == text.replace(before, after)
    assert len(result.changes) == 1
    again = edit(result.text, **options)
    assert (again.text, again.changes, again.before, again.after) == (result.text, [], [], [])


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"values": {"DEBUG": "True", "INDENTED": "x", "JSON": '{"a": 1}', "LAST": 1}},
        {"values": {"DEBUG": True}},
        {"secrets": {"SECRET_KEY": "local_unsafe_key"}},
        {"defaults": {"SECRET_KEY": "x", "PASSED_THROUGH": "x"}},
        {"absent": ["OPENEDX_IP", "NOT_THERE"]},
    ],
)
def test_leaves_alone_what_is_right(options):
    result = edit(SAMPLE, **options)
    assert (result.text, result.changes, result.before, result.after) == (SAMPLE, [], [], [])


def test_starts_an_empty_file():
    assert edit("", values={"A": "1"}, secrets={"B": "2"}, defaults={"C": "3"}).text == "A=1\nB=2\nC=3\n"
    assert edit("\ufeff", values={"A": "1"}).text == "\ufeffA=1\n"


@pytest.mark.parametrize("current", ["${OTHER}", '"$OTHER"', "${OTHER:-x}", "${"])
def test_replaces_a_reference_even_when_its_value_is_right(current):
    result = edit(f"OTHER=x\nA={current}\n", values={"A": "x"})
    assert result.text in ("OTHER=x\nA=x\n", 'OTHER=x\nA="x"\n')
    assert edit(f"OTHER=\nA={current}\n", defaults={"A": "x"}).changes == []


def test_an_empty_value_before_a_note_stays_empty_for_compose():
    assert edit("A=1 # note\n", values={"A": ""}).text == "A='' # note\n"
    assert edit("A= # note\n", values={"A": ""}).text == "A='' # note\n"
    assert edit("A= # note\n", defaults={"A": "1"}).text == "A=1 # note\n"
    assert edit('A="1"#note\n', values={"A": "2"}).text == 'A="2" #note\n'


def test_the_last_of_several_lines_is_set_and_the_others_go():
    text = "A=1\nB=x\nexport A=2\nC=y\n"
    result = edit(text, values={"A": "3"})
    assert result.text == "B=x\nexport A=3\nC=y\n"
    assert result.changes == [{"key": "A", "operation": "set", "secret": False}]
    assert (result.before, result.after) == (["A=1", "A=2"], ["A=3"])

    result = edit(text, values={"A": "2"})
    assert result.text == "B=x\nexport A=2\nC=y\n"
    assert result.changes == [{"key": "A", "operation": "deduplicate", "secret": False}]
    assert (result.before, result.after) == (["A=1", "A=2"], ["A=2"])

    assert edit(text, absent=["A"]).text == "B=x\nC=y\n"
    assert edit(text, defaults={"A": "2"}).changes == []
    assert edit("A=1\nA=\n", defaults={"A": "2"}).text == "A=2\n"


def test_a_diff_shows_values_and_only_markers_of_secrets():
    text = "HOST=old\nTOKEN=cana-ry-old\nTWICE=cana-ry\nTWICE=cana-ry\nGONE=cana-ry\nOTHER=cana-ry\n"
    result = edit(
        text,
        values={"HOST": "new"},
        secrets={"TOKEN": "cana-ry-new", "TWICE": "cana-ry", "FRESH": "cana-ry"},
        absent=["GONE"],
    )
    assert result.before == [
        "HOST=old",
        "TOKEN=(secret, old)",
        "TWICE=(secret)",
        "TWICE=(secret)",
        "GONE=(not shown)",
    ]
    assert result.after == ["HOST=new", "TOKEN=(secret, new)", "TWICE=(secret)", "FRESH=(secret, new)"]
    assert result.changes == [
        {"key": "HOST", "operation": "set", "secret": False},
        {"key": "TOKEN", "operation": "set", "secret": True},
        {"key": "TWICE", "operation": "deduplicate", "secret": True},
        {"key": "FRESH", "operation": "set", "secret": True},
        {"key": "GONE", "operation": "unset", "secret": False},
    ]
    assert "cana-ry" not in repr((result.before, result.after, result.changes))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"values": {"1A": "x"}}, "1A: not a valid name"),
        ({"values": {"A B": "x"}}, "A B: not a valid name"),
        ({"values": {"": "x"}}, "not a valid name"),
        ({"values": {1: "x"}}, "1: not a valid name"),
        ({"absent": ["A-B"]}, "A-B: not a valid name"),
        ({"values": {"A": None}}, 'A: a value of type NoneType cannot be written to a .env file; write ""'),
        ({"values": {"A": ["x"]}}, "A: a value of type list cannot be written to a .env file; pass a string"),
        ({"secrets": {"A": {"x": "canary"}}}, "A: a value of type dict"),
        ({"secrets": {"A": "canary\n"}}, "A: the value holds the character U+000A"),
        ({"values": {"A": "1"}, "secrets": {"A": "1"}}, 'A: named in both "values" and "secrets"'),
        ({"values": {"A": "1"}, "absent": ["A"]}, 'A: named in both "values" and "absent"'),
        ({"defaults": {"A": "1"}, "secrets": {"A": "1"}}, 'A: named in both "secrets" and "defaults"'),
        ({"values": {"OPEN": "1"}}, "OPEN: line 2 cannot be read (a quote that is not closed)"),
        ({"absent": ["OPEN"]}, "OPEN: line 2 cannot be read (a quote that is not closed)"),
    ],
)
def test_refusals_name_the_key_and_never_a_value(options, says):
    with pytest.raises(DotenvError) as error:
        edit("B=1\nOPEN='1\n", **options)
    assert says in str(error.value)
    assert "canary" not in str(error.value)


def test_an_appended_line_is_not_swallowed_by_an_open_quote():
    with pytest.raises(DotenvError, match=r"NEW: cannot be set, .* not closed; mend it by hand \(see line 2\)"):
        edit("B=1\nA='abc\nC=2\n", values={"NEW": "'#"})
    assert read(edit("B=1\nA='abc\nC=2\n", values={"NEW": "x"}).text)["NEW"] == "x"


@pytest.mark.parametrize(
    ("text", "options", "after"),
    [
        # What is set has a line of its own, which python-dotenv reads too.
        ("A=\"1\" B='2'\nC=3\n", {"values": {"A": "x"}}, "A=\"x\"\n B='2'\nC=3\n"),
        ("A=\"1\" B='2'\nC=3\n", {"values": {"B": "x"}}, "A=\"1\"\n B='x'\nC=3\n"),
        ("A=\"1\" B='2'\nC=3\n", {"absent": ["B"]}, 'A="1"\nC=3\n'),
        ("A=\"1\" B='2'\nC=3\n", {"absent": ["A"]}, " B='2'\nC=3\n"),
        ("A=\"1\" B='2'\r\n", {"values": {"C": "x"}}, "A=\"1\" B='2'\r\nC=x\r\n"),
        ("A='1' OTHER", {"values": {"B": "x"}}, "A='1' OTHER\nB=x\n"),
        ("A=1\r", {"values": {"B": "x"}}, "A=1\r\nB=x\n"),
        ("A=1\r", {"values": {"A": "2"}}, "A=2"),
    ],
)
def test_several_statements_on_a_line(text, options, after):
    result = edit(text, **options)
    assert result.text == after
    assert edit(after, **options).changes == []


def changed_and_back(text, **options):
    """A text after keys were set and brought back."""
    keys = [key for given in options.values() for key in given]
    record = dotenv.recorded(text, keys, {})
    return dotenv.restore(edit(text, **options).text, keys, record).text


@pytest.mark.parametrize(
    "text",
    [
        "A=1",
        "A=1\nLAST=2",
        "A=1\r\nLAST=2",
        "A=1\nB=x\nexport A=2 # two\nC=y\nA=3",
        "A=\"1\" B='2' A=3\n",
        "# only a comment",
        "\ufeffA=1",
        "",
        "\n",
        SAMPLE,
        SAMPLE.replace("\n", "\r\n"),
    ],
)
def test_what_is_set_and_brought_back_is_the_same_to_the_byte(text):
    values = {"A": "x", "LAST": "x", "NEW": "x", "SECRET_KEY": "x", "PASSED_THROUGH": "x"}
    assert changed_and_back(text, values=values) == text
    assert changed_and_back(text, values={"NEW": "x"}, absent=["A", "DEBUG"]) == text


def test_an_empty_secret_and_what_is_to_be_generated_are_shown_as_that():
    text = "MAILGUN_KEY=\nA_KEY=''\nB_KEY=cana-ry\n"
    result = edit(text, {"ID": "(to be generated)"}, {"MAILGUN_KEY": "cana-ry", "A_KEY": "cana-ry", "B_KEY": ""})
    assert result.before == ["MAILGUN_KEY=", "A_KEY=", "B_KEY=(secret, old)"]
    assert result.after == ["ID=(to be generated)", "MAILGUN_KEY=(secret, new)", "A_KEY=(secret, new)", "B_KEY="]


def test_what_everybody_knows_is_shown_on_the_side_where_it_is_that():
    public = {"MAILGUN_KEY": "development", "API_KEY": "removed", "PIN": 1}
    made = edit(
        "API_KEY=removed\n", secrets={"API_KEY": "cana-ry"}, defaults={"MAILGUN_KEY": "development"}, public=public
    )
    assert (made.before, made.after) == (
        ["API_KEY=removed"],
        ["API_KEY=(secret, new)", "MAILGUN_KEY=development"],
    )
    assert [change["secret"] for change in made.changes] == [True, True]
    other = edit("", defaults={"MAILGUN_KEY": "cana-ry"}, public=public)
    assert other.after == ["MAILGUN_KEY=(secret, new)"]
    text = "API_KEY=cana-ry\nPIN=1\n"
    record = {"API_KEY": "", "PIN": "PIN=2\n"}
    gone = dotenv.restore(text, [*record], record, {"API_KEY": "removed"}, hidden=["PIN"], public=public)
    assert (gone.before, gone.after) == (["API_KEY=(secret, old)", "PIN=1"], ["API_KEY=removed", "PIN=(secret, new)"])


def test_a_diff_of_what_is_brought_back_shows_what_differs():
    text = "HOST='10.0.0.7' # mine\nTOKEN=cana-ry-old\nPIN=cana-ry-1\nSAME_KEY='cana-ry'\n"
    values = {"HOST": "new", "ID": "x", "MORE": "1"}
    secrets = {"TOKEN": "cana-ry-new", "PIN": "cana-ry-2"}
    keys = [*values, *secrets, "SAME_KEY"]
    record = dotenv.recorded(text, keys, {})
    changed = edit(text, values, secrets).text.replace("SAME_KEY='cana-ry'", "SAME_KEY=cana-ry")
    result = dotenv.restore(changed, keys, record, {"ID": "removed"}, hidden=["PIN"])
    assert result.before == [
        "HOST='new'",
        "ID=x",
        "MORE=1",
        "TOKEN=(secret, old)",
        "PIN=(secret, old)",
        "SAME_KEY=(secret)",
    ]
    assert result.after == [
        "HOST='10.0.0.7'",
        "ID=removed",
        "TOKEN=(secret, new)",
        "PIN=(secret, new)",
        "SAME_KEY=(secret)",
    ]
    assert [change["key"] for change in result.changes if change["secret"]] == ["TOKEN", "PIN", "SAME_KEY"]


def test_what_was_edited_meanwhile_stays():
    text = "A=1\nB=x\nA=2\nC=y"
    record = dotenv.recorded(text, ["A", "NEW"], {})
    after = edit(text, values={"A": "3", "NEW": "1"}).text
    # Another value of another key, which is still in its place.
    assert dotenv.restore(after.replace("B=x", "B=z"), ["A", "NEW"], record).text == "A=1\nB=z\nA=2\nC=y"
    # Another line: the keys are where they are now.
    assert dotenv.restore("D=1\n" + after, ["A", "NEW"], record).text == "D=1\nB=x\nA=1\nA=2\nC=y\n"
    # A record of old does not know the places.
    old = {key: lines for key, lines in record.items() if key}
    assert dotenv.restore(after, ["A", "NEW"], old).text == "B=x\nA=1\nA=2\nC=y\n"
    # A further key, later on: the places of all are those of before the first change.
    record = dotenv.recorded(after, ["C"], record)
    last = edit(after, values={"C": "w"}).text
    assert dotenv.restore(last, ["A", "NEW", "C"], record).text == text


def test_a_record_is_told_from_anything_else():
    assert dotenv.is_record(dotenv.recorded("A=1", ["A"], {}))
    assert dotenv.is_record({})
    assert dotenv.is_record({"A": "A=1\n"})
    assert not any(dotenv.is_record(data) for data in (None, [], {"A": 1}, {"": "A"}, {"": [1]}))


def test_random_edits_touch_nothing_else():
    chance = random.Random(4)
    values = random_values(5, 400)
    lines = SAMPLE.splitlines(keepends=True)
    for value in values:
        chance.shuffle(lines)
        text = "".join(line if line.endswith("\n") else line + "\n" for line in lines)
        key = chance.choice(["DEBUG", "JSON", "MAILGUN_KEY", "PASSED_THROUGH", "NEW"])
        try:
            result = edit(text, secrets={key: value})
        except DotenvError:
            continue
        expected = {**read(text), key: value}
        assert read(result.text) == expected
        assert edit(result.text, secrets={key: value}).changes == []
        kept = [line.text for line in parse(text) if line.key != key]
        assert [line.text for line in parse(result.text) if line.key != key] == kept


@pytest.mark.parametrize(
    "change", [lambda text: edit(text, absent=["C"]), lambda text: dotenv.restore(text, ["C"], None)]
)
def test_a_mark_within_the_file_does_not_become_its_own(change):
    """As two files have it that were put together."""
    with pytest.raises(DotenvError, match="C: cannot be changed, because line 2 would become the first, and begins"):
        change("C=1\n\ufeffA=1\n")
