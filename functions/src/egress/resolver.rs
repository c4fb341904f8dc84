//! The resolvers of hosts' names. A connection is made to the addresses that were checked.

use std::net::IpAddr;

use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use tokio::net::lookup_host;

use super::addresses::is_public;

/// The system's resolver.
#[derive(Clone, Copy, Debug)]
pub(super) struct System;

/// A resolver that refuses names with an address that is not public.
#[derive(Clone, Copy, Debug)]
pub(super) struct Public<R>(pub(super) R);

/// A name has an address that is not public, beside others or alone.
#[derive(Debug, thiserror::Error)]
#[error("the name has an address that is not public")]
pub(super) struct NotPublic;

impl ResolveDns for System {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            let found = lookup_host((name, 0)).await.map_err(ResolveDnsError::new)?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

impl<R: ResolveDns> ResolveDns for Public<R> {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            let found: Vec<IpAddr> = self.0.resolve_dns(name).await?;
            if found.iter().copied().all(is_public) {
                Ok(found)
            } else {
                Err(ResolveDnsError::new(NotPublic))
            }
        })
    }
}
