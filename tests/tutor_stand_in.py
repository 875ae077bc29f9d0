#!/usr/bin/env python3
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules find as ``tutor`` in the unit tests: the commands that they use, on files below $STAND_IN.

Every start is noted in calls.log. config.yml is written as Tutor writes it; a plugin's package is rendered by copying
it. A restart of the LMS makes it know the backends that are rendered then; a file ``broken`` lets every command fail,
``refuses`` every save, which quotes what it was to save. What is in ``noise`` is printed at every start, as by a
plugin; with ``local-images`` its images have names of no registry; ``ages`` is what the container of the LMS says of
its age, and ``dc.json`` what Compose says of its project.

With ``kubectl`` as its first word it is that, for a cluster of one deployment. `tutor k8s start` gives it new pods
where what is rendered changed, and they do not get ready as long as there is a file ``stuck``, which says why.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from pathlib import Path

import yaml

HOME = Path(os.environ["STAND_IN"])
ROOT, PLUGINS = HOME / "root", HOME / "plugins"
DEFAULTS = {
    "LMS_HOST": "www.myopenedx.com",
    "ENABLE_HTTPS": False,
    "RUN_MYSQL": True,
    "OPENEDX_MYSQL_DATABASE": "openedx",
}
SETTINGS = ROOT / "env/apps/openedx/settings/lms/mit_apps"


def config() -> dict:
    path = ROOT / "config.yml"
    return yaml.safe_load(path.read_text()) if path.exists() else {}


def save(values: dict) -> None:
    ROOT.mkdir(parents=True, exist_ok=True)
    (ROOT / "config.yml").write_text(yaml.safe_dump(values))


def render() -> None:
    if "mitodl_openedx" not in config().get("PLUGINS", []):
        return
    home = PLUGINS / "mitodl_openedx"
    try:
        compile((PLUGINS / "mitodl_openedx.py").read_text(), "mitodl_openedx.py", "exec")
        paths = sorted((home / "mit_apps/apps.d").glob("*.json"))
        hosts = [json.loads(path.read_text())["hostname"] for path in paths]
    except Exception as error:
        print(f"Failed to enable plugin 'mitodl_openedx': {type(error).__name__}: {error}", file=sys.stderr)
        return
    shutil.copytree(home / "mit_apps", SETTINGS, dirs_exist_ok=True)
    for template in home.glob("*/docker-compose*.yml"):
        target = ROOT / "env" / template.relative_to(home)
        target.parent.mkdir(parents=True, exist_ok=True)
        lines = [line for line in template.read_text().splitlines() if "Managed by" in line]
        target.write_text("\n".join([*lines, *(f"- {host}:host-gateway" for host in hosts if host)]) + "\n")


def restart() -> None:
    known = []
    if "mitodl_openedx" in config().get("PLUGINS", []):
        known = [json.loads(path.read_text())["backend_name"] for path in SETTINGS.glob("apps.d/*.json")]
    (HOME / "known.json").write_text(json.dumps(known))
    (HOME / "running").touch()


def pods() -> list[str]:
    """The pods of the cluster."""
    path = HOME / "pods.json"
    return json.loads(path.read_text()) if path.exists() else []


def template() -> str:
    """What the pods of the deployment were made from; nothing where there is none."""
    path = HOME / "template"
    return path.read_text() if path.exists() else ""


def roll_out() -> None:
    """Two new pods, which read the settings that are rendered now."""
    first = max((int(name.rpartition("-")[2]) for name in pods()), default=0) + 1
    (HOME / "pods.json").write_text(json.dumps([f"pod/lms-{number}" for number in (first, first + 1)]))
    restart()


def apply() -> None:
    total = hashlib.sha256()
    for path in sorted((ROOT / "env").rglob("*")):
        if path.is_file():
            total.update(str(path).encode() + path.read_bytes())
    if template() != total.hexdigest():
        (HOME / "template").write_text(total.hexdigest())
        roll_out()


