use std::iter;

use zeroize::Zeroizing;

use super::azure::{self, AzureError, KeyAddress};
use super::{Failure, KeyRing, MasterKey, Surroundings, Unwrapped, Wanted, WrapError};
use crate::metadata::{KeyType, WrappedKey};

/// Has services wrap data keys for the master keys that are theirs, several at a time.
pub(super) fn wrap(
    wanted: &[Wanted<'_>],
    surroundings: &Surroundings<'_>,
) -> Result<Vec<WrappedKey>, WrapError> {
    let Surroundings { environment, now, azure, interaction } = surroundings;
    let mut of_azure = Vec::new();
    for (master_key, data_key) in wanted {
        match &**master_key {
            MasterKey::Azure(address) => of_azure.push(azure::ToWrap { address, data_key }),
            #[cfg(any(feature = "age", feature = "pgp"))]
            _ => {}
        }
    }
    let entry = |azure::Wrapped { address, enc }| {
        let names = (address.vault_url(), address.name(), address.version());
        WrappedKey::azure_key_vault(names, now.to_second(), enc)
    };
    let _wait =
        waiting_for(of_azure.iter().map(|it| it.address)).map(|it| interaction.wait_for(&it));
    Ok(azure::wrap(azure, *environment, &of_azure)?.into_iter().map(entry).collect())
}

/// Has the time begin in which services must have answered for a file.
pub(super) fn begin_file(key_ring: &KeyRing<'_>) {
    key_ring.azure.begin_file();
}

/// Tells whether a service has to unwrap a key.
pub(super) fn is_asked(key: &WrappedKey) -> bool {
    key.key_type == KeyType::AzureKeyVault
}

/// Has services unwrap data keys, several at a time. A key ring without an environment asks nobody.
pub(super) fn unwrap(wanted: &[(&KeyRing<'_>, &WrappedKey)]) -> Vec<Unwrapped> {
    let Some(environment) = wanted.iter().find_map(|(key_ring, _)| key_ring.environment) else {
        return iter::repeat_with(|| Unwrapped::NotMine(Vec::new())).take(wanted.len()).collect();
    };
    let addresses: Vec<_> = wanted.iter().map(|(_, key)| address(key)).collect();
    let mut asked = Vec::new();
    for ((key_ring, key), address) in wanted.iter().zip(&addresses) {
        if let Ok(address) = address {
            let (session, enc) = (&key_ring.azure, key.enc.as_str());
            asked.push(azure::ToUnwrap { session, address, enc });
        }
    }
    let waiting = waiting_for(asked.iter().map(|it| it.address));
    let _wait = wanted.first().zip(waiting).map(|((key_ring, _), it)| key_ring.wait_for(&it));
    let mut answers = azure::unwrap(environment, &asked).into_iter();
    let mut next = || answers.next().expect("each address has an answer");
    let opened = addresses.iter().map(|address| match address {
        Ok(_) => unwrapped(next()),
        Err(error) => unwrapped(Err(error.clone())),
    });
    opened.collect()
}

/// Says whose answers are waited for.
fn waiting_for<'a>(mut addresses: impl Iterator<Item = &'a KeyAddress>) -> Option<String> {
    let first = addresses.next()?.vault_url();
    Some(match addresses.count() {
        0 => format!("waiting for {first}"),
        others => format!("waiting for {first} and {others} more"),
    })
}

fn address(key: &WrappedKey) -> Result<KeyAddress, AzureError> {
    let field = |name| key.field(name);
    KeyAddress::of_fields(field("vault_url"), field("name"), field("version"))
}

fn unwrapped(opened: Result<Zeroizing<Vec<u8>>, AzureError>) -> Unwrapped {
    match opened {
        Ok(bytes) => Unwrapped::Mine(bytes),
        Err(error) => Unwrapped::Failed(Failure {
            remedies: azure::remedies(&error),
            reason: error.to_string(),
        }),
    }
}
