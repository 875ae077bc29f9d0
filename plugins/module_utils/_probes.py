# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The doctor's probes that run where the traffic starts: inside the app's and inside the LMS's Django process.

Sent on stdin next to the agent (``_engine/agent.py``), so Python 3.8 and the standard library have to do. A probe only
collects what it sees, as plain data without secrets; what that means is decided by ``_hops.py``. Every job answers
``{"ok": True, "found": {probe: facts}}``.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import html
import http.client
import importlib
import io
import json
import re
import signal
import socket
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

CONNECT_SECONDS, ANSWER_SECONDS = 5, 30
# So many of the app's newest people are looked at, each by so many characters of a digest.
PEOPLE, SHORT, NAMES = 10000, 16, 3
BOGUS_CODE = "sso-check-bogus-code"
# Domains in which nobody gets mail (RFC 2606, RFC 6762), so nobody can confirm such an address.
NOBODYS = re.compile(r"[@.](example\.(com|net|org)|example|invalid|local|localhost|test)$")
SETTINGS = (
    "OPENEDX_API_BASE_URL",
    "OPENEDX_API_CLIENT_ID",
    "OPENEDX_OAUTH_APP_NAME",
    "OPENEDX_OAUTH_PROVIDER",
    "OPENEDX_SERVICE_WORKER_USERNAME",
    "OPENEDX_SOCIAL_LOGIN_PATH",
    "SITE_BASE_URL",
)


class Deadline(BaseException):
    """A probe took too long. Not an Exception: the app's own code must not take it for one of its failures."""


@contextlib.contextmanager
def deadline(seconds):
    """End what takes longer than this; the apps' own requests have no timeout."""

    def over(_signal, _frame):
        raise Deadline("it did not end within %d seconds (the option timeout)" % seconds)

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Evidence:
    """What the probes of one side found, and how long each took. A probe that breaks is a finding too."""

    def __init__(self, seconds):
        self.limit, self.found = seconds, {}

    def take(self, name, probe, *arguments):
        start = time.monotonic()
        try:
            with deadline(self.limit):
                facts = probe(*arguments)
        except Deadline as late:
            facts = {"broken": str(late)}
        except Exception as error:
            facts = {"broken": "%s: %s" % (type(error).__name__, error)}
        facts["seconds"] = round(time.monotonic() - start, 2)
        self.found[name] = facts
        return facts


def clean(value, scrub):
    """Data without the secrets that were seen on the way."""
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, (list, tuple)):
        return [clean(item, scrub) for item in value]
    if isinstance(value, dict):
        return {name: clean(item, scrub) for name, item in value.items()}
    return value


# -- the network -------------------------------------------------------------------------------------------------------


def reason(error):
    """Why a connection did not come about, as a word for programs and a sentence for people."""
    error = getattr(error, "reason", error)
    if isinstance(error, socket.gaierror):
        return {"kind": "name", "error": "the name does not resolve"}
    if isinstance(error, (socket.timeout, TimeoutError)):
        return {"kind": "timeout", "error": "no answer (timed out)"}
    if isinstance(error, ConnectionRefusedError):
        return {"kind": "refused", "error": "connection refused"}
    if getattr(error, "errno", None) in (errno.EHOSTUNREACH, errno.ENETUNREACH):
        return {"kind": "unreachable", "error": "no route to it"}
    return {"kind": "other", "error": "%s: %s" % (type(error).__name__, error)}


def reach(url):
    """Resolve the host of a URL from here, and open a connection to it."""
    parts = urllib.parse.urlsplit(url or "")
    found = {
        "url": url,
        "host": parts.hostname or "",
        "port": parts.port or (443 if parts.scheme == "https" else 80),
        "addresses": [],
    }
    if not found["host"]:
        return dict(found, kind="name", error="it is not an address")
    try:
        known = socket.getaddrinfo(found["host"], found["port"], type=socket.SOCK_STREAM)
        found["addresses"] = sorted({entry[4][0] for entry in known})
        socket.create_connection((found["host"], found["port"]), timeout=CONNECT_SECONDS).close()
    except OSError as error:
        found.update(reason(error))
    return found


