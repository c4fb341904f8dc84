//! The message about an unknown name, with the known name that was probably meant.

/// The maximum length of a name that is compared with others, in bytes. A longer one differs from
/// every known name by more than a third.
const LONGEST: usize = 64;

/// Returns the detail for an unknown name: `unknown field; did you mean unit_price?`.
pub(crate) fn unknown(kind: &str, name: &str, known: &[impl AsRef<str>]) -> String {
    match nearest(name, known) {
        Some(nearest) => format!("unknown {kind}; did you mean {nearest}?"),
        None => format!("unknown {kind}"),
    }
}

/// Returns the known name that differs least, if at most a third of the name differs. Case and
/// hyphens do not count.
fn nearest<'a>(name: &str, known: &'a [impl AsRef<str>]) -> Option<&'a str> {
    if name.len() > LONGEST {
        return None;
    }
    let plain = |name: &str| name.to_lowercase().replace(['-', ' '], "_");
    let name = plain(name);
    let at_most = (name.chars().count() / 3).max(1);
    let distances = known.iter().map(|other| {
        let other = other.as_ref();
        (strsim::osa_distance(&name, &plain(other)), other)
    });
    let (distance, nearest) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= at_most).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_suggested() {
        let known = ["sku", "name", "quantity", "unit_price", "external_id"];
        for (name, meant) in [
            ("unitPrice", Some("unit_price")),
            ("unit-price", Some("unit_price")),
            ("unit_prise", Some("unit_price")),
            ("nmae", Some("name")),
            ("SKU", Some("sku")),
            ("externalId", Some("external_id")),
            ("quantiti", Some("quantity")),
            ("colour", None),
            ("price", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(nearest(name, &known), meant, "{name}");
        }
        assert_eq!(unknown("field", "nmae", &known), "unknown field; did you mean name?");
        assert_eq!(unknown("field", "nmae", &[""; 0]), "unknown field");
    }
}
