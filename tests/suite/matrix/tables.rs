//! The access of each party to fields, events and topics, written by hand from the documentation.
//! With `+` the party reads the field, with `.` it does not, with `masked` it reads a masked
//! value, with `open` it reads the field until the order is closed, and with `own` it reads its
//! own texts only.
//!
//! A period of an order's life is written `assigned/unassigned`: from the first event (or one of
//! several, separated by commas) until the second event, if it ever happens. A period can begin
//! again.

/// The parties, in the order of the columns below.
pub(super) const PARTIES: [&str; 7] =
    ["ops", "support", "merchant", "clerk", "driver", "offered", "customer"];

/// The party of a driver to whom our order is offered.
pub(super) const OFFERED: &str = "offered";

/// The value of a masked contact.
pub(super) const MASKED: &str = "m***@***";

/// An order's fields: the views that have the field (`whole`: only the whole order; `head`: every
/// view; `column`: every view, and a CSV export), the period in which it exists, and the
/// beginning of its value (`*`: any value without a mark).
pub(super) const ORDER: &str = "
    field                            where  when                                 says                  ops support merchant clerk driver offered customer
    id                               column always                               *                     +   +       +        +     +      +       +
    merchant                         column always                               *                     +   +       +        +     +      +       +
    customer.reference               column always                               *                     +   +       +        +     +      .       +
    customer.name                    whole  placed,ordered,sent,wished/erased    marked-person-name    +   +       +        +     open   .       +
    customer.contact                 whole  placed,ordered,sent,wished/erased    marked-person-contact +   masked  +        +     open   .       +
    workflow                         column always                               *                     +   +       +        +     +      +       +
    status                           column always                               *                     +   +       +        +     +      +       +
    phase                            column always                               *                     +   +       +        +     +      +       +
    version                          column always                               *                     +   +       +        +     +      +       +
    created_at                       column always                               *                     +   +       +        +     +      +       +
    updated_at                       column always                               *                     +   +       +        +     +      +       +
    status_since                     column always                               *                     +   +       +        +     +      +       +
    deadline                         column ordered,sent,fetched/late,delivered  *                     +   +       +        +     +      .       +
    delayed_since                    column undriven,late/assigned,fetched       *                     +   +       +        +     +      .       +
    autopilot.step_seconds           head   sent                                 *                     +   +       +        +     .      .       +
    unanswered.answer                head   ordered                              *                     +   +       +        +     +      .       +
    unanswered.price_cap             head   ordered                              *                     +   +       +        +     +      .       +
    metadata.marked-key              head   placed,ordered,sent                  marked-value          +   +       +        +     +      .       +
    metadata                         head   wished                               *                     +   +       +        +     .      .       +
    external_id                      column placed,sent                          marked-external-id    +   +       +        +     +      .       +
    store                            column always                               *                     +   +       +        +     +      +       +
    driver                           column assigned,passed/taken                *                     +   +       +        +     +      .       .
    currency                         whole  placed,sent/erased                   *                     +   +       +        +     +      .       +
    total                            whole  placed,sent/erased                   *                     +   +       +        +     +      .       +
    currency                         column ordered                              *                     +   +       +        +     +      .       +
    total                            column ordered                              *                     +   +       +        +     +      .       +
    items[].line                     whole  placed,ordered,sent,wished/erased    *                     +   +       +        +     +      .       +
    items[].sku                      whole  placed,sent,wished/erased            marked-person-sku     +   +       +        +     +      .       +
    items[].name                     whole  placed,sent,wished/erased            marked-person-item    +   +       +        +     +      .       +
    items[].sku                      whole  ordered/erased                       marked-               +   +       +        +     +      .       +
    items[].name                     whole  ordered/erased                       marked-               +   +       +        +     +      .       +
    items[].quantity                 whole  placed,ordered,sent,wished/erased    *                     +   +       +        +     +      .       +
    items[].unit_price               whole  placed,ordered,sent/erased           *                     +   +       +        +     +      .       +
    items[].amount                   whole  placed,ordered,sent/erased           *                     +   +       +        +     +      .       +
    items[].ordered.sku              whole  approved/erased                      marked-person-sku     +   +       +        +     +      .       +
    items[].ordered.name             whole  approved/erased                      marked-person-item    +   +       +        +     +      .       +
    items[].ordered.quantity         whole  approved/erased                      *                     +   +       +        +     +      .       +
    items[].ordered.unit_price       whole  approved/erased                      *                     +   +       +        +     +      .       +
    items[].removed                  whole  declined/erased                      *                     +   +       +        +     +      .       +
    addresses.pickup                 whole  placed,ordered,sent/erased           marked-person-pickup  +   +       +        +     +      +       +
    addresses.dropoff.text           whole  placed,ordered,sent,wished/erased    marked-person-dropoff +   +       +        +     open   .       +
    addresses.dropoff.location.lat   whole  placed,ordered,sent,wished/erased    *                     +   +       +        +     open   .       +
    addresses.dropoff.location.lng   whole  placed,ordered,sent,wished/erased    *                     +   +       +        +     open   .       +
    handover.tries_left              head   placed,ordered,wished                *                     +   +       +        +     +      .       +
    handover.code                    whole  placed,ordered,wished/erased         47110815              .   .       .        .     .      .       +
    substitutions[].id               head   proposed                             *                     +   +       +        +     +      .       +
    substitutions[].line             head   proposed                             *                     +   +       +        +     +      .       +
    substitutions[].substitute.sku   head   proposed                             marked-other-sku      +   +       +        +     +      .       +
    substitutions[].substitute.name  head   proposed                             marked-other-name     +   +       +        +     +      .       +
    substitutions[].price_difference head   proposed                             *                     +   +       +        +     +      .       +
    substitutions[].answer           head   approved                             *                     +   +       +        +     +      .       +
    issues[].id                      head   complained/settled                   *                     +   +       +        +     +      .       +
    issues[].type                    head   complained/settled                   *                     +   +       +        +     +      .       +
    issues[].severity                head   complained/settled                   *                     +   +       +        +     +      .       +
    store_acknowledged_at            column acknowledged                         *                     +   +       +        +     +      +       +
    picking_started_at               column picking                              *                     +   +       +        +     +      +       +
    picking_completed_at             column ready                                *                     +   +       +        +     +      +       +
    driver_assigned_at               column assigned                             *                     +   +       +        +     +      +       +
    picked_up_at                     column picked_up,fetched                    *                     +   +       +        +     +      .       +
    delivery_failed_at               column not_delivered                        *                     +   +       +        +     +      .       +
    delivered_at                     column delivered/reopened                   *                     +   +       +        +     +      .       +
    cancelled_at                     column called_off                           *                     +   +       +        +     +      .       +
    customer                         head   offered                              {}                    .   .       .        .     .      +       .
    metadata                         head   offered                              {}                    .   .       .        .     .      +       .
    item_count                       whole  offered                              2                     .   .       .        .     .      +       .
    addresses.dropoff_area.lat       whole  offered                              51.51                 .   .       .        .     .      +       .
    addresses.dropoff_area.lng       whole  offered                              -0.14                 .   .       .        .     .      +       .
    offer.round                      head   offered/turned_down,expired,assigned *                     +   +       +        +     .      +       .
    offer.expires_at                 head   offered/turned_down,expired,assigned *                     +   +       +        +     .      +       .
    offer.drivers[]                  head   offered/turned_down,expired,assigned *                     +   +       +        +     .      .       .
