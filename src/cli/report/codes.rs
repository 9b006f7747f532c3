use super::CommandError;
use crate::document::{BlockError, OpenError, RewriteError, SealError};
use crate::format::{ChangeError, PickError};
use crate::keys::RecoveryError;
use crate::operations::{
    ChangeKeysError, DecryptError, EncryptError, RotateError, SaveError, SetError,
};

/// The exit codes of the reference (`spec/cli.md` §2).
pub(in crate::cli) fn exit_code(error: &CommandError) -> u8 {
    match error {
        CommandError::Edit(error) => error.exit_code(),
        CommandError::Encrypt { error, .. } => encrypt_code(error),
        CommandError::Decrypt { error, .. } => decrypt_code(error),
        CommandError::Rotate { error, .. } => rotate_code(error),
        CommandError::Set { error, .. } => set_code(error),
        CommandError::Save { error, .. } => save_code(error),
        CommandError::ChangeKeys { error, .. } => change_code(error),
        _ => call_code(error),
    }
}

/// The codes of what is wrong with a call or its surroundings; 1 is that of all without their own.
fn call_code(error: &CommandError) -> u8 {
    match error {
        CommandError::Read(_) | CommandError::Folder(_) => 2,
        CommandError::Write(_) | CommandError::BinaryToTerminal(_) => 3,
        CommandError::BadIndent { .. }
        | CommandError::Extract { error: PickError::Emit(_), .. }
        | CommandError::Convert { .. } => 4,
        CommandError::ExtractPath(_) => 91,
        CommandError::BadContext(_) => 6,
        CommandError::SetPath(_) | CommandError::EmptySetPath | CommandError::SetValue(_) => 7,
        CommandError::InPlaceStdin
        | CommandError::OutputAndInPlace
        | CommandError::NoOverride
        | CommandError::BackgroundAndSameProcess
        | CommandError::TwoSelectors(..) => 8,
        CommandError::KeysOfMissingFile(_) => 49,
        CommandError::NoFile | CommandError::NoGroupsFile | CommandError::MissingFile(_) => 100,
        CommandError::DuplicateOrder(_) => 112,
        CommandError::NoKeyService => 128,
        _ => 1,
    }
}

fn rotate_code(error: &RotateError) -> u8 {
    match error {
        RotateError::Decrypt(error) => decrypt_code(error),
        RotateError::Random(_) | RotateError::Wrap(_) => 1,
        RotateError::Rewrite(error) => rewrite_code(error),
        RotateError::Convert(error) => encrypt_code(error),
    }
}

fn set_code(error: &SetError) -> u8 {
    match error {
        SetError::Decrypt(error) => decrypt_code(error),
        SetError::Change(ChangeError::Emit(_)) | SetError::BinaryPath => 4,
        SetError::Change(ChangeError::EmptyPath) => 7,
        SetError::Change(_) => 1,
        SetError::Seal(error) => seal_code(error),
        SetError::Convert(error) => encrypt_code(error),
    }
}

fn save_code(error: &SaveError) -> u8 {
    match error {
        SaveError::Encrypt(error) => encrypt_code(error),
        SaveError::Block(BlockError::Scan(_)) => 2,
        SaveError::Block(BlockError::Edit(_)) => 4,
        SaveError::Block(_)
        | SaveError::MasterKey { .. }
        | SaveError::Nameless { .. }
        | SaveError::Wrap(_) => 1,
        SaveError::Rewrite(error) => rewrite_code(error),
    }
}

fn change_code(error: &ChangeKeysError) -> u8 {
    match error {
        ChangeKeysError::Recovery(RecoveryError::NotRecorded(_))
        | ChangeKeysError::Wrap(_)
        | ChangeKeysError::NoSuchGroup { .. }
        | ChangeKeysError::OnlyGroup(_)
        | ChangeKeysError::TooFewLeft { .. } => 1,
        ChangeKeysError::Recovery(_) => 128,
        ChangeKeysError::WrongDataKey => 51,
        ChangeKeysError::Rewrite(error) => rewrite_code(error),
    }
}

fn rewrite_code(error: &RewriteError) -> u8 {
    match error {
        RewriteError::Metadata(_) | RewriteError::Random(_) => 1,
        RewriteError::Open(error) => open_code(error),
        RewriteError::Cipher(_) | RewriteError::Seal(_) => 23,
        RewriteError::Verification(_) | RewriteError::Edit(_) => 4,
    }
}

fn encrypt_code(error: &EncryptError) -> u8 {
    match error {
        EncryptError::Random(_) | EncryptError::Wrap(_) => 1,
        EncryptError::Text(_) => 2,
        EncryptError::Emit(_) => 4,
        EncryptError::Seal(error) | EncryptError::SealAs { error, .. } => seal_code(error),
    }
}

fn seal_code(error: &SealError) -> u8 {
    match error {
        SealError::Random(_) => 1,
        SealError::Scan(_) | SealError::OnlyComments | SealError::Read(_) => 2,
        SealError::KeyNotString(_)
        | SealError::IntegerTooBig(_)
        | SealError::TimeOffset(_)
        | SealError::EncryptedAlias(_)
        | SealError::AliasNotExpanded(_)
        | SealError::Layout
        | SealError::TooLong
        | SealError::Cipher(..)
        | SealError::SelectionChanges(_)
        | SealError::Verification(..)
        | SealError::Edit(_) => 23,
        SealError::NoDocument => 92,
        SealError::AlreadyEncrypted { .. } => 203,
    }
}

fn decrypt_code(error: &DecryptError) -> u8 {
    match error {
        DecryptError::Recovery(RecoveryError::NotRecorded(_))
        | DecryptError::Text(_)
        | DecryptError::NotWrapped
        | DecryptError::Scan(_)
        | DecryptError::NotEncrypted
        | DecryptError::MetadataLost
        | DecryptError::Metadata(_) => 1,
        DecryptError::Recovery(_) => 128,
        DecryptError::ForeignShares => 25,
        DecryptError::Open(error) => open_code(error),
    }
}

fn open_code(error: &OpenError) -> u8 {
    match error {
        OpenError::Scan(_) | OpenError::DuplicateMetadata { .. } => 1,
        OpenError::NoBytes(_)
        | OpenError::Verification(..)
        | OpenError::Unprintable(..)
        | OpenError::Edit(_) => 4,
        OpenError::NotEncrypted(..)
        | OpenError::Envelope(..)
        | OpenError::UnknownType(_)
        | OpenError::Cipher(..)
        | OpenError::Value(..)
        | OpenError::CommentAsValue(_)
        | OpenError::NotCovered(_)
        | OpenError::EncryptedAlias(_) => 25,
        OpenError::MacMissing | OpenError::MacUnreadable | OpenError::MacMismatch => 51,
    }
}
