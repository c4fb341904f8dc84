//! The resolver of hosts' names. The connection is made to the addresses that were checked.

use std::net::IpAddr;

use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use tokio::net::lookup_host;

use super::Targets;
use super::addresses::is_public;

/// The system's resolver, without the addresses that requests may not be made to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resolver(pub(super) Targets);

/// A name has an address that is not public, beside others or alone.
#[derive(Debug, thiserror::Error)]
#[error("the name has an address that is not public")]
pub(super) struct NotPublic;

impl ResolveDns for Resolver {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            let found = lookup_host((name, 0)).await.map_err(ResolveDnsError::new)?;
            let found: Vec<IpAddr> = found.map(|address| address.ip()).collect();
            if self.0 == Targets::Public && !found.iter().copied().all(is_public) {
                return Err(ResolveDnsError::new(NotPublic));
            }
            Ok(found)
        })
    }
}
