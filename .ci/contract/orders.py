"""Orders of every workflow, left behind at every step of their way, of one merchant, one
of its stores, one of its customers and one driver: whoever asks sees some."""

import collections

from runner import call

MERCHANT, STORE, CUSTOMER, DRIVER = "green-grocer", "high-street", "c-42", "driver-7"
"""As the document's examples have them: what they say is then for those who say it."""

WAYS = {
    "courier": [
        "issues assign pickup depart deliver reopen",
        "assign unassign assign pickup =in_transit delivery-failed return returned",
        *["dispatch"] * 4,
        "cancel",
        "fail",
    ],
    "grocery": [
        "issues acknowledge start-picking ready assign pickup =in_transit deliver",
        "acknowledge start-picking ready assign pickup =in_transit delivery-failed return returned",
        "acknowledge start-picking substitutions substitutions/1/approve substitutions/2/approve",
        "acknowledge start-picking substitutions substitutions/1/reject substitutions/2/reject",
        "reject",
        "=cancelled",
        "=failed",
    ],
    "parcel": [
        "issues process pickup deliver",
        "=processing pickup delivery-failed return returned",
        "=cancelled",
        "=failed",
    ],
}
"""Operations, and statuses where there is none that leads there."""

LINES = range(1, 9)

ORDER = {
    "merchant": MERCHANT,
    "store": STORE,
    "customer": {"reference": CUSTOMER, "name": "Ada Byron", "contact": "+44 20 7946 0018"},
    "currency": "GBP",
    "items": [
        {"sku": f"tea-{line}", "name": "Tea", "quantity": line, "unit_price": 450} for line in LINES
    ],
    "handover_code": "4711",
}

BODIES = {
    "assign": {"driver": DRIVER},
    "cancel": {"reason": "Ordered twice."},
    "delivery-failed": {"reason": "Nobody is in."},
    "dispatch": {"drivers": [DRIVER], "seconds": 900},
    "fail": {"reason": "Lost."},
    "issues": {"type": "delay", "severity": "low", "description": "It is late."},
    "reject": {"reason": "We close early."},
    "reopen": {"reason": "Wrong door."},
    "substitutions": {
        "substitutions": [
            {"line": line, "substitute": {"sku": "mate", "name": "Mate"}, "reason": "Sold out."}
            for line in LINES[:2]
        ]
    },
    "unassign": {"reason": "Flat tyre."},
}
"""What is said where something must be."""


def place(ops):
    """The ids of new orders, by whoever `ops` is the token of."""
    return [
        order(ops, workflow, way.split()[:steps])
        for workflow, ways in WAYS.items()
        for way in ways
        for steps in range(len(way.split()) + 1)
    ]


def order(ops, workflow, steps):
    """The id of a new order that has taken these steps."""
    created = call("POST", "/orders", ops, ORDER | {"workflow": workflow})
    created.raise_for_status()
    order_id = created.json()["id"]
    for step in steps:
        taken = take(ops, order_id, step)
        # The run of another role may have registered the driver, who is off duty or full then.
        if step != "dispatch" or taken.status_code != 409:
            taken.raise_for_status()
    return order_id


def take(token, order_id, step):
    """Takes a step."""
    if step.startswith("="):
        return call("PATCH", f"/orders/{order_id}/status", token, {"status": step[1:]})
    return call("POST", f"/orders/{order_id}/{step}", token, BODIES.get(step, {}))


def by_operation(ids, token):
    """Those of the orders that whoever has `token` may move, by operation: a step that
    leads nowhere is refused with those that do. Under `any`, all that they see. Offers are for
    orders of their own, which nothing else moves before: one for every two that may be assigned,
    and of those that are offered, every other is to decline."""
    orders = collections.defaultdict(list)
    for order_id in ids:
        response = call("GET", f"/orders/{order_id}", token)
        if response.status_code == 200:
            seen = response.json()
            nowhere = "=returning" if seen["status"] == "returning" else "=returned"
            refused = take(token, order_id, nowhere).json()
            operations = ["any", *refused["operations"]]
            is_free = "assign" in operations and not {"driver", "offer"} & seen.keys()
            if is_free and len(orders["dispatch"]) < len(orders["assign"]) / 2:
                operations = ["dispatch"]
            if "accept" in operations and len(orders["decline"]) < len(orders["accept"]):
                operations = ["decline"]
            for operation in operations:
                orders[operation].append(order_id)
    return orders


SPARE_STORES = [f"spare-{number}" for number in range(40)]
"""Stores of no orders, to delete."""


def reset_settings(ops):
    """Returns the merchant's settings to their defaults: the run of another role may have set that
    stores of these orders are not the merchant's."""
    call("PUT", f"/merchants/{MERCHANT}/settings", ops, {}).raise_for_status()


def keep_stores(ops):
    """Sees to it that the orders' store and the spare ones have a record."""
    record = {"name": "High Street", "address": "1 High Street, London"}
    for store in [STORE, *SPARE_STORES]:
        call("PUT", f"/merchants/{MERCHANT}/stores/{store}", ops, record).raise_for_status()


ROSTER, SPARE_DRIVERS = "roster-1", [f"spare-{number}" for number in range(40)]
"""A registered driver of the merchant's, who is on duty, and others to delete, who have no orders."""

ASKED = "asked-1"
"""Another one on duty, whom nobody changes: to offer orders to, whatever the settings require."""


def keep_drivers(ops):
    """Sees to it that they are registered, and the first two on duty."""
    for driver in [ROSTER, ASKED, *SPARE_DRIVERS]:
        record = {"driver": driver, "name": "Dan Smith", "merchant": MERCHANT}
        response = call("POST", "/drivers", ops, record)
        assert response.status_code in (201, 409), response.text
    for driver in [ROSTER, ASKED]:
        call("PUT", f"/drivers/{driver}/duty", ops, {"on_duty": True}).raise_for_status()


def webhooks(ops):
    """The ids of the store's webhooks, after the attempt to create another: a
    merchant can have only so many."""
    path = f"/merchants/{MERCHANT}/webhooks"
    call("POST", path, ops, {"url": "http://127.0.0.1:1/", "store": STORE})
    every = call("GET", path, ops).json()["webhooks"]
    return [webhook["id"] for webhook in every if webhook.get("store") == STORE]
