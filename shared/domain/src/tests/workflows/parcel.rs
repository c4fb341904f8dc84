//! The workflow `parcel`, written from the design and not from the code.

use super::table::Source;

pub(super) const PARCEL: Source = Source {
    workflow: "parcel",
    begins: &["pending"],
    text: "
    pending           | placed           | nobody
      → processing      | process          | ops merchant system   |
      → cancelled       | cancel           | ops merchant customer | cancelled_at
      → failed          | fail             | ops                   |

    processing        | preparing        | nobody
      → shipped         | pickup           | ops merchant system   | picked_up_at
      → cancelled       | cancel           | ops merchant          | cancelled_at
      → failed          | fail             | ops                   |

    shipped           | on_the_way       | nobody
      → delivered       | deliver?         | ops merchant system   | delivered_at
      → delivery_failed | delivery-failed! | ops merchant          | delivery_failed_at
      → returning       | return           | ops merchant          |
      → cancelled       | cancel           | ops                   | cancelled_at
      → failed          | fail             | ops                   |

    delivery_failed   | on_the_way       | nobody
      → shipped         | retry            | ops merchant          |
      → returning       | return           | ops merchant          |
      → cancelled       | cancel           | ops                   | cancelled_at
      → failed          | fail             | ops                   |

    returning         | returning        | nobody
      → returned        | returned         | ops merchant          | returned_at
      → cancelled       | cancel           | ops                   | cancelled_at
      → failed          | fail             | ops                   |

    delivered         | delivered        | nobody
      → shipped         | reopen!          | ops                   |

    returned          | returned         | nobody
    cancelled         | cancelled        | nobody
    failed            | failed           | nobody
    ",
};
