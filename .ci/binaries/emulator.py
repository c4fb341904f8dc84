"""A built function under AWS's Runtime Interface Emulator, which aws-sam-cli
brings: https://github.com/aws/aws-lambda-runtime-interface-emulator"""

import os
import pathlib
import socket
import subprocess
import tempfile
import time
import urllib.request

import samcli
from deployment import Fault

PROGRAM = pathlib.Path(samcli.__file__).parent / "local/rapid/aws-lambda-rie-x86_64"
PATH = "/2015-03-31/functions/function/invocations"
DEADLINE = 30


class Emulator:
    """Runs one function, from its first event to the end."""

    def __init__(self, function):
        self.function = function
        self.log = tempfile.TemporaryFile("w+")
        self.port = free_port()
        addresses = f"127.0.0.1:{self.port}", f"127.0.0.1:{free_port()}"
        options = "--runtime-interface-emulator-address", "--runtime-api-address"
        command = [PROGRAM, options[0], addresses[0], options[1], addresses[1], function.bootstrap]
        self.process = subprocess.Popen(
            command, env=function.environment, stdout=self.log, stderr=subprocess.STDOUT
        )

    def invoke(self, event):
        """The answer to an event, both JSON texts."""
        self.wait_until_it_listens()
        url = f"http://127.0.0.1:{self.port}{PATH}"
        try:
            with urllib.request.urlopen(url, event.encode(), timeout=DEADLINE) as response:
                return response.read().decode()
        except OSError as error:
            raise Fault(f"{self.function.name}: answers no event: {error}") from None

    def wait_until_it_listens(self):
        deadline = time.monotonic() + DEADLINE
        while self.process.poll() is None and time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.01)
        raise Fault(f"{self.function.name}: its emulator does not start")

    def memory(self):
        """The most memory that the function has had resident, in bytes; the
        pages of its program that were touched count."""
        for line in pathlib.Path(f"/proc/{self.pid()}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        raise Fault(f"{self.function.name}: has ended")

    def pid(self):
        program = str(self.function.bootstrap.resolve())
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(process / "exe") == program:
                    return process.name
            except OSError:
                pass  # ended meanwhile, or somebody else's
        raise Fault(f"{self.function.name}: does not run")

    def output(self):
        """What the function and the emulator have written to their log."""
        self.log.seek(0)
        return self.log.read()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
