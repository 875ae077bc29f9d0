#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: docker_network_gateway_info
short_description: Find the address under which containers of a Docker network reach the host
description:
  - Looks up the gateways of a Docker network and says which address a container on it can use for the host, for example
    for a port that another Compose project publishes.
  - The gateway changes when a network is removed and created again, so ask at every run instead of writing it down.
  - On Docker Desktop and other engines in a virtual machine of this one, with a rootless engine and on networks whose
    gateway is not the host, the address is V(host.docker.internal).
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.attributes.read_only
  - mitodl.openedx.docker_cli
seealso:
  - module: mitodl.openedx.docker_network_gateway
"""

EXAMPLES = r"""
- name: Look up how the LMS reaches the host
  mitodl.openedx.docker_network_gateway_info:
    name: tutor_dev_default
  register: lms_network

- name: Show it
  ansible.builtin.debug:
    msg: "{{ lms_network.address }} ({{ lms_network.reason }})"

- name: Ask the engine of another machine for an IPv6 gateway
  mitodl.openedx.docker_network_gateway_info:
    name: mitxpro_default
    family: ipv6
    docker_host: ssh://me@build.example.com
"""

RETURN = r"""
gateway:
  description: The first gateway of the wanted family, V(null) where there is none.
  type: str
  returned: success
  sample: 172.20.0.1
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
      subnet: 172.20.0.0/16
      gateway: 172.20.0.1
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
  sample: 172.20.0.1
reason:
  description: Why the address is what it is, and what it needs to work.
  type: str
  returned: success
  sample: the gateway of the bridge network tutor_dev_default is the host
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mitodl.openedx.plugins.module_utils import _docker_network as docker_network


def main():
    module = AnsibleModule(
        argument_spec=docker_network.ARGUMENTS,
        mutually_exclusive=[("docker_host", "cli_context")],
        supports_check_mode=True,
    )
    try:
        docker = docker_network.Docker.of(module)
        network = docker.existing(module.params["name"])
        module.exit_json(changed=False, **docker_network.describe(network, docker.engine(), module.params["family"]))
    except docker_network.DockerError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
