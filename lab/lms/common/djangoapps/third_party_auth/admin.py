# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The form is built once per start: a backend can be chosen after the restart that loads it."""

from config_models.admin import KeyedConfigurationModelAdmin
from django import forms
from django.contrib import admin

from .models import _PSA_OAUTH2_BACKENDS, OAuth2ProviderConfig


class OAuth2ProviderConfigForm(forms.ModelForm):
    backend_name = forms.ChoiceField(choices=[(name, name) for name in _PSA_OAUTH2_BACKENDS])


@admin.register(OAuth2ProviderConfig)
class OAuth2ProviderConfigAdmin(KeyedConfigurationModelAdmin):
    form = OAuth2ProviderConfigForm

    def get_list_display(self, request):
        return ("name", "enabled", "slug", "site", "backend_name", "change_date", "changed_by", "edit_link")
