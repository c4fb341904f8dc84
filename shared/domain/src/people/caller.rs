//! Reads a principal from the claims of a verified token.

use clock::Timestamp;

use crate::{
    Claim, CustomerReference, Invalid, MerchantId, MissingBinding, Principal, PrincipalId, Role,
    StoreId,
};

/// The names of the claims that identify a principal.
#[derive(Clone, Debug)]
pub struct ClaimNames {
    /// The id of the person, unique within the issuer and never given to another person.
    pub id: String,
    /// One of `ops`, `support`, `merchant`, `driver`, `customer`.
    pub role: String,
    /// The merchant of a merchant's or a customer's token.
    pub merchant: String,
    /// The one store that a merchant's token is bound to.
    pub store: String,
    /// The customer's reference with its merchant.
    pub reference: String,
}

/// The holder of a verified token.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Caller {
    pub principal: Principal,
    pub issuer: String,
    /// The expiry of the token, and of everything that was opened with it.
    pub expires_at: Timestamp,
}

/// The reason why a verified token does not identify a principal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// The token lacks a claim that it or its role needs.
    #[error("the token has no claim {0}")]
    Missing(String),
    /// A claim cannot be parsed.
    #[error("the token's claim {claim} {rule}")]
    Unusable { claim: String, rule: Invalid },
    /// The role is missing, or a token cannot carry it.
    #[error("the token's claim {0} must be ops, support, merchant, driver or customer")]
    Role(String),
    /// The token is an access token.
    #[error("the token is not an ID token")]
    NotAnIdToken,
}

impl Caller {
    /// Reads the caller from the claims; `claim` returns a claim by its name.
    pub fn from_claims<'a>(
        names: &ClaimNames,
        claim: impl Fn(&str) -> Option<Claim<'a>>,
    ) -> Result<Self, ClaimError> {
        // Cognito states the use of a token in `token_use`; its access tokens lack custom claims.
        if claim("token_use").is_some_and(|token_use| token_use.text() != Ok("id")) {
            return Err(ClaimError::NotAnIdToken);
        }
        let claims = Claims { claim };
        let role = claims.optional(&names.role, |text| {
            Role::OF_TOKENS
                .into_iter()
                .find(|role| role.name() == text)
                .ok_or(Invalid::new("must be a role"))
        });
        let Ok(Some(role)) = role else { return Err(ClaimError::Role(names.role.clone())) };
        let id = claims.required(&names.id, PrincipalId::parse)?;
        let merchant = claims.optional(&names.merchant, MerchantId::parse)?;
        let store = claims.optional(&names.store, StoreId::parse)?;
        let reference = claims.optional(&names.reference, CustomerReference::parse)?;
        let principal =
            Principal::bound(role, id, merchant, store, reference).map_err(|missing| {
                ClaimError::Missing(match missing {
                    MissingBinding::Merchant => names.merchant.clone(),
                    MissingBinding::Reference => names.reference.clone(),
                })
            })?;
        let expires_at = claims.expiry()?;
        let issuer = claims.required("iss", |text| Ok(text.to_owned()))?;
        Ok(Self { principal, issuer, expires_at })
    }
}

struct Claims<F> {
    claim: F,
}

impl<'a, F: Fn(&str) -> Option<Claim<'a>>> Claims<F> {
    /// Parses a claim that may be absent. An invalid claim never counts as absent: a store that
    /// cannot be parsed must not widen a token to its merchant.
    fn optional<T>(
        &self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, Invalid>,
    ) -> Result<Option<T>, ClaimError> {
        let unusable = |rule| ClaimError::Unusable { claim: name.to_owned(), rule };
        let parsed = (self.claim)(name).map(|claim| claim.text().and_then(&parse));
        parsed.transpose().map_err(unusable)
    }

    fn expiry(&self) -> Result<Timestamp, ClaimError> {
        let claim = || "exp".to_owned();
        let end = (self.claim)("exp").ok_or_else(|| ClaimError::Missing(claim()))?;
        end.seconds().and_then(Timestamp::from_epoch_seconds).ok_or_else(|| ClaimError::Unusable {
            claim: claim(),
            rule: Invalid::new("must be seconds since 1970"),
        })
    }