class Stay(urllib.request.HTTPRedirectHandler):
    """Redirects are findings here, not something to follow."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        return None


def fetch(url, form=None, headers=None, jar=None):
    """One request. The answer as data: status, location, text and (where it is JSON) json, or the error."""
    handlers = [urllib.request.ProxyHandler({}), Stay()]
    if jar is not None:
        handlers.append(urllib.request.HTTPCookieProcessor(jar))
    request = urllib.request.Request(
        url,
        data=urllib.parse.urlencode(form).encode() if form else None,
        headers={
            "Accept": "text/html, application/json;q=0.9",
            "User-Agent": "mitodl.openedx.sso_check",
            **(headers or {}),
        },
    )
    try:
        try:
            response = urllib.request.build_opener(*handlers).open(request, timeout=ANSWER_SECONDS)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            body = response.read(1000000).decode("utf-8", "replace")
            location = response.headers.get("Location")
    except (OSError, ValueError, http.client.HTTPException) as error:
        return {"url": url, "status": 0, **reason(error)}
    found = {
        "url": url,
        "status": response.code,
        "text": gist(body),
        "location": location and urllib.parse.urljoin(url, location),
    }
    with contextlib.suppress(ValueError):
        found["json"] = json.loads(body)
    return found


def gist(body):
    """The readable beginning of an answer, HTML or not."""
    body = re.sub(r"(?is)<(script|style)\b.*?</\1>|<[^>]+>", " ", body)
    return " ".join(html.unescape(body).split())[:1500]


def bare(url):
    """A URL without its query, in which codes and states travel."""
    return url.split("?", 1)[0].split("#", 1)[0]


def try_client(url, client_id, client_secret, redirect_uri):
    """Redeem a code that cannot exist: `invalid_grant` means that the credentials are right, `invalid_client` wrong."""
    form = {
        "grant_type": "authorization_code",
        "code": BOGUS_CODE,
        "client_id": client_id or "",
        "client_secret": client_secret or "",
        "redirect_uri": redirect_uri,
    }
    answer = fetch(url, form=form)
    body = answer.pop("json", None)
    answer["answer"] = body.get("error") if isinstance(body, dict) else None
    return answer


# -- what both sides have ----------------------------------------------------------------------------------------------


def applications(name):
    """The OAuth2 applications of a name, without their secrets."""
    from oauth2_provider.models import get_application_model

    fields = ("id", "client_id", "client_type", "authorization_grant_type", "skip_authorization", "redirect_uris")
    rows = list(get_application_model().objects.filter(name=name).order_by("pk").values(*fields)[:5])
    return {"name": name, "rows": [dict(row, redirect_uris=row["redirect_uris"].split()) for row in rows]}


def throw_away(name):
    """The rows of the person of this run, and of runs before it that were interrupted.

    A name is `sso-check-<tag of the app>-<hex seconds>-<random>`, so a run that began later is left alone.
    """
    from django.contrib.auth import get_user_model
    from django.db.models import Q

    prefix = name[: name.index("-", len("sso-check-")) + 1]
    rows = get_user_model().objects.filter(Q(username__startswith=prefix) | Q(email__startswith=prefix)).order_by("pk")
    return [
        row
        for row in rows
        if next(part for part in (row.username, row.email.split("@")[0]) if part.startswith(prefix)) <= name
    ]


def remove(name):
    """Delete the throw-away people with all that hangs on them, and say who is left."""
    from ansible_collections.mitodl.openedx.plugins.module_utils._engine.agent import despite_deadlocks
    from django.db import transaction

    @transaction.atomic
    def delete(person):
        end_sessions(person)
        person.delete()

    found: dict = {"removed": [], "left": []}
    for person in throw_away(name):
        try:
            despite_deadlocks(lambda person=person: delete(person))
            found["removed"].append(person.email)
        except Exception as error:
            found["left"].append("%s (%s: %s)" % (person.email, type(error).__name__, error))
    return found


def end_sessions(person):
    """Sessions are no rows of the person, where they are rows at all."""
    from django.conf import settings
    from django.utils import timezone

    store = importlib.import_module(settings.SESSION_ENGINE).SessionStore
    if not hasattr(store, "get_model_class"):
        return
    for row in store.get_model_class().objects.filter(expire_date__gt=timezone.now()).iterator():
        if row.get_decoded().get("_auth_user_id") == str(person.pk):
            store(row.session_key).delete()


# -- inside the app ----------------------------------------------------------------------------------------------------


def app(request, scrub):
    """All that can be seen from inside the app; the first start of the app."""
    from django.conf import settings

    declared, evidence = request["app"], Evidence(request["timeout"])
    secret = scrub.add(getattr(settings, "OPENEDX_API_CLIENT_SECRET", None))
    token = scrub.add(getattr(settings, "OPENEDX_SERVICE_WORKER_API_TOKEN", None))
    running = evidence.take("settings", lambda: {"values": {name: getattr(settings, name, None) for name in SETTINGS}})[
        "values"
    ]
    base = (running["OPENEDX_API_BASE_URL"] or declared["lms_base_url"]).rstrip("/")
    evidence.take("cookie", session_cookie_settings)
    evidence.take("application", applications, declared["edx_application"])
    evidence.take("self", reach, running["SITE_BASE_URL"] or declared["base_url"])
    reply = {
        "ok": True,
        "token_digest": digest(token),
        "digests": {"OPENEDX_API_CLIENT_SECRET": digest(secret), "OPENEDX_SERVICE_WORKER_API_TOKEN": digest(token)},
        "people": evidence.take("people", people).pop("emails", []),
    }
    if "error" not in evidence.take("lms", reach, base):
        if running["OPENEDX_API_CLIENT_ID"] or secret:
            uri = (declared["redirect_uris"] or [""])[0]
            answer = evidence.take(
                "client", try_client, base + "/oauth2/access_token", running["OPENEDX_API_CLIENT_ID"], secret, uri
            )
            answer["hashed"] = looks_hashed(secret)
        if token:
            evidence.take("me", try_token, base + "/api/user/v1/me", token)
            query = urllib.parse.urlencode({"email": declared["service_worker_email"]})
            evidence.take("accounts", try_token, base + "/api/user/v1/accounts?" + query, token)
        if request["login"]:
            evidence.take("person", make_person, request["person"], declared["api_module"])
            reply["cookie"] = evidence.found["person"].pop("cookie", None)
        if request["commands"]:
            for name in ("sync", "repair"):
                if declared[name + "_command"]:
                    evidence.take(name, run_command, declared[name + "_command"])
    reply["found"] = clean(evidence.found, scrub)
    return reply


def app_removal(request, scrub):
    """The last start of the app: the throw-away person goes."""
    evidence = Evidence(request["timeout"])
    evidence.take("removal", remove, request["person"])
    return {"ok": True, "found": clean(evidence.found, scrub)}


def digest(value):
    """By this the LMS finds the row of the app's token; the token itself stays where it is."""
    return hashlib.sha256(value.encode("utf-8", "surrogateescape")).hexdigest() if value else None


