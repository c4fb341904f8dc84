//! Tokens that are signed with the issuer's key and must still be refused, and forged ones.

mod fuzz;

use std::sync::LazyLock;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RsaEncoding};
use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use clock::Timestamp;
use serde_json::{Value, json};

use super::token::MAX_BYTES;
use super::*;

const NOW: i64 = 1_000;

static KEY: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).unwrap());

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn verifier() -> Verifier {
    let public = PublicKeyComponents::<Vec<u8>>::from(KEY.public_key());
    let keys = json!({ "keys": [
        { "kid": "k", "kty": "RSA", "alg": "RS256", "n": encoded(public.n), "e": encoded(public.e) },
        { "kid": "secret", "kty": "oct", "k": encoded("secret") },
        { "kid": "curve", "kty": "EC", "crv": "P-256", "x": encoded([1; 32]), "y": encoded([2; 32]) },
    ] });
    Verifier::new("i", "a", serde_json::from_value(keys).unwrap())
}

/// Signs the text of a header and of claims.
fn signed_by(algorithm: &'static dyn RsaEncoding, header: &str, claims: &str) -> String {
    let signed = format!("{}.{}", encoded(header), encoded(claims));
    let mut signature = vec![0; KEY.public_modulus_len()];
    KEY.sign(algorithm, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", encoded(signature))
}

fn signed(header: &str, claims: &str) -> String {
    signed_by(&RSA_PKCS1_SHA256, header, claims)
}

/// Returns the object with these members changed; null removes one.
fn changed(mut object: Value, change: &Value) -> String {
    for (name, value) in change.as_object().unwrap() {
        object[name] = value.clone();
    }
    object.to_string()
}

fn header(change: &Value) -> String {
    changed(json!({ "alg": "RS256", "kid": "k", "typ": "JWT" }), change)
}

fn claims(change: &Value) -> String {
    changed(json!({ "iss": "i", "aud": "a", "sub": "s", "exp": NOW + 60 }), change)
}

fn now() -> Timestamp {
    Timestamp::from_epoch_seconds(NOW).unwrap()
}

/// Returns how a token is refused, without the words before the reason; empty if it is not.
fn refusal(token: &str) -> String {
    let refused = verifier().verify(token, now()).err();
    let words = refused.map(|error| error.to_string()).unwrap_or_default();
    words.trim_start_matches("the token cannot be verified: ").to_owned()
}

const EXTENSION: &str = "its header has an extension that must be understood";
const KEY_TYPE: &str = "its signature does not match its key";
const NO_JWT: &str = "it is not a JWT";
const NO_NUMBER: &str = "a time in it is not a number";
const NO_RS256: &str = "its algorithm is not RS256";
const NOT_YET: &str = "the token is not valid yet";
const OTHER_AUDIENCE: &str = "its audience is another";
const OTHER_ISSUER: &str = "its issuer is another";
const UNKNOWN_KEY: &str = "the token is signed with a key that is not in the issuer's key set";

#[test]
fn a_header_says_nothing_that_is_not_understood() {
    for (change, expected) in [
        (json!({}), ""),
        (json!({ "typ": "at+jwt", "x5t": "x", "jku": "http://e", "unknown": [1] }), ""),
        (json!({ "crit": ["exp"], "exp": 1 }), EXTENSION),
        (json!({ "crit": ["unknown"] }), EXTENSION),
        (json!({ "crit": [] }), EXTENSION),
        (json!({ "crit": null }), EXTENSION),
        (json!({ "crit": ["b64"], "b64": false }), EXTENSION),
        (json!({ "b64": false }), EXTENSION),
        (json!({ "b64": true }), EXTENSION),
        (json!({ "alg": "none" }), NO_RS256),
        (json!({ "alg": "rs256" }), NO_RS256),
        (json!({ "alg": "RS512" }), NO_RS256),
        (json!({ "alg": "PS256" }), NO_RS256),
        (json!({ "alg": "HS256" }), NO_RS256),
        (json!({ "alg": ["RS256"] }), NO_RS256),
        (json!({ "alg": null }), NO_RS256),
        (json!({ "kid": "other" }), UNKNOWN_KEY),
        (json!({ "kid": "" }), UNKNOWN_KEY),
        (json!({ "kid": 1 }), "its kid is not a string"),
        (json!({ "kid": null }), "its kid is not a string"),
        (json!({ "kid": "secret" }), KEY_TYPE),
        (json!({ "kid": "curve" }), KEY_TYPE),
    ] {
        assert_eq!(refusal(&signed(&header(&change), &claims(&json!({})))), expected, "{change}");
    }
    let without_kid = json!({ "alg": "RS256" }).to_string();
    assert_eq!(refusal(&signed(&without_kid, &claims(&json!({})))), UNKNOWN_KEY);
}

#[test]
fn claims_are_of_the_issuer_for_the_audience_and_now() {
    for (change, expected) in [
        (json!({ "nbf": NOW + 60, "iat": 1060.0 }), ""),
        (json!({ "nbf": NOW + 61 }), NOT_YET),
        (json!({ "nbf": 1060.5 }), NOT_YET),
        (json!({ "nbf": 1e300 }), NOT_YET),
        (json!({ "iat": NOW + 61 }), ""),
        (json!({ "exp": NOW + 1 }), ""),
        (json!({ "exp": NOW }), "the token has expired"),
        (json!({ "exp": -1 }), "the token has expired"),
        (json!({ "iss": "i/" }), OTHER_ISSUER),
        (json!({ "iss": ["i"] }), OTHER_ISSUER),
        (json!({ "iss": { "i": "i" } }), OTHER_ISSUER),
        (json!({ "iss": null }), OTHER_ISSUER),
        (json!({ "aud": ["a"] }), ""),
        (json!({ "aud": ["b", "a"] }), ""),
        (json!({ "aud": "b" }), OTHER_AUDIENCE),
        (json!({ "aud": "a b" }), OTHER_AUDIENCE),
        (json!({ "aud": ["b"] }), OTHER_AUDIENCE),
        (json!({ "aud": [] }), OTHER_AUDIENCE),
        (json!({ "aud": ["a", 1] }), OTHER_AUDIENCE),
        (json!({ "aud": [["a"]] }), OTHER_AUDIENCE),
        (json!({ "aud": { "a": 1 } }), OTHER_AUDIENCE),
        (json!({ "aud": null }), OTHER_AUDIENCE),
    ] {
        assert_eq!(refusal(&signed(&header(&json!({})), &claims(&change))), expected, "{change}");
    }
    for (left_out, expected) in
        [("iss", OTHER_ISSUER), ("aud", OTHER_AUDIENCE), ("exp", "it has no exp"), ("sub", "")]
    {
        let mut claims = serde_json::from_str::<Value>(&claims(&json!({}))).unwrap();
        claims.as_object_mut().unwrap().remove(left_out);
        assert_eq!(refusal(&signed(&header(&json!({})), &claims.to_string())), expected);
    }
}

#[test]
fn a_time_is_a_number() {
    for value in
        [json!("1"), json!("5000"), json!(null), json!(true), json!([1]), json!({}), json!("")]
    {
        for name in ["exp", "nbf", "iat"] {
            let token = signed(&header(&json!({})), &claims(&json!({ name: value })));
            assert_eq!(refusal(&token), NO_NUMBER, "{name} {value}");
        }
    }
}

#[test]
fn a_name_is_given_once() {
    let (plain, twice) = (claims(&json!({})), r#","sub":"another"}"#);
    let twice = format!("{}{twice}", plain.trim_end_matches('}'));
    assert_eq!(refusal(&signed(&header(&json!({})), &twice)), NO_JWT);
    let twice = twice.replace("\"another\"", "\"s\"");
    assert_eq!(refusal(&signed(&header(&json!({})), &twice)), NO_JWT);
    let escaped = format!("{},\"\\u0065xp\":9999}}", plain.trim_end_matches('}'));
    assert_eq!(refusal(&signed(&header(&json!({})), &escaped)), NO_JWT);
    for header in [
        r#"{"alg":"none","alg":"RS256","kid":"k"}"#,
        r#"{"alg":"RS256","kid":"k","kid":"k"}"#,
        r#"{"alg":"RS256","kid":"k","x":1,"x":2}"#,
    ] {
        assert_eq!(refusal(&signed(header, &plain)), NO_JWT, "{header}");
    }
}

/// The public key is no secret: nothing that is made with it is a signature.
#[test]
fn a_token_is_signed_with_the_private_key() {
    let public = KEY.public_key();
    let der = AsDer::<aws_lc_rs::encoding::PublicKeyX509Der<'_>>::as_der(public).unwrap();
    let modulus = PublicKeyComponents::<Vec<u8>>::from(public).n;
    for secret in [der.as_ref(), public.as_ref(), &modulus, b"secret", b""] {
        for (alg, kid) in [("HS256", "k"), ("HS256", "secret"), ("RS256", "k")] {
            let header = header(&json!({ "alg": alg, "kid": kid }));
            let signed = format!("{}.{}", encoded(header), encoded(claims(&json!({}))));
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
            let forged = format!("{signed}.{}", encoded(hmac::sign(&key, signed.as_bytes())));
            assert!([NO_RS256, KEY_TYPE].contains(&&*refusal(&forged)), "{alg} {kid}");
        }
    }
    let (header, claims) = (header(&json!({})), claims(&json!({})));
    assert_eq!(refusal(&signed_by(&RSA_PKCS1_SHA512, &header, &claims)), KEY_TYPE);
    let unsigned = encoded(json!({ "alg": "none", "kid": "k" }).to_string());
    assert_eq!(refusal(&format!("{unsigned}.{}.", encoded(&claims))), NO_RS256);
    let other = signed(&header, r#"{"iss":"i","aud":"a","sub":"other","exp":2000}"#);
    let (parts, _) = other.rsplit_once('.').unwrap();
    let good = signed(&header, &claims);
    let (own, signature) = good.rsplit_once('.').unwrap();
    for forged in [format!("{parts}.{signature}"), format!("{own}."), format!("{own}.{own}")] {
        assert!(!refusal(&forged).is_empty(), "{forged}");
    }
}

#[test]
fn a_token_has_three_parts_in_base64_and_a_bounded_length() {
    let (header, claims) = (header(&json!({})), claims(&json!({})));
    let good = signed(&header, &claims);
    assert_eq!(refusal(&good), "");
    let padded = format!("{}.{}.x", URL_SAFE.encode(&header), URL_SAFE.encode(&claims));
    for (token, expected) in [
        (String::new(), NO_JWT),
        ("..".to_owned(), NO_JWT),
        (good.replace('.', ""), NO_JWT),
        (format!("{good}."), NO_JWT),
        (format!(".{good}"), NO_JWT),
        (format!("{good}.{good}"), NO_JWT),
        (format!(" {good}"), NO_JWT),
        (format!("{good}="), KEY_TYPE),
        (format!("{good}\n"), KEY_TYPE),
        (padded, NO_JWT),
        (signed(&format!("\u{feff}{header}"), &claims), NO_JWT),
        (signed(&header, &format!("{claims} {{}}")), NO_JWT),
        (signed(&header, "[]"), NO_JWT),
        (signed(&header, "null"), NO_JWT),
        (signed("\"RS256\"", &claims), NO_JWT),
        (signed(&header, &format!("{}{}", "[".repeat(500), "]".repeat(500))), NO_JWT),
    ] {
        assert_eq!(refusal(&token), expected, "{token}");
    }
    let of_size =
        |filler: usize| signed(&header, &self::claims(&json!({ "x": "x".repeat(filler) })));
    let filler = (7_000..MAX_BYTES).find(|filler| of_size(*filler).len() > MAX_BYTES).unwrap();
    assert_eq!(refusal(&of_size(filler - 1)), "");
    assert_eq!(refusal(&of_size(filler)), "it is too large");
}

/// RFC 7519, section 5.2: a token within a token has the header's `cty` JWT.
#[test]
fn a_token_within_a_token_is_refused() {
    let inner = signed(&header(&json!({})), &claims(&json!({})));
    let outer = header(&json!({ "cty": "JWT" }));
    assert_eq!(refusal(&signed(&outer, &inner)), NO_JWT);
    assert_eq!(refusal(&signed(&outer, &json!(inner).to_string())), NO_JWT);
}

/// A stranger writes a token, and the log has its refusal.
#[test]
fn a_refusal_has_no_text_of_the_token() {
    let good = signed(&header(&json!({})), &claims(&json!({})));
    for hostile in ["\nINFO forged", "\u{1b}[31m", "\u{202e}desrever", "\u{2028}", "forged"] {
        let headers = ["alg", "kid", "crit", "b64"]
            .map(|name| signed(&header(&json!({ name: hostile })), &claims(&json!({}))));
        let of_claims = ["iss", "aud", "exp", "nbf", "iat"]
            .map(|name| signed(&header(&json!({})), &claims(&json!({ name: hostile }))));
        let others = [hostile.to_owned(), format!("{hostile}.{good}"), format!("{good}{hostile}")];
        for token in headers.into_iter().chain(of_claims).chain(others) {
            let refusal = refusal(&token);
            assert!(!refusal.is_empty() && !refusal.contains(hostile), "{refusal:?}");
            assert!(refusal.is_ascii() && !refusal.contains(['\n', '\u{1b}']), "{refusal:?}");
        }
    }
}
