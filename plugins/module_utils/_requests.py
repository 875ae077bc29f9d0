# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to the collection: no stable interface.
"""Where the doctor's requests from this machine begin, which need the library requests."""

from __future__ import annotations

import traceback

from ansible.module_utils.basic import missing_required_lib

try:
    import requests
except ImportError:
    WITHOUT_REQUESTS = traceback.format_exc()
else:
    WITHOUT_REQUESTS = ""


def require_requests(module):
    """End a module that cannot do without the library."""
    if WITHOUT_REQUESTS:
        module.fail_json(
            msg=missing_required_lib("requests", reason="to walk through a login as a browser does"),
            exception=WITHOUT_REQUESTS,
        )


def session(verify=True, trust_env=True):
    """What one person's requests have in common: cookies, certificates, proxies.

    :param verify: whether certificates are checked, or the file of the authorities that are trusted.
    :param trust_env: whether the proxies and the authorities of the environment count.
    """

    class Asking(requests.Session):
        """Redirects are read and not followed; whatever a server writes there, it has answered."""

        def resolve_redirects(self, *_answer, **_options):
            return iter(())

    made = Asking()
    made.verify, made.trust_env = verify, trust_env
    # Nothing of a .netrc, which would make somebody of a stranger.
    made.auth = lambda request: request
    return made
