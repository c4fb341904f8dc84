//! What Waybill itself tells of an order.

use serde::{Deserialize, Serialize};

use super::shape::schema_of_shape;
use super::{Bounds, Severity, Shape, Shaped};

/// What an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// The store has not said whether it takes the order on.
    LateAcknowledgement,
    /// The order is ready, and nobody is there to carry it.
    NoDriver,
    /// The order stands where it stands for too long.
    Delayed,
}

impl AlertKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::LateAcknowledgement, Self::NoDriver, Self::Delayed];

    /// Its name in bodies and storage.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LateAcknowledgement => "late_acknowledgement",
            Self::NoDriver => "no_driver",
            Self::Delayed => "delayed",
        }
    }
}

impl Shaped for AlertKind {
    const SHAPE: Shape = Shape {
        name: Some("AlertType"),
        about: "What an alert is about.",
        bounds: Bounds::OneOf(|| Self::ALL.map(Self::name).to_vec()),
    };
}

schema_of_shape!(AlertKind);

/// An alert, as it was raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert {
    /// What it is about.
    pub kind: AlertKind,
    /// How bad that is.
    pub severity: Severity,
    /// How long the order may stand where it stood, in seconds.
    pub limit: u32,
}