def kubectl(words: list[str]) -> None:
    if "forbidden" in words and "config" not in words:
        sys.exit("Error from server (Forbidden)")
    while words[0] in ("--kubeconfig", "--context", "--namespace"):
        words = words[2:]
    if words == ["config", "current-context"]:
        print((HOME / "context").read_text() if (HOME / "context").exists() else "lab")
    elif words[:2] == ["get", "pods"]:
        print("\n".join(pods()))
    elif words[0] == "get":
        print(template() if "jsonpath" in words[-1] else words[1] if template() else "")
    elif words[:2] == ["rollout", "restart"]:
        roll_out()
    elif words[:2] == ["rollout", "status"] and (HOME / "stuck").exists():
        print('Waiting for deployment "lms" rollout to finish: 1 old replicas are pending termination...')
        sys.exit((HOME / "stuck").read_text())
    elif words[0] == "exec" and "generate_courses" in words:
        (HOME / "courses.json").write_text(words[-1])
    elif words[0] == "exec":
        print(json.dumps([{"name": "ol-social-auth", "version": "1"}]))
    elif words[:2] != ["rollout", "status"] and words[:2] != ["wait", "--for=delete"]:
        sys.exit(f"the stand-in does not know {words}")


def printed(value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def main(words: list[str]) -> None:
    with (HOME / "calls.log").open("a") as log:
        log.write(" ".join(words).partition("\n")[0].rstrip() + "\n")
    if (HOME / "noise").exists():
        print((HOME / "noise").read_text())
    if (HOME / "broken").is_file():
        sys.exit("the stand-in is broken")
    if words[0] == "--root":
        words = words[2:]
    if words[0] == "kubectl":
        kubectl(words[1:])
    elif words[:2] == ["k8s", "start"] or words[:2] == ["k8s", "launch"]:
        apply()
    elif words == ["--version"]:
        print("tutor, version 21.0.9")
    elif words == ["config", "printroot"]:
        print(ROOT)
    elif words == ["plugins", "printroot"]:
        print(PLUGINS)
    elif words[:2] == ["config", "printvalue"]:
        if not (ROOT / "config.yml").exists():
            sys.exit("Project root does not exist.")
        values = {**DEFAULTS, **config()}
        if words[2] not in values:
            sys.exit(f"Missing configuration value: {words[2]}")
        print(os.environ.get(f"TUTOR_{words[2]}") or printed(values[words[2]]))
    elif words[:2] == ["config", "save"]:
        if (HOME / "refuses").exists():
            sys.exit(f"cannot be rendered: {(ROOT / 'config.yml').read_text()}")
        given = [word.split("=", 1) for word in words[2:] if word != "--set"]
        save({**config(), **{name: yaml.safe_load(value) for name, value in given}})
        render()
    elif words[:2] == ["plugins", "enable"]:
        save({**config(), "PLUGINS": [*config().get("PLUGINS", []), words[2]]})
        render()
    elif words[:2] == ["plugins", "disable"]:
        save({**config(), "PLUGINS": [name for name in config()["PLUGINS"] if name != words[2]]})
        render()
    elif words == ["plugins", "list", "--enabled"]:
        print("\n".join(f"{name}  enabled  1" for name in config().get("PLUGINS", [])))
    elif words[1] in ("start", "restart", "launch"):
        if words[1] == "launch":
            (ROOT / "data/mysql/openedx").mkdir(parents=True, exist_ok=True)
        if words[1] != "start" or not (HOME / "running").exists() or (HOME / "ages").exists():
            restart()
    elif words[1] == "exec":
        print((HOME / "ages").read_text() if (HOME / "ages").exists() else sys.exit("the stand-in has no container"))
    elif words[1] == "dc":
        print("docker compose -f somewhere.yml config")
        said = (HOME / "dc.json").read_text() if (HOME / "dc.json").exists() else "no configuration"
        print(
            said if said.startswith("{") else sys.exit(f"{said}\nError: Command failed with status 15: docker compose")
        )
    elif words[1] == "run":
        (HOME / "courses.json").write_text(words[-1])
    elif words[:2] == ["images", "printtag"]:
        print(f"{words[2]}:1" if (HOME / "local-images").exists() else f"stand-in/{words[2]}:1")
    else:
        sys.exit(f"the stand-in does not know {words}")


if __name__ == "__main__":
    main(sys.argv[1:])
