"""What schemathesis does not hold against the API, each for a reason, and what it asks of
problems beyond its own checks. No check is off: only the very refusals that are named
here are let pass."""

import re

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import RejectedPositiveData, UnsupportedMethodResponse

DEPENDS_ON_THE_PAST = {
    "invalid-cursor",
    "key-reused",
    "precondition-failed",
    "wrong-handover-code",
}
"""Problems of what reads well: no schema says which cursors were given out, which keys
used, at which version an order is and what its code."""

EVERYWHERE = [
    # JSON Schema limits the characters of each text, and not the bytes of all texts.
    ("/metadata", "must hold at most 20 pairs and 2048 bytes"),
    # Patterns name the invisible characters up to U+FFFF: validators do not agree on a notation
    # for the others.
    ("/.*", "must contain a character that is visible"),
]

LISTS = [
    # Combinations of parameters: an index must be able to serve them.
    (r"\?(customer|store|external_id)", "requires merchant"),
    (r"\?offered", "requires driver"),
    (r"\?(status|phase)", "matches closed orders, which state=open leaves out"),
    (r"\?state", "a list of these orders requires merchant, a closed status, from"),
    (r"\?from", "must be at most 366 days before `to`"),
    (r"\?(closed_)?to", "must be after `?(closed_)?from"),
    (r"\?closed_(from|to)", "is only for closed orders"),
]

BEYOND_SCHEMAS = {
    "listOrders": LISTS,
    "exportOrders": LISTS,
    "getServiceLevels": [
        (r"\?from", "is required unless|must be at most 366 days before `to`"),
        (r"\?to", "must be after `from`"),
    ],
    "createOrder": [
        # Dependencies between fields.
        ("/currency", "is required when an item has a unit_price|must be a currency of ISO 4217"),
        ("/(items|store)", "is required by the order's workflow"),
        ("/items", "must not total more than"),
        # The document is the same for every role.
        ("/merchant", "is required"),
        (
            "/(external_id|autopilot|workflow|metadata|currency|addresses/pickup|"
            "items/[0-9]+/unit_price)",
            "can be set only by the merchant or operations",
        ),
        ("/store", "is not one of the stores"),
        ("/(autopilot|unanswered)", "is only for workflows|cannot be combined"),
        ("/unanswered/price_cap", "is only for the answer approve"),
    ],
    # Rules that depend on the order: its workflow, its code, its lines and their prices.
    "changeStatus": [("/status", "must be a status of the workflow")],
    "correctDetails": [
        ("/currency", "must be|is required when an item has a unit_price|is only for prices"),
        ("/items", "must name lines of the order|must not total|must have at least one line"),
    ],
    "rejectOrder": [("/reassign_to", "is not one of the stores")],
    "reassignOrder": [("/store", "is not one of the stores")],
    "listDrivers": [(r"\?cursor", "cannot be combined with `near`")],
    "getDriverTrack": [
        (r"\?from", "must be in the past"),
        (r"\?to", "must be (after|at most six hours after) `from`"),
    ],
    # An outage without fixes, or fixes; a `null` is neither.
    "sendPositions": [("/fixes", "must be a list of 1 to 200 objects, or there must be an outage")],
    "assignDriver": [("/driver", r"\S+ is not a driver who carries the merchant's orders")],
    "dispatchOrder": [("/drivers", r"\S+ is not a driver who carries the merchant's orders")],
    "replayWebhook": [
        ("/(from|to|cursor|version)", "cannot be combined with"),
        ("/to", "must be after `from`"),
    ],
    "putMerchantSettings": [("/fallback_store", "is not one of `stores`")],
    "deliverOrder": [("/proof/code", "must be omitted: the order has no|is required: ask the cust")],
    "proposeSubstitutions": [
        ("(/substitutions/[0-9]+)?/line", "must be a line of the order"),
        (
            "(/substitutions/[0-9]+)?/price_difference",
            "must be 0, because the line|must not|is only for a substitute",
        ),
        ("(/substitutions/[0-9]+)?/quantity", "is only for a line without a substitute"),
        ("(/substitutions/[0-9]+)?/substitute", "must not be null"),
        ("/substitutions", "cannot be applied to line [0-9]+"),
    ],
}
"""What is wrong, by operation, with fields that are as the document has them: the JSON
Pointer, and how the detail begins."""


def problem(response):
    """The last part of a problem's type, and its body; None of another answer."""
    if response.headers.get("content-type") != ["application/problem+json"]:
        return None, {}
    body = response.json()
    return body["type"].rpartition(":")[2], body


def is_beyond_schemas(case, error):
    operation = case.operation.definition.raw["operationId"]
    return any(
        re.fullmatch(pointer, error["pointer"]) and re.match(detail, error["detail"])
        for pointer, detail in EVERYWHERE + BEYOND_SCHEMAS.get(operation, [])
    )


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Whether it is one."""
    kind, body = problem(response)
    if isinstance(failure, RejectedPositiveData):
        if kind == "invalid-fields":
            return not all(is_beyond_schemas(case, error) for error in body["errors"])
        return kind not in DEPENDS_ON_THE_PAST
    if isinstance(failure, AcceptedNegativeData):
        # An upload is not refused for a fix that is wrong: the response names it.
        ignored = response.json().get("ignored", []) if response.status_code == 200 else []
        return not any(it["reason"] == "malformed" for it in ignored)
    if isinstance(failure, UnsupportedMethodResponse):
        # API Gateway routes by method and path, and never responds with 405. Another method at
        # /orders/export is a request to /orders/{id}, for an order that does not exist.
        return kind != "not-found" and response.content != b'{"message":"Not Found"}'
    return True


@schemathesis.check
def problems_are_documented(ctx, response, case):
    """The document has an example of each kind of problem that an operation answers."""
    kind, _ = problem(response)
    if kind is None or response.request.method != case.operation.method.upper():
        return
    described = case.operation.definition.raw["responses"].get(str(response.status_code), {})
    documented = described.get("content", {}).get("application/problem+json", {})
    assert kind in documented.get("examples", {}), f"the document has no example of {kind}"