def people():
    """The e-mails of the app's people by their digests, for the LMS to look for its staff among them."""
    from django.contrib.auth import get_user_model

    model = get_user_model()
    emails = model.objects.order_by("-pk").values_list(model.get_email_field_name(), flat=True)[:PEOPLE]
    return {"emails": [digest(email.lower())[:SHORT] for email in emails if email]}


def session_cookie_settings():
    from django.conf import settings

    return {"name": settings.SESSION_COOKIE_NAME, "domain": settings.SESSION_COOKIE_DOMAIN}


def try_token(url, token):
    return fetch(url, headers={"Authorization": "Bearer " + token, "Accept": "application/json"})


def make_person(name, api_module):
    """A person with a session, as after a login in the app, taken through the app's own registration at the LMS."""
    from django.conf import settings
    from django.contrib.auth import get_user_model

    remove(name)
    token = getattr(settings, "MITOL_HUBSPOT_API_PRIVATE_TOKEN", None)
    settings.MITOL_HUBSPOT_API_PRIVATE_TOKEN = None  # nobody's customer: only this process forgets the token
    try:
        model = get_user_model()
        columns = {field.name for field in model._meta.concrete_fields}
        extra = {"name": "SSO Check"} if "name" in columns else {}
        person = model.objects.create_user(name, email=name + "@example.com", password=None, is_active=True, **extra)
        address = getattr(person, "legal_address", None)
        if address is not None and not address.country:
            address.country = "US"  # Open edX asks for a country, unless the form hides it
            address.save()
        found = {"username": name, "requests": [], "cookie": session_cookie(person)}
        if api_module:
            found.update(register(person, api_module))
    finally:
        settings.MITOL_HUBSPOT_API_PRIVATE_TOKEN = token
    return found


