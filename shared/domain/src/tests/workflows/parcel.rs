//! The workflow `parcel`, written from the design and not from the code.

use super::table::Source;

pub(super) const PARCEL: Source = Source {
    workflow: "parcel",
    begins: &["pending"],
    text: "
    pending           | placed           | nobody
      → processing      |                  | ops merchant system   |
      → cancelled       |                  | ops merchant customer | cancelled_at
      → failed          |                  | ops                   |

    processing        | preparing        | nobody
      → shipped         | pickup           | ops merchant system   | picked_up_at
      → cancelled       |                  | ops merchant          | cancelled_at
      → failed          |                  | ops                   |

    shipped           | on_the_way       | nobody
      → delivered       | deliver?         | ops merchant system   | delivered_at
      → delivery_failed | delivery-failed! | ops merchant          | delivery_failed_at
      → returning       | return           | ops merchant          |
      → cancelled       |                  | ops                   | cancelled_at
      → failed          |                  | ops                   |

    delivery_failed   | on_the_way       | nobody
      → shipped         | retry            | ops merchant          |
      → returning       | return           | ops merchant          |
      → cancelled       |                  | ops                   | cancelled_at
      → failed          |                  | ops                   |

    returning         | returning        | nobody
      → returned        | returned         | ops merchant          | returned_at
      → cancelled       |                  | ops                   | cancelled_at
      → failed          |                  | ops                   |

    delivered         | delivered        | nobody
    returned          | returned         | nobody
    cancelled         | cancelled        | nobody
    failed            | failed           | nobody
    ",
};
