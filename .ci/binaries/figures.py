"""What a function costs before it does anything: its size, its start, its memory."""

import dataclasses
import io
import socket
import subprocess
import time
import typing
import zipfile

from deployment import Fault

MB = 1_000_000
ROUNDS = 41
DEADLINE = 30


@dataclasses.dataclass
class Figures:
    """Of one function: bytes and seconds."""

    name: str
    zip_arm64: typing.Optional[int]
    zip_x86_64: int
    poll: float
    poll_ratio: float
    memory: int


LIMITS = {"zip_arm64": 4 * MB, "poll_ratio": 1.5, "memory": 20 * MB}
"""A little above what there is, so that a dependency that weighs is seen. arm64 is what is
deployed unless somebody asks for another."""


def zipped(program):
    """How many bytes Lambda is sent of a program, packed as SAM packs it."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.write(program, "bootstrap")
    return archive.tell()


def first_polls(function, yardstick):
    """The fastest of two functions' first polls, taken in turns: whatever else this
    machine does can only add to one, so a median would tell of that."""
    rounds = [[first_poll(each) for each in (function, yardstick)] for _ in range(ROUNDS)]
    return [min(polls) for polls in zip(*rounds)]


def first_poll(function):
    """The seconds from a function's start until it asks for its first event.
    https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-next"""
    with socket.create_server(("127.0.0.1", 0)) as api:
        api.settimeout(DEADLINE)
        address = f"127.0.0.1:{api.getsockname()[1]}"
        environment = function.environment | {"AWS_LAMBDA_RUNTIME_API": address}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        started = time.perf_counter()
        process = subprocess.Popen([function.bootstrap], env=environment, **quiet)
        try:
            connection, _ = api.accept()
            with connection:
                request = connection.recv(4096)
                taken = time.perf_counter() - started
        except TimeoutError:
            raise Fault(f"{function.name}: asks for no event within {DEADLINE} s") from None
        finally:
            process.kill()
            process.wait()
    if not request.startswith(b"GET /2018-06-01/runtime/invocation/next "):
        raise Fault(f"{function.name}: asks the Runtime API first for {request}")
    return taken


def show(measured):
    """Prints the figures as a table; a zip's are of a bootstrap alone, memory's
    the most that was resident."""
    print(f"{'':18}{'zip, MB':>16}{'first poll':>20}{'memory':>10}")
    print(f"{'':18}{'arm64':>8}{'x86_64':>8}{'ms':>10}{'x hello':>10}{'MB':>10}")
    for own in measured:
        arm64 = f"{own.zip_arm64 / MB:8.2f}" if own.zip_arm64 else " " * 8
        print(
            f"{own.name:18}{arm64}{own.zip_x86_64 / MB:8.2f}"
            f"{own.poll * 1000:10.1f}{own.poll_ratio:10.2f}{own.memory / MB:10.1f}"
        )


def over_limits(measured):
    """Each figure that is over its limit, in words."""
    for own in measured:
        for figure, limit in LIMITS.items():
            if (found := getattr(own, figure)) > limit:
                yield f"{own.name}: {figure} is {found:,.2f}, and may be {limit:,} at most"