def session_cookie(person):
    """A session like the one that a login leaves in the browser."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    session = importlib.import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = person._meta.pk.value_to_string(person)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "path": settings.SESSION_COOKIE_PATH}


def register(person, api_module):
    """Run the app's own registration and token dance. Only an access token stored for the person means success."""
    from django.apps import apps

    label = api_module.split(".")[0]
    with recorded() as requests:
        try:
            importlib.import_module(api_module).create_user(person)
            error = None
        except (Exception, Deadline) as caught:
            error = "%s: %s" % (type(caught).__name__, caught)
    person = type(person).objects.get(pk=person.pk)
    stored = apps.get_model(label, "OpenEdxApiAuth").objects.filter(user=person).first()
    found = {
        "requests": requests,
        "failure": error,
        "authorized": bool(stored and stored.access_token),
        "username": person.username,
    }
    with contextlib.suppress(LookupError):
        other = apps.get_model(label, "OpenEdxUser").objects.filter(user=person).first()
        if other is not None:
            found.update(username=other.edx_username, refused=other.sync_error_data)
    return found


@contextlib.contextmanager
def recorded():
    """Note every request that the app's own code sends meanwhile: the only way to see which of them went wrong."""
    from unittest import mock

    from requests.adapters import HTTPAdapter

    requests, original = [], HTTPAdapter.send

    def send(self, request, *arguments, **options):
        step = {"method": request.method, "url": bare(request.url), "status": 0}
        requests.append(step)
        try:
            response = original(self, request, *arguments, **options)
        except Exception as error:
            step["error"] = type(error).__name__
            raise
        step["status"] = response.status_code
        if "Location" in response.headers:
            step["location"] = bare(urllib.parse.urljoin(request.url, response.headers["Location"]))
        if response.status_code >= 400:
            step["text"] = gist(response.text)
        return response

    with mock.patch.object(HTTPAdapter, "send", send):
        yield requests


def run_command(argv):
    """A management command. What it prints counts; its exit status is 0 also after failures."""
    from django.core.management import call_command

    out, err = io.StringIO(), io.StringIO()
    found = {"command": " ".join(argv)}
    try:
        call_command(*argv, stdout=out, stderr=err, no_color=True)
    except (Exception, SystemExit) as error:
        found["failure"] = "%s: %s" % (type(error).__name__, error)
    return dict(found, output=out.getvalue()[-2000:], errors=err.getvalue()[-2000:])


# -- inside the LMS ----------------------------------------------------------------------------------------------------


def lms(request, scrub):
    """All that can be seen from inside the LMS, and the end of the throw-away person there; its one start."""
    declared, evidence = request["app"], Evidence(request["timeout"])
    evidence.take("addresses", find_addresses)
    evidence.take("settings", find_settings)
    site = evidence.take("site", find_site, declared["lms_site"])
    evidence.take("backend", find_backends)
    provider = evidence.take("provider", find_provider, site.get("id"), declared["backend_name"], scrub)
    evidence.take("registry", find_registry, site.get("id"), declared["backend_name"])
    evidence.take("application", applications, declared["lms_application"])
    evidence.take("worker", find_worker, declared["service_worker"])
    evidence.take("token", find_token, declared["service_worker"], request["token_digest"])
    evidence.take("people", find_people, declared["backend_name"])
    evidence.take("privileged", find_privileged, declared["backend_name"], set(request["people"]))
    secret = provider.pop("secret", None)
    urls = provider.get("other_settings") or {}
    if urls.get("DISCOVERY_URL"):
        urls = evidence.take("discovery", discover, urls["DISCOVERY_URL"]).get("urls", {})
    else:
        api_root = urls.get("API_ROOT") or ""
        urls = {
            "token": urls.get("ACCESS_TOKEN_URL"),
            "user_info": api_root and api_root.rstrip("/") + declared["user_info_path"],
        }
    if urls.get("token") and "error" not in evidence.take("token_url", reach, urls["token"]):
        uri = declared["complete_uris"][0]
        answer = evidence.take("secret", try_client, urls["token"], provider["client_id"], secret, uri)
        answer.update(source=provider["source"], hashed=looks_hashed(secret))
    if urls.get("user_info") and "error" not in evidence.take("user_info_url", reach, urls["user_info"]):
        evidence.take("user_info", anonymous, urls["user_info"])
    if request["login"]:
        evidence.take("linked", find_link, declared["backend_name"], request["person"])
        evidence.take("removal", remove, request["person"])
    return {"ok": True, "found": clean(evidence.found, scrub)}


