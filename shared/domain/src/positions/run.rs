//! The fixes that are kept of a driver, in runs.

use std::collections::BTreeMap;

use clock::Timestamp;

use super::Fix;
use crate::VehicleKind;

/// The greatest number of fixes of the run that goes on.
const MOST: usize = 96;

/// The number of fixes that the run that goes on begins with, so that a repeated upload is recognised.
const OVERLAP: usize = 24;

/// The greatest time between the first and the last fix of a run, in seconds.
pub const MAX_RUN_S: i64 = 2 * 60 * 60;

/// Fixes of a driver with one vehicle, in order of time, of which no two have the same.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    pub vehicle: VehicleKind,
    pub fixes: Vec<Fix>,
}

impl Run {
    /// Adds fixes. Returns the runs that are complete, and the one that goes on, of which `fits` says if
    /// it is small enough.
    pub fn with(
        self,
        vehicle: VehicleKind,
        new: &[Fix],
        fits: impl Fn(&[Fix]) -> bool,
    ) -> (Vec<Self>, Self) {
        let (mut complete, mut fixes) = (Vec::new(), new.to_vec());
        if self.vehicle == vehicle {
            fixes.extend(self.fixes);
        } else if !self.fixes.is_empty() {
            complete.push(self);
        }
        fixes.sort_by_key(|fix| fix.at);
        while let Some(length) = complete_part(&fixes, &fits) {
            let rest = fixes.split_off(length);
            complete.push(Self { vehicle, fixes: std::mem::replace(&mut fixes, rest) });
        }
        (complete, Self { vehicle, fixes })
    }

    /// Returns the fixes of runs with their vehicles, in order of time, one of each.
    pub fn merged(runs: impl IntoIterator<Item = Self>) -> Vec<(VehicleKind, Fix)> {
        let mut merged = BTreeMap::new();
        for Self { vehicle, fixes } in runs {
            for fix in fixes {
                merged.entry(fix.at).or_insert((vehicle, fix));
            }
        }
        merged.into_values().collect()
    }
}

/// Returns the number of the first fixes that are to be a run of their own; `None` if all together fit
/// the one that goes on.
fn complete_part(fixes: &[Fix], fits: impl Fn(&[Fix]) -> bool) -> Option<usize> {
    let (first, last) = (fixes.first()?, fixes.last()?);
    let until = |at: Timestamp| fixes.partition_point(|fix| fix.at <= at);
    let old = fixes.partition_point(|fix| fix.at < last.at.plus_seconds(-MAX_RUN_S));
    if old == 0 && fixes.len() <= MOST && fits(fixes) {
        return None;
    }
    let most = if old == 0 { fixes.len().saturating_sub(OVERLAP) } else { old };
    let most = most.min(MOST - OVERLAP).min(until(first.at.plus_seconds(MAX_RUN_S)));
    Some(most.max(1))
}
