# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Options that the modules for Docker networks share."""

    DOCUMENTATION = r"""
options:
  name:
    description:
      - The network, by its exact name or full id. The network of a Compose project is called V(PROJECT_default).
    type: str
    required: true
    aliases: [network]
  family:
    description:
      - Which gateways count. With V(any) the IPv4 gateways come first.
    type: str
    choices: [any, ipv4, ipv6]
    default: any
  docker_cli:
    description:
      - The Docker CLI. The engine is asked through it, because it follows the same C(DOCKER_HOST) and contexts as
        C(docker compose) and Tutor do and needs no Python package.
    type: path
    default: docker
  docker_host:
    description:
      - The engine to ask, such as V(unix:///var/run/docker.sock) or V(ssh://me@build). When neither this nor
        O(cli_context) is given, the CLI decides by C(DOCKER_HOST), C(DOCKER_CONTEXT) and its current context.
    type: str
  cli_context:
    description:
      - The context of the Docker CLI to use.
    type: str
requirements:
  - Docker CLI 20.10 or newer
author:
  - MIT Open Learning contributors (@mitodl)
"""
