# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Where the doctor's requests from this machine begin, which need the library requests."""

from __future__ import annotations

import traceback
import warnings
from urllib.parse import urlsplit

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.mitodl.openedx.plugins.module_utils._host_names import is_local

try:
    import requests
    from requests.adapters import HTTPAdapter
except ImportError:
    WITHOUT_REQUESTS = traceback.format_exc()
else:
    WITHOUT_REQUESTS = ""

    class Adapter(HTTPAdapter):
        """Requests that go to this machine directly, whatever proxy is named, and trust each host on its own.

        :param trusted: for a host, and those below it, what requests calls `verify`.
        """

        def __init__(self, trusted):
            super().__init__()
            self.trusted = trusted

        def send(self, request, stream=False, timeout=None, verify=True, cert=None, proxies=None):
            host = (urlsplit(request.url).hostname or "").lower()
            if proxies and is_local(host):
                proxies = {}
            if verify:
                verify = next(
                    (said for name, said in self.trusted.items() if host == name or host.endswith(f".{name}")), verify
                )
            with warnings.catch_warnings():
                if verify is False:
                    # Somebody said so.
                    warnings.simplefilter("ignore")
                return super().send(request, stream, timeout, verify, cert, proxies)


def require_requests(module):
    """End a module that cannot do without the library."""
    if WITHOUT_REQUESTS:
        module.fail_json(
            msg=missing_required_lib("requests", reason="to walk through a login as a browser does"),
            exception=WITHOUT_REQUESTS,
        )


def trusted(*sides):
    """What `Adapter` takes, of addresses each with the options of _http.TLS_SPEC."""
    found = {}
    for url, ca_path, validate_certs in sides:
        if ca_path or not validate_certs:
            found[(urlsplit(url).hostname or "").lower()] = (ca_path or True) if validate_certs else False
    return found


def session(trusts=None, trust_env=True):
    """What one person's requests have in common: cookies, certificates, proxies.

    :param trusts: what is trusted besides what this machine trusts; see trusted.
    :param trust_env: whether the proxies and the authorities of the environment count.
    """

    class Asking(requests.Session):
        """Redirects are read and not followed; whatever a server writes there, it has answered."""

        def resolve_redirects(self, *_answer, **_options):
            return iter(())

    made = Asking()
    made.trust_env = trust_env
    for scheme in ("http://", "https://"):
        made.mount(scheme, Adapter(trusts or {}))
    # Nothing of a .netrc, which would make somebody of a stranger.
    made.auth = lambda request: request
    return made
