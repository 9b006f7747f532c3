use std::ffi::OsString;
use std::path::PathBuf;

use super::{Call, given, names, types};
use crate::cli::args::{
    CommonFlags, ExecEnvFlags, ExecFileFlags, IntegrityFlags, KeyServiceFlags, RunFlags, TypeFlags,
};
use crate::cli::invocation::{
    CommonOptions, ExecEnvOptions, ExecFileOptions, Invocation, RunOptions,
};
use crate::cli::usage::UsageError;

impl Call<'_> {
    pub(in crate::cli) fn exec_env(self, flags: ExecEnvFlags) -> Result<Invocation, UsageError> {
        let count = flags.words.len();
        let (common, files, command) = match self.exec_words(flags.common, flags.words) {
            (common, files, Some(command)) if !files.is_empty() => (common, files, command),
            _ => return Err(UsageError::ExecWords { command: "exec-env", count }),
        };
        let types = type_flags(flags.input_type, None);
        Ok(Invocation::ExecEnv(Box::new(ExecEnvOptions {
            common,
            files,
            run: self.run(command, flags.run, types, flags.integrity, flags.services)?,
            is_pristine: flags.pristine,
            is_same_process: flags.same_process,
            separator: given(flags.flatten),
            allowed: names(&flags.allow_variable),
        })))
    }

    pub(in crate::cli) fn exec_file(self, flags: ExecFileFlags) -> Result<Invocation, UsageError> {
        let count = flags.words.len();
        let (common, files, command) = self.exec_words(flags.common, flags.words);
        let (Ok([file]), Some(command)) = (<[PathBuf; 1]>::try_from(files), command) else {
            return Err(UsageError::ExecWords { command: "exec-file", count });
        };
        let types = type_flags(flags.input_type, flags.output_type);
        Ok(Invocation::ExecFile(Box::new(ExecFileOptions {
            common,
            file,
            run: self.run(command, flags.run, types, flags.integrity, flags.services)?,
            no_fifo: flags.no_fifo,
            filename: flags.filename.filter(|name| !name.is_empty()),
        })))
    }

    /// Splits the words into files and the command, which is the last one.
    fn exec_words(
        &self,
        flags: CommonFlags,
        mut words: Vec<OsString>,
    ) -> (CommonOptions, Vec<PathBuf>, Option<OsString>) {
        let command = words.pop();
        let (mut common, first) = self.common(flags, words);
        let others = std::mem::take(&mut common.extra_words).into_iter().map(PathBuf::from);
        (common, first.into_iter().chain(others).collect(), command)
    }

    fn run(
        &self,
        command: OsString,
        run: RunFlags,
        flags: TypeFlags,
        integrity: IntegrityFlags,
        services: KeyServiceFlags,
    ) -> Result<RunOptions, UsageError> {
        let order = integrity.decryption_order;
        Ok(RunOptions {
            command,
            user: given(run.user),
            is_background: run.background,
            types: types(flags),
            ignore_mac: integrity.ignore_mac,
            is_lenient: integrity.lenient,
            decryption_order: self.variables.text(order, "SOPS_DECRYPTION_ORDER")?,
            key_services: self.key_services(services)?,
        })
    }
}

fn type_flags(input_type: Option<String>, output_type: Option<String>) -> TypeFlags {
    TypeFlags { input_type, output_type, filename_override: None }
}
