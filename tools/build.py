# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the artifact from the files that git knows, the same bytes each time: tools/build.py [DIRECTORY].

ansible-galaxy takes files in the order of the disk and writes the time of the build into the archive. Here they are in
the order of their names, and have the time of the last commit, or of SOURCE_DATE_EPOCH.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GALAXY = Path(sys.executable).parent / "ansible-galaxy"
MANIFEST, FILES = "MANIFEST.json", "FILES.json"


def git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def copy_tracked(target: Path) -> None:
    """The files that git knows, as they are now."""
    for name in filter(None, git("ls-files", "-z").split("\0")):
        if os.path.lexists(ROOT / name):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name, follow_symlinks=False)


def rewritten(archive: Path, seconds: int) -> bytes:
    """An artifact with its files in order and of one time; its two lists say so."""
    with tarfile.open(archive) as tar:
        members = {one.name: one for one in tar}
        contents = {name: data.read() for name, one in members.items() if (data := tar.extractfile(one))}

    def text(value: object) -> bytes:
        return json.dumps(value, indent=1).encode()

    files, manifest = json.loads(contents[FILES]), json.loads(contents[MANIFEST])
    files["files"].sort(key=lambda entry: entry["name"])
    contents[FILES] = text(files)
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(contents[FILES]).hexdigest()
    contents[MANIFEST] = text(manifest)

    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in (MANIFEST, FILES, *sorted(members.keys() - {MANIFEST, FILES})):
            one = members[name]
            one.mtime, one.pax_headers = seconds, {}
            if one.isfile():
                one.size = len(contents[name])
            tar.addfile(one, io.BytesIO(contents.get(name, b"")) if one.isfile() else None)
    return gzip.compress(made.getvalue(), mtime=seconds)


def build(target: Path) -> Path:
    """The path of the artifact that was built into a directory."""
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH") or git("log", "-1", "--format=%ct"))
    with tempfile.TemporaryDirectory() as scratch:
        source, built = Path(scratch, "source"), Path(scratch, "built")
        source.mkdir()
        copy_tracked(source)
        command: list[str | Path] = [GALAXY, "collection", "build", "--output-path", built, source]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (archive,) = built.iterdir()
        target.mkdir(parents=True, exist_ok=True)
        artifact = target / archive.name
        artifact.write_bytes(rewritten(archive, seconds))
    return artifact


if __name__ == "__main__":
    print(build(Path(sys.argv[1] if sys.argv[1:] else ROOT / "build" / "artifact").resolve()))