def find_addresses():
    """What the LMS takes for its own address, and for whom its session cookie is."""
    from django.conf import settings

    return {
        "root": getattr(settings, "LMS_ROOT_URL", None),
        "name": settings.SESSION_COOKIE_NAME,
        "domain": settings.SESSION_COOKIE_DOMAIN,
        "secure": settings.SESSION_COOKIE_SECURE,
        "samesite": settings.SESSION_COOKIE_SAMESITE or None,
    }


def find_settings():
    """What the collection's package of settings would still change, had it the last word: nothing, when all is well."""
    from django.conf import settings

    package = next(
        (
            module
            for name, module in sorted(sys.modules.items())
            if name.endswith(".mit_apps") and hasattr(module, "configure")
        ),
        None,
    )
    if package is None:
        return {"package": None, "differs": {}}

    found = {name: getattr(settings, name) for name in dir(settings) if name.isupper()}
    wanted = dict(found)
    if "FEATURES" in found:
        # The only one that is changed in place: here in copies.
        found["FEATURES"], wanted["FEATURES"] = dict(found["FEATURES"]), dict(found["FEATURES"])
    package.configure(wanted)
    # Where anonymous people are sent is another matter, and judged by where they end.
    changed = [name for name in wanted if not name.startswith("MITX_") and found.get(name) != wanted[name]]
    return {
        "package": package.__name__,
        "differs": {name: difference(name, found.get(name), wanted[name]) for name in changed},
    }


def difference(name, found, wanted):
    """How a setting differs, in words; of a list and a dictionary only what is lacking in it."""
    if isinstance(wanted, dict):
        there = found or {}
        parts = [difference(key, there.get(key), value) for key, value in wanted.items() if there.get(key) != value]
        return "%s: %s" % (name, ", ".join(parts))
    if isinstance(wanted, (list, tuple)):
        return "%s lacks %s" % (name, ", ".join(str(item) for item in wanted if item not in (found or [])))
    return "%s is %s, not %s" % (name, found, wanted)


def find_people(backend):
    """Those who are tied to the backend and lack what the LMS wants of an account."""
    from django.contrib.auth import get_user_model
    from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
    from django.db.models import Exists, OuterRef

    tied = get_user_model().objects.filter(social_auth__provider=backend).distinct().order_by("pk")
    found = {"locked": few(tied.filter(password__startswith=UNUSABLE_PASSWORD_PREFIX)), "bare": few(tied.none())}
    with contextlib.suppress(LookupError):
        from django.apps import apps

        profiles = apps.get_model("student", "UserProfile").objects.filter(user=OuterRef("pk"))
        found["bare"] = few(tied.filter(~Exists(profiles)))
    return found


def few(rows):
    return {"count": rows.count(), "names": [row.username for row in rows[:NAMES]]}


def find_privileged(backend, people):
    """Staff whose account a person of the app becomes who has the same e-mail: who is tied already is safe."""
    from django.contrib.auth import get_user_model
    from django.db.models import Q

    rows = (
        get_user_model()
        .objects.filter(Q(is_staff=True) | Q(is_superuser=True), is_active=True)
        .exclude(email="")
        .exclude(social_auth__provider=backend)
        .order_by("-is_superuser", "pk")
    )
    has, could = [], []
    for row in rows[:PEOPLE]:
        if digest(row.email.lower())[:SHORT] in people:
            has.append(label_of(row))
        elif not NOBODYS.search(row.email.lower()):
            could.append(label_of(row))
    return {"has": counted(has), "could": counted(could)}


def counted(names):
    return {"count": len(names), "names": names[:NAMES]}


def label_of(user):
    return "%s (%s, %s)" % (user.username, user.email, "superuser" if user.is_superuser else "staff")


def find_site(domain):
    from django.conf import settings
    from django.contrib.sites.models import Site

    row = Site.objects.filter(domain__iexact=domain).order_by("pk").first()
    domains = list(Site.objects.order_by("pk").values_list("domain", flat=True)[:20])
    return {"id": row and row.pk, "domains": domains, "default": getattr(settings, "SITE_ID", None)}


def find_backends():
    from django.conf import settings
    from django.utils.module_loading import import_string

    found: dict = {"names": [], "errors": []}
    for path in settings.AUTHENTICATION_BACKENDS:
        try:
            found["names"].append(getattr(import_string(path), "name", None))
        except ImportError as error:
            found["errors"].append("%s: %s" % (path, error))
    return found


