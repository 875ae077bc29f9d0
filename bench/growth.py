# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run costs with the number of apps, and the ways without the collection, in the same labs with slowed starts.

Environment: BENCH_APPS ("1 2 5"), BENCH_NAIVE ("1 3": for so many apps the other ways are measured; each app costs them
the same, so what more apps cost is computed), BENCH_BASE (another checkout that was set up, which is measured in turns
with this one for the numbers of apps in BENCH_BASE_APPS, "1 10"), and that of runs.py. Figures go to docs/growth.json,
the drawing to docs/images/growth.svg, and the tables into docs/how-it-works.md; BENCH_DRAW=1 only draws what was
measured before.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from jinja2 import Environment
from runs import HEAD, ROOT, Bench, read_numbers

FIGURES, DRAWING, PAGE = ROOT / "docs/growth.json", ROOT / "docs/images/growth.svg", ROOT / "docs/how-it-works.md"
#: The runs, as the tables call them: whether with the proof, and the words of the command.
RUNS = {
    "first": ("first run", False, ()),
    "noop": ("nothing to change", False, ()),
    "check": ("dry run, nothing to change", False, ("--check",)),
    "noop_proof": ("nothing to change, with the proof", True, ()),
    "first_proof": ("first run, with the proof", True, ()),
}
#: What is measured, and what is the same on every machine.
MEASURED = {"seconds": "Seconds", "cpu": "CPU seconds"}
COUNTED = {
    "starts": "starts of Django",
    "tasks": "tasks",
    "modules": "module processes",
    "memory": "MiB of the largest process",
}
#: What one more app adds is said of few apps and of many: where the cores are full, it takes longer.
RANGES = ((1, 10), (20, 50))
GRANT = {"client_type": "confidential", "authorization_grant_type": "authorization-code"}
APPLICATION = f"""from oauth2_provider.models import Application
Application.objects.get_or_create(name="{{name}}", **{GRANT})"""
# The rows of one app in the LMS, as a page of a wiki has them, and the one in the app.
LMS_ROWS = (
    """from django.contrib.auth import get_user_model
get_user_model().objects.get_or_create(username="{name}_worker", email="{name}_worker@example.org")""",
    APPLICATION,
    """from oauth2_provider.models import AccessToken
AccessToken.objects.get_or_create(token="{name}", defaults=dict(expires="2036-01-01T00:00Z", scope="read"))""",
    """from django.contrib.sites.models import Site
from common.djangoapps.third_party_auth.models import OAuth2ProviderConfig
values = dict(name="{name}", slug="{name}", site=Site.objects.first(), key="k", secret="s")
OAuth2ProviderConfig.objects.get_or_create(backend_name="{name}", defaults=values)""",
)
SLOW = "import os, time\ntime.sleep(float(os.environ['BENCH_SECONDS']))\n"


