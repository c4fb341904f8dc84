//! The workflow `courier`, written from the design and not from the code.

use super::table::Source;

pub(super) const COURIER: Source = Source {
    workflow: "courier",
    begins: &["created"],
    text: "
    created           | placed           | nobody
      → driver_assigned | assign!          | ops merchant system   | driver_assigned_at
      → driver_assigned | accept!          | driver                | driver_assigned_at
      → picked_up       | pickup           | ops merchant          | picked_up_at
      → cancelled       | cancel           | ops merchant customer | cancelled_at
      → failed          | fail             | ops                   |

    driver_assigned   | ready            | d1
      → driver_assigned | assign!          | ops merchant          | driver_assigned_at
      → created         | unassign!        | ops merchant driver   |
      → picked_up       | pickup           | ops driver            | picked_up_at
      → cancelled       | cancel           | ops merchant          | cancelled_at
      → failed          | fail             | ops                   |

    picked_up         | on_the_way       | either
      → in_transit      | depart           | ops driver merchant?  |
      → delivery_failed | delivery-failed! | ops driver merchant?  | delivery_failed_at
      → returning       | return           | ops merchant          |
      → cancelled       | cancel           | ops                   | cancelled_at
      → failed          | fail             | ops                   |

    in_transit        | on_the_way       | either
      → delivered       | deliver?         | ops driver merchant?  | delivered_at
      → delivery_failed | delivery-failed! | ops driver merchant?  | delivery_failed_at
      → returning       | return           | ops merchant          |
      → cancelled       | cancel           | ops                   | cancelled_at
      → failed          | fail             | ops                   |

    delivery_failed   | on_the_way       | either
      → in_transit      | retry            | ops driver merchant?  |
      → returning       | return           | ops merchant driver   |
      → cancelled       | cancel           | ops                   | cancelled_at
      → failed          | fail             | ops                   |

    returning         | returning        | either
      → returned        | returned         | ops merchant driver   | returned_at
      → cancelled       | cancel           | ops                   | cancelled_at
      → failed          | fail             | ops                   |

    delivered         | delivered        | either
      → in_transit      | reopen!          | ops                   |

    returned          | returned         | either
    cancelled         | cancelled        | either
    failed            | failed           | either
    ",
};