def provider_model():
    from django.apps import apps

    return apps.get_model("third_party_auth", "OAuth2ProviderConfig")


def newest(**where):
    # The order in which the LMS itself chooses; the admin's order decides between equals.
    return provider_model().objects.filter(**where).order_by("-change_date", "-pk").first()


def find_provider(site, backend, scrub):
    """The row that counts for the site and backend, the secret that counts, and the rows on other sites."""
    from django.conf import settings

    found: dict = {"others": []}
    for other in set(
        provider_model().objects.filter(backend_name=backend).exclude(site_id=site).values_list("site_id", flat=True)
    ):
        row = newest(backend_name=backend, site_id=other)
        if row.enabled:
            found["others"].append(row.site.domain)
    row = newest(backend_name=backend, site_id=site) if site else None
    if row is None:
        return dict(found, exists=False)
    in_settings = (getattr(settings, "SOCIAL_AUTH_OAUTH_SECRETS", None) or {}).get(backend)
    found.update(
        exists=True,
        enabled=row.enabled,
        client_id=row.key,
        slug=row.slug,
        changed=row.change_date.isoformat(),
        source="the provider row" if row.secret else "SOCIAL_AUTH_OAUTH_SECRETS" if in_settings else None,
        secret=scrub.add(row.secret or in_settings),
    )
    try:
        found["other_settings"] = dict(json.loads(row.other_settings or "{}"))
    except (TypeError, ValueError) as error:
        found["unreadable"] = str(error)
    return found


def find_registry(site, backend):
    """What running servers see: they share this process's cache, and ask it before the database."""
    from edx_django_utils.cache import TieredCache

    model = provider_model()
    found = {"names": list(model.key_values("backend_name", flat=True)), "row": True}
    cached = TieredCache.get_cached_response(model.cache_key_name(site, backend)) if site else None
    if cached is not None and cached.is_found:
        row = newest(backend_name=backend, site_id=site)
        found["row"] = cached.value.pk == (row and row.pk)
    return found


def find_worker(username):
    from django.apps import apps
    from django.contrib.auth import get_user_model

    user = get_user_model().objects.filter(username=username).first()
    if user is None:
        return {"exists": False}
    found = {
        "exists": True,
        "is_active": user.is_active,
        "is_staff": user.is_staff,
        "usable_password": user.has_usable_password(),
    }
    with contextlib.suppress(LookupError):
        found["profile"] = apps.get_model("student", "UserProfile").objects.filter(user=user).exists()
    return found


def find_token(username, wanted):
    """The row of the token that the app runs with, by its digest; and the worker's longest-living one."""
    from django.utils import timezone
    from oauth2_provider.models import get_access_token_model

    rows = list(get_access_token_model().objects.filter(user__username=username).order_by("-expires"))
    row = next((row for row in rows if digest(row.token) == wanted), None)
    left = [(found.expires - timezone.now()).total_seconds() / 86400 for found in [row, *rows[:1]] if found is not None]
    return {"rows": len(rows), "same": row is not None, "days_left": round(left[0], 1) if left else None}


def discover(url):
    answer = fetch(url, headers={"Accept": "application/json"})
    document = answer.pop("json", None)
    document = document if isinstance(document, dict) else {}
    return dict(answer, urls={"token": document.get("token_endpoint"), "user_info": document.get("userinfo_endpoint")})


def looks_hashed(secret):
    from django.contrib.auth.hashers import identify_hasher

    try:
        identify_hasher(secret or "")
    except ValueError:
        return False
    return True


def anonymous(url):
    """The user info endpoint without a token answers 200 and nobody; only who answered says whether it is the app."""
    answer = fetch(url, headers={"Accept": "application/json"})
    body = answer.pop("json", None)
    return dict(
        answer,
        keys=sorted(body) if isinstance(body, dict) else None,
        username=body.get("username") if isinstance(body, dict) else None,
    )


def find_link(backend, person):
    """Whether the login tied the person of the LMS to the person of the app."""
    from django.apps import apps

    people = [user for user in throw_away(person) if person in (user.username, user.email.split("@")[0])]
    links = apps.get_model("social_django", "UserSocialAuth").objects.filter(provider=backend, user__in=people)
    return {"exists": bool(people), "linked": links.exists()}
