# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Sphinx builds the documentation site; tools/docs.py calls it."""

project = "mitodl.openedx"
copyright = "MIT Open Learning contributors"
extensions = ["myst_parser", "sphinx_antsibull_ext"]
html_theme = "sphinx_ansible_theme"
html_show_sphinx = False
html_static_path = ["site"]
html_css_files = ["pages.css"]
# What a reader of the repository sees, and what tools/docs.py adds: the start page, and one per module and role.
include_patterns = ["index.md", "*.md", "docs/*.md", "roles/*/README.md", "lab/*/README.md", "reference/**"]
exclude_patterns = ["AGENTS.md"]
myst_heading_anchors = 3
# Labels of Ansible's own documentation, which is not built here; antsibull-docs itself checks ours.
suppress_warnings = ["ref.ref"]