class Naive:
    """The other ways, with starts that are slowed in the same way."""

    def __init__(self, bench: Bench):
        self.bench = bench
        self.slow = bench.folder / "slow_always"
        self.slow.mkdir(exist_ok=True)
        (self.slow / "sitecustomize.py").write_text(SLOW)

    def start(self, side: str) -> list[str]:
        name = "LMS" if side == "lms" else "APP"
        wait = os.environ.get(f"BENCH_{name}_SECONDS") or {"LMS": "6", "APP": "2"}[name]
        return [
            *self.bench.ctl,
            "exec",
            side,
            "--",
            "env",
            f"PYTHONPATH={self.slow}",
            f"BENCH_SECONDS={wait}",
            "python",
        ]

    def shells(self, name: str) -> None:
        """`manage.py shell` for each row."""
        for row in LMS_ROWS:
            self.bench.run(*self.start("lms"), "manage.py", "lms", "shell", "-c", row.replace("{name}", name))
        self.bench.run(*self.start("xpro"), "manage.py", "shell", "-c", APPLICATION.replace("{name}", name))

    def commands(self, name: str) -> None:
        """`create_dot_application` of the LMS, for the application alone; the rest is left to somebody at the admin."""
        words = ("--grant-type", "authorization-code", "--redirect-uris", "http://a.example.org/", name, "edx")
        self.bench.run(*self.start("lms"), "manage.py", "lms", "create_dot_application", "--update", *words)

    def tasks(self, names: list[str]) -> None:
        """A task for each row, as with any module that starts Django for itself."""
        target = {side: {"argv": [*self.start(side), "-"]} for side in ("lms", "xpro")}
        tasks = []
        for name in names:
            worker = f"{name}_worker"
            address = f"{worker}@example.org"
            application = {"name": name, "redirect_uris": ["http://a.example.org/"], **GRANT}
            token = {"user": worker, "application": name, "expires_in_days": 3650}
            provider = {"backend_name": name, "site": f"localhost:{8000 + self.bench.offset}", "name": name}
            tasks += [
                {"mitodl.openedx.django_user": {"target": target["lms"], "username": worker, "email": address}},
                {"mitodl.openedx.oauth_application": {"target": target["lms"], **application}},
                {"mitodl.openedx.oauth_access_token": {"target": target["lms"], **token}},
                {"mitodl.openedx.third_party_auth_provider": {"target": target["lms"], **provider}},
                {"mitodl.openedx.oauth_application": {"target": target["xpro"], **application}},
            ]
        python = str(self.bench.bin / "python")
        given = {"ansible_connection": "local", "ansible_python_interpreter": python}
        book = self.bench.folder / "tasks.json"
        book.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "vars": given, "tasks": tasks}]))
        self.bench.run(self.bench.bin / "ansible-playbook", "-i", "localhost,", book)

    def measure(self, number: int) -> dict[str, float]:
        ways: dict[str, Callable[[list[str]], object]] = {
            "a `manage.py shell` for each row": lambda names: [self.shells(name) for name in names],
            "`create_dot_application` for each app, the application alone": lambda names: [
                self.commands(name) for name in names
            ],
            "a task for each row": self.tasks,
        }
        seconds = {}
        for which, (way, do) in enumerate(ways.items()):
            begin = time.monotonic()
            do([f"naive-{which}-{index}" for index in range(number)])
            seconds[way] = time.monotonic() - begin
            print(f"{way:<64}{number:>4}{seconds[way]:>9.1f}", flush=True)
        return seconds


def line(points: list[tuple[float, float]]) -> tuple[float, float]:
    """What is there with no app, and what each app adds, by least squares.

    >>> line([(1, 5.0), (2, 7.0), (5, 13.0)])
    (3.0, 2.0)
    """
    count, across, up = len(points), sum(x for x, _ in points), sum(y for _, y in points)
    spread = count * sum(x * x for x, _ in points) - across**2
    slope = (count * sum(x * y for x, y in points) - across * up) / spread if spread else 0.0
    return (up - slope * across) / count, slope


@contextmanager
def lab(folder: str, apps: int, offset: int, name: str = "this", root: Path = ROOT) -> Iterator[Bench]:
    """A lab to which nothing was applied, for as long as it is used."""
    bench = Bench(name, root, Path(tempfile.mkdtemp(dir=folder), "lab"), apps, offset)
    try:
        bench.anew()
        yield bench
    finally:
        bench.stop()


def runs(bench: Bench) -> Iterator[tuple[str, dict]]:
    """What each of the runs has cost in a lab."""
    for name, (_words, proof, options) in RUNS.items():
        if name == "first_proof":
            bench.anew()
        bench.play(name, proof, *options)
        cost = asdict(bench.costs[name])
        yield name, {**cost, "starts": cost["lms_boots"] + cost["app_boots"]}


