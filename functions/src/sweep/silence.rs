//! Drivers on their way to customers who have been silent for too long.

use clock::Timestamp;
use domain::News;
use futures_util::{StreamExt, stream};
use lambda_runtime::Error;

use super::{COMMITS, Sweep};
use crate::alerts::log_alerts;

impl Sweep {
    /// Tells each order on its way whose driver is missed so. An order that fails does not stop the
    /// others; the next sweep tries again.
    pub(super) async fn miss_drivers(&self, until: Option<Timestamp>) -> Result<(), Error> {
        let (mut walk, mut failed) = (self.db.on_the_way(), 0);
        while !self.is_over(until)
            && let Some(page) = walk.next(self.clock.now()).await?
        {
            let tell = page.into_iter().map(|missed| async {
                let (id, news) = (missed.head.order.id, News::Silence(missed.silence));
                (id, self.db.tell(missed.head, &news, self.clock.now()).await)
            });
            let tell: Vec<_> = tell.collect();
            for (id, told) in stream::iter(tell).buffer_unordered(COMMITS).collect::<Vec<_>>().await
            {
                match told {
                    Ok(events) => log_alerts(&events),
                    Err(error) => {
                        failed += 1;
                        tracing::error!(order.id = %id, ?error, "a silent driver was not told");
                    }
                }
            }
        }
        match failed {
            0 => Ok(()),
            failed => Err(format!("orders of silent drivers not told: {failed}").into()),
        }
    }
}
