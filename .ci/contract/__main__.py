"""Checks that the system answers as its document says: /openapi.json is valid OpenAPI,
schemathesis finds no fault as any role, and a client that is generated from it places,
moves and lists orders. `.ci/check-contract` starts this."""

import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import openapi_spec_validator
from roles import HERE, ROLES, Fault, test
from runner import call

LEAST_CASES = 1000


def operations(document):
    return {
        f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method in methods
    }


def try_client(folder):
    """Generates a client, without anything that the generator warns of, and uses it."""
    generator = ["openapi-python-client", "generate", "--path", "openapi.json"]
    output = ["--output-path", "waybill_client", "--meta", "none", "--fail-on-warning"]
    subprocess.run([*generator, *output], cwd=folder, check=True)
    path = os.environ | {"PYTHONPATH": str(folder)}
    subprocess.run([sys.executable, "-B", HERE / "client.py"], env=path, check=True)


def test_as(role, folder):
    """How often each operation accepted something of that role."""
    started = time.monotonic()
    report = test(ROLES[role], folder)
    accepted = collections.Counter()
    for operation, phases in report["valid_rates"].items():
        accepted[operation] = sum(phase["accepted"] for phase in phases.values())
    cases = report["test_cases"]["generated"]
    seconds = time.monotonic() - started
    print(f"{role:15} {cases:6} cases {accepted.total():6} accepted {seconds:5.0f} s", flush=True)
    if cases < LEAST_CASES or not report["complete"]:
        raise Fault(f"as {role} there must be {LEAST_CASES} cases at least")
    return accepted


def main(folder):
    document = call("GET", "/openapi.json").json()
    openapi_spec_validator.validate(document)
    print(f"/openapi.json is valid and has {len(operations(document))} operations", flush=True)
    (folder / "openapi.json").write_text(json.dumps(document))
    try_client(folder)
    accepted = sum((test_as(role, folder) for role in ROLES), collections.Counter())
    # schemathesis reads the document through this operation, and does not test it.
    if refused := operations(document) - accepted.keys() - {"GET /openapi.json"}:
        raise Fault(f"nobody was accepted at {', '.join(sorted(refused))}")


try:
    with tempfile.TemporaryDirectory() as folder:
        main(pathlib.Path(folder))
except Fault as fault:
    sys.exit(str(fault))
