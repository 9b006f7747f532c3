//! Post-quantum recipients and identities (`age1pq1…`, `AGE-SECRET-KEY-PQ-1…`) of age 1.3
//! (<https://github.com/FiloSottile/age/blob/main/pq.go>): HPKE with HKDF-SHA256,
//! ChaCha20-Poly1305 and the hybrid of ML-KEM-768 and X25519, which is X-Wing
//! (draft-connolly-cfrg-xwing-kem).

use std::collections::HashSet;

use ::age::{DecryptError, EncryptError};
use age_core::format::{FileKey, Stanza};
use age_core::primitives::{bech32_decode, bech32_encode, hpke_open, hpke_seal};
use age_core::secrecy::ExposeSecret as _;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use bech32::Hrp;
use hpke::generic_array::typenum::{Sum, U32, Unsigned as _};
use hpke::kem::SharedSecret;
use hpke::rand_core::{CryptoRng, OsRng, RngCore};
use hpke::{Deserializable, HpkeError, Kem, Serializable};
use ml_kem::kem::{Decapsulate as _, Encapsulate as _};
use ml_kem::{Ciphertext, EncodedSizeUser, KemCore, MlKem768};
use sha3::digest::{ExtendableOutput as _, Update as _, XofReader as _};
use sha3::{Digest, Sha3_256, Shake256};
use x25519_dalek::{PublicKey as Point, StaticSecret};
use zeroize::Zeroizing;

use super::recipient::is_weak_point;

/// The prefix of recipients; Bech32 sets a `1` behind it.
const RECIPIENT_PREFIX: Hrp = Hrp::parse_unchecked("age1pq");
/// The prefix of identities, in lower case.
const IDENTITY_PREFIX: &str = "age-secret-key-pq-";
/// The type of the stanza in an age file.
const STANZA: &str = "mlkem768x25519";
/// What HPKE binds the file key to.
const INFO: &[u8] = b"age-encryption.org/mlkem768x25519";
/// What the combined secret is bound to, which draws X-Wing.
const LABEL: &[u8] = br"\.//^\";
/// Length of an encrypted file key: 16 bytes and the tag.
const BODY_LENGTH: usize = 32;

type DecapsulationKey = <MlKem768 as KemCore>::DecapsulationKey;
type EncapsulationKey = <MlKem768 as KemCore>::EncapsulationKey;
type KeyLength = <EncapsulationKey as EncodedSizeUser>::EncodedSize;
type CiphertextLength = <MlKem768 as KemCore>::CiphertextSize;

/// `age1pq1…`
#[derive(Clone)]
pub(super) struct Recipient(PublicKey);

impl Recipient {
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        bech32_decode(
            text,
            |_| "invalid Bech32 encoding",
            |prefix| (prefix == RECIPIENT_PREFIX).then_some(()).ok_or("another prefix than age1pq"),
            |_, bytes| {
                let key = PublicKey::from_bytes(&bytes.collect::<Vec<_>>());
                key.map(Self).map_err(|_| "no post-quantum public key")
            },
        )
    }
}

impl ::age::Recipient for Recipient {
    fn wrap_file_key(
        &self,
        file_key: &FileKey,
    ) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        let (encapsulated, body) =
            hpke_seal::<XWing, _>(&self.0, INFO, file_key.expose_secret(), &mut OsRng);
        let args = vec![BASE64_STANDARD_NO_PAD.encode(encapsulated.to_bytes())];
        let labels = HashSet::from(["postquantum".to_owned()]);
        Ok((vec![Stanza { tag: STANZA.to_owned(), args, body }], labels))
    }
}

/// `AGE-SECRET-KEY-PQ-1…`
pub(super) struct Identity(PrivateKey);

