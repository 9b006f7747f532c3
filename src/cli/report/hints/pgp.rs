use crate::keys::Attempt;
use crate::keys::pgp::{GpgError, PgpError};
use crate::metadata::KeyType;

/// Says what to do about a data key that is not wrapped for an OpenPGP key.
pub(super) fn hints(error: &PgpError) -> Vec<String> {
    let hint = match error {
        PgpError::NotFingerprint(text) if text.is_empty() => {
            "there is a comma too many in the list of fingerprints"
        }
        PgpError::NotFingerprint(_) | PgpError::ShortId(_) => {
            "`gpg --list-keys` prints fingerprints: name all 40 digits"
        }
        PgpError::SecretKey => {
            "name its fingerprint, which `gpg --list-keys` prints; a key in a shell history or a config file is no longer secret"
        }
        PgpError::NoKey { .. } => {
            "`gpg --import FILE` adds a key; keys are never fetched from a server"
        }
        PgpError::Unusable { .. } => {
            "ask its owner for a new version and import that, or encrypt to another key"
        }
        PgpError::Neither { gpg, .. } => return hints(gpg),
        PgpError::Wrap { source, .. } => return gpg_hint(source).into_iter().collect(),
    };
    vec![hint.to_owned()]
}

fn gpg_hint(error: &GpgError) -> Option<String> {
    let hint = match error {
        GpgError::Start { .. } => {
            "install GnuPG, or let SOPS_GPG_EXEC name the program, or LEAFSEAL_PGP_KEY_FILE a file with the exported key"
        }
        GpgError::TooLate { .. } => {
            "the program may wait for something; LEAFSEAL_GPG_TIMEOUT gives it more seconds"
        }
        GpgError::Timeout => "for example LEAFSEAL_GPG_TIMEOUT=300",
        GpgError::Failed { .. } | GpgError::NoAnswer { .. } => return None,
    };
    Some(hint.to_owned())
}

/// Says what to do about OpenPGP keys that do not open a file.
pub(super) fn recovery_hint<'a>(mut attempts: impl Iterator<Item = &'a Attempt>) -> Option<String> {
    let is_pgp = |attempt: &Attempt| attempt.key_type == KeyType::Pgp && attempt.failure.is_some();
    attempts.any(is_pgp).then(|| {
        "`gpg --list-secret-keys` lists the OpenPGP keys at hand; gpg needs a pinentry to ask for \
         a passphrase, and GPG_TTY on a terminal; SOPS_GPG_EXEC names another program, \
         LEAFSEAL_GPG_TIMEOUT the seconds it may take, LEAFSEAL_PGP_KEY_FILE a file with an exported \
         key"
            .to_owned()
    })
}
