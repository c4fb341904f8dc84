"""Places, moves, reads and lists orders with the client that was generated from
/openapi.json, and with nothing else that knows the API."""

import datetime
import sys

from runner import RUNNER, token
from waybill_client import AuthenticatedClient
from waybill_client.api.orders import create_order, get_history, get_order, list_orders
from waybill_client.api.steps import assign_driver, change_status, deliver_order, pick_up_order
from waybill_client.models import (
    AssignDriver,
    ChangeStatus,
    CreateOrder,
    CreateOrderAddresses,
    CreateOrderCustomer,
    CreateOrderItemsItem,
    DeliveredEvent,
    DeliverOrder,
    DeliverOrderProof,
    DriverAssignedEvent,
    ListOrdersOrder,
    ListOrdersState,
    PickUpOrder,
    Status,
)

MERCHANT = {"role": "merchant", "id": "mina", "merchant": "corner-shop"}
DRIVER = {"role": "driver", "id": "dora"}

ORDER = CreateOrder(
    customer=CreateOrderCustomer(name="Ada Byron", contact="+44 20 7946 0018"),
    addresses=CreateOrderAddresses(dropoff="12 St James's Square, London"),
    currency="GBP",
    items=[CreateOrderItemsItem(sku="tea", name="Tea", quantity=2, unit_price=450)],
    handover_code="4711",
)


def client(person):
    return AuthenticatedClient(base_url=RUNNER, token=token(person))


def check(what, expected, found):
    if expected != found:
        sys.exit(f"{what}\nexpected: {expected}\nfound:    {found}")
    print(f"a generated client {what}")


def place(merchant):
    """Three orders, of which one is asked for twice."""
    keys = ["cart-1", "cart-2", "cart-2", "cart-3"]
    responses = [
        create_order.sync_detailed(client=merchant, body=ORDER, idempotency_key=key) for key in keys
    ]
    check("places orders", [201] * len(keys), [response.status_code for response in responses])
    replayed = [response.headers.get("idempotent-replayed") for response in responses]
    check("repeats itself safely", [None, None, "true", None], replayed)
    return list(dict.fromkeys(response.parsed.id for response in responses))


def deliver(merchant, driver, order_id):
    """Takes an order all its way."""
    assigned = assign_driver.sync(order_id, client=merchant, body=AssignDriver(driver="dora"))
    check("assigns a driver", (Status.DRIVER_ASSIGNED, "dora"), (assigned.status, assigned.driver))

    to = ChangeStatus(status=Status.IN_TRANSIT, message="Ten minutes away")
    early = change_status.sync_detailed(order_id, client=driver, body=to)
    problem = early.parsed
    check("is told of a conflict", (409, 409), (early.status_code, problem.status))
    check("is told what to do", [Status.PICKED_UP], problem.allowed)

    pick_up_order.sync(order_id, client=driver, body=PickUpOrder(), if_match='"2"')
    moved = change_status.sync(order_id, client=driver, body=to)
    check("changes a status", (Status.IN_TRANSIT, 4), (moved.status, moved.version))
    proof = DeliverOrder(proof=DeliverOrderProof(code="4711"))
    delivered = deliver_order.sync(order_id, client=driver, body=proof)
    check("delivers", Status.DELIVERED, delivered.status)


def read(merchant, order_id):
    """What is known of a delivered order."""
    order = get_order.sync(order_id, client=merchant)
    found = (order.customer.name, order.addresses.dropoff, order.items[0].quantity, order.version)
    check("reads an order", ("Ada Byron", ORDER.addresses.dropoff, 2, 5), found)
    events = get_history.sync(order_id, client=merchant).events
    found = [type(events[1]), events[1].data.driver, type(events[4]), events[4].data.proof.code]
    check("reads its history", [DriverAssignedEvent, "dora", DeliveredEvent, "verified"], found)


def walk(merchant, **filters):
    """The ids of a list, page by page."""
    ids, cursor = [], {}
    while True:
        page = list_orders.sync(client=merchant, limit=1, **filters, **cursor)
        ids += [order.id for order in page.orders]
        if page.next_ is None:
            return ids
        cursor = {"cursor": page.next_}


def listed(merchant, first, second, third):
    """Of the three the first is delivered."""
    check("lists what is open", [third, second], walk(merchant))
    oldest = {"order": ListOrdersOrder.OLDEST, "state": ListOrdersState.ALL}
    check("lists everything", [first, second, third], walk(merchant, **oldest))
    statuses = [Status.CREATED, Status.DELIVERED]
    found = walk(merchant, **oldest, status=statuses, from_=datetime.date(2000, 1, 1))
    check("filters", [first, second, third], found)
    delivered = {"state": ListOrdersState.CLOSED, "status": [Status.DELIVERED]}
    check("filters by status", [first], walk(merchant, **delivered))


def main():
    merchant, driver = client(MERCHANT), client(DRIVER)
    ids = place(merchant)
    deliver(merchant, driver, ids[0])
    read(merchant, ids[0])
    listed(merchant, *ids)


main()