impl Identity {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_known = |prefix: Hrp| prefix.as_str().eq_ignore_ascii_case(IDENTITY_PREFIX);
        bech32_decode(
            text,
            |_| (),
            |prefix| is_known(prefix).then_some(()).ok_or(()),
            |_, bytes| {
                let bytes = Zeroizing::new(bytes.collect::<Vec<_>>());
                PrivateKey::from_bytes(&bytes).map(Self).map_err(|_| ())
            },
        )
        .ok()
    }

    pub(super) fn recipient(&self) -> String {
        bech32_encode(RECIPIENT_PREFIX, &XWing::sk_to_pk(&self.0).to_bytes())
    }
}

impl ::age::Identity for Identity {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        if stanza.tag != STANZA {
            return None;
        }
        let [argument] = stanza.args.as_slice() else {
            return Some(Err(DecryptError::InvalidHeader));
        };
        let encapsulated = BASE64_STANDARD_NO_PAD.decode(argument).ok();
        let encapsulated = encapsulated.and_then(|bytes| EncappedKey::from_bytes(&bytes).ok());
        let Some(encapsulated) = encapsulated.filter(|_| stanza.body.len() == BODY_LENGTH) else {
            return Some(Err(DecryptError::InvalidHeader));
        };
        // ML-KEM gives another secret rather than an error where the key is another
        let opened = hpke_open::<XWing>(&encapsulated, &self.0, INFO, &stanza.body).ok()?;
        let opened = Zeroizing::new(opened);
        Some(FileKey::try_init_with_mut(|key| {
            let bytes = opened.as_slice().try_into();
            *key = bytes.map_err(|_| DecryptError::DecryptionFailed)?;
            Ok(())
        }))
    }
}

/// The hybrid of ML-KEM-768 and X25519.
struct XWing;

/// 32 bytes, from which the keys of both parts are made.
#[derive(Clone, PartialEq, Eq)]
struct PrivateKey(Zeroizing<[u8; 32]>);

/// The public keys of both parts, one after the other.
#[derive(Clone, Debug, PartialEq)]
struct PublicKey {
    lattice: EncapsulationKey,
    point: Point,
}

impl Eq for PublicKey {}

/// What both parts send, one after the other.
#[derive(Clone)]
struct EncappedKey {
    lattice: Ciphertext<MlKem768>,
    point: Point,
}

impl PrivateKey {
    /// Makes the keys of both parts: 96 bytes of SHAKE256 of the 32.
    fn expand(&self) -> (DecapsulationKey, EncapsulationKey, StaticSecret) {
        let mut bytes = Zeroizing::new([0; 96]);
        Shake256::default().chain(*self.0).finalize_xof().read(&mut *bytes);
        let part = |at: usize| {
            let mut part = Zeroizing::new([0; 32]);
            part.copy_from_slice(&bytes[at..at + 32]);
            part
        };
        let (first, second) = (part(0), part(32));
        let (secret, public) =
            MlKem768::generate_deterministic(&(*first).into(), &(*second).into());
        (secret, public, StaticSecret::from(*part(64)))
    }
}

/// Combines the secrets of both parts: SHA3-256 of them, what X25519 sent, the public key that it
/// was sent to, and the label.
fn combine(lattice: &[u8], point: &[u8; 32], sent: &Point, public: &Point) -> SharedSecret<XWing> {
    let mut hash = Sha3_256::new();
    for part in [lattice, point, sent.as_bytes(), public.as_bytes(), LABEL] {
        Digest::update(&mut hash, part);
    }
    SharedSecret(hash.finalize())
}

impl Kem for XWing {
    type PublicKey = PublicKey;
    type PrivateKey = PrivateKey;
    type EncappedKey = EncappedKey;
    type NSecret = U32;

    const KEM_ID: u16 = 0x647a;

    fn sk_to_pk(key: &PrivateKey) -> PublicKey {
        let (_, lattice, point) = key.expand();
        PublicKey { lattice, point: Point::from(&point) }
    }

