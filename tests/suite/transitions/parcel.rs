//! The expected behaviour of the workflow `parcel`.

use super::table::Table;

pub(super) const PARCEL: Table = Table {
    workflow: "parcel",
    grids: &["
        from            process    pickup deliver delivery-failed retry return returned cancel    fail reopen
        pending         OM         .      .       .               .     .      .        OMC       O    .
        processing      .          OM     .       .               .     .      .        OM        O    .
        shipped         .          .      OM      OM              .     OM     .        O         O    .
        delivery_failed .          .      .       .               OM    OM     .        O         O    .
        returning       .          .      .       .               .     .      OM       O         O    .
        delivered       .          .      .       .               .     .      .        .         .    O
        returned        .          .      .       .               .     .      .        .         .    .
        cancelled       .          .      .       .               .     .      .        =O        .    .
        failed          .          .      .       .               .     .      .        .         =O   .
    "],
    leads: "
        pickup          shipped
        deliver         delivered
        delivery-failed delivery_failed alone
        retry           shipped
        return          returning
        returned        returned
        process         processing
        cancel          cancelled
        fail            failed
        reopen          shipped         alone
    ",
    ways: "
        pending
        processing      processing
        shipped         processing pickup
        delivery_failed processing pickup delivery-failed
        returning       processing pickup return
        delivered       processing pickup deliver
        returned        processing pickup return returned
        cancelled       cancelled
        failed          failed
    ",
};
