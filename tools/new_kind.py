# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a new kind of object, its module and its test: tools/new_kind.py NAME MODEL [--key FIELD] [--fields FIELDS].

    make new-kind NAME=waffle_flag MODEL=waffle.Flag
    make new-kind NAME=waffle_flag MODEL=waffle.Flag KEY=name FIELDS=everyone:bool,percent:int,note

NAME becomes the name of the module. Without FIELDS the lab is asked for the fields of the model (make demo);
SIDE=xpro asks the app and not the LMS. What comes of it passes the tests as it is; what the fields mean is then to be
said by hand in the module's documentation.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN, KINDS = Path(sys.executable).parent, "plugins/module_utils/_engine/kinds"
TYPES = {"str": ("one", "two"), "bool": (True, False), "int": (1, 2), "float": (0.3, 12.5)}
#: What the lab's Django is asked. Relations and times are for whoever knows what they mean.
QUESTION = """
import json, django
django.setup()
from django.apps import apps
from django.db import models
types = {
    "str": (models.CharField, models.TextField),
    "bool": models.BooleanField,
    "int": models.IntegerField,
    "float": (models.FloatField, models.DecimalField),
}
fields, left = [], []
for field in apps.get_model(%r)._meta.get_fields():
    if not field.concrete or field.primary_key:
        continue
    kind = next((name for name, classes in types.items() if isinstance(field, classes)), None)
    if kind is None or not field.editable or field.is_relation:
        left.append("%%s (%%s)" %% (field.name, type(field).__name__))
        continue
    fields.append({"name": field.name, "type": kind, "unique": field.unique, "help": str(field.help_text)})
    if field.choices:
        fields[-1]["choices"] = [value for value, _label in field.flatchoices]
print("<<" + json.dumps({"fields": fields, "left": left}) + ">>")
"""


class KindError(Exception):
    """What is wrong with what was asked for, for a person."""


@dataclass
class Field:
    """One field of the model, as an option."""

    name: str
    type: str = "str"
    key: bool = False
    help: str = ""
    choices: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        """As it stands in the kind's table."""
        parts = [f'type="{self.type}"'] if self.type != "str" else []
        parts += [f"choices={self.choices!r}"] if self.choices else []
        parts += ["key=True"] if self.key else []
        return f"{self.name}=Field({', '.join(parts)})"

    @property
    def description(self) -> str:
        text = " ".join(self.help.split()) or f"The field C({self.name}) of the model."
        return text if text[-1] in ".?!" else text + "."

    def value(self, number: int):
        """One of two values that differ."""
        return self.choices[-number] if self.choices else TYPES[self.type][number]


def asked(model: str, side: str, named: str) -> list[Field]:
    """The fields of a model as the lab knows it, and on stdout what is left out.

    :param named: the field that is said to be the key; the first unique one where none is.
    """
    command = [sys.executable, str(ROOT / "lab/ctl.py"), "exec", side, "--", "python", "-"]
    done = subprocess.run(command, input=QUESTION % model, capture_output=True, text=True, check=False)
    found = re.search("<<(.*)>>", done.stdout)
    if found is None:
        said = "\n".join(done.stderr.splitlines()[-3:])
        raise KindError(
            f"The lab does not say what {model} is made of. Check the name of the model, start the lab "
            f"and its app (make demo), or give FIELDS.\n{said}"
        )
    answer = json.loads(found[1])
    if answer["left"]:
        print(f"Left out, for there is no plain option for it: {', '.join(answer['left'])}")
    names = [field["name"] for field in answer["fields"]]
    key = named or next((field["name"] for field in answer["fields"] if field["unique"]), "")
    if key not in names:
        raise KindError(f"{model}: say by which field a row is found: KEY={key or 'NAME'}, one of {', '.join(names)}.")
    return [
        Field(
            field["name"], field["type"], field["name"] == key, field["help"], tuple(map(str, field.get("choices", [])))
        )
        for field in answer["fields"]
    ]


def given(fields: str) -> list[Field]:
    """The fields of `everyone:bool,note`."""
    found = []
    for part in fields.split(","):
        name, _colon, kind = part.strip().partition(":")
        if not name.isidentifier() or (kind or "str") not in TYPES:
            raise KindError(f"FIELDS: {part.strip()} is no NAME:TYPE with one of the types {', '.join(TYPES)}.")
        found.append(Field(name, kind or "str"))
    return found