";

/// An event's fields, by the event's type or its name in the scenario: `every` means every event,
/// `said` every change that a person requested, and `silent` the changes that the system makes by
/// itself. A group without visible fields is `{}`.
pub(super) const EVENT: &str = "
    field                                 of                     says                ops support merchant clerk driver offered customer
    version                               every                  *                   +   +       +        +     +      +       +
    type                                  every                  *                   +   +       +        +     +      +       +
    status                                every                  *                   +   +       +        +     +      +       +
    previous_status                       every                  *                   +   +       +        +     +      +       +
    at                                    every                  *                   +   +       +        +     +      +       +
    actor.role                            every                  *                   +   +       +        +     +      +       +
    actor.id                              every                  *                   +   +       +        +     staff  own     own
    note                                  said                   marked-note         +   +       +        +     .      .       .
    message                               said                   marked-message      +   +       +        +     +      .       +
    metadata.marked-change-key            said                   marked-change-value +   +       +        +     +      .       +
    metadata.marked-key                   placed,ordered,sent    marked-value        +   +       +        +     +      .       +
    metadata                              silent                 *                   +   +       +        +     +      .       +
    data.merchant                         created                *                   +   +       +        +     +      +       +
    data.customer                         created                *                   +   +       +        +     +      .       +
    data.external_id                      placed,sent            marked-external-id  +   +       +        +     +      .       +
    data.store                            created                *                   +   +       +        +     +      +       +
    data.workflow                         created                *                   +   +       +        +     +      +       +
    data.driver                           driver_assigned        *                   +   +       +        +     +      .       .
    data                                  driver_assigned        {}                  .   .       .        .     .      +       +
    data.driver                           driver_unassigned      *                   +   +       +        +     +      .       .
    data                                  driver_unassigned      {}                  .   .       .        .     .      +       +
    data.reason                           driver_unassigned      marked-reason       +   +       +        +     .      .       .
    data.store                            store_rejected         *                   +   +       +        +     +      +       +
    data.reason                           store_rejected         marked-reason       +   +       +        +     .      .       .
    data.store                            store_reassigned       *                   +   +       +        +     +      +       +
    data.substitutions[].id               substitutions_proposed *                   +   +       +        +     +      .       +
    data.substitutions[].line             substitutions_proposed *                   +   +       +        +     +      .       +
    data.substitutions[].substitute.sku   substitutions_proposed marked-other-sku    +   +       +        +     +      .       +
    data.substitutions[].substitute.name  substitutions_proposed marked-other-name   +   +       +        +     +      .       +
    data.substitutions[].reason           substitutions_proposed marked-sold-out     +   +       +        +     +      .       +
    data.substitutions[].price_difference substitutions_proposed *                   +   +       +        +     +      .       +
    data.substitution                     substitution_answered  *                   +   +       +        +     +      +       +
    data.answer                           substitution_answered  *                   +   +       +        +     +      +       +
    data.proof.code                       delivered              *                   +   +       +        +     +      .       +
    data.proof.note                       delivered              marked-proof        +   +       +        +     +      .       +
    data.reason                           delivery_failed        marked-reason       +   +       +        +     .      .       .
    data                                  delivery_failed        {}                  .   .       .        .     +      .       +
    data.reason                           cancelled              marked-reason       +   +       +        +     .      .       .
    data                                  cancelled              {}                  .   .       .        .     +      .       +
    data.reason                           failed                 marked-reason       +   +       +        +     .      .       .
    data                                  failed                 {}                  .   .       .        .     +      .       +
    data.reason                           reopened               marked-reason       +   +       +        +     .      .       .
    data                                  reopened               {}                  .   .       .        .     +      .       +
    data.issue.id                         issue_opened           *                   +   +       +        +     +      +       +
    data.issue.type                       issue_opened           *                   +   +       +        +     +      +       +
    data.issue.severity                   issue_opened           *                   +   +       +        +     +      +       +
    data.description                      issue_opened           marked-description  +   +       +        +     own    .       own
    data.issue.id                         issue_resolved         *                   +   +       +        +     +      +       +
    data.resolution                       issue_resolved         marked-resolution   +   +       +        +     +      .       +
    data.fields[]                         details_corrected      *                   +   +       +        +     +      +       +
    data.alert.type                       alert_raised           *                   +   +       +        +     +      +       +
    data.alert.severity                   alert_raised           *                   +   +       +        +     +      +       +
    data.limit_seconds                    alert_raised           *                   +   +       +        +     +      +       +
    metadata                              every                  {}                  .   .       .        .     .      +       .
    data.substitutions                    substitutions_proposed []                  .   .       .        .     .      +       .
    data.round                            driver_offered         *                   +   +       +        +     +      +       .
    data.expires_at                       driver_offered         *                   +   +       +        +     +      +       .
    data.drivers[]                        driver_offered         *                   +   +       +        +     .      .       .
    data                                  driver_offered         {}                  .   .       .        .     .      .       +
    data.driver                           offer_declined         *                   +   +       +        +     .      own     .
    data.reason                           offer_declined         marked-reason       +   +       +        +     .      own     .
    data                                  offer_declined         {}                  .   .       .        .     +      .       +
    data.round                            offer_expired          *                   +   +       +        +     +      +       .
    data.drivers[]                        offer_expired          *                   +   +       +        +     .      .       .
    data                                  offer_expired          {}                  .   .       .        .     .      .       +
