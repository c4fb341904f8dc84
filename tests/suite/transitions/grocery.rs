//! The expected behaviour of the workflow `grocery`. In `substitutions_needed` the customer is
//! asked about one line of three; the tests of substitutions cover the results of other answers.

use super::table::Table;

pub(super) const GROCERY: Table = Table {
    workflow: "grocery",
    grids: &[IN_THE_STORE, ON_THE_ROAD],
    leads: "
        acknowledge     store_acknowledged
        reject          store_rejected         alone
        reassign        store_notified         alone
        start-picking   picking_in_progress
        substitutions   substitutions_needed   alone itself cancelled
        approve         substitutions_approved alone picking_in_progress substitutions_needed
        decline         picking_in_progress    alone cancelled substitutions_needed
        ready           ready_for_pickup
        assign          driver_assigned        alone
        accept          driver_assigned        alone
        unassign        ready_for_pickup       alone
        pickup          driver_pickup_complete
        deliver         delivered
        delivery-failed delivery_failed        alone
        retry           in_transit
        return          returning
        returned        returned
        depart          in_transit
        cancel          cancelled
        fail            failed
        reopen          in_transit             alone
    ",
    // No order is found in `submitted`, because its creation also notifies the store.
    ways: "
        store_notified
        store_rejected         reject
        store_acknowledged     acknowledge
        picking_in_progress    acknowledge start-picking
        substitutions_needed   acknowledge start-picking substitutions
        substitutions_approved acknowledge start-picking substitutions approve
        ready_for_pickup       acknowledge start-picking ready
        driver_assigned        acknowledge start-picking ready assign
        driver_pickup_complete acknowledge start-picking ready assign pickup
        in_transit             acknowledge start-picking ready assign pickup in_transit
        delivery_failed        acknowledge start-picking ready assign pickup delivery-failed
        returning              acknowledge start-picking ready assign pickup return
        delivered              acknowledge start-picking ready assign pickup in_transit deliver
        returned               acknowledge start-picking ready assign pickup return returned
        cancelled              cancelled
        cancelled              acknowledge start-picking ready assign cancelled
        failed                 failed
        failed                 acknowledge start-picking ready assign failed
    ",
};

const IN_THE_STORE: &str = "
    from                   acknowledge reject reassign start-picking substitutions approve decline ready cancel    fail
    submitted              .           .      .        .             .             .       .       .     OMC       O
    store_notified         OM          OM     .        .             .             .       .       .     OMC       O
    store_rejected         .           .      OM       .             .             .       .       .     OMC       O
    store_acknowledged     .           .      .        OM            .             .       .       .     OM        O
    picking_in_progress    .           .      .        .             OM            .       .       OM    OM        O
    substitutions_needed   .           .      .        .             OM            OC      OC      .     OMC       O
    substitutions_approved .           .      .        .             OM            .       .       OM    OM        O
    ready_for_pickup       .           .      .        .             .             .       .       .     OM        O
    driver_assigned        .           .      .        .             .             .       .       .     OM        O
    driver_pickup_complete .           .      .        .             .             .       .       .     O         O
    in_transit             .           .      .        .             .             .       .       .     O         O
    delivery_failed        .           .      .        .             .             .       .       .     O         O
    returning              .           .      .        .             .             .       .       .     O         O
    delivered              .           .      .        .             .             .       .       .     .         .
    returned               .           .      .        .             .             .       .       .     .         .
    cancelled              .           .      .        .             .             .       .       .     =O        .
    failed                 .           .      .        .             .             .       .       .     .         =O
";

const ON_THE_ROAD: &str = "
    from                   assign accept unassign pickup depart     deliver delivery-failed retry return returned reopen
    submitted              .      .      .        .      .          .       .               .     .      .        .
    store_notified         .      .      .        .      .          .       .               .     .      .        .
    store_rejected         .      .      .        .      .          .       .               .     .      .        .
    store_acknowledged     .      .      .        .      .          .       .               .     .      .        .
    picking_in_progress    .      .      .        .      .          .       .               .     .      .        .
    substitutions_needed   .      .      .        .      .          .       .               .     .      .        .
    substitutions_approved .      .      .        .      .          .       .               .     .      .        .
    ready_for_pickup       OM     d      .        .      .          .       .               .     .      .        .
    driver_assigned        OM     .      OMD      OD     .          .       .               .     .      .        .
    driver_pickup_complete .      .      .        .      OD         .       OD              .     OM     .        .
    in_transit             .      .      .        .      .          OD      OD              .     OM     .        .
    delivery_failed        .      .      .        .      .          .       .               OD    OMD    .        .
    returning              .      .      .        .      .          .       .               .     .      OMD      .
    delivered              .      .      .        .      .          .       .               .     .      .        O
    returned               .      .      .        .      .          .       .               .     .      .        .
    cancelled              .      .      .        .      .          .       .               .     .      .        .
    failed                 .      .      .        .      .          .       .               .     .      .        .
";
