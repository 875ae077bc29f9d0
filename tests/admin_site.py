# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person does in the LMS's admin site, by its own forms."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import requests


class Form(HTMLParser):
    """The values with which the form of an admin page comes."""

    def __init__(self, text):
        super().__init__()
        self.values, self.select, self.area = {}, None, None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        name, value = given.get("name"), given.get("value")
        if tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in given:
            self.values[self.select] = value
        elif tag == "textarea":
            self.area = name
            self.values[name] = ""
        elif tag == "input" and name and given.get("type") not in ("submit", "file"):
            if given.get("type") not in ("checkbox", "radio"):
                self.values[name] = value or ""
            elif "checked" in given:
                self.values[name] = value or "on"

    def handle_endtag(self, tag):
        if tag in ("select", "textarea"):
            self.select = self.area = None

    def handle_data(self, data):
        if self.area:
            self.values[self.area] += data.lstrip("\n")


class Person:
    """Somebody at a browser."""

    def __init__(self, lab, username, password):
        self.site, self.session = lab.lms, requests.Session()
        page = self.session.get(f"{self.site}/login")
        values = {**Form(page.text).values, "email_or_username": username, "password": password}
        answer = self.session.post(
            f"{self.site}/login", data=values, headers={"Referer": page.url}, allow_redirects=False
        )
        assert answer.status_code == 302, answer.text

    def save(self, path, **changes):
        """Open a form of the admin site, change some of it, press Save, and return all that was sent."""
        page = self.session.get(f"{self.site}/admin/{path}")
        values = {**Form(page.text).values, **changes}
        answer = self.session.post(page.url, data=values, headers={"Referer": page.url}, allow_redirects=False)
        assert answer.status_code == 302, re.findall(r'(?s)<ul class="errorlist.*?</ul>', answer.text)
        return values