";

/// Every type of event.
pub(super) const KINDS: [&str; 22] = [
    "created",
    "status_changed",
    "driver_assigned",
    "driver_unassigned",
    "driver_offered",
    "offer_declined",
    "offer_expired",
    "store_rejected",
    "store_reassigned",
    "substitutions_proposed",
    "substitution_answered",
    "delivered",
    "handover_refused",
    "delivery_failed",
    "cancelled",
    "failed",
    "reopened",
    "issue_opened",
    "issue_resolved",
    "details_corrected",
    "details_erased",
    "alert_raised",
];

/// The types of events that no order has when it is offered to a driver.
pub(super) const AFTER_OFFERS: [&str; 7] = [
    "delivered",
    "handover_refused",
    "delivery_failed",
    "cancelled",
    "failed",
    "reopened",
    "details_erased",
];

/// The places in which each party finds an order or its events.
pub(super) const PLACES: &str = "
    place            ops support merchant clerk driver offered customer
    order            +   +       +        +     +      +       +
    history          +   +       +        +     +      +       +
    timeline         +   +       +        +     .      .       .
    list             +   +       +        +     +      +       +
    list-of-all      +   +       +        +     +      +       +
    export-ndjson    +   .       +        +     .      .       .
    export-csv       +   .       +        +     .      .       .
    creation         .   .       +        .     .      .       +
    own-change       +   +       +        +     +      .       +
    events           +   +       +        +     +      +       +
    orders-of-events +   +       +        +     +      +       +
    replay           +   +       +        +     +      +       +
    subscribed       +   +       +        +     +      +       +
    snapshot         +   +       +        +     +      +       +
    synced           +   +       +        +     +      +       +
    fetched          +   +       +        +     +      +       +
