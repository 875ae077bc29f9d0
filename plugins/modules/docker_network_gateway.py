#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: docker_network_gateway
short_description: Have a Docker network with a known subnet and gateway
description:
  - Makes sure that a Docker network exists, with the subnets and gateways that are pinned, and says which address its
    containers can use to reach the host.
  - A network that differs is not touched, because Docker can only remove and create it again. The error says what
    differs and which containers are on it; O(force) does it.
  - A subnet that overlaps another Docker network or holds the router of the machine is refused; Docker itself would
    take the latter and cut the machine off.
  - To read only, use M(mitodl.openedx.docker_network_gateway_info).
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.docker_cli
options:
  state:
    description:
      - V(present) creates the network or checks the one there is. V(absent) removes it.
    type: str
    choices: [present, absent]
    default: present
  subnet:
    description:
      - The subnets to pin, for example one for IPv4 and one for IPv6. A family for which none is given is left to the
        engine and not compared.
    type: list
    elements: str
    default: []
  gateway:
    description:
      - The gateways to pin, each within one of O(subnet). For a subnet without one the engine takes the first
        address.
    type: list
    elements: str
    default: []
  labels:
    description:
      - Labels that the network must have; others are left alone.
      - Docker Compose only accepts a network that was made before it when this has
        V(com.docker.compose.project) (the project) and V(com.docker.compose.network) (V(default)).
    type: dict
    default: {}
  force:
    description:
      - Whether a network that differs is removed and created again, and one with containers on it removed.
      - Its driver, options and labels are kept. Its containers are taken off it and, unless O(state=absent), put on the
        new one under the same names; they get other addresses.
      - When Docker refuses the new network, the old one is put back; when it refuses to remove the old one, its
        containers are.
      - What is on the network is noted meanwhile in the labels of an empty volume of the engine. After a run that was
        killed in the middle the same task puts it right; a task without O(force) fails and says so.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    details:
      - The gateway of a network that would be created with a subnet of the engine's choice is not known before.
  diff_mode:
    support: full
  idempotent:
    support: full
seealso:
  - module: mitodl.openedx.docker_network_gateway_info
  - module: community.docker.docker_network
"""

EXAMPLES = r"""
- name: Pin the network of an app, so that its gateway never changes
  mitodl.openedx.docker_network_gateway:
    name: mitxpro_default
    subnet: 172.30.53.0/24
    gateway: 172.30.53.1
    labels:
      com.docker.compose.project: mitxpro
      com.docker.compose.network: default

- name: The same for IPv4 and IPv6
  mitodl.openedx.docker_network_gateway:
    name: mitxonline_default
    subnet:
      - 172.30.13.0/24
      - fd00:30:13::/64
    gateway:
      - 172.30.13.1
      - fd00:30:13::1
  register: app_network

- name: Move it to another subnet although containers are on it
  mitodl.openedx.docker_network_gateway:
    name: mitxonline_default
    subnet: 172.31.13.0/24
    force: true

- name: Remove it
  mitodl.openedx.docker_network_gateway:
    name: mitxonline_default
    state: absent
"""

RETURN = r"""
operation:
  description: What was done, or would be done in check mode. V(none), V(create), V(recreate) or V(remove).
  type: str
  returned: success
gateway:
  description: The first gateway of the wanted family, V(null) where there is none.
  type: str
  returned: success
  sample: 172.30.53.1
gateways:
  description: All gateways of the wanted family, IPv4 first.
  type: list
  elements: dict
  returned: success
  contains:
    family:
      description: V(ipv4) or V(ipv6).
      type: str
    subnet:
      description: The subnet.
      type: str
    gateway:
      description: The gateway.
      type: str
    reported:
      description:
        - Whether the engine said so. It keeps silent about a subnet that was pinned without a gateway; then this is the
          address that it takes in this case, the first one.
      type: bool
  sample:
    - family: ipv4
      subnet: 172.30.53.0/24
      gateway: 172.30.53.1
      reported: true
desktop:
  description: Whether the engine is Docker Desktop.
  type: bool
  returned: success
address:
  description:
    - What a container on the network can use to reach the host. It is the gateway, V(host.docker.internal), or
      V(127.0.0.1) on the network V(host), and V(null) where there is no way.
  type: str
  returned: success
  sample: 172.30.53.1
reason:
  description: Why the address is what it is, and what it needs to work.
  type: str
  returned: success
  sample: the gateway of the bridge network mitxpro_default is the host
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mitodl.openedx.plugins.module_utils import _docker_network as docker_network


def routes():
    """The routes of this machine, nothing where there is no Linux below."""
    try:
        with open("/proc/net/route", encoding="ascii") as file:
            return file.read()
    except OSError:
        return ""


def main():
    module = AnsibleModule(
        argument_spec={
            **docker_network.ARGUMENTS,
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "subnet": {"type": "list", "elements": "str", "default": []},
            "gateway": {"type": "list", "elements": "str", "default": []},
            "labels": {"type": "dict", "default": {}},
            "force": {"type": "bool", "default": False},
        },
        mutually_exclusive=[("docker_host", "cli_context")],
        supports_check_mode=True,
    )
    params = module.params
    try:
        docker = docker_network.Docker.of(module)
        engine = docker.engine()
        plan = docker_network.plan(docker, params, engine, routes())
        if not module.check_mode:
            docker.apply(plan)
        network = plan.after if module.check_mode else docker.network(params["name"])
        module.exit_json(
            changed=plan.operation != "none",
            operation=plan.operation,
            diff={"before": docker_network.shown(plan.before), "after": docker_network.shown(network)},
            **docker_network.describe(network, engine, params["family"]),
        )
    except docker_network.DockerError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