    fn required<T>(
        &self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, Invalid>,
    ) -> Result<T, ClaimError> {
        self.optional(name, parse)?.ok_or_else(|| ClaimError::Missing(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::Party;
    use crate::samples::merchant_id;

    fn names() -> ClaimNames {
        let name = |name: &str| format!("custom:{name}");
        ClaimNames {
            id: "sub".to_owned(),
            role: name("role"),
            merchant: name("merchant"),
            store: name("store"),
            reference: name("reference"),
        }
    }

    fn party(claims: &[(&str, &str)]) -> Result<Party, ClaimError> {
        let standing = [("sub", "u1"), ("iss", "https://issuer"), ("exp", "2000000000")];
        let claim = |name: &str| {
            let mut all = claims.iter().chain(&standing);
            all.find(|(other, _)| *other == name).map(|(_, value)| Claim::Text(value))
        };
        Caller::from_claims(&names(), claim).map(|caller| caller.principal.party)
    }

    /// Returns the party of a clerk's token with this claim.
    fn with(name: &str, claim: Option<Claim<'_>>) -> Result<Party, ClaimError> {
        let clerk = |name: &str| match name {
            "sub" => Some("u1"),
            "iss" => Some("https://issuer"),
            "exp" => Some("2000000000"),
            "custom:role" => Some("merchant"),
            "custom:merchant" => Some("m1"),
            "custom:store" => Some("s1"),
            _ => None,
        };
        let claims =
            |other: &str| if other == name { claim } else { clerk(other).map(Claim::Text) };
        Caller::from_claims(&names(), claims).map(|caller| caller.principal.party)
    }

    fn unusable(party: Result<Party, ClaimError>) -> String {
        match party {
            Err(ClaimError::Unusable { claim, .. }) => claim,
            other => panic!("no claim is unusable: {other:?}"),
        }
    }

    #[test]
    fn each_role_needs_what_binds_it() {
        let role = |role| ("custom:role", role);
        assert_eq!(party(&[role("ops")]), Ok(Party::Ops));
        assert_eq!(party(&[role("driver")]), Ok(Party::Driver));
        assert!(party(&[role("merchant"), ("custom:merchant", "m1")]).is_ok());
        for (claims, missing) in [
            (vec![role("merchant")], "custom:merchant"),
            (vec![role("customer"), ("custom:reference", "c1")], "custom:merchant"),
            (vec![role("customer"), ("custom:merchant", "m1")], "custom:reference"),
        ] {
            assert_eq!(party(&claims), Err(ClaimError::Missing(missing.to_owned())));
        }
        for (claims, wrong) in [
            (vec![role("ops"), ("sub", "a#b")], "sub"),
            (vec![role("ops"), ("sub", "a b")], "sub"),
            (vec![role("ops"), ("exp", "soon")], "exp"),
        ] {
            assert_eq!(unusable(party(&claims)), wrong);
        }
    }

    #[test]
    fn the_id_is_the_claim_that_the_deployment_names() {
        let claims = [
            ("sub", "u1"),
            ("email", "ada+orders@example.org"),
            ("custom:role", "ops"),
            ("iss", "https://issuer"),
            ("exp", "2000000000"),
        ];
        let id = |name: &str| {
            let names = ClaimNames { id: name.to_owned(), ..names() };
            let claim =
                |name: &str| claims.iter().find(|it| it.0 == name).map(|it| Claim::Text(it.1));
            Caller::from_claims(&names, claim).map(|caller| caller.principal.id.to_string())
        };
        assert_eq!(id("sub"), Ok("u1".to_owned()));
        assert_eq!(id("email"), Ok("ada+orders@example.org".to_owned()));
        assert_eq!(id("oid"), Err(ClaimError::Missing("oid".to_owned())));
    }

    #[test]
    fn a_claim_that_does_not_parse_never_widens_a_token() {
        let merchant = [("custom:role", "merchant"), ("custom:merchant", "m1")];
        for store in ["", "a:b", "[s1 s2]"] {
            let claims = [&merchant[..], &[("custom:store", store)]].concat();
            assert_eq!(unusable(party(&claims)), "custom:store");
        }
    }

    /// Claims of every type, and whether each is an id in a token and as API Gateway writes it.
    #[test]
    fn a_claim_of_another_type_is_no_id() {
        for (value, written, is_id) in [
            (json!("m1"), "m1", [true, true]),
            (json!("1"), "1", [true, true]),
            (json!("1e5"), "1e5", [true, true]),
            (json!("nullius"), "nullius", [true, true]),
            (json!(1), "1", [false, true]),
            (json!(-1), "-1", [false, true]),
            (json!(1.5), "1.5", [false, true]),
            (json!(1e21), "1e+21", [false, false]),
            (json!(1.25e21), "1.25E+21", [false, false]),
            (json!("null"), "null", [false, false]),
            (json!("NULL"), "NULL", [false, false]),
            (json!(true), "true", [false, false]),
            (json!(false), "false", [false, false]),
            (json!(["m1"]), "[m1]", [false, false]),
            (json!([]), "[]", [false, false]),
            (json!({ "a": "m1" }), "map[a:m1]", [false, false]),
            (json!({}), "{}", [false, false]),
            (json!(""), "", [false, false]),
            (json!(" "), " ", [false, false]),
        ] {
            for claim in ["sub", "custom:merchant", "custom:store", "custom:reference"] {
                let taken = [Claim::of_token(&value).unwrap(), Claim::Text(written)]
                    .map(|it| with(claim, Some(it)).is_ok());
                assert_eq!(taken, is_id, "{claim} {value}");
            }
            for role in [Claim::of_token(&value).unwrap(), Claim::Text(written)] {
                let refused = Err(ClaimError::Role("custom:role".to_owned()));
                assert_eq!(with("custom:role", Some(role)), refused, "{value}");
            }
        }
    }

    #[test]
    fn a_claim_that_is_null_is_absent() {
        assert!(Claim::of_token(&Value::Null).is_none());
        for claim in ["sub", "custom:role", "custom:merchant"] {
            assert!(with(claim, None).is_err(), "{claim}");
        }
        let whole = Party::Merchant { merchant: merchant_id("m1"), store: None };
        assert_eq!(with("custom:store", None).unwrap(), whole);
    }

    #[test]
    fn a_token_ends_at_the_second_that_it_states() {
        for (end, expected) in [
            (json!(2_000), Some(2_000)),
            (json!(2_000.9), Some(2_000)),
            (json!("2000"), Some(2_000)),
            (json!(1e300), None),
            (json!(true), None),
            (json!([2_000]), None),
        ] {
            assert_eq!(Claim::of_token(&end).unwrap().seconds(), expected, "{end}");
        }
    }

    #[test]
    fn no_token_is_the_system_or_an_access_token() {
        for role in ["system", "", "OPS", "admin"] {
            let refused = Err(ClaimError::Role("custom:role".to_owned()));
            assert_eq!(party(&[("custom:role", role)]), refused);
        }
        let access = [("custom:role", "ops"), ("token_use", "access")];
        assert_eq!(party(&access), Err(ClaimError::NotAnIdToken));
    }
}