";

/// The members of the wrappers around orders and events, by the type of message or the place.
pub(super) const AROUND: &str = "
    where         members
    order_history order_id events next
    order_list    orders next
    timeline      order_id workflow stages next_breach
    stage         status phase entered_at left_at seconds limit_seconds due_at over_by_seconds alerts
    stage_offers  count first_at accept_seconds
    next_breach   status at in_seconds
    listening     type topic at
    subscribed    type topic at recovered order
    events        type events orders removed
    replay        type events orders removed
    snapshot      type topic orders next
    synced        type topic orders next
    fetched       type topic orders gone
    problem       type problem topic
";

/// The members of a problem besides `type`, `title`, `status` and `detail`, by the problem's
/// subject and kind.
pub(super) const PROBLEMS: &str = "
    about kind
    order not-found
    order precondition-failed    version
    order transition-not-allowed order_status allowed operations version
    order forbidden              allowed operations version
    order order-closed           order_status version
    order wrong-handover-code    tries_left version
    list  forbidden
    topic forbidden
    topic not-found
";

/// The people: the column that applies to each, and the periods in which they may see our order
/// (of store s1 of m1 for c1; later of s2, with d1, with d2) and their order (of store s1 of m2
/// for its c1). The partner is another person with our customer's reference.
pub(super) const CROWD: &str = "
    who             column   our-order                            their-order
    ops             ops      always                               always
    support         support  always                               always
    merchant        merchant always                               never
    clerk           clerk    placed,ordered,sent,wished/moved     never
    other-clerk     clerk    moved                                never
    driver          driver   assigned/passed,taken                never
    other-driver    driver   passed/assigned,taken                never
    customer        customer always                               never
    partner         customer always                               never
    their-merchant  merchant never                                always
    their-clerk     clerk    never                                always
    their-customer  customer never                                always
    third-clerk     clerk    never                                never
    third-driver    offered  offered/turned_down,expired,assigned never
    second-customer customer never                                never
";

/// The topics: the periods in which our order and their order belong to each, and the right to
/// subscribe to it, in the order of the crowd. An order's topic (`?`) is open to people who see
/// the order.
pub(super) const TOPICS: &str = "
    topic          our-order                            their-order ops support merchant clerk other-clerk driver other-driver customer partner their-merchant their-clerk their-customer third-clerk third-driver second-customer
    orders         always                               always      +   +       .        .     .           .      .            .        .       .              .           .              .           .            .
    merchant:m1    always                               never       +   +       +        .     .           .      .            .        .       .              .           .              .           .            .
    store:m1:s1    placed,ordered,sent,wished/moved     never       +   +       +        +     .           .      .            .        .       .              .           .              .           .            .
    store:m1:s2    moved                                never       +   +       +        .     +           .      .            .        .       .              .           .              .           .            .
    store:m1:s3    never                                never       +   +       +        .     .           .      .            .        .       .              .           .              +           .            .
    customer:m1:c1 always                               never       +   +       .        .     .           .      .            +        +       .              .           .              .           .            .
    customer:m1:c2 never                                never       +   +       .        .     .           .      .            .        .       .              .           .              .           .            +
    driver:d1      assigned/passed,taken                never       +   +       .        .     .           +      .            .        .       .              .           .              .           .            .
    driver:d2      passed/assigned,taken                never       +   +       .        .     .           .      +            .        .       .              .           .              .           .            .
    driver:d3      offered/turned_down,expired,assigned never       +   +       .        .     .           .      .            .        .       .              .           .              .           +            .
    merchant:m2    never                                always      +   +       .        .     .           .      .            .        .       +              .           .              .           .            .
    store:m2:s1    never                                always      +   +       .        .     .           .      .            .        .       +              +           .              .           .            .
    customer:m2:c1 never                                always      +   +       .        .     .           .      .            .        .       .              .           +              .           .            .
    order:OURS     always                               never       ?   ?       ?        ?     ?           ?      ?            ?        ?       ?              ?           ?              ?           ?            ?
    order:THEIRS   never                                always      ?   ?       ?        ?     ?           ?      ?            ?        ?       ?              ?           ?              ?           ?            ?
    order:NOBODYS  never                                never       ?   ?       ?        ?     ?           ?      ?            ?        ?       ?              ?           ?              ?           ?            ?
";
