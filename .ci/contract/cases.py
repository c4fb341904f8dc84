"""What schemathesis sends, made to reach further: to orders that there are, at which the
operation leads on where there are such, and with names that are new where they must be."""

import json
import os
import pathlib
import random
import uuid

import schemathesis
from orders import ASKED, MERCHANT, ROSTER, SPARE_DRIVERS, SPARE_STORES, STORE
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase

ORDERS = json.loads(pathlib.Path(os.environ["ORDERS"]).read_text())
"""The ids of orders by phase and operation, and under `any` of all. A walk along links
makes orders of its own."""

REAL = 0.9
"""The part of the requests that are for orders that there are."""

chance = random.Random(1948)
"""Of its own: Hypothesis begins the common one anew with each case."""

used = set()

spare = [*SPARE_STORES]

spare_drivers = [*SPARE_DRIVERS]


def renew(values, name):
    """Sees to it that a value is sent once: twice, it is refused for that alone."""
    if values.get(name) in used:
        values[name] = uuid.uuid4().hex
    used.add(values.get(name))


def to_an_order(case):
    ids = ORDERS.get(case.meta.phase.name)
    if ids and "{id}" in case.path and chance.random() < REAL:
        operation = case.path.removeprefix("/orders/{id}/")
        case.path_parameters["id"] = chance.choice(ids.get(operation) or ids["any"])


def to_a_webhook(case):
    """But not to delete it: others need it. A walk along links deletes its own."""
    is_real = ORDERS["webhooks"] and case.method != "DELETE" and chance.random() < REAL
    if "{webhook}" not in case.path or not is_real:
        return
    case.path_parameters["merchant"] = MERCHANT
    case.path_parameters["webhook"] = chance.choice(ORDERS["webhooks"])
    ids = ORDERS.get(case.meta.phase.name)
    if ids and case.path.endswith("/replay") and isinstance(case.body, dict):
        if isinstance(case.body.get("order"), str):
            case.body = {"order": chance.choice(ids["any"])}


def to_a_store(case):
    """To delete one that others do not need."""
    if not case.path.startswith("/merchants/{merchant}/stores") or chance.random() > REAL:
        return
    case.path_parameters["merchant"] = MERCHANT
    if case.method == "DELETE":
        case.path_parameters["store"] = spare.pop() if spare else "none"
    elif "{store}" in case.path:
        case.path_parameters["store"] = STORE


def to_a_driver(case):
    """To delete one that others do not need."""
    if "{driver}" not in case.path or chance.random() > REAL:
        return
    if case.method == "DELETE":
        case.path_parameters["driver"] = spare_drivers.pop() if spare_drivers else "none"
    else:
        case.path_parameters["driver"] = ROSTER


def to_an_asset(case):
    if "{asset}" in case.path and chance.random() < REAL:
        case.path_parameters["version"], case.path_parameters["asset"] = ORDERS["asset"]


def to_one_on_duty(case):
    """Where the document's example offers an order to drivers who may be off duty."""
    if case.path.endswith("/dispatch") and isinstance(case.body, dict):
        if case.body.get("drivers") == ["driver-7", "driver-8"]:
            case.body = case.body | {"drivers": [ASKED]}


def with_headers_that_pass(case):
    """But for the one that the case is about."""
    tested = getattr(case.meta.phase.data, "parameter", None)
    if case.headers.get("Idempotency-Key") and tested != "Idempotency-Key":
        renew(case.headers, "Idempotency-Key")
    # This phase generates headers of letters and digits only, and none of these is an entity tag.
    is_coverage = case.meta.phase.name == TestPhase.COVERAGE
    for name, passing in (("If-Match", "*"), ("If-None-Match", '"1"')):
        if case.headers.get(name) and tested != name and is_coverage:
            case.headers[name] = passing


def with_names_of_its_own(case):
    body = dict(case.body)
    if isinstance(body.get("external_id"), str):
        renew(body, "external_id")
    # People of a merchant may name the merchant or leave it out.
    if body.get("merchant") is None and chance.random() < REAL:
        body["merchant"] = MERCHANT
    case.body = body


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None:
        return
    if not case.meta.is_negative_at(ParameterLocation.PATH):
        to_an_order(case)
        to_a_webhook(case)
        to_a_store(case)
        to_an_asset(case)
        to_a_driver(case)
        to_one_on_duty(case)
    with_headers_that_pass(case)
    if case.path == "/orders" and isinstance(case.body, dict):
        with_names_of_its_own(case)
    if case.path == "/drivers" and isinstance(case.body, dict):
        case.body = dict(case.body)
        if isinstance(case.body.get("driver"), str):
            renew(case.body, "driver")
