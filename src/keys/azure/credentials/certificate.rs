use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{KeyPair as _, RSA_PSS_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use p12_keystore::Pkcs12Archive;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::keys::azure::AzureError;

/// How long an assertion holds, in seconds.
const LIFETIME: u64 = 600;

/// The certificate of an application with its private key.
pub(super) struct Certificate {
    key: RsaKeyPair,
    /// The certificate itself, then the others of the file.
    chain: Vec<Vec<u8>>,
}

impl Certificate {
    /// Reads a file in PEM, key and certificates in any order, or in PFX.
    pub(super) fn read(path: &str, password: &str) -> Result<Self, AzureError> {
        let unusable = |text: &str| AzureError::Unusable(format!("{path}: {text}"));
        let bytes = fs::read(path).map_err(|error| unusable(&error.to_string()))?;
        let bytes = Zeroizing::new(bytes);
        let is_pem = bytes.windows(11).any(|part| part == b"-----BEGIN ");
        let (key, mut chain) = if is_pem {
            read_pem(&bytes).map_err(unusable)?
        } else {
            read_pfx(&bytes, path, password)?
        };
        let own = key.public_key().as_ref();
        let is_own = |der: &Vec<u8>| der.windows(own.len()).any(|part| part == own);
        let index = chain.iter().position(is_own);
        let index = index.ok_or_else(|| unusable("no certificate in it is that of its key"))?;
        let certificate = chain.remove(index);
        chain.insert(0, certificate);
        Ok(Self { key, chain })
    }

    /// Signs an assertion for a login host (`spec/azure.md` §4).
    pub(super) fn assertion(
        &self,
        audience: &str,
        client: &str,
        with_chain: bool,
    ) -> Result<Zeroizing<String>, AzureError> {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_secs());
        let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(&self.chain[0]));
        let mut header = serde_json::json!({"alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint});
        if with_chain {
            header["x5c"] = self.chain.iter().map(|der| STANDARD.encode(der)).collect();
        }
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|error| AzureError::Start(error.to_string()))?;
        let claims = serde_json::json!({
            "aud": audience, "iss": client, "sub": client, "jti": URL_SAFE_NO_PAD.encode(id),
            "nbf": seconds, "exp": seconds + LIFETIME,
        });
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        let signed =
            self.key.sign(&RSA_PSS_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature);
        signed
            .map_err(|_| AzureError::Unusable("the certificate's key does not sign".to_owned()))?;
        Ok(Zeroizing::new(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }
}

fn read_pem(bytes: &[u8]) -> Result<(RsaKeyPair, Vec<Vec<u8>>), &'static str> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is no text")?;
    let (mut key, mut chain) = (None, Vec::new());
    for block in text.split("-----BEGIN ").skip(1) {
        let (label, rest) = block.split_once("-----").ok_or("a block has no end")?;
        let body = rest.split("-----END ").next().unwrap_or_default();
        if label == "ENCRYPTED PRIVATE KEY" || body.contains("Proc-Type:") {
            return Err("its key has a password; only PFX files may have one");
        }
        let lines: Zeroizing<String> = Zeroizing::new(body.split_whitespace().collect());
        let der = STANDARD.decode(lines.as_bytes()).map_err(|_| "a block is damaged")?;
        let der = Zeroizing::new(der);
        match label {
            "CERTIFICATE" => chain.push(der.to_vec()),
            "PRIVATE KEY" => key = Some(RsaKeyPair::from_pkcs8(&der)),
            "RSA PRIVATE KEY" => key = Some(RsaKeyPair::from_der(&der)),
            _ => {}
        }
    }
    let key = key.ok_or("it has no private key")?.map_err(|_| "its key is no RSA key")?;
    Ok((key, chain))
}

fn read_pfx(
    bytes: &[u8],
    path: &str,
    password: &str,
) -> Result<(RsaKeyPair, Vec<Vec<u8>>), AzureError> {
    let unusable = |text: &str| AzureError::Unusable(format!("{path}: {text}"));
    let archive = Pkcs12Archive::from_pkcs12(bytes, password).map_err(|error| match error {
        p12_keystore::error::Error::MacError(_) => {
            AzureError::CertificatePassword { path: path.to_owned() }
        }
        _ => unusable("it is neither PEM nor a PFX file that can be read"),
    })?;
    let key = archive.keys.first().ok_or_else(|| unusable("it has no private key"))?;
    let key = RsaKeyPair::from_pkcs8(key.key.as_der());
    let key = key.map_err(|_| unusable("its key is no RSA key"))?;
    Ok((key, archive.certs.iter().map(|bag| bag.cert.as_der().to_vec()).collect()))
}
