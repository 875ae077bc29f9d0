# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be wrong with a login chain, and what the doctor says of it.

The tests break each of these and hold the doctor's words against what stands here; tools/causes_table.py makes
docs/causes.md of it. So the table says what was seen.
"""

from __future__ import annotations

from typing import NamedTuple

PROVIDER_ROLE = "Run the app's playbook again (role edx_oauth_provider): it brings the row in line."
APP_ROLE = "Run the app's playbook again (role mit_app_env): it brings the app in line."
SETTINGS_ROLE = "Run the app's playbook again (role edx_private_settings), which also restarts the LMS."
SECRET_ROLES = (
    "Run the app's playbook again (roles edx_oauth_provider and mit_app_env): it gives both sides the same secret."
)

RESTART_LMS = "Restart the LMS ({lms_restart})."
HOST = f"{{Set_host}}. {RESTART_LMS} Or correct edx_lms_base_url."
SETTINGS = f"{APP_ROLE} By hand: set it in {{dotenv}}, then {{reread}}. If it stays so, {{env_wins}}."
CLIENT = f"{APP_ROLE} By hand: copy them from the LMS's admin into {{dotenv}}, then {{reread}}."
ENV = "{Reread}. If it stays so, {env_wins}."
EXTRA_HOSTS = "{Map_lms}."
TWICE = "Delete the others in the Django admin."
STAFF = (
    "Let that person log in through the app once, which links the two for good; or give the account in the LMS an "
    "e-mail that nobody can have in the app."
)

PLAYBOOK = "a run of the app's playbook"
PLAYBOOK_AND_ROW = f"{PLAYBOOK}; then the row of the other Site disabled, of which it warns"

#: What the placeholders of facts and fixes stand for in the table: Tutor's development mode and Docker Compose. The
#: tests have their own.
EXAMPLE = {
    "lms": "http://local.openedx.io:8000",
    "lms_host": "local.openedx.io",
    "lms_port": "8000",
    "site": "local.openedx.io:8000",
    "app": "http://xpro.odl.local:8053",
    "app_host": "xpro.odl.local",
    "app_port": "8053",
    "other_port": "8013",
    "dotenv": "~/src/mitxpro/.env",
    "lms_start": "tutor dev start -d",
    "lms_restart": "tutor dev restart lms",
    "app_start": "docker compose up -d",
    "Set_host": "Set the host (tutor config save --set LMS_HOST=local.openedx.io)",
    "app_log": "the app's log (docker compose logs web)",
    "reread": "recreate the app's container (docker compose up -d): a restart does not read the file",
    "Reread": "Recreate the app's container (docker compose up -d): a restart does not read the file",
    "apply_lms": "recreate the LMS's container (tutor dev start -d)",
    "Migrate_lms": "Run the migrations of the LMS (tutor dev do init --limit lms).",
    "Start_app_database": "Start db (docker compose up -d db). If it is running, read the app's log (docker compose "
    "logs web).",
    "Start_lms_database": "Start mysql (tutor dev start -d mysql). If it is running, read the LMS's log (tutor dev "
    "logs lms).",
    "Start_cache": "Start redis (tutor dev start -d redis).",
    "env_wins": "environment: of a compose file wins over the .env: take it out there",
    "Map_lms": 'Map the name in the app\'s compose file: extra_hosts: ["local.openedx.io:host-gateway"], then recreate '
    "the app's container (docker compose up -d)",
}


class Cause(NamedTuple):
    """One cause. In a fact, an ellipsis stands for what differs from case to case."""

    id: str
    broken: str
    hop: str
    fact: str
    fix: str
    #: How the test follows the fix.
    healed: str = PLAYBOOK
    status: str = "failed"
    #: Whether it shows in a login only.
    login: bool = False


LAB = [
    # -- the two sides start, and reach each other
    Cause(
        "app-env-incomplete",
        "The .env lacks a setting without which the app does not start",
        "app.starts",
        "The following settings are missing: MAILGUN_KEY.",
        "set them in the app's .env (the role mit_app_env does), and have the app read it.",
    ),
    Cause(
        "backend-path-wrong",
        "AUTHENTICATION_BACKENDS names a class that cannot be imported: the LMS does not start",
        "lms.starts",
        "No module named 'ol_social'",
        "Correct that path in the LMS's settings (AUTHENTICATION_BACKENDS in private.py or a Tutor plugin), or install "
        f"its package in the image of the LMS. {RESTART_LMS}",
        "the line corrected, the LMS restarted",
    ),
    Cause(
        "etc-hosts-line-missing",
        "/etc/hosts of this machine lacks the line of the LMS",
        "browser.reaches_lms",
        "from this machine: {lms_host}: the name does not resolve.",
        "Add this line to /etc/hosts of this machine: 127.0.0.1 {lms_host} (the app's playbook does it with "
        "mit_app_manage_hosts: true)",
        "that line",
    ),
    Cause(
        "lms-not-running",
        "The LMS is not running",
        "browser.reaches_lms",
        "from this machine: {site} (…: connection refused.",
        "Start the LMS ({lms_start}). Or correct edx_lms_base_url.",
        "the LMS started",
    ),
    Cause(
        "app-not-running",
        "The app's web server is not running",
        "browser.reaches_app",
        "from this machine: {app_host}:{app_port} (…: connection refused.",
        "Start the app ({app_start}). Or correct mit_app_domain or mit_app_port.",
        "the app started",
    ),
    Cause(
        "extra-hosts-missing",
        "The name of the LMS is not mapped inside the app's container",
        "app.reaches_lms",
        "from inside the app: {lms_host}: the name does not resolve.",
        EXTRA_HOSTS,
        "the name mapped for the app",
    ),
    Cause(
        "firewall",
        "The name resolves to this machine, but a firewall drops what containers send to it",
        "app.reaches_lms",
        "resolves, but nobody answers: no answer (timed out). A firewall drops it, or what listens there accepts "
        "nobody.",
        "Allow connections of containers to this machine (sudo ufw allow from 172.16.0.0/12). Start the LMS "
        "({lms_start}); its port must be published on all interfaces, 0.0.0.0.",
        "connections let through",
    ),
    # -- what both keep their data in
    Cause(
        "app-database-down",
        "The app's database is not there",
        "app.database",
        "the database of the app, refuses: OperationalError: …",
        "{Start_app_database}",
        "the database there again",
    ),
    Cause(
        "lms-database-down",
        "The LMS's database is not there",
        "lms.database",
        "the database of the LMS, refuses: OperationalError: …",
        "{Start_lms_database}",
        "the database there again",
    ),
    Cause(
        "lms-database-read-only",
        "The LMS's database accepts no changes",
        "lms.database",
        "the database of the LMS, refuses: OperationalError: attempt to write a readonly database.",
        "Make it writable again (of MySQL, SET GLOBAL read_only = OFF; of a file, its mode and a disk with space).",
        "changes accepted",
    ),
    Cause(
        "cache-down",
        "The LMS's cache, Redis with Tutor, does not run",
        "lms.cache",
        "keeps nothing. Nobody stays logged in, and the LMS takes every limit of requests for reached: 429 for tokens, "
        "403 for registrations.",
        "{Start_cache} If it is running, see CACHES in the LMS's settings.",
        "the cache there again",
    ),
    # -- the app's settings and rows
    Cause(
        "environment-wins",
        "environment: of the compose file sets what the .env sets otherwise",
        "app.env",
        "The app runs with other values than {dotenv} has: OPENEDX_API_BASE_URL, OPENEDX_SERVICE_WORKER_API_TOKEN.",
        ENV,
        "the values taken out of the environment",
    ),
    Cause(
        "app-client-id-wrong",
        "The .env has another client id than the LMS",
        "app.settings",
        "OPENEDX_API_CLIENT_ID is not the client id of xpro-oauth-app in the LMS (…).",
        SETTINGS,
    ),
    Cause(
        "app-provider-name",
        "The .env has the backend name of an older guide",
        "app.settings",
        "OPENEDX_OAUTH_PROVIDER is mitxpro-oauth2, not ol-oauth2.",
        SETTINGS,
    ),
    Cause(
        "cookie-domain",
        "The app calls the LMS by another name than the browser, to which no session cookie belongs",
        "app.cookie_domain",
        "OPENEDX_API_BASE_URL: http://127.0.0.1:{lms_port} differs from {lms} in its host ({lms_host}, not 127.0.0.1). "
        "The LMS's session cookie is bound to {lms_host}.",
        f"{APP_ROLE} By hand: OPENEDX_API_BASE_URL={{lms}} in {{dotenv}}, then {{reread}}.",
    ),
    Cause(
        "app-application-missing",
        "The app lost its OAuth2 application, as with its database",
        "app.application",
        "There is no OAuth2 application edx-oauth-app.",
        APP_ROLE,
    ),
    Cause(
        "app-application-twice",
        "The app has two OAuth2 applications of the same name",
        "app.application",
        "2 OAuth2 applications are called edx-oauth-app (ids …); the code expects one.",
        TWICE,
        "the other row deleted",
    ),
    Cause(
        "app-redirect-scheme",
        "The redirect URI in the app has the wrong scheme",
        "app.application",
        "https://{site}/auth/complete/ol-oauth2/ differs from {lms}/auth/complete/ol-oauth2/ in its scheme (http, not "
        "https).",
        APP_ROLE,
    ),
    Cause(
        "app-redirect-port",
        "The redirect URI in the app has the wrong port",
        "app.application",
        "http://{lms_host}:9999/auth/complete/ol-oauth2/ differs from {lms}/auth/complete/ol-oauth2/ in its port "
        "({lms_port}, not 9999).",
        APP_ROLE,
    ),
    Cause(
        "app-redirect-slash",
        "The redirect URI in the app lacks its slash",
        "app.application",
        "{lms}/auth/complete/ol-oauth2 differs from {lms}/auth/complete/ol-oauth2/ by the slash at its end.",
        APP_ROLE,
    ),
    # -- the LMS's settings and rows
    Cause(
        "lms-host-wrong",
        "Tutor's LMS_HOST is not the host that the browser uses",
        "lms.host",
        "The LMS takes http://www.myopenedx.com:{lms_port} for its own address, which is not {lms}.",
        HOST,
        "the host set, the LMS restarted",
    ),
    Cause(
        "lms-cookie-domain",
        "The LMS's session cookie is for another host",
        "lms.host",
        "The LMS's session cookie is for www.myopenedx.com, so browsers drop it at {lms_host} and nobody stays logged "
        "in.",
        HOST,
        "the host set, the LMS restarted",
    ),
    Cause(
        "redirect-is-https",
        "The LMS has people come back from a login by https, though its address is http",
        "lms.host",
        "The LMS lets people come back from a login by https (SOCIAL_AUTH_REDIRECT_IS_HTTPS), but its address is http.",
        f"Set SOCIAL_AUTH_REDIRECT_IS_HTTPS = False in the LMS's settings, or use https. {RESTART_LMS}",
        "that line taken out, the LMS restarted",
    ),
    Cause(
        "lms-cookie-path",
        "The LMS's session cookie is for a part of its addresses only",
        "lms.cookies",
        "The LMS's session cookie is for the path /courses only: elsewhere nobody is logged in.",
        f'Set SESSION_COOKIE_PATH = "/" in the LMS\'s settings. {RESTART_LMS}',
        "that line taken out, the LMS restarted",
    ),
    Cause(
        "lms-cookie-samesite",
        "The LMS's session cookie is SameSite=None over http",
        "lms.cookies",
        "The LMS's session cookie is SameSite=None without Secure: browsers drop it, and nobody is logged in.",
        f'Set SESSION_COOKIE_SAMESITE = "Lax" in the LMS\'s settings, or use https. {RESTART_LMS}',
        "that setting, the LMS restarted",
    ),
    Cause(
        "lms-cookie-secure",
        "The LMS's session cookie is for https only",
        "lms.cookies",
        "SESSION_COOKIE_SECURE is on, but the LMS's address begins with http: the session is never sent back.",
        f"Set SESSION_COOKIE_SECURE = False in the LMS's settings, or use https. {RESTART_LMS}",
        "that setting, the LMS restarted",
    ),
    Cause(
        "settings-replaced",
        "A line of private.py below the collection's block replaces the backends",
        "lms.settings",
        "Replaced after lms.envs.mit_apps had set them: AUTHENTICATION_BACKENDS lacks "
        "lms.envs.mit_apps.backends.OlOauth2.",
        "Take AUTHENTICATION_BACKENDS out of what is read later: lines below the collection's block in private.py, or "
        f"another Tutor plugin. {RESTART_LMS}",
        "that line taken out, the LMS restarted",
    ),
    Cause(
        "settings-replaced-comfort",
        "A line of private.py below the collection's block replaces something that is not vital",
        "lms.settings",
        "Replaced after lms.envs.mit_apps had set them: REGISTRATION_RATELIMIT is 60/7d, not 1000/7d.",
        "Take REGISTRATION_RATELIMIT out of what is read later: lines below the collection's block in private.py, or "
        f"another Tutor plugin. {RESTART_LMS}",
        "that line taken out, the LMS restarted",
        status="warning",
    ),
    Cause(
        "third-party-auth-replaced",
        "A line of private.py below the collection's block switches third-party authentication off",
        "lms.settings",
        "ENABLE_THIRD_PARTY_AUTH is False, not True",
        "Take ENABLE_THIRD_PARTY_AUTH, FEATURES out of what is read later: lines below the collection's block in "
        f"private.py, or another Tutor plugin. {RESTART_LMS}",
        "that line taken out, the LMS restarted",
    ),
    Cause(
        "third-party-auth-off",
        "Third-party authentication is off in settings that are not the collection's",
        "lms.third_party_auth",
        "ENABLE_THIRD_PARTY_AUTH is off in the LMS's settings: every login through another system is a 404.",
        f"{SETTINGS_ROLE} By hand: set it to true below FEATURES in the LMS's YAML file (with Tutor: the patch "
        f"lms-env-features). {RESTART_LMS}",
    ),
    Cause(
        "site-configuration",
        "The configuration of the LMS's Site says otherwise than its settings",
        "lms.site_configuration",
        "The site configuration of {site} wins over the settings: ALLOW_PUBLIC_ACCOUNT_CREATION is false: the LMS "
        "makes no accounts.",
        "Take ALLOW_PUBLIC_ACCOUNT_CREATION out of it in the LMS's admin "
        "({lms}/admin/site_configuration/siteconfiguration/1/change/). Running servers see it after 5 minutes; or "
        "restart the LMS ({lms_restart}).",
        "that value taken out",
    ),
    Cause(
        "lms-host-changed",
        "The LMS got another address: the provider row hangs on the Site of the old one",
        "lms.site",
        "No Site has the domain {site}; there are …old.openedx.io:8000",
        PROVIDER_ROLE,
        PLAYBOOK_AND_ROW,
    ),
    Cause(
        "application-restricted",
        "The app's application in the LMS has a row in Restricted applications",
        "lms.application",
        "xpro-oauth-app is a restricted application: every token that the LMS makes for it has expired at birth.",
        "Delete its row at {lms}/admin/oauth_dispatch/restrictedapplication/.",
        "that row deleted",
    ),
    Cause(
        "lms-application-twice",
        "The LMS has two OAuth2 applications of the same name",
        "lms.application",
        "2 OAuth2 applications are called xpro-oauth-app (ids …); the code expects one.",
        TWICE,
        "the other row deleted",
    ),
    Cause(
        "lms-redirect-scheme",
        "The redirect URI in the LMS has the wrong scheme",
        "lms.application",
        "https://{app_host}:{app_port}/login/_private/complete differs from {app}/login/_private/complete in its "
        "scheme "
        "(http, not https).",
        PROVIDER_ROLE,
    ),
    Cause(
        "lms-redirect-port",
        "The redirect URI in the LMS has the wrong port",
        "lms.application",
        "http://{app_host}:9999/login/_private/complete differs from {app}/login/_private/complete in its port "
        "({app_port}, not 9999).",
        PROVIDER_ROLE,
    ),
    Cause(
        "lms-redirect-slash",
        "The redirect URI in the LMS has a slash too many",
        "lms.application",
        "{app}/login/_private/complete/ differs from {app}/login/_private/complete by the slash at its end.",
        PROVIDER_ROLE,
    ),
    Cause(
        "backend-missing",
        "private.py lost the lines that add the backend",
        "lms.backend",
        "No class of AUTHENTICATION_BACKENDS has the name ol-oauth2",
        f"{SETTINGS_ROLE} By hand: install ol-social-auth and put ol_social_auth.backends.OLOAuth2 into "
        "AUTHENTICATION_BACKENDS.",
    ),
    Cause(
        "backend-in-server-only",
        "What starts now lacks the backend that the running server has, as in a job's container of another image",
        "lms.backend",
        "No class of AUTHENTICATION_BACKENDS has the name ol-oauth2",
        "The running LMS still has it, so only what starts now lacks it: a job's container has another image, or the "
        f"settings were changed since. {SETTINGS_ROLE}",
    ),
    Cause(
        "provider-other-site",
        "The provider row was made on the default Site",
        "lms.provider",
        "There is no provider row for ol-oauth2 on {site}. There is an enabled row on example.com, which serves only "
        "that Site.",
        PROVIDER_ROLE,
        PLAYBOOK_AND_ROW,
    ),
    Cause(
        "provider-two-sites",
        "Beside the provider row there is one on another Site, which may be a mistake",
        "lms.provider",
        "The provider row for ol-oauth2 on {site} is enabled. There is an enabled row on example.com, which serves "
        "only "
        "that Site.",
        "If no other host name is meant, disable the other row in the LMS's admin; or name its Site in "
        "edx_former_sites and run the app's playbook again (role edx_oauth_provider).",
        "that row disabled",
        status="warning",
    ),
    Cause(
        "provider-missing",
        "There is no provider row",
        "lms.provider",
        "There is no provider row for ol-oauth2 on {site}.",
        PROVIDER_ROLE,
    ),
    Cause(
        "lms-not-migrated",
        "The LMS's code is newer than its database: a column is not there yet",
        "lms.provider",
        "The database of the LMS is older than its code: OperationalError: no such column: …was_valid_at.",
        "{Migrate_lms}",
        "that command",
    ),
    Cause(
        "provider-disabled",
        "The newest provider row is disabled; enabled rows before it do not count",
        "lms.provider",
        "The newest provider row for ol-oauth2 on {site} (of …) is disabled.",
        PROVIDER_ROLE,
    ),
    Cause(
        "provider-stale-gateway",
        "The provider row has the address of a gateway that is no more",
        "lms.provider_settings",
        "API_ROOT: http://127.0.0.99:{app_port}/ differs from {app}/ in its host ({app_host}, not 127.0.0.99).",
        PROVIDER_ROLE,
    ),
    Cause(
        "backend-shared",
        "Another app took the backend name: the newest provider row is that app's",
        "lms.provider_settings",
        "AUTHORIZATION_URL: http://127.0.0.1:{other_port}/oauth2/authorize/ differs from {app}/oauth2/authorize/ in "
        "its "
        "…port ({app_port}, not {other_port})",
        f"{PROVIDER_ROLE} If the row is another app's, give that app a backend name of its own.",
    ),
    Cause(
        "provider-discovery",
        "The provider row names a discovery document, which wins over the addresses beside it",
        "lms.provider_settings",
        "DISCOVERY_URL is set ({app}/.well-known/openid-configuration) and wins over the other addresses.",
        PROVIDER_ROLE,
    ),
    Cause(
        "provider-unreadable",
        "The other settings of the provider row are no JSON",
        "lms.provider_settings",
        "The other settings of the provider row are no JSON object (…).",
        PROVIDER_ROLE,
    ),
    Cause(
        "provider-slug",
        "The slug of the provider row is not the backend's name",
        "lms.provider_settings",
        "The slug of the provider row is xpro, not ol-oauth2: LMS releases that look for it by the backend's name show "
        "no login button.",
        PROVIDER_ROLE,
        status="warning",
    ),
    Cause(
        "registry-stale",
        "The provider row was changed past the LMS's cache",
        "lms.registry",
        "Running servers have an older provider row in their cache than the database has.",
        f"{PROVIDER_ROLE} By hand: wait 10 minutes, or clear the LMS's cache.",
        "the cache cleared",
    ),
    Cause(
        "worker-inactive",
        "The service worker is not active",
        "lms.worker",
        "xpro_serviceworker is not active.",
        PROVIDER_ROLE,
    ),
    Cause(
        "worker-not-staff",
        "The service worker is no staff",
        "lms.worker",
        "xpro_serviceworker is not staff.",
        PROVIDER_ROLE,
    ),
    Cause(
        "worker-disabled",
        "The service worker has no usable password",
        "lms.worker",
        "xpro_serviceworker has no usable password, which the LMS takes for 'disabled by admin'.",
        PROVIDER_ROLE,
    ),
    Cause(
        "worker-superuser",
        "The service worker is a superuser",
        "lms.worker",
        "xpro_serviceworker is a superuser, and so is whoever has its token; staff is enough.",
        "Take the superuser status from it in the LMS's admin ({lms}/admin/auth/user/).",
        status="warning",
        healed="the superuser status taken from it",
    ),
    Cause(
        "worker-without-profile",
        "The service worker has no profile",
        "lms.worker",
        "xpro_serviceworker has no profile: pages that show the account fail.",
        PROVIDER_ROLE,
        status="warning",
    ),
    Cause(
        "token-missing",
        "The API token was deleted in the LMS",
        "lms.token",
        "xpro_serviceworker has no access token.",
        PROVIDER_ROLE,
    ),
    Cause(
        "token-unknown",
        "The .env has a token that the LMS does not know",
        "lms.token",
        "The token that the app runs with is none of the 1 of xpro_serviceworker.",
        APP_ROLE,
    ),
    Cause(
        "token-of-somebody-else",
        "The .env has the token of another user",
        "lms.token",
        "The token that the app runs with is that of edx, not of xpro_serviceworker.",
        APP_ROLE,
    ),
    Cause("token-expired", "The API token expired", "lms.token", "The token expired … days ago.", PROVIDER_ROLE),
    Cause(
        "token-expiring",
        "The API token expires soon",
        "lms.token",
        "The token expires in 5.0 days.",
        PROVIDER_ROLE,
        status="warning",
    ),
    Cause(
        "person-locked",
        "A person of the app has an account in the LMS without a usable password",
        "lms.people",
        "People who cannot log in through the app: ann: no usable password, which the LMS answers with 403 'Your "
        "account "
        "is disabled'.",
        "Set a password in the LMS's admin, unless the account is meant to be disabled.",
        "a password set",
        status="warning",
    ),
    Cause(
        "person-without-profile",
        "A person of the app has an account in the LMS without a profile",
        "lms.people",
        "People who cannot log in through the app: ann: no profile, at which a login ends with 500.",
        "Add a user profile in the LMS's admin.",
        "a profile added",
        status="warning",
    ),
    Cause(
        "superuser-taken",
        "A person of the app has the e-mail of a superuser of the LMS, which links the two by itself",
        "lms.privileged",
        "Somebody in the app has the e-mail of edx (edx@example.org, superuser): their login through the app is that "
        "account.",
        STAFF,
        "another e-mail in the LMS",
        status="warning",
    ),
    Cause(
        "superuser-free",
        "A superuser of the LMS has an e-mail that anybody's registration in the app could have",
        "lms.privileged",
        "Whoever registers in the app with the e-mail of edx (edx@openedx.org, superuser) becomes that account in the "
        "LMS.",
        STAFF,
        "that person tied to the app",
        status="warning",
    ),
    # -- the credentials, tried
    Cause(
        "app-secret-wrong",
        "The .env has another client secret than the LMS",
        "app.client",
        "The LMS refuses the client id or secret that the app runs with (OPENEDX_API_CLIENT_ID, "
        "OPENEDX_API_CLIENT_SECRET): they are not those of xpro-oauth-app.",
        CLIENT,
    ),
    Cause(
        "app-secret-hashed",
        "The .env has the hash of the client secret that an admin shows",
        "app.client",
        "OPENEDX_API_CLIENT_SECRET): the secret is a password hash, which an admin shows instead of it.",
        CLIENT,
    ),
    Cause(
        "lms-proxy",
        "The LMS's container has a proxy in its environment, which knows no names of this machine",
        "lms.proxy",
        "The LMS asks {app_host} through the proxy 127.0.0.1:9, and gets nowhere: connection refused.",
        "Add {app_host} to NO_PROXY (and no_proxy) in the environment of the LMS, then {apply_lms}.",
        "the proxy taken out of the environment",
    ),
    Cause(
        "secret-hashed",
        "The secret in the provider row is the hash that configure_instance prints",
        "lms.secret",
        "The app refuses the LMS: the secret in the provider row is a password hash: all that configure_instance and "
        "the "
        "admin show.",
        SECRET_ROLES,
    ),
    Cause(
        "secret-wrong",
        "The provider row has another secret than the app",
        "lms.secret",
        "The app refuses the LMS: the client id or the secret (from the provider row) is not the app's.",
        SECRET_ROLES,
    ),
    # -- from the browser, and a whole login
    Cause(
        "lms-host-not-allowed",
        "The LMS's settings do not allow the host by which it is called",
        "browser.lms",
        "{lms}/api/user/v1/me answered 400: the server takes {site} for no host of its own.",
        "Add {lms_host} to ALLOWED_HOSTS in the settings of what answers there, and restart it.",
        "that line taken out, the LMS restarted",
    ),
    Cause(
        "app-https-only",
        "The app redirects to https, as the real ones do without their compose file",
        "browser.app",
        "{app}/api/users/me leads to https, where nothing of a development machine listens.",
        "Switch that redirect off (SECURE_SSL_REDIRECT; of the apps MITXPRO_SECURE_SSL_REDIRECT=False or "
        "MITX_ONLINE_SECURE_SSL_REDIRECT=False in their environment), or declare the addresses with https.",
        "that redirect switched off",
    ),
    Cause(
        "server-older",
        "The running server lacks the backend that its settings have: it was not restarted, or has another image",
        "browser.authorize",
        "The running LMS does not know the backend ol-oauth2 (404), though its settings have it: the server is older "
        "than they are, or runs in another image.",
        RESTART_LMS,
        "the LMS restarted",
    ),
    Cause(
        "admins-locked-out",
        "A redirect of anonymous people, as of openedx-companion-auth, takes the admin's login with it",
        "browser.admin",
        "{lms}/admin/login/ answered 302 to {lms}/auth/login/ol-oauth2/…: a local administrator cannot log in.",
        "Switch the redirect of anonymous people off (MITX_REDIRECT_ENABLED = False), or put ^/admin into "
        "MITX_REDIRECT_ALLOW_RE_LIST.",
        "the redirect switched off",
    ),
    Cause(
        "admin-login-not-served",
        "The login page of the LMS is a micro-frontend that does not run",
        "browser.admin",
        "{lms}/admin/login/ leads to http://127.0.0.1:9/authn/login: connection refused.",
        "Start what serves 127.0.0.1:9. Until then local administrators log in at {lms}/login?skip_authn_mfe=true.",
        "the LMS's own login page",
        status="warning",
    ),
    Cause(
        "dashboard-not-served",
        "The dashboard of the LMS is a micro-frontend that does not run",
        "login.browser",
        "The user is logged in, but the way ended with: http://127.0.0.1:9/learner-dashboard/: connection refused.",
        "Start what serves 127.0.0.1:9.",
        "the LMS's own dashboard",
        status="warning",
        login=True,
    ),
    Cause(
        "dashboard-out-of-reach",
        "The app's login ends at the LMS's dashboard, a micro-frontend that the app's container does not reach",
        "login.app",
        "The login leads to http://127.0.0.1:9/learner-dashboard/, which cannot be reached from there "
        "(ConnectionError).",
        f"{APP_ROLE} The app's login then ends at the LMS itself (&next= in OPENEDX_SOCIAL_LOGIN_PATH).",
        "that end of the login",
        login=True,
    ),
    Cause(
        "provider-scope",
        "The other settings of the provider row ask for a scope that the app does not have",
        "login.app",
        "The app gives the LMS no code: invalid_scope.",
        "Take SCOPE out of the other settings of the provider row, or give in mit_app_scopes what the app has. "
        f"{PROVIDER_ROLE}",
        login=True,
    ),
    Cause(
        "registration-by-login-only",
        "The LMS registers only people who come through its login page",
        "login.app",
        "The LMS refused the registration (403): it wants people to come through its login page "
        "(ENABLE_REQUIRE_THIRD_PARTY_AUTH), and an app registers them.",
        "Set ENABLE_REQUIRE_THIRD_PARTY_AUTH = False in the LMS's settings.",
        "that line taken out, the LMS restarted",
        login=True,
    ),
    Cause(
        "registration-fields",
        "The LMS wants a field of new people that the app does not send",
        "login.app",
        "The LMS refused the registration (400): city: A city is required.",
        "Where a field is named that the app does not send, make it optional in the LMS: REGISTRATION_EXTRA_FIELDS in "
        "its settings or in the site configuration.",
        "that line taken out, the LMS restarted",
        login=True,
    ),
    Cause(
        "registration-emails",
        "The LMS registers people with certain e-mail addresses only",
        "login.app",
        "The LMS refused the registration (400): it allows other e-mail addresses only "
        "(REGISTRATION_EMAIL_PATTERNS_ALLOWED).",
        'Give the temporary test user an address that is allowed (sso_doctor_email: "{{user}}@allowed.example").',
        "that line taken out, the LMS restarted",
        login=True,
    ),
    Cause(
        "emails-whitelisted",
        "The LMS's login backend lets in certain e-mail addresses only",
        "login.app",
        "The LMS lets only some e-mail addresses of the app log in: SOCIAL_AUTH_OL_OAUTH2_WHITELISTED_DOMAINS "
        "(mit.edu).",
        'Give the temporary test user an address that is allowed (sso_doctor_email: "{{user}}@allowed.example"). Or '
        f"take SOCIAL_AUTH_OL_OAUTH2_WHITELISTED_DOMAINS out of the LMS's settings. {RESTART_LMS}",
        "that line taken out, the LMS restarted",
        login=True,
    ),
    Cause(
        "registrations-used-up",
        "The registrations that the LMS allows for one address are used up",
        "login.app",
        "The LMS refused the registration (403): registrations per address are limited, and all of an app come from "
        "one.",
        "Raise REGISTRATION_RATELIMIT in the LMS's settings (the role edx_private_settings does).",
        login=True,
    ),
]

ONLINE = [
    Cause(
        "links-elsewhere",
        "The links of MITx Online lead to another Open edX",
        "app.links",
        "OPENEDX_COURSE_BASE_URL is http://edx.odl.local:18000/learn/course/, not {lms}/learn/course/.",
        f"{APP_ROLE} By hand: set it in {{dotenv}}, then {{reread}}.",
    ),
    Cause(
        "no-login-page",
        "MITx Online runs without its gateway, and so has no login page",
        "browser.entrance",
        "Whoever is not logged in to the app turns round for ever: {app}/oauth2/authorize/ and {app}/login/ lead to "
        "each other. The app has no login page of its own: its gateway asks people in, and is not used here.",
        "Log in at {app}/admin/login/ first, and press the LMS's button then. Or run the app behind its gateway "
        "(mit_app_api_gateway: true; docs/signing-in.md says what that needs).",
        "that login first",
        status="warning",
    ),
    Cause(
        "discovery-missing",
        "The app has no discovery document where the inventory says",
        "lms.discovery",
        "The LMS finds no discovery document at {app}/nowhere: it answered 404.",
        "Correct mit_app_discovery_url, the address of the app's OpenID discovery document; or read {app_log}.",
    ),
    Cause(
        "discovery-elsewhere",
        "The discovery document of MITx Online names another host for the LMS's requests",
        "lms.reaches_app",
        "from inside the LMS: host.docker.internal: the name does not resolve.",
        f"The app's discovery document names this address, which is not the declared one. {APP_ROLE} By hand: in MITx "
        "Online MITXONLINE_DOCKER_BASE_URL in {dotenv} decides, then {reread}.",
    ),
]

DOCKER = [
    Cause(
        "lms-container-stopped",
        "The LMS's container is stopped",
        "lms.starts",
        "is not running",
        "Start the LMS ({lms_start}).",
        "that command",
    ),
    Cause(
        "app-container-stopped",
        "The app's container is stopped",
        "app.starts",
        "is not running",
        "Start the app ({app_start}).",
        "that command",
    ),
    Cause(
        "app-container-older",
        "The .env was corrected, and the app's container only restarted",
        "app.env",
        "The app runs with other values than {dotenv} has: OPENEDX_OAUTH_PROVIDER.",
        ENV,
        "that command",
    ),
    Cause(
        "compose-environment-wins",
        "environment: of a compose file sets what the .env sets otherwise",
        "app.env",
        "The app runs with other values than {dotenv} has: OPENEDX_OAUTH_PROVIDER.",
        ENV,
        "environment: without it, and that command",
    ),
    Cause(
        "compose-extra-hosts-missing",
        "The app's compose file has no extra_hosts line for the LMS",
        "app.reaches_lms",
        "from inside the app: {lms_host}: the name does not resolve.",
        EXTRA_HOSTS,
        "that line",
    ),
]

#: The tables of docs/causes.md.
LISTS = {"Seen in the embedded lab": LAB + ONLINE, "Seen with Docker": DOCKER}
