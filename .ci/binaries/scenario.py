"""One order's life, a real event for each function, and what each must answer.
The functions share a DynamoDB, so each finds what those before it wrote."""

import json
import pathlib
import string

from deployment import Fault

EVENTS = pathlib.Path(__file__).parent.parent / "events"
CONNECTION = "HOgKxcnyDoECH_g="
ORDER = "156d4a61-8cea-818d-9f66-cfed9ed70353"
"""Derived from the caller, the Idempotency-Key of create-order.json and the stack's secret."""


class Scenario:
    def __init__(self, emulators):
        self.emulators = emulators
        self.called = set()

    def call(self, function, event, expected, **values):
        """Invokes a function with a file of .ci/events; ${NAME} in it becomes
        the value of that name. The answer must hold what is expected."""
        text = string.Template((EVENTS / f"{event}.json").read_text()).safe_substitute(values)
        emulator = self.emulators[function]
        try:
            response = read(emulator.invoke(text))
            require(f"{function}, given {event}.json, answers", expected, response)
        except Fault as fault:
            raise Fault(f"{emulator.output()}\n{fault}") from None
        self.called.add(function)
        return response

    def hello(self):
        """A panic is an answer, and the process that panicked gives the next one too."""
        self.call("hello", "hello-panic", {"errorMessage": "Lambda panicked: told to panic"})
        self.call("hello", "hello", {"tables": list})

    def authorize_by_token(self, token):
        allowed = {"principalId": "ops-1", "context": {"role": "ops"}, **policy("Allow")}
        self.call("live-authorize", "live-authorize-token", allowed, TOKEN=token)
        denied = {"principalId": "nobody", "context": {}, **policy("Deny")}
        self.call("live-authorize", "live-authorize-token", denied, TOKEN=f"{token}x")

    def settings(self):
        settings = {"merchant": "blue-bakery", "default_workflow": "courier"}
        self.call("merchant-settings", "merchant-settings", {"statusCode": 200, "body": settings})

    def stores(self):
        self.call("stores", "stores", {"statusCode": 200, "body": {"stores": []}})

    def drivers(self):
        self.call("drivers", "drivers", {"statusCode": 200, "body": {"drivers": []}})

    def contract(self):
        self.call("contract", "contract", {"statusCode": 200, "body": {"openapi": "3.1.1"}})

    def console(self):
        self.call("console", "console", {"statusCode": 200, "body": {"status": "ok"}})

    def order(self):
        dropoff = {"dropoff": "12 St James Square"}
        created = {"id": ORDER, "status": "created", "version": 1, "addresses": dropoff}
        self.call("create-order", "create-order", {"statusCode": 201, "body": created})
        assigned = {"id": ORDER, "status": "driver_assigned", "driver": "dan", "version": 2}
        self.call("transition-order", "transition-order", {"statusCode": 200, "body": assigned})
        corrected = {**assigned, "version": 3}
        self.call("order-details", "order-details", {"statusCode": 200, "body": corrected})
        dropoff = {"dropoff": "13 St James Square"}
        seen = {"customer": {"name": "Ada"}, **corrected, "addresses": dropoff}
        self.call("query-orders", "query-orders", {"statusCode": 200, "body": seen})

    def connection(self):
        issued = {"statusCode": 201, "body": {"ticket": str}}
        ticket = self.call("live-tickets", "live-tickets", issued)["body"]["ticket"]
        allowed = {"principalId": "olga", "context": {"role": "ops"}, **policy("Allow")}
        self.call("live-authorize", "live-authorize-ticket", allowed, TICKET=ticket)
        self.call("live-authorize", "live-authorize-ticket", policy("Deny"), TICKET=ticket)
        self.call("live-connect", "live-connect", {"statusCode": 200})
        subscribed = {"type": "subscribed", "topic": "orders"}
        self.call("live-message", "live-message", {"statusCode": 200, "body": subscribed})

    def webhooks(self):
        """There are none, so nothing is queued and nothing is sent."""
        self.call("webhooks", "webhooks", {"statusCode": 200, "body": {"webhooks": []}})
        self.call("outbox", "relay", {"batchItemFailures": []})
        self.call("deliver-webhooks", "deliver-webhooks", {"batchItemFailures": []})

    def dispatch(self):
        """The order has a driver, so there is nothing to do."""
        self.call("dispatch", "dispatch", {"batchItemFailures": []})

    def sweep(self):
        """Finds nothing: the order has no limits."""
        self.call("sweep", "sweep", {"acted": 0, "unchanged": 0, "is_cut": False})

    def relay(self, posts):
        self.call("relay", "relay", {"batchItemFailures": []})
        event = {"order_id": ORDER, "version": 2, "type": "driver_assigned"}
        frame = {"type": "events", "events": [{**event, "data": {"driver": "dan"}}]}
        post = {"path": f"/live/@connections/{CONNECTION}", "frame": frame}
        require("relay, given relay.json, posts", [post], posts)

    def positions(self):
        """The driver of the record is not registered, so nobody sees the position."""
        self.call("position-relay", "position-relay", None)


def read(response):
    """An answer's JSON, and in it that of its body."""
    response = json.loads(response)
    if isinstance(response, dict) and (body := response.get("body")):
        response["body"] = json.loads(body)
    return response


def policy(effect):
    statement = {"Effect": effect, "Action": ["execute-api:Invoke"]}
    return {"policyDocument": {"Version": "2012-10-17", "Statement": [statement]}}


def require(what, expected, found):
    """Fails unless `found` holds all of `expected`; objects may hold more."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in expected:
            require(f"{what} {name}:", expected[name], found.get(name))
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for index, wanted in enumerate(expected):
            require(f"{what} [{index}]", wanted, found[index])
    elif not (isinstance(found, expected) if isinstance(expected, type) else found == expected):
        raise Fault(f"{what} {json.dumps(found)}, not {expected}")
