# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `make test` leaves to `make test-all`: files of tests that take long, of which samples stay in both.

A test that is not named here is in `make test`. Names are those of pytest below tests/, without the parameters in
brackets where all of them are meant.
"""

from __future__ import annotations

#: Causes by settings, addresses and servers, of which `make test` has others that are made and seen in the same way.
RESTARTS = (
    "lms-cookie-domain",
    "lms-cookie-path",
    "lms-cookie-samesite",
    "lms-cookie-secure",
    "redirect-is-https",
    "settings-replaced-comfort",
    "third-party-auth-replaced",
    "admins-locked-out",
    "dashboard-not-served",
    "dashboard-out-of-reach",
    "emails-whitelisted",
    "registration-by-login-only",
    "registration-emails",
    "registration-fields",
    "admin-login-not-served",
    "app-https-only",
    "backend-path-wrong",
    "etc-hosts-line-missing",
    "extra-hosts-missing",
    "firewall",
    "lms-database-read-only",
    "lms-host-not-allowed",
    "lms-proxy",
    "registrations-used-up",
    "server-older",
    "settings-replaced",
)
#: A file of tests or one test, and why it is left.
FULL = {
    **{
        f"integration/test_causes.py::test_the_doctor_names_it[{cause}]": "starts servers twice more"
        for cause in RESTARTS
    },
    "browser": "starts a browser",
    "docker": "containers that are made, broken and made anew",
    "integration/test_adoption.py::test_a_secret_that_works_is_kept[in the row]": "as that in the settings",
    "integration/test_adoption.py::test_the_printed_hash_as_secret": "four runs",
    "integration/test_artifact.py": "five runs; test-artifact has each playbook's syntax",
    "integration/test_bootstrap.py": "installs releases of Tutor",
    "integration/test_canaries.py": "five runs, and a search through all that they say",
    "integration/test_causes.py::test_one_run_heals": "a run of the playbook for each round",
    "integration/test_causes.py::test_the_doctor_names_it_of_mitx_online": "several runs with the second app",
    "integration/test_docker_network.py": "each case makes networks and containers",
    "integration/test_docs.py": "a run for each command of the documentation",
    "integration/test_drift.py::test_a_dry_run_says_the_same_of_many_and_writes_nothing": "molecule/default does it",
    "integration/test_drift.py::test_drift_is_listed_with_who_and_when_and_nothing_is_written": "molecule/default",
    "integration/test_drift.py::test_drift_that_is_not_known_stops_what_was_to_stop_at_drift": "one more run",
    "integration/test_entrance.py": "several runs with the second app, and a browser",
    "integration/test_execution_environment.py": "installs ansible-builder and builds an image",
    "integration/test_explain.py": "several runs",
    "integration/test_kills.py": "hundreds of kills",
    "integration/test_kubernetes.py::test_an_lms_of_tutor_and_an_app_with_a_secret": "nine runs, and a Tutor",
    "integration/test_machine.py": "nine runs with ten hosts; molecule/docker has the lines of the hosts file",
    "integration/test_moves.py": "two LMSs, and a dozen runs",
    "integration/test_objects.py::test_what_is_given_arrives_as_it_is_or_is_refused": "hundreds of requests for each",
    "integration/test_onboarding.py": "several runs for each app",
    "integration/test_playbook.py::test_a_further_app_adds_no_task_and_few_module_processes": "two runs each",
    "integration/test_playbook.py::test_a_run_for_one_app_leaves_the_other": "runs with two apps",
    "integration/test_playbook.py::test_check_mode_before_anything_was_applied": "molecule/default does it",
    "integration/test_playbook.py::test_given_secrets_are_never_shown": "two runs, one with the doctor",
    "integration/test_playbook.py::test_second_run_changes_nothing": "molecule/default does it",
    "integration/test_playbook.py::test_two_apps_on_one_lms": "molecule/docker does it",
    "integration/test_preflight.py::test_a_stop_for_one_app_leaves_the_rows_and_processes_of_all": "two runs",
    "integration/test_preflight.py::test_an_obstacle_is_said_before_anything_is_written[dry run]": "44 hosts",
    "integration/test_preflight.py::test_an_obstacle_is_said_before_anything_is_written[run]": "44 hosts",
    "integration/test_preflight.py::test_what_is_missing_is_told_where_there_is_nothing": "a run for each playbook",
    "integration/test_preflight.py::test_without_the_collection_that_brings_apps_up": "a run",
    "integration/test_reloader.py": "starts a server three times",
    "integration/test_remove.py::test_an_app_that_is_gone_with_its_env_is_found_by_its_provider": "a run with two apps",
    "integration/test_remove.py::test_one_of_two_apps": "several runs with two apps",
    "integration/test_remove.py::test_what_two_apps_share_stays": "several runs with two apps",
    "integration/test_report.py::test_a_broken_chain_is_drawn_before_the_play_stops": "a run of the doctor",
    "integration/test_report.py::test_site_writes_one_report_of_both_apps_though_one_stops_it": "runs with two apps",
    "integration/test_reset.py": "builds everything anew",
    "integration/test_roles.py": "several runs",
    "integration/test_rotate.py": "each case rotates under people who log in",
    "integration/test_ssh.py::test_each_machine_says_itself_whether_modules_come_as_files": "a server for each",
    "integration/test_ssh.py::test_everything_over_ssh": "four runs with two apps",
    "integration/test_takeover.py::test_a_superuser_who_is_made_by_the_same_run_counts_too": "two runs",
    "integration/test_terminal.py::test_changes_are_lines_and_the_rest_is_silent": "three runs",
    "integration/test_trust.py::test_a_rotation_of_other_credentials_ends_one_that_was_broken_off": "two runs each",
    "integration/test_trust.py::test_a_run_in_the_middle_of_a_rotation_is_refused_and_ends_a_dead_one": "three runs",
    "integration/test_trust.py::test_eight_at_once_make_one_row_of_each": "32 starts of Django",
    "integration/test_trust.py::test_the_app_asks_for_the_secret_again_where_the_lms_is_lost_in_a_rotation": "two runs",
    "integration/test_trust.py::test_one_that_can_neither_go_on_nor_back_says_what_is_left": "three runs",
    "integration/test_trust.py::test_two_at_once": "three runs for each pair",
    "integration/test_trust.py::test_two_rotations_at_once": "two runs; a name is held by one",
    "integration/test_ways_in.py::test_a_play_whose_hosts_wait_for_nobody": "a run",
    "integration/test_ways_in.py::test_a_tag_of_a_play_around_it_is_known": "two runs",
    "unit/plugins/module_utils/_engine/test_trust.py::test_what_never_ends_is_looked_at_once_and_dropped": "gigabytes",
    "unit/plugins/modules/test_full_disk.py": "mounts file systems",
    "unit/plugins/modules/test_killed.py": "a process for each of some hundred kills",
    "unit/plugins/modules/test_tutor_project.py::test_an_environment_for_tutor_is_made": "makes a virtual environment",
}
#: What of these is in `make test` all the same.
SAMPLES = [
    "integration/test_execution_environment.py::test_the_builder_finds_what_the_collection_needs",
    "integration/test_execution_environment.py::test_the_project_can_be_run[doctor]",
    "integration/test_objects.py::test_what_is_given_arrives_as_it_is_or_is_refused[django_site-lms-name]",
    "integration/test_onboarding.py::test_django_at_another_mount",
    "integration/test_rotate.py::test_all_three",
    "integration/test_ssh.py::test_each_machine_says_itself_whether_modules_come_as_files[lms-modules0]",
    "docker/test_causes.py::test_every_cause_is_made",
    "unit/plugins/module_utils/_engine/test_trust.py::test_what_never_ends_is_looked_at_once_and_dropped[x]",
    "unit/plugins/modules/test_killed.py::test_an_env_is_as_it_was_or_whole_and_one_run_more_ends_it[changed again]",
    "unit/plugins/modules/test_killed.py::test_the_settings_of_the_lms_are_completed_and_read[shared ones-private_py]",
]


def named(test: str, names) -> bool:
    """Whether a test is among these names, itself, all of its parameters, or with its file or folder."""
    function = test.partition("[")[0]
    file = function.partition("::")[0]
    return any(name in names for name in (test, function, file, file.partition("/")[0]))


def is_full(test: str) -> bool:
    """Whether only `make test-all` runs a test."""
    return named(test, FULL) and not named(test, SAMPLES)