def measure() -> dict:
    offset = int(os.environ.get("BENCH_PORT_OFFSET") or 900)
    found: dict = {"machine": machine(), "runs": {name: {} for name in RUNS}, "naive": {}}
    base = os.environ.get("BENCH_BASE")
    base_numbers = read_numbers("BENCH_BASE_APPS", "1 10") if base else []
    if base:
        commit = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=base, text=True, capture_output=True, check=True
        )
        found["base"] = {"commit": commit.stdout.strip(), "runs": {name: {} for name in RUNS}}
    print(HEAD, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for number in read_numbers("BENCH_APPS", "1 2 5"):
            with lab(folder, number, offset) as bench:
                for name, cost in runs(bench):
                    found["runs"][name][number] = cost
            if number in base_numbers:
                with lab(folder, number, offset, "base", Path(str(base)).resolve()) as bench:
                    for name, cost in runs(bench):
                        found["base"]["runs"][name][number] = cost
        for number in read_numbers("BENCH_NAIVE", "1 3"):
            with lab(folder, 1, offset, "naive") as bench:
                bench.play("first", proof=False)  # An app does not start with the example of its .env.
                for way, seconds in Naive(bench).measure(number).items():
                    found["naive"].setdefault(way, {})[number] = seconds
    # As it is read again.
    return json.loads(json.dumps(found))


def machine() -> str:
    model = ""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        model = ", ".join(sorted(set(re.findall(r"^model name\s*: (.*)$", cpuinfo.read_text(), re.MULTILINE))))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = os.getloadavg()[0]
    return f"{cores} cores ({model or platform.machine()}), load {load:.1f} before it"


def ranges(found: dict) -> list[tuple[str, str]]:
    """The first and the last number of apps that were measured of each range."""
    measured = [[number for number in found["runs"]["noop"] if low <= int(number) <= high] for low, high in RANGES]
    return [(numbers[0], numbers[-1]) for numbers in measured if len(numbers) > 1]


def added(costs: dict, unit: str, low: str, high: str) -> float | None:
    """What one more app adds between two numbers of apps.

    >>> added({"1": {"cpu": 5.0}, "5": {"cpu": 13.0}}, "cpu", "1", "5")
    2.0
    """
    if unit not in costs[low] or unit not in costs[high]:
        return None
    return (costs[high][unit] - costs[low][unit]) / (int(high) - int(low))


def figure(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if abs(value) >= 20 or value == round(value) else f"{value:.1f}"


def table(title: str, columns: list[str], rows: dict[str, list[str]]) -> list[str]:
    head = [f"| {' | '.join([title, *columns])} |", "| --- |" + " --- |" * len(columns)]
    return [*head, *(f"| {' | '.join([words, *cells])} |" for words, cells in rows.items()), ""]


def measured(found: dict, unit: str) -> list[str]:
    """Seconds or CPU seconds by the number of apps, and what each further app adds."""
    numbers, parts = list(found["runs"]["noop"]), ranges(found)
    columns = [*numbers, *(f"each further, {low} to {high}" for low, high in parts)]
    rows = {}
    for name, (words, *_rest) in RUNS.items():
        costs = found["runs"][name]
        cells = [figure(cost[unit]) for cost in costs.values()]
        rows[words] = cells + [figure(added(costs, unit, *part)) for part in parts]
    return table(f"{MEASURED[unit]}, by apps", columns, rows)


def growth(costs: dict, unit: str) -> str:
    """A count as what it is for one app, and what each further one adds.

    >>> growth({"1": {"tasks": 22}, "5": {"tasks": 22}}, "tasks")
    '22'
    >>> growth({"1": {"starts": 2}, "2": {"starts": 3}, "5": {"starts": 6}}, "starts")
    '2, and 1 for each further app'
    """
    values = {int(number): cost[unit] for number, cost in costs.items()}
    low, high = min(values), max(values)
    each = (values[high] - values[low]) / (high - low)
    if len(set(values.values())) == 1:
        return figure(values[low])
    if all(value == values[low] + each * (number - low) for number, value in values.items()):
        return f"{figure(values[low])}, and {figure(each)} for each further app"
    return f"{figure(values[low])} to {figure(values[high])}"


def before(found: dict) -> list[str]:
    """What each further app adds here, and in the checkout that this one was compared with."""
    then, commit = found["base"]["runs"], found["base"]["commit"]
    low, *_, high = then["noop"]
    units = {"cpu": "CPU seconds", "seconds": "seconds", "modules": "module processes"}
    columns = [f"{words}, {which}" for words in units.values() for which in (commit, "now")]
    rows = {}
    for name, (words, *_rest) in RUNS.items():
        both = [added(costs[name], unit, low, high) for unit in units for costs in (then, found["runs"])]
        rows[words] = list(map(figure, both))
    return table(f"Each further app, {low} to {high}", columns, rows)


def beside(found: dict) -> list[str]:
    """The ways without the collection, and how many times as long they take as a first run."""
    shown = [number for number in found["runs"]["noop"] if number in ("1", "10", "50")]
    first, rows = found["runs"]["first"], {}
    for way, costs in found["naive"].items():
        base, slope = line([(int(number), seconds) for number, seconds in costs.items()])
        cells = []
        for number in shown:
            naive = costs.get(number) or base + slope * int(number)
            times = naive / first[number]["seconds"]
            cells.append(f"{naive:.0f} s, {times:.1f} x{'' if number in costs else ' (computed)'}")
        rows[way] = cells
    columns = [f"{number} app{'' if number == '1' else 's'}" for number in shown]
    return table("Beside a first run", columns, rows)


def tables(found: dict) -> str:
    lines = [line for unit in MEASURED for line in measured(found, unit)]
    counts = {words: [growth(found["runs"][name], unit) for unit in COUNTED] for name, (words, *_rest) in RUNS.items()}
    lines += table("Run", list(COUNTED.values()), counts)
    if "base" in found:
        lines += before(found)
    lines += beside(found)
    note = f"""On {found["machine"]}. What each further app
adds is the difference between the two ends, divided by the number of apps between them."""
    if any("(computed)" in line for line in lines):
        note += " What is computed lies on a line through what was measured."
    return "\n".join([*lines, note])


COLOURS = ("#1f6f8b", "#2e7d32", "#8e24aa", "#c2410c", "#6d4c41")
SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 420" font-family="sans-serif" font-size="13" role="img">
<title>Seconds of a run by the number of apps</title>
<rect width="760" height="420" fill="#fff"/>
{% for tick in ups %}<path d="M60 {{ tick.y }}H500" stroke="#ddd"/>\
<text x="52" y="{{ tick.y + 4 }}" text-anchor="end">{{ tick.text }}</text>
{% endfor %}{% for tick in acrosses %}<text x="{{ tick.x }}" y="388" text-anchor="middle">{{ tick.text }}</text>
{% endfor %}<path d="M60 20V370H500" fill="none" stroke="#333"/>
<text x="280" y="410" text-anchor="middle">apps</text>
<text x="16" y="195" text-anchor="middle" transform="rotate(-90 16 195)">seconds</text>
{% for run in runs %}<polyline points="{{ run.points }}" fill="none" stroke="{{ run.colour }}" stroke-width="2"/>
<text x="515" y="{{ 40 + 44 * loop.index0 }}" fill="{{ run.colour }}">{{ run.words }}</text>
<text x="515" y="{{ 57 + 44 * loop.index0 }}" fill="#333">{{ run.each }}</text>
{% endfor %}</svg>
"""


def drawing(found: dict) -> str:
    costs, parts = found["runs"], ranges(found)
    most = max(map(int, costs["noop"]))
    top = max(cost["seconds"] for by_number in costs.values() for cost in by_number.values())
    step = next(step for size in range(1, 6) for step in (10**size // 2, 10**size) if top / step <= 8)
    high = step * -(-top // step)

    def x(number: str | int) -> float:
        return round(60 + 440 * int(number) / most, 1)

    def y(seconds: float) -> float:
        return round(370 - 350 * seconds / high, 1)

    runs = [
        {
            "words": words,
            "colour": colour,
            "points": " ".join(f"{x(number)},{y(cost['seconds'])}" for number, cost in costs[name].items()),
            "each": "each app "
            + ", ".join(f"{added(costs[name], 'seconds', *part):.1f} s ({'-'.join(part)})" for part in parts),
        }
        for (name, (words, *_rest)), colour in zip(RUNS.items(), COLOURS, strict=True)
    ]
    ups = [{"y": y(value), "text": value} for value in range(0, int(high) + 1, step)]
    acrosses: list[dict] = []
    for number in costs["noop"]:
        # As far as they do not lie on each other.
        if not acrosses or x(number) - acrosses[-1]["x"] > 20:
            acrosses.append({"x": x(number), "text": number})
    return Environment(autoescape=True).from_string(SVG).render(runs=runs, ups=ups, acrosses=acrosses) + "\n"


def write(found: dict) -> None:
    DRAWING.write_text(drawing(found))
    image = "https://raw.githubusercontent.com/mitodl/ansible-collection-openedx/main/docs/images/growth.svg"
    begin, end = "<!-- growth: written by bench/growth.py -->", "<!-- growth: end -->"
    head, _, rest = PAGE.read_text().partition(begin)
    PAGE.write_text(
        f"{head}{begin}\n\n![Seconds of a run by apps]({image})\n\n{tables(found)}\n\n{end}{rest.partition(end)[2]}"
    )


def main() -> None:
    if not os.environ.get("BENCH_DRAW"):
        FIGURES.write_text(json.dumps(measure(), indent=1) + "\n")
    write(json.loads(FIGURES.read_text()))
