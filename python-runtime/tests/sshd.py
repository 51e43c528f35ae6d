"""A bastion: an sshd of an unprivileged user on loopback, and an `ssh` with a configuration of its own."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.introspection import find_closed_port
from tests.warehouses.server import Server, is_listening, unprivileged_user


@dataclass
class Bastion:
    """A running sshd, and the folder with an `ssh` that knows its key and records its calls."""

    user: str
    port: int
    folder: Path

    @property
    def host(self) -> str:
        """The value of `ssh_host`."""
        return f"{self.user}@127.0.0.1:{self.port}"

    @property
    def path(self) -> str:
        """The PATH with the `ssh`."""
        return f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"

    def calls(self) -> list[tuple[int, str]]:
        """Return the calls of ssh so far: the id of the process and the arguments."""
        lines = (self.folder / "calls").read_text().splitlines()
        return [(int(line.partition(" ")[0]), line.partition(" ")[2]) for line in lines]

    def configure(self, **options: str) -> None:
        """Write the configuration of ssh, with other options than those that work."""
        chosen = {
            "IdentityFile": str(self.folder / "user_key"),
            "UserKnownHostsFile": str(self.folder / "known_hosts"),
            "GlobalKnownHostsFile": "/dev/null",
            "IdentitiesOnly": "yes",
            **options,
        }
        (self.folder / "config").write_text("".join(f"{name} {value}\n" for name, value in chosen.items()))


@contextmanager
def bastion(open_ports: Sequence[int]) -> Iterator[Bastion]:
    """Start an sshd that forwards to the ports of 127.0.0.1 only."""
    sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    ssh = shutil.which("ssh")
    if sshd is None or ssh is None:
        pytest.fail("OpenSSH is not installed; scripts/with-databases.mjs installs it")
    user = unprivileged_user()
    with tempfile.TemporaryDirectory(prefix="ktx-sshd-") as name:
        made = Bastion(user or getpass.getuser(), find_closed_port(), Path(name))
        _write_files(made, ssh, open_ports)
        made.configure()
        if user:
            for file in [made.folder, *made.folder.glob("*_key")]:
                shutil.chown(file, user)
        server = Server([sshd, "-D", "-e", "-f", made.folder / "sshd_config"], made.folder, user=user)
        try:
            server.wait_until(lambda: is_listening(made.port))
            if user:  # ssh reads a key of its own user only
                shutil.chown(made.folder / "user_key", "root")
            yield made
        finally:
            server.stop()


def _write_files(made: Bastion, ssh: str, open_ports: Sequence[int]) -> None:
    folder = made.folder
    for key in ("host_key", "user_key", "other_key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / key], check=True)
    shutil.copy(folder / "user_key.pub", folder / "authorized_keys")
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{made.port} {(folder / 'host_key.pub').read_text()}")
    settings = {
        "ListenAddress": f"127.0.0.1:{made.port}",
        "HostKey": folder / "host_key",
        "AuthorizedKeysFile": folder / "authorized_keys",
        "PidFile": "none",
        "StrictModes": "no",
        "PasswordAuthentication": "no",
        "KbdInteractiveAuthentication": "no",
        "PermitOpen": " ".join(f"127.0.0.1:{port} localhost:{port}" for port in open_ports),
    }
    (folder / "sshd_config").write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    (folder / "calls").touch()
    (folder / "bin").mkdir()
    program = folder / "bin" / "ssh"
    program.write_text(f'#!/bin/sh\necho "$$ $*" >> {folder}/calls\nexec {ssh} -F {folder}/config "$@"\n')
    program.chmod(0o755)
