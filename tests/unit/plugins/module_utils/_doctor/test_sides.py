# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixes name the commands of the target at hand: each kind of target, and each fix that names one."""

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.sides import Side
from chain import APP, LMS, by_id, healthy, put, step

HOST = "local.openedx.io"
TUTOR = {"tutor": "/opt/my tutor/tutor", "root": "/srv/tutor"}
COMPOSE = "docker compose --project-directory /src/mitxpro --project-name xpro"
IN_COMPOSE = "environment: of a compose file wins over the .env: take it out there"
EXTRA_HOSTS = f'extra_hosts: ["{HOST}:host-gateway"]'
# By the kind of target: the target, and what is done to it.
TARGETS = {
    "tutor_dev": (
        {"type": "tutor_dev", **TUTOR},
        {
            "start": "start the side ('/opt/my tutor/tutor' --root /srv/tutor dev start -d)",
            "restart": "restart the side ('/opt/my tutor/tutor' --root /srv/tutor dev restart lms)",
            "log": "the side's log ('/opt/my tutor/tutor' --root /srv/tutor dev logs lms)",
            "reread": "recreate the side's container ('/opt/my tutor/tutor' --root /srv/tutor dev start -d): a restart "
            "does not read the file",
            "env_wins": IN_COMPOSE,
            "set_host": f"set the host ('/opt/my tutor/tutor' --root /srv/tutor config save --set LMS_HOST={HOST})",
            "map_host": f"map the name for the service lms in /srv/tutor/env/dev/docker-compose.override.yml: "
            f"{EXTRA_HOSTS}, then recreate the side's container ('/opt/my tutor/tutor' --root /srv/tutor dev start -d)",
        },
    ),
    "tutor_local": (
        {"type": "tutor_local", "service": "web"},
        {
            "start": "start the side (tutor local start -d)",
            "restart": "restart the side (tutor local restart web)",
            "log": "the side's log (tutor local logs web)",
            "reread": "recreate the side's container (tutor local start -d): a restart does not read the file",
            "env_wins": IN_COMPOSE,
            "set_host": f"set the host (tutor config save --set LMS_HOST={HOST})",
            "map_host": f"map the name for the service web in env/local/docker-compose.override.yml: {EXTRA_HOSTS}, "
            "then recreate the side's container (tutor local start -d)",
        },
    ),
    "tutor_k8s": (
        {"type": "tutor_k8s", "namespace": "mit"},
        {
            "start": "start the side (tutor k8s start)",
            "restart": "restart the side (kubectl --namespace mit rollout restart deployment/lms)",
            "log": "the side's log (kubectl --namespace mit logs deployment/lms)",
            "reread": "restart the side (kubectl --namespace mit rollout restart deployment/lms)",
            "env_wins": "the deployment sets them itself, which wins over the .env: take it out there",
            "set_host": f"set the host (tutor config save --set LMS_HOST={HOST})",
            "map_host": f"give the pods of the side an entry for {HOST} (hostAliases)",
        },
    ),
    "compose": (
        {"type": "compose", "chdir": "/src/mitxpro", "project": "xpro", "service": "app"},
        {
            "start": f"start the side ({COMPOSE} up -d)",
            "restart": f"restart the side ({COMPOSE} restart)",
            "log": f"the side's log ({COMPOSE} logs app)",
            "reread": f"recreate the side's container ({COMPOSE} up -d): a restart does not read the file",
            "env_wins": IN_COMPOSE,
            "set_host": f"set LMS_ROOT_URL and SESSION_COOKIE_DOMAIN in the side's settings to the host {HOST}",
            "map_host": f"map the name in the side's compose file: {EXTRA_HOSTS}, then recreate the side's container "
            f"({COMPOSE} up -d)",
        },
    ),
    "command": (
        {"type": "command", "argv": ["python", "-"]},
        {
            "start": "start the side",
            "restart": "restart the side",
            "log": "the side's log",
            "reread": "restart the side",
            "env_wins": "what starts the side sets them itself, which wins over the .env: take it out there",
            "set_host": f"set LMS_ROOT_URL and SESSION_COOKIE_DOMAIN in the side's settings to the host {HOST}",
            "map_host": f"let {HOST} lead to this machine where the side runs (its /etc/hosts, or {EXTRA_HOSTS} of its "
            "container)",
        },
    ),
}


def phrases(side, host=HOST):
    """What is done to a side, each phrase also with a capital at its beginning."""
    said = {name: getattr(side, name) for name in ("start", "restart", "log", "reread", "env_wins")}
    said.update(map_host=side.map_host(host), set_host=side.set_host(host))
    return {**said, **{name.capitalize(): text[0].upper() + text[1:] for name, text in said.items()}}


@pytest.mark.parametrize("kind", TARGETS)
def test_every_kind_of_target_has_its_own_lines(kind):
    target, expected = TARGETS[kind]
    found = phrases(Side("the side", target))
    assert {name: found[name] for name in expected} == expected