class NewKind:
    """What is written for one kind."""

    def __init__(self, name: str, model: str, fields: list[Field], side: str):
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise KindError(f"NAME: {name} is no name of a module (small letters, digits and underscores).")
        if not re.fullmatch(r"\w+\.\w+", model):
            raise KindError(f"MODEL: {model} is no label of a model (app_label.Model).")
        if len([field for field in fields if field.key]) != 1 or len(fields) < 2:
            raise KindError("A kind needs one field as its key and one more at least: give KEY and FIELDS.")
        if taken := {"state", self.plural_of(name), "target"} & {field.name for field in fields}:
            raise KindError(f"FIELDS: {', '.join(taken)} means something else in every module. Leave it out.")
        self.name, self.model, self.side = name, model, side
        self.fields = sorted(fields, key=lambda field: not field.key)
        self.key = self.fields[0]
        self.type = "".join(word.title() for word in name.split("_"))
        self.plural = self.plural_of(name)
        self.texts: dict[str, str] = {}

    @staticmethod
    def plural_of(name: str) -> str:
        """The option that takes many objects."""
        return name.rpartition("_")[2] + "s"

    def read(self, path: str) -> str:
        return self.texts.get(path) or (ROOT / path).read_text(encoding="utf-8")

    def put(self, path: str, text: str) -> None:
        if (ROOT / path).exists():
            raise KindError(f"{path} is there already.")
        self.texts[path] = text

    def change(self, path: str, sign: str, insert: str) -> None:
        """Insert something before the one place that a sign names."""
        text = self.read(path)
        if text.count(sign) != 1:
            raise KindError(f"{path}: the place for it ({sign.strip()}) was not found.")
        self.texts[path] = text.replace(sign, insert + sign)

    def write(self) -> None:
        """Write all of it, or nothing."""
        header = self.read(f"{KINDS}/site.py").partition('"""')[0]
        self.put(f"{KINDS}/{self.name}.py", header + self.kind())
        self.put(f"plugins/modules/{self.name}.py", self.module())
        package = "ansible_collections.mitodl.openedx." + KINDS.replace("/", ".")
        self.change(f"{KINDS}/__init__.py", "\nKINDS:", f"from {package}.{self.name} import {self.type}\n")
        self.change(f"{KINDS}/__init__.py", "    )\n}", f"        {self.type},\n")
        self.change("plugins/modules/django_objects.py", "          - model\n", f"          - {self.name}\n")
        self.change("tests/integration/test_objects.py", "]\n\n\ndef assert_stored", self.case())
        row = f"| `{self.name}` | rows of {self.model} |\n"
        self.change("README.md", "| `django_objects` |", row)
        head, sign, rest = self.read("meta/runtime.yml").partition("  django:\n")
        others = re.sub(r"\A(    - \w+\n)*", "", rest)
        names = sorted([*rest[: len(rest) - len(others)].splitlines(keepends=True), f"    - {self.name}\n"])
        self.texts["meta/runtime.yml"] = head + sign + "".join(names) + others
        for path, text in self.texts.items():
            (ROOT / path).write_text(text, encoding="utf-8")
        python = [path for path in self.texts if path.endswith(".py")]
        for words in (["format", "--quiet"], ["check", "--quiet", "--fix"]):
            subprocess.run([BIN / "ruff", *words, *python], cwd=ROOT, check=True)
        print("\n".join(self.texts))

    def kind(self) -> str:
        table = "".join(f"        {field.table},\n" for field in self.fields)
        return f'''"""Rows of {self.model}."""

from __future__ import annotations

from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds.base import Field, Kind, table


class {self.type}(Kind):
    """A row of {self.model}, found by its {self.key.name}."""

    name, plural, label = "{self.name}", "{self.plural}", "{self.model}"
    fields = table(
{table}    )
'''

    def module(self) -> str:
        """The module of sites with other options."""
        text = self.read("plugins/modules/django_site.py")
        head, tail = (
            text.partition("DOCUMENTATION")[0],
            text[text.index('RETURN = r"""') :].replace("django_site", self.name),
        )
        sample = {field.name: "new" if field.key else field.value(0) for field in self.fields[:2]}
        tail = re.sub(r'sample: {"domain.*', f"sample: {json.dumps(sample)}", tail)
        options = "".join(self.option(field) for field in self.fields)
        names = "".join(f"      {field.name}: *{field.name}\n" for field in self.fields)
        words = self.model.replace(".", " ")
        return f'''{head}DOCUMENTATION = r"""
module: {self.name}
short_description: Manage rows of {words}
description:
  - Creates, corrects and removes rows of the model C({self.model}), found by their C({self.key.name}).
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.target
  - mitodl.openedx.target.objects
options:
{options}  state: &state
    description: Whether the row exists.
    type: str
    choices: [present, absent]
    default: present
  {self.plural}:
    description:
      - Several objects in one start of the target, instead of one by the options beside this one.
      - All are planned before the first is written, and all are written in one transaction.
    type: list
    elements: dict
    suboptions:
{names}      state: *state
"""

EXAMPLES = r"""
- name: A row of {self.model}
  mitodl.openedx.{self.name}:
    target:
      type: tutor_dev
    {self.key.name}: new
    {self.fields[1].name}: {json.dumps(self.fields[1].value(0))}
"""

{tail}'''

    @staticmethod
    def option(field: Field) -> str:
        lines = [f"  {field.name}: &{field.name}", "    description:"]
        # A quoted text may go on in the next line.
        lines += textwrap.wrap(
            json.dumps(field.description, ensure_ascii=False),
            120,
            initial_indent="      - ",
            subsequent_indent=" " * 8,
            break_long_words=False,
            break_on_hyphens=False,
        )
        lines += ["      - The natural key."] if field.key else []
        lines += [f"    type: {field.type}"]
        lines += [f"    choices: {json.dumps(list(field.choices))}"] if field.choices else []
        return "\n".join(lines) + "\n"

    def case(self) -> str:
        values = [{field.name: field.value(number) for field in self.fields[1:]} for number in (0, 1)]
        return (
            f'    plain_case("{self.name}", "{self.side}", {{"{self.key.name}": "new"}}, {values[0]}, {values[1]}),\n'
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("model")
    parser.add_argument("--key", default="")
    parser.add_argument("--fields", default="")
    parser.add_argument("--side", default="lms")
    options = parser.parse_args()
    try:
        fields = given(options.fields) if options.fields else asked(options.model, options.side or "lms", options.key)
        key = options.key or next((field.name for field in fields if field.key), "name")
        if key not in [field.name for field in fields]:
            fields.append(Field(key))
        for field in fields:
            field.key = field.name == key
        NewKind(options.name, options.model, fields, options.side or "lms").write()
    except KindError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
