//! Values: ids, texts, money, places and names, each with its own rules.

mod address;
mod alert;
mod as_text;
mod blank;
mod contact;
mod currency;
mod handover_code;
mod hundredths;
mod ids;
mod invalid;
mod location;
mod metadata;
mod misleading;
mod money;
mod names;
mod pasted;
mod phone;
mod shape;
mod substitution;
mod text;
mod url;

pub use address::Address;
pub use alert::{Alert, AlertKind, Severity};
pub(crate) use as_text::{serde_as_text, stored_text, text_form};
pub use contact::Contact;
pub use currency::Currency;
pub use handover_code::{CodeCheck, HandoverCode};
pub use hundredths::Hundredths;
pub(crate) use ids::encoded;
pub use ids::{
    CustomerReference, DriverId, ExternalId, MerchantId, OrderId, PrincipalId, StoreId, WebhookId,
};
pub use invalid::Invalid;
pub use location::Location;
pub use metadata::Metadata;
pub use money::{Quantity, UnitPrice};
pub(crate) use names::name_enum;
pub use phone::Phone;
pub(crate) use shape::schema_of_shape;
pub use shape::{Bounds, Shape, Shaped, type_name};
pub use substitution::{
    Answer, Answers, Proposal, Replacement, Shortages, Substitute, SubstitutionId,
};
pub use text::{AddressText, Lines, Message, Name, Note, Reason, Sku, Text};
pub(crate) use url::{check_url, url_pattern};