def test_the_engine_of_a_side_is_in_its_commands():
    side = Side("the app", {"type": "compose", "docker_context": "colima"})
    assert side.start == "start the app (env DOCKER_HOST= DOCKER_CONTEXT=colima docker compose up -d)"
    side = Side("the LMS", {"type": "tutor_dev", "docker_host": "ssh://me@build"})
    assert side.log == "the LMS's log (env DOCKER_HOST=ssh://me@build tutor dev logs lms)"


@pytest.mark.parametrize("kind", TARGETS)
def test_a_command_that_was_given_counts_for_every_kind(kind):
    side = Side("the app", TARGETS[kind][0], ["lab", "up"], ["lab", "restart", "the app"])
    assert side.start == "start the app (lab up)"
    assert side.restart == side.reread == side.apply == "restart the app (lab restart 'the app')"


def broken(side, name, kind, message="connection refused"):
    def change(seen):
        put(seen, f"{side}/{name}/host", HOST)
        put(seen, f"{side}/{name}/kind", kind)
        put(seen, f"{side}/{name}/error", message)

    return change


def changed(place, value):
    return lambda seen: put(seen, place, value)


def silent(side, message):
    def change(seen):
        seen.silent[side] = message
        setattr(seen, side, {})

    return change


def no_backend(seen):
    put(seen, "browser/authorize", step("u", 404, text=""))


