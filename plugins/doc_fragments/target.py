# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Options and attributes that the modules share which run code in a target."""

    DOCUMENTATION = r"""
options:
  target:
    description:
      - How to start Django code of the LMS or of an app. It is started once per task, or once for all tasks that name
        the same O(target.session). The program and the request go to its stdin, so nothing is installed in the target
        and no secret appears in a command line or in a file.
    type: dict
    required: true
    suboptions:
      type:
        description:
          - V(command) runs O(target.argv) in O(target.chdir).
          - V(compose) runs C(docker compose exec) for O(target.service) in the directory O(target.chdir).
          - V(tutor_dev) and V(tutor_local) run C(tutor dev exec) and C(tutor local exec).
          - V(tutor_k8s) and V(kubernetes) run C(kubectl exec) for the deployment O(target.service) in
            O(target.namespace), of the LMS that Tutor runs and of an app.
        type: str
        choices: [command, compose, tutor_dev, tutor_local, tutor_k8s, kubernetes]
        default: command

      argv:
        description:
          - The command, as a list, that runs Python code from its stdin inside the target.
          - Required for O(target.type=command); the other types use V([python, "-"]) when it is not given.
        type: list
        elements: str
      chdir:
        description: The directory to start in; for O(target.type=compose) the one with the app's compose file.
        type: path
      settings:
        description:
          - The Django settings module, such as V(mitxpro.settings).
          - When it is not given the target's own E(DJANGO_SETTINGS_MODULE) counts, which LMS containers have.
        type: str
      service:
        description:
          - The service of the container. The LMS is V(lms) and an app is V(web) when it is not given.
          - On Kubernetes a deployment, or with its kind, such as V(statefulset/app).
        type: str
      project:
        description: The compose project of O(target.type=compose), where it is not the directory's name.
        type: str
      docker_host:
        description:
          - The Docker engine that the commands of O(target.type=compose), V(tutor_dev) and V(tutor_local) speak to,
            such as V(ssh://me@build). Without it and O(target.docker_context) the CLI decides.
        type: str
      docker_context:
        description:
          - The context of the Docker CLI for these. It counts whatever C(DOCKER_HOST) of the environment says.
        type: str
      root:
        description: Tutor's project root, where it is not Tutor's default.
        type: path
      tutor:
        description: The Tutor executable.
        type: str
        default: tutor
      namespace:
        description:
          - The Kubernetes namespace of O(target.type=tutor_k8s), which is Tutor's C(K8S_NAMESPACE), and of
            V(kubernetes).
        type: str
        default: openedx
      kubeconfig:
        description: The kubeconfig file for these and for Tutor, where it is not the one that they take.
        type: path
      context:
        description:
          - The context of the kubeconfig file, where it is not the current one. Where Tutor applies something it has
            to be, since Tutor has no option for it.
        type: str
      container:
        description: The container of the pod, where it is not its default.
        type: str
      timeout:
        description: How many seconds one start may take, including the work.
        type: int
        default: 300
      session:
        description:
          - A name for a session, in which the target is started once for all tasks that give the same name. Another
            command, directory, user or O(target.settings) is another session.
          - A session is begun by the first task that needs it, or ahead of it by M(mitodl.openedx.django_session),
            which tells when it ends. That module ends it, too, where the side was restarted or got other settings.
          - It needs an O(target.argv) that ends with V(-). Where there is none the target is started for each task.
        type: str

attributes:
  action_group:
    description: Use C(group/mitodl.openedx.django) in C(module_defaults) to set O(target) once.
    support: full
    membership: [mitodl.openedx.django]
author:
  - MIT Open Learning contributors (@mitodl)
"""

    # The second target of a module that looks at both sides. In full: ansible-test takes only literals.
    APP = r"""
options:
  app_target:
    description:
      - How to start Django code of the app, as O(target) says it of the LMS.
      - The type V(none) is an app in which nothing can be run, as one that is no Django. It is looked at from outside,
        and no temporary test user logs in.
    type: dict
    required: true
    suboptions:
      type:
        description: As for O(target.type), or V(none).
        type: str
        choices: [command, compose, tutor_dev, tutor_local, tutor_k8s, kubernetes, none]
        default: command

      argv:
        description:
          - The command, as a list, that runs Python code from its stdin inside the target.
          - Required for O(app_target.type=command); the other types use V([python, "-"]) when it is not given.
        type: list
        elements: str
      chdir:
        description: The directory to start in; for O(app_target.type=compose) the one with the app's compose file.
        type: path
      settings:
        description:
          - The Django settings module, such as V(mitxpro.settings).
          - When it is not given the target's own E(DJANGO_SETTINGS_MODULE) counts, which LMS containers have.
        type: str
      service:
        description:
          - The service of the container. The LMS is V(lms) and an app is V(web) when it is not given.
          - On Kubernetes a deployment, or with its kind, such as V(statefulset/app).
        type: str
      project:
        description: The compose project of O(app_target.type=compose), where it is not the directory's name.
        type: str
      docker_host:
        description:
          - The Docker engine that the commands of O(app_target.type=compose), V(tutor_dev) and V(tutor_local) speak to,
            such as V(ssh://me@build). Without it and O(app_target.docker_context) the CLI decides.
        type: str
      docker_context:
        description:
          - The context of the Docker CLI for these. It counts whatever C(DOCKER_HOST) of the environment says.
        type: str
      root:
        description: Tutor's project root, where it is not Tutor's default.
        type: path
      tutor:
        description: The Tutor executable.
        type: str
        default: tutor
      namespace:
        description:
          - The Kubernetes namespace of O(app_target.type=tutor_k8s), which is Tutor's C(K8S_NAMESPACE), and of
            V(kubernetes).
        type: str
        default: openedx
      kubeconfig:
        description: The kubeconfig file for these, where it is not the one that C(kubectl) takes.
        type: path
      context:
        description: The context of the kubeconfig file, where it is not the current one.
        type: str
      container:
        description: The container of the pod, where it is not its default.
        type: str
      timeout:
        description: How many seconds one start may take, including the work.
        type: int
        default: 300
      session:
        description:
          - A name for a session, in which the target is started once for all tasks that give the same name. Another
            command, directory, user or O(app_target.settings) is another session.
          - A session is begun by the first task that needs it, or ahead of it by M(mitodl.openedx.django_session),
            which tells when it ends. That module ends it, too, where the side was restarted or got other settings.
          - It needs an O(app_target.argv) that ends with V(-). Where there is none the target is started for each task.
        type: str
"""

    # What those share that manage objects.
    OBJECTS = r"""
options:
  return_secrets:
    description:
      - Return the secrets of the objects in clear as RV(objects[].secrets), as far as the target stores or just
        generated them in clear.
      - Set C(no_log=true) on the task, and take the diff from RV(objects) with M(mitodl.openedx.show_changes).
    type: bool
    default: false
  history_user:
    description:
      - Leave an entry for each change in the history of Django's admin, under the user of this name, in the same
        transaction. The user must exist then; the same task may make it.
      - Nothing is left without it.
    type: str
  assume_absent:
    description:
      - In check mode, when the target cannot be asked because it is not running yet, report the declared objects as to
        be created instead of failing, each with the reason as RV(objects[].unseen).
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    details:
      - Runs the same comparison and the target's own validation (C(full_clean)) and stops before the transaction.
  diff_mode:
    support: full
    details:
      - Secrets appear as C((secret, old)) and C((secret, new)) only.
  idempotent:
    support: full
    details:
      - Secrets are compared as text where the target stores text, and with Django's C(check_password) where it stores
        a hash.
"""
