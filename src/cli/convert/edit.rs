use super::Call;
use crate::cli::args::{EditFlags, EncryptFlags, LegacyFlags, OutputFlags, TypeFlags};
use crate::cli::invocation::{EditOptions, Invocation};
use crate::cli::parse::mistyped;
use crate::cli::usage::UsageError;

impl Call<'_> {
    pub(in crate::cli) fn edit(self, flags: EditFlags) -> Result<Invocation, UsageError> {
        let EditFlags { input_type, output_type, indent, .. } = flags;
        let order = flags.integrity.decryption_order;
        let new = self.encrypt_options(EncryptFlags {
            words: flags.words,
            output: OutputFlags { in_place: false, output: None, indent },
            types: TypeFlags { input_type, output_type, filename_override: None },
            sealing: flags.sealing,
            common: flags.common,
        })?;
        Ok(Invocation::Edit(Box::new(EditOptions {
            new,
            shows_master_keys: flags.show_master_keys,
            ignore_mac: flags.integrity.ignore_mac,
            is_lenient: flags.integrity.lenient,
            decryption_order: self.variables.text(order, "SOPS_DECRYPTION_ORDER")?,
            typo: None,
        })))
    }

    /// Takes a call that names nothing but a file; the word may be a mistyped command.
    pub(in crate::cli) fn legacy_edit(self, flags: LegacyFlags) -> Result<Invocation, UsageError> {
        let Some(word) = flags.words.first() else { return Ok(Invocation::NoFile) };
        let typo = mistyped(word);
        let mut invocation = self.edit(EditFlags {
            words: flags.words,
            show_master_keys: flags.operation.show_master_keys,
            input_type: flags.types.input_type,
            output_type: flags.types.output_type,
            indent: flags.output.indent,
            integrity: flags.open.into(),
            sealing: flags.sealing,
            common: flags.common,
        })?;
        if let Invocation::Edit(options) = &mut invocation {
            options.typo = typo;
        }
        Ok(invocation)
    }
}
