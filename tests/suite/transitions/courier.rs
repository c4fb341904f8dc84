//! The expected behaviour of the workflow `courier`.

use super::table::Table;

pub(super) const COURIER: Table = Table {
    workflow: "courier",
    grids: &["
        from            assign accept unassign pickup depart     deliver delivery-failed retry return returned cancel    fail reopen
        created         OM     d      .        OM     .          .       .               .     .      .        OMC       O    .
        driver_assigned OM     .      OMD      OD     .          .       .               .     .      .        OM        O    .
        picked_up       .      .      .        .      ODm        .       ODm             .     OM     .        O         O    .
        in_transit      .      .      .        .      .          ODm     ODm             .     OM     .        O         O    .
        delivery_failed .      .      .        .      .          .       .               ODm   OMD    .        O         O    .
        returning       .      .      .        .      .          .       .               .     .      OMD      O         O    .
        delivered       .      .      .        .      .          .       .               .     .      .        .         .    O
        returned        .      .      .        .      .          .       .               .     .      .        .         .    .
        cancelled       .      .      .        .      .          .       .               .     .      .        =O        .    .
        failed          .      .      .        .      .          .       .               .     .      .        .         =O   .
    "],
    leads: "
        assign          driver_assigned alone
        accept          driver_assigned alone
        unassign        created         alone
        pickup          picked_up
        deliver         delivered
        delivery-failed delivery_failed alone
        retry           in_transit
        return          returning
        returned        returned
        depart          in_transit
        cancel          cancelled
        fail            failed
        reopen          in_transit      alone
    ",
    ways: "
        created
        driver_assigned assign
        picked_up       pickup
        picked_up       assign pickup
        in_transit      pickup in_transit
        in_transit      assign pickup in_transit
        delivery_failed pickup delivery-failed
        delivery_failed assign pickup delivery-failed
        returning       pickup return
        returning       assign pickup return
        delivered       pickup in_transit deliver
        delivered       assign pickup in_transit deliver
        returned        pickup return returned
        returned        assign pickup return returned
        cancelled       cancelled
        cancelled       assign cancelled
        failed          failed
        failed          assign failed
    ",
};
