//! Tokens that are drawn from parts of tokens.

use proptest::prelude::*;
use serde_json::json;

use super::{claims, encoded, header, now, signed, verifier};

/// The number of drawn cases: `FUZZ_CASES`, or few.
fn cases() -> ProptestConfig {
    let given = std::env::var("FUZZ_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { cases: given.unwrap_or(256), failure_persistence: None, ..<_>::default() }
}

fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        any::<Vec<u8>>().prop_map(encoded),
        Just(encoded(header(&json!({})))),
        Just(encoded(header(&json!({ "crit": ["x"] })))),
        Just(encoded(claims(&json!({})))),
        Just(encoded("{\"alg\":\"RS256\",\"kid\":\"k\"")),
        Just(encoded("[".repeat(3_000))),
        any::<[u8; 256]>().prop_map(encoded),
    ]
}

proptest! {
    #![proptest_config(cases())]

    /// Every token that the issuer did not sign is refused, unless it is the signed token itself.
    #[test]
    fn a_token_that_nobody_signed_is_refused(
        parts in prop::collection::vec(part(), 0..5),
        (at, byte) in (any::<prop::sample::Index>(), any::<char>()),
    ) {
        prop_assert!(verifier().verify(&parts.join("."), now()).is_err());
        let good = signed(&header(&json!({})), &claims(&json!({})));
        let mut mutated: Vec<char> = good.chars().collect();
        let at = at.index(mutated.len());
        mutated[at] = byte;
        let mutated: String = mutated.into_iter().collect();
        prop_assert_eq!(verifier().verify(&mutated, now()).is_ok(), mutated == good);
    }
}