    /// Makes a key pair from any bytes (draft-ietf-hpke-pq, `DeriveKeyPair`).
    fn derive_keypair(bytes: &[u8]) -> (PrivateKey, PublicKey) {
        let mut seed = Zeroizing::new([0; 32]);
        let hash = Shake256::default().chain(bytes).chain(b"HPKE-v1KEM");
        let hash = hash.chain(Self::KEM_ID.to_be_bytes()).chain([0, 13]).chain(b"DeriveKeyPair");
        hash.chain([0, 32]).finalize_xof().read(&mut *seed);
        let key = PrivateKey(seed);
        let public = Self::sk_to_pk(&key);
        (key, public)
    }

    fn decap(
        key: &PrivateKey,
        sender: Option<&PublicKey>,
        sent: &EncappedKey,
    ) -> Result<SharedSecret<Self>, HpkeError> {
        // there is no authenticated mode
        if sender.is_some() {
            return Err(HpkeError::DecapError);
        }
        let (secret, _, point) = key.expand();
        let lattice = secret.decapsulate(&sent.lattice).map_err(|()| HpkeError::DecapError)?;
        let shared = point.diffie_hellman(&sent.point);
        if !shared.was_contributory() {
            return Err(HpkeError::DecapError);
        }
        Ok(combine(&lattice, shared.as_bytes(), &sent.point, &Point::from(&point)))
    }

    fn encap<R: CryptoRng + RngCore>(
        public: &PublicKey,
        sender: Option<(&PrivateKey, &PublicKey)>,
        randomness: &mut R,
    ) -> Result<(SharedSecret<Self>, EncappedKey), HpkeError> {
        if sender.is_some() {
            return Err(HpkeError::EncapError);
        }
        let encapsulated = public.lattice.encapsulate(randomness);
        let (lattice, secret) = encapsulated.map_err(|()| HpkeError::EncapError)?;
        let own = StaticSecret::random_from_rng(randomness);
        let point = Point::from(&own);
        let shared = own.diffie_hellman(&public.point);
        let combined = combine(&secret, shared.as_bytes(), &point, &public.point);
        Ok((combined, EncappedKey { lattice, point }))
    }
}

/// Splits bytes into the part of ML-KEM and the 32 bytes of X25519.
fn split(bytes: &[u8], length: usize) -> Result<(&[u8], [u8; 32]), HpkeError> {
    let wrong = || HpkeError::IncorrectInputLength(length + 32, bytes.len());
    let (lattice, point) = bytes.split_at_checked(length).ok_or_else(wrong)?;
    Ok((lattice, point.try_into().map_err(|_| wrong())?))
}

impl Serializable for PrivateKey {
    type OutputSize = U32;

    fn write_exact(&self, bytes: &mut [u8]) {
        bytes.copy_from_slice(&*self.0);
    }
}

impl Deserializable for PrivateKey {
    fn from_bytes(bytes: &[u8]) -> Result<Self, HpkeError> {
        let wrong = |_| HpkeError::IncorrectInputLength(32, bytes.len());
        Ok(Self(Zeroizing::new(bytes.try_into().map_err(wrong)?)))
    }
}

impl Serializable for PublicKey {
    type OutputSize = Sum<KeyLength, U32>;

    fn write_exact(&self, bytes: &mut [u8]) {
        let (lattice, point) = bytes.split_at_mut(KeyLength::USIZE);
        lattice.copy_from_slice(&self.lattice.as_bytes());
        point.copy_from_slice(self.point.as_bytes());
    }
}

impl Deserializable for PublicKey {
    /// Reads a public key; coefficients that are not reduced (FIPS 203 §7.2) and points that share
    /// the same secret with everybody are refused.
    fn from_bytes(bytes: &[u8]) -> Result<Self, HpkeError> {
        let (encoded, point) = split(bytes, KeyLength::USIZE)?;
        let array = encoded.try_into().map_err(|_| HpkeError::ValidationError)?;
        let lattice = EncapsulationKey::from_bytes(array);
        if lattice.as_bytes()[..] != *encoded || is_weak_point(&point) {
            return Err(HpkeError::ValidationError);
        }
        Ok(Self { lattice, point: Point::from(point) })
    }
}

