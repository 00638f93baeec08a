"""An emulator as a process: starting, ready file, ending, TLS."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from emulators.control import launch, tls
from emulators.control.errors import StartError

pytestmark = pytest.mark.emulator

COUNTER = "tests.integration.emulators.control.counter_emulator"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_emulator_ends_cleanly_when_told_to(number: signal.Signals) -> None:
    with launch.running("counter", module=COUNTER) as emulator:
        emulator.process.send_signal(number)

        assert emulator.process.wait(30) == 0


def test_emulator_ends_while_a_call_is_still_delayed() -> None:
    with launch.running("counter", module=COUNTER) as emulator:
        emulator.control.add_fault("delay", seconds=600)
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{emulator.http}/counter", timeout=httpx.Timeout(30, read=0.1), trust_env=False)

        emulator.process.terminate()

        assert emulator.process.wait(30) == 0


STARTER = f"""
import os, sys
from emulators.control import launch
emulator = launch.start("counter", module="{COUNTER}")
print(emulator.process.pid, flush=True)
sys.stdin.readline()
"""


def test_emulator_does_not_outlive_a_killed_starter() -> None:
    command = [sys.executable, "-c", STARTER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        starter.kill()

    assert _is_gone(pid, within_seconds=30)


def _is_gone(pid: int, *, within_seconds: float) -> bool:
    deadline = time.monotonic() + within_seconds
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
            # As long as nobody has collected it, an ended process still has its id.
            if "State:\tZ" in Path(f"/proc/{pid}/status").read_text():
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.02)
    return False


def test_ready_file_tells_everything_and_goes_with_the_process(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    command = [sys.executable, "-m", COUNTER, "--ready-file", str(ready)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        document = json.loads(ready.read_text())
        process.terminate()

    assert document["pid"] == process.pid
    assert line == f"counter emulator ready: http {document['http']}\n"
    assert list(tmp_path.iterdir()) == []


def test_used_port_is_said_plainly() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(StartError, match=f"cannot listen on 127.0.0.1:{port}"):
            launch.start("counter", module=COUNTER, arguments=["--http-port", str(port)])


def test_broken_seed_file_is_said_plainly(tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text('{"value": "many"}')

    with pytest.raises(StartError, match="'value' must be a whole number"):
        launch.start("counter", module=COUNTER, arguments=["--seed-file", str(seed)])


def test_seed_file_is_there_from_the_first_call(tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text('{"value": 5}')

    with launch.running("counter", module=COUNTER, arguments=["--seed-file", str(seed)]) as emulator:
        assert httpx.get(f"{emulator.http}/counter", trust_env=False).json()["value"] == 5


def test_tls_is_trusted_through_the_folders_authority_alone(tmp_path: Path) -> None:
    with launch.running("counter", module=COUNTER, arguments=["--tls-folder", str(tmp_path)]) as emulator:
        assert emulator.http.startswith("https://127.0.0.1:")
        trusting = tls.trusting(tmp_path / "ca.pem")

        assert httpx.get(f"{emulator.http}/counter", verify=trusting, trust_env=False).status_code == 200
        by_name = emulator.http.replace("127.0.0.1", "localhost")
        assert httpx.get(f"{by_name}/counter", verify=trusting, trust_env=False).status_code == 200
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(f"{emulator.http}/counter", trust_env=False)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("expired", "certificate has expired"),
        ("wrong_host", "certificate is not valid for '127.0.0.1'"),
        ("unknown_ca", "certificate signature failure|unable to get local issuer|self-signed"),
    ],
)
def test_tls_fault_is_refused_by_a_checking_client(tmp_path: Path, fault: str, reason: str) -> None:
    arguments = ["--tls-folder", str(tmp_path), "--tls-fault", fault]
    with launch.running("counter", module=COUNTER, arguments=arguments) as emulator:
        port = int(emulator.http.rpartition(":")[2])
        context = tls.trusting(tmp_path / "ca.pem")

        with (
            socket.create_connection(("127.0.0.1", port)) as connection,
            pytest.raises(ssl.SSLCertVerificationError, match=reason),
        ):
            context.wrap_socket(connection, server_hostname="127.0.0.1")


def test_emulators_that_share_a_folder_share_its_authority(tmp_path: Path) -> None:
    arguments = ["--tls-folder", str(tmp_path)]
    with (
        launch.running("counter", module=COUNTER, arguments=arguments) as one,
        launch.running("mailbox", arguments=arguments) as another,
    ):
        trusting = tls.trusting(tmp_path / "ca.pem")

        assert httpx.get(f"{one.http}/counter", verify=trusting, trust_env=False).status_code == 200
        assert httpx.get(f"{another.http}/messages", verify=trusting, trust_env=False).status_code == 200
