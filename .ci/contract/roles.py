"""Has schemathesis test the API as one role."""

import json
import os
import pathlib
import re
import subprocess

import orders
from runner import RUNNER, call, token

HERE = pathlib.Path(__file__).parent

OPS = {"role": "ops", "id": "olga"}

ROLES = {
    "support": {"role": "support", "id": "sam"},
    "customer": {
        "role": "customer",
        "id": "ada",
        "merchant": orders.MERCHANT,
        "reference": orders.CUSTOMER,
    },
    "driver": {"role": "driver", "id": orders.DRIVER},
    "a store's clerk": {
        "role": "merchant",
        "id": "carl",
        "merchant": orders.MERCHANT,
        "store": orders.STORE,
    },
    "merchant": {"role": "merchant", "id": "maria", "merchant": orders.MERCHANT},
    "ops": OPS,
}

STRANGER = {"role": "merchant", "id": "eve", "merchant": "other-shop"}

PHASES = ["examples", "coverage", "fuzzing"]
"""Those that are given orders, each its own: what one has moved is no use to the next."""

DEADLINE = 300
"""Seconds for one role."""


class Fault(Exception):
    """What schemathesis found, or did not do."""


def test(person, folder):
    """The report of a run that found nothing: schemathesis' own JSON."""
    caller, ops = token(person), token(OPS)
    people = {"caller": caller, "stranger": token(STRANGER)}
    write(folder / "people.json", {"auth": [identity(*each) for each in people.items()]})
    orders.reset_settings(ops)
    by_phase = {phase: orders.by_operation(orders.place(ops), caller) for phase in PHASES}
    orders.keep_stores(ops)
    orders.keep_drivers(ops)
    write(folder / "orders.json", by_phase | {"webhooks": orders.webhooks(ops), "asset": asset()})
    report = folder / "report.json"
    run = subprocess.run(
        [
            *("schemathesis", "--config-file", HERE / "schemathesis.toml"),
            *("run", f"{RUNNER}/openapi.json", "--no-color", "--report-json-path", report),
        ],
        cwd=folder,
        env=os.environ | {"ORDERS": "orders.json", "PYTHONPATH": str(HERE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=DEADLINE,
    )
    if run.returncode:
        raise Fault(run.stdout)
    return json.loads(report.read_text())


def asset():
    """The version and the name of a file that the console's page loads."""
    page = call("GET", "/ops", None).text
    return re.search(r"assets/([^/]+)/(ops[.]js)", page).groups()


def identity(name, token):
    """A person in the form of the Web Fuzzing Commons."""
    headers = [{"name": "Authorization", "value": f"Bearer {token}"}]
    return {"name": name, "fixedHeaders": headers}


def write(path, value):
    path.write_text(json.dumps(value))
