# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MITx Online: never gets to its end. The first run fails at the courses, every later one already at the program."""

from django.core.management import call_command

from labapp.configure import ConfigureInstance

PROGRAM = "program-v1:MITx+DEDP"


class Command(ConfigureInstance):
    help = "Bootstraps a fresh MITxOnline instance."

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("--dont-enroll", "-D", action="store_true", help="Don't enroll the learner.")

    def courseware(self, options) -> None:
        self.say("Configuring Wagtail...")
        self.say("Creating the DEDP program...")
        depts = {"live": True, "create_depts": True}
        title = "Data, Economics and Development Policy"
        call_command("create_courseware", "program", PROGRAM, title, **depts, depts=["Economics"])
        self.say("Creating the DEDP program about page...")
        self.say("Creating the DEDP financial asistance form...")
        self.say("Creating courses and runs to match devstack...")
        host, _port = self.edx_host(options)
        # `run_url` is an option that create_courseware no longer has: TypeError, here and in the real app.
        call_command(
            "create_courseware",
            "course",
            "course-v1:edX+DemoX",
            "Demonstration Course",
            **depts,
            create_run="Demo_Course",
            run_url=f"http://{host}/courses/course-v1:edX+DemoX+Demo_Course/",
            program=PROGRAM,
            depts=["Science"],
        )
