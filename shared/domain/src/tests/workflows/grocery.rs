//! The workflow `grocery`, written from the design and not from the code.

use super::table::Source;

pub(super) const GROCERY: Source = Source {
    workflow: "grocery",
    begins: &["submitted", "store_notified"],
    text: "
    submitted               | placed     | nobody
      → store_notified         |                  | system                |
      → cancelled              | cancel           | ops merchant customer system | cancelled_at
      → failed                 | fail             | ops                   |

    store_notified          | placed     | nobody
      → store_acknowledged     | acknowledge      | ops merchant          | store_acknowledged_at
      → store_rejected         | reject!          | ops merchant system   |
      → cancelled              | cancel           | ops merchant customer system | cancelled_at
      → failed                 | fail             | ops                   |

    store_rejected          | placed     | nobody
      → store_notified         | reassign!        | ops merchant system   |
      → cancelled              | cancel           | ops merchant customer system | cancelled_at
      → failed                 | fail             | ops                   |

    store_acknowledged      | preparing  | nobody
      → picking_in_progress    | start-picking    | ops merchant          | picking_started_at
      → cancelled              | cancel           | ops merchant          | cancelled_at
      → failed                 | fail             | ops                   |

    picking_in_progress     | preparing  | nobody
      → substitutions_needed   | propose! if one is missing | ops merchant |
      → picking_in_progress    | propose! if all approved   | ops merchant |
      → cancelled              | propose! if nothing left   | ops merchant | cancelled_at
      → ready_for_pickup       | ready            | ops merchant          | picking_completed_at
      → cancelled              | cancel           | ops merchant          | cancelled_at
      → failed                 | fail             | ops                   |

    substitutions_needed    | preparing  | nobody
      → substitutions_needed   | propose! if one is missing | ops merchant |
      → substitutions_needed   | approve! if one is missing | ops customer system |
      → substitutions_needed   | decline! if one is missing | ops customer system |
      → substitutions_approved | approve! if all approved   | ops customer system |
      → substitutions_approved | decline! if all approved   | ops customer system |
      → picking_in_progress    | approve! if some rejected  | ops customer system |
      → picking_in_progress    | decline! if some rejected  | ops customer system |
      → cancelled              | approve! if nothing left   | ops customer system | cancelled_at
      → cancelled              | decline! if nothing left   | ops customer system | cancelled_at
      → cancelled              | cancel           | ops merchant customer system | cancelled_at
      → failed                 | fail             | ops                   |

    substitutions_approved  | preparing  | nobody
      → substitutions_needed   | propose! if one is missing | ops merchant |
      → substitutions_approved | propose! if all approved   | ops merchant |
      → cancelled              | propose! if nothing left   | ops merchant | cancelled_at
      → ready_for_pickup       | ready            | ops merchant          | picking_completed_at
      → cancelled              | cancel           | ops merchant          | cancelled_at
      → failed                 | fail             | ops                   |

    ready_for_pickup        | ready      | nobody
      → driver_assigned        | assign!          | ops merchant system   | driver_assigned_at
      → driver_assigned        | accept!          | driver                | driver_assigned_at
      → cancelled              | cancel           | ops merchant          | cancelled_at
      → failed                 | fail             | ops                   |

    driver_assigned         | ready      | d1
      → driver_assigned        | assign!          | ops merchant          | driver_assigned_at
      → ready_for_pickup       | unassign!        | ops merchant driver   |
      → driver_pickup_complete | pickup           | ops driver            | picked_up_at
      → cancelled              | cancel           | ops merchant          | cancelled_at
      → failed                 | fail             | ops                   |

    driver_pickup_complete  | on_the_way | d1
      → in_transit             | depart           | ops driver            |
      → delivery_failed        | delivery-failed! | ops driver            | delivery_failed_at
      → returning              | return           | ops merchant          |
      → cancelled              | cancel           | ops                   | cancelled_at
      → failed                 | fail             | ops                   |

    in_transit              | on_the_way | d1
      → delivered              | deliver?         | ops driver            | delivered_at
      → delivery_failed        | delivery-failed! | ops driver            | delivery_failed_at
      → returning              | return           | ops merchant          |
      → cancelled              | cancel           | ops                   | cancelled_at
      → failed                 | fail             | ops                   |

    delivery_failed         | on_the_way | d1
      → in_transit             | retry            | ops driver            |
      → returning              | return           | ops merchant driver   |
      → cancelled              | cancel           | ops                   | cancelled_at
      → failed                 | fail             | ops                   |

    returning               | returning  | d1
      → returned               | returned         | ops merchant driver   | returned_at
      → cancelled              | cancel           | ops                   | cancelled_at
      → failed                 | fail             | ops                   |

    delivered               | delivered  | d1
      → in_transit             | reopen!          | ops                   |

    returned                | returned   | d1
    cancelled               | cancelled  | either
    failed                  | failed     | either
    ",
};
