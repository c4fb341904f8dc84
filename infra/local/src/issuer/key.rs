//! The key that signs tokens: RSA, 2048 bits, RS256.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::error::{KeyRejected, Unspecified};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse,
    RSAKeyParameters, RSAKeyType,
};
use serde_json::{Map, Value, json};

use crate::data_folder::{DataFolder, DataFolderError};

/// The id of the key in tokens; the issuer has no other key.
const KEY_ID: &str = "waybill";

/// A key pair that signs tokens. Clones share it.
#[derive(Clone)]
pub struct SigningKey(Arc<KeyPair>);

/// The error of a missing key or signature.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The cryptographic library failed, for lack of randomness or memory.
    #[error("cannot use the signing key")]
    Crypto,
    #[error(
        "the stored signing key is not an RSA key ({0}); remove the data folder to start with a \
         new one"
    )]
    Rejected(#[from] KeyRejected),
    #[error(transparent)]
    DataFolder(#[from] DataFolderError),
}

impl From<Unspecified> for KeyError {
    fn from(_: Unspecified) -> Self {
        Self::Crypto
    }
}

impl SigningKey {
    /// Returns the key in the data folder, and creates one if there is none, so that tokens
    /// remain valid after a restart.
    pub fn stored(data_folder: &DataFolder) -> Result<Self, KeyError> {
        let der = data_folder.secret("issuer.key", || {
            let pair = KeyPair::generate(KeySize::Rsa2048)?;
            let der: Pkcs8V1Der<'_> = pair.as_der()?;
            Ok::<_, KeyError>(der.as_ref().to_vec())
        })?;
        Ok(Self(Arc::new(KeyPair::from_pkcs8(&der)?)))
    }

    /// Returns the key of this process, which is generated once and not stored. Runners in one
    /// process share it; their tokens still differ by their issuers.
    pub fn of_this_process() -> Result<Self, KeyError> {
        static KEY: OnceLock<SigningKey> = OnceLock::new();
        if let Some(key) = KEY.get() {
            return Ok(key.clone());
        }
        let made = Self(Arc::new(KeyPair::generate(KeySize::Rsa2048)?));
        Ok(KEY.get_or_init(|| made).clone())
    }

    /// Returns the public key as a key set.
    pub(super) fn public(&self) -> JwkSet {
        let public = PublicKeyComponents::<Vec<u8>>::from(self.0.public_key());
        let common = CommonParameters {
            public_key_use: Some(PublicKeyUse::Signature),
            key_algorithm: Some(KeyAlgorithm::RS256),
            key_id: Some(KEY_ID.to_owned()),
            ..CommonParameters::default()
        };
        let algorithm = AlgorithmParameters::RSA(RSAKeyParameters {
            key_type: RSAKeyType::RSA,
            n: URL_SAFE_NO_PAD.encode(public.n),
            e: URL_SAFE_NO_PAD.encode(public.e),
        });
        JwkSet { keys: vec![Jwk { common, algorithm }] }
    }

    /// Signs `claims` as a JWT (RFC 7519, RFC 7515).
    pub(super) fn sign(&self, claims: &Map<String, Value>) -> Result<String, KeyError> {
        let header = json!({ "alg": "RS256", "kid": KEY_ID, "typ": "JWT" }).to_string();
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let claims = Value::Object(claims.clone()).to_string();
        let signed = format!("{}.{}", encode(header.as_bytes()), encode(claims.as_bytes()));
        let mut signature = vec![0; self.0.public_modulus_len()];
        let random = SystemRandom::new();
        self.0.sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature)?;
        Ok(format!("{signed}.{}", encode(&signature)))
    }
}