APP_ROLE = "Run the app's playbook again (role mit_app_env): it brings the app in line."
PROVIDER_ROLE = "Run the app's playbook again (role edx_oauth_provider): it brings the row in line."
SETTINGS_ROLE = "Run the app's playbook again (role edx_private_settings), which also restarts the LMS."
IMPORT = (
    "Correct that path in the LMS's settings (AUTHENTICATION_BACKENDS in private.py or a Tutor plugin), or install its "
    "package in the image of the LMS. {Restart}."
)
TAKE_OUT = (
    "Take REGISTRATION_RATELIMIT out of what is read later: lines below the collection's block in private.py, or "
    "another Tutor plugin. {Restart}."
)
COOKIE_NAME = (
    "Give the LMS a cookie name of its own (SESSION_COOKIE_NAME), or the two hosts without a common domain. {Restart}."
)
UFW = "Allow connections of containers to this machine (sudo ufw allow from 172.16.0.0/12)."
TOKENLESS = {"url": "u", "status": 500, "text": "", "json": None}
DASHBOARD = [step(f"http://{HOST}:1996/x", 0, error="ConnectionError")]
# The side whose commands the fix names, the hop, what is changed in a healthy chain, and the fix.
FIXES = [
    ("lms", "lms.cookies", changed("app/cookie/domain", ".openedx.io"), COOKIE_NAME),
    (
        "lms",
        "app.reaches_lms",
        broken("app", "lms", "timeout"),
        UFW + " {Start}; its port must be published on all interfaces, 0.0.0.0.",
    ),
    ("app", "app.starts", silent("app", "No reply."), "{Start}, and see that its settings are complete: {log}."),
    ("app", "app.starts", silent("app", "It said: service web is not running\nFix: x"), "{Start}."),
    ("lms", "lms.starts", silent("lms", "No reply."), "{Start} and read {log}."),
    ("lms", "lms.starts", silent("lms", "It said: service lms is not running\nFix: x"), "{Start}."),
    (
        "lms",
        "lms.starts",
        silent("lms", "ModuleNotFoundError: No module named 'x'"),
        IMPORT,
    ),
    (
        "lms",
        "browser.reaches_lms",
        broken("browser", "lms", "refused"),
        "{Start}. Or correct edx_lms_base_url.",
    ),
    (
        "lms",
        "browser.reaches_lms",
        broken("browser", "lms", "timeout"),
        "If it is running, {restart}. {Start}. Or correct edx_lms_base_url.",
    ),
    (
        "app",
        "browser.reaches_app",
        broken("browser", "app", "refused"),
        "{Start}. Or correct mit_app_domain or mit_app_port.",
    ),
    ("app", "app.reaches_lms", broken("app", "lms", "name"), "{Map_host}."),
    (
        "lms",
        "app.reaches_lms",
        broken("app", "lms", "refused"),
        "{Start}; its port must be published on all interfaces, 0.0.0.0.",
    ),
    (
        "app",
        "app.reaches_itself",
        broken("app", "self", "name"),
        "Give the app's web server the network alias {host}, or {map_host}.",
    ),
    ("app", "app.reaches_itself", broken("app", "self", "refused"), "{Start}, its web server included."),
    ("app", "app.env", changed("machine/env/differs", ["SITE_BASE_URL"]), "{Reread}. If it stays so, {env_wins}."),
    (
        "app",
        "app.settings",
        changed("app/settings/values/OPENEDX_OAUTH_PROVIDER", "x"),
        APP_ROLE + " By hand: set it in /home/me/mitxpro/.env, then {reread}. If it stays so, {env_wins}.",
    ),
    (
        "app",
        "app.cookie_domain",
        changed("app/settings/values/OPENEDX_API_BASE_URL", "http://x"),
        APP_ROLE + f" By hand: OPENEDX_API_BASE_URL={LMS} in /home/me/mitxpro/.env, then {{reread}}.",
    ),
    (
        "lms",
        "lms.host",
        changed("lms/addresses/root", "http://x"),
        "{Set_host}. {Restart}. Or correct edx_lms_base_url.",
    ),
    (
        "lms",
        "lms.cookies",
        changed("lms/addresses/secure", True),
        "Set SESSION_COOKIE_SECURE = False in the LMS's settings, or use https. {Restart}.",
    ),
    (
        "lms",
        "lms.cookies",
        changed("lms/addresses/samesite", "None"),
        'Set SESSION_COOKIE_SAMESITE = "Lax" in the LMS\'s settings, or use https. {Restart}.',
    ),
    (
        "lms",
        "lms.settings",
        changed("lms/settings/differs", {"REGISTRATION_RATELIMIT": "REGISTRATION_RATELIMIT is 60/7d"}),
        TAKE_OUT,
    ),
    (
        "app",
        "app.client",
        changed("app/client/answer", "invalid_client"),
        APP_ROLE + " By hand: copy them from the LMS's admin into /home/me/mitxpro/.env, then {reread}.",
    ),
    ("lms", "app.token", changed("app/me", TOKENLESS), "Look at {log}."),
    ("lms", "app.token_staff", changed("app/accounts", TOKENLESS), "Look at {log}."),
    ("lms", "lms.reaches_app", broken("lms", "token_url", "name"), SETTINGS_ROLE + " By hand: {map_host}."),
    (
        "app",
        "lms.reaches_app",
        broken("lms", "token_url", "refused"),
        "{Start}; its port must be published on all interfaces, 0.0.0.0.",
    ),
    (
        "lms",
        "browser.lms",
        changed("browser/lms_answer/status", 404),
        "See that edx_lms_base_url is the address of the LMS, and read {log}.",
    ),
    (
        "app",
        "browser.app",
        changed("browser/app_answer/status", 502),
        "See that mit_app_domain and mit_app_port are the app's, and read {log}.",
    ),
    ("lms", "browser.authorize", no_backend, "{Restart}."),
    (
        "lms",
        "browser.authorize",
        changed("browser/authorize", step("u", 500, text="Can't fetch setting of a disabled backend/provider.")),
        PROVIDER_ROLE + " If the hop lms.provider is ok, a cache is stale. {Restart}.",
    ),
    ("lms", "browser.authorize", changed("browser/authorize", step("u", 503, text="")), "Read {log}."),
    ("app", "login.app", changed("app/user", {"authorized": False, "failure": "x", "requests": []}), "Read {log}."),
    (
        "app",
        "login.app",
        changed("app/user", {"authorized": False, "failure": "x", "requests": [step(f"{APP}/x", 500, text="")]}),
        "Read {log}.",
    ),
    (
        "lms",
        "login.app",
        changed("app/user", {"authorized": False, "failure": "x", "requests": [step(f"{LMS}/x", 500, text="")]}),
        "Read {log}.",
    ),
    (
        "app",
        "login.app",
        changed("app/user", {"authorized": False, "failure": "x", "requests": DASHBOARD}),
        "{Map_host}.",
    ),
    (
        "lms",
        "login.app",
        changed(
            "app/user",
            {
                "authorized": False,
                "failure": "x",
                "requests": [step(f"{LMS}/user_api/v1/account/registration/", 409, text="")],
            },
        ),
        "Read {log}.",
    ),
    ("lms", "login.browser", changed("browser/login/username", None), "Read {log}."),
    ("lms", "login.linked", changed("lms/linked/linked", False), PROVIDER_ROLE + " {Restart}."),
    ("app", "commands.sync", changed("app/sync/output", ""), "Run the command in the app by hand and read {log}."),
    (
        "app",
        "commands.sync",
        changed("app/sync/output", "Sync complete: 0 updated, 3 failures"),
        "See app.token; then run the command in the app by hand and read {log}.",
    ),
    ("app", "commands.repair", changed("app/repair/output", ""), "Run the command in the app by hand and read {log}."),
    (
        "app",
        "commands.repair",
        changed("app/repair", {"broken": "it did not end"}),
        "Look at {log}, and run it again with -vvv.",
    ),
    ("lms", "lms.worker", changed("lms/worker", {"broken": "x"}), "Look at {log}, and run it again with -vvv."),
]


@pytest.mark.parametrize("kind", TARGETS)
@pytest.mark.parametrize(
    ("side", "hop", "change", "fix"), FIXES, ids=[f"{case[1]}-{index}" for index, case in enumerate(FIXES)]
)
def test_a_fix_names_the_commands_of_the_target(kind, side, hop, change, fix):
    seen = healthy()
    seen.app_side = Side("the app", TARGETS[kind][0])
    seen.lms_side = Side("the LMS", TARGETS[kind][0])
    change(seen)
    words = phrases(getattr(seen, f"{side}_side"))
    found = by_id(seen)[hop]
    assert found["status"] in ("failed", "warning")
    assert found["fix"] == fix.format(host=HOST, **words)