impl Serializable for EncappedKey {
    type OutputSize = Sum<CiphertextLength, U32>;

    fn write_exact(&self, bytes: &mut [u8]) {
        let (lattice, point) = bytes.split_at_mut(CiphertextLength::USIZE);
        lattice.copy_from_slice(&self.lattice);
        point.copy_from_slice(self.point.as_bytes());
    }
}

impl Deserializable for EncappedKey {
    fn from_bytes(bytes: &[u8]) -> Result<Self, HpkeError> {
        let (lattice, point) = split(bytes, CiphertextLength::USIZE)?;
        let lattice = lattice.try_into().map_err(|_| HpkeError::ValidationError)?;
        Ok(Self { lattice, point: Point::from(point) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_pair_is_derived_as_in_go() {
        // what filippo.io/hpke 0.4.0 gives for MLKEM768X25519().DeriveKeyPair
        let (key, public) = XWing::derive_keypair(b"thirty-two bytes of any material");
        let hex = |bytes: &[u8]| {
            let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            digits.concat()
        };
        let expected = "365e4e6531bd3ff93f71538961044cf0849aedb88793508df24ab99b417f12c6";
        assert_eq!(hex(&*key.0), expected);
        let expected = "424b477b3d2492fdd598e6571725d59387d74c5680f18b700c86255748882947";
        assert_eq!(hex(public.point.as_bytes()), expected);
    }

    #[test]
    fn public_keys_that_keep_nothing_secret_are_refused() {
        let (_, public) = XWing::derive_keypair(b"");
        let good = public.to_bytes().to_vec();
        assert!(PublicKey::from_bytes(&good) == Ok(public));
        let mut unreduced = good.clone();
        unreduced[0] = 0xff;
        unreduced[1] |= 0x0f;
        let mut weak = good.clone();
        weak[KeyLength::USIZE..].fill(0);
        for bad in [unreduced, weak, good[1..].to_vec(), Vec::new(), [&good[..], &[0]].concat()] {
            assert!(PublicKey::from_bytes(&bad).is_err());
        }
    }

    #[test]
    fn damaged_stanzas_are_no_panic() {
        let (key, public) = XWing::derive_keypair(b"");
        let (stanzas, labels) =
            ::age::Recipient::wrap_file_key(&Recipient(public), &FileKey::new(Box::new([7; 16])))
                .expect("it wraps");
        assert_eq!(labels.iter().collect::<Vec<_>>(), ["postquantum"]);
        let identity = Identity(key);
        let unwrap = |stanza: &Stanza| ::age::Identity::unwrap_stanza(&identity, stanza);
        let Stanza { tag, args, body } = &stanzas[0];
        let opened = unwrap(&stanzas[0]).expect("it is for this key").expect("it opens");
        assert_eq!(opened.expose_secret(), &[7; 16]);
        let stanza = |args: &[String], body: &[u8]| Stanza {
            tag: tag.clone(),
            args: args.to_vec(),
            body: body.to_vec(),
        };
        for malformed in [
            stanza(&[], body),
            stanza(&[args[0].clone(), String::new()], body),
            stanza(&[args[0][4..].to_owned()], body),
            stanza(&["é".to_owned()], body),
            stanza(args, &body[1..]),
        ] {
            assert!(unwrap(&malformed).is_some_and(|answer| answer.is_err()));
        }
        let mut weak = BASE64_STANDARD_NO_PAD.decode(&args[0]).expect("Base64");
        weak[CiphertextLength::USIZE..].fill(0);
        for foreign in
            [stanza(args, &[0; 32]), stanza(&[BASE64_STANDARD_NO_PAD.encode(weak)], body)]
        {
            assert!(unwrap(&foreign).is_none());
        }
    }
}
