//! The command line: reads the arguments of a call and hands it to one command.

mod args;
mod audit;
mod completion;
mod config;
mod context;
mod convert;
mod decrypt;
#[cfg(feature = "azure")]
mod doctor;
mod edit;
mod encrypt;
mod exec;
mod filestatus;
mod groups;
mod help;
#[cfg(feature = "age")]
mod init;
mod invocation;
mod normalize;
mod parse;
mod pinned;
mod progress;
mod report;
mod rotate;
mod set;
mod suggest;
mod terminal;
mod updatekeys;
mod usage;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use context::Context;
pub use help::COMPATIBLE_VERSION;
pub use invocation::{
    AuditOptions, CommonOptions, ConfigOptions, DecryptOptions, DoctorOptions, EditOptions,
    EncryptOptions, ExecEnvOptions, ExecFileOptions, FileStatusOptions, GroupsAction,
    GroupsOptions, InitOptions, Invocation, KeyOptions, KeyServiceOptions, NamedKeys, NotBuiltIn,
    OutputOptions, Program, RotateOptions, RunOptions, SelectorOptions, SetOptions, Shell,
    TypeOptions, Typo, UpdateKeysOptions, ValueSource,
};
pub use parse::{Environment, parse};
use report::CommandError;
pub use usage::UsageError;

/// Exit code of output that cannot be written.
const CANNOT_WRITE: u8 = 3;

/// Runs one call; `argv` begins with the name of the program.
pub fn run(argv: &[OsString], environment: Environment<'_>) -> ExitCode {
    match parse(argv, environment) {
        Ok(invocation) => dispatch(invocation, Program::from_first_word(argv.first()), environment),
        Err(error) if wants_json(argv) => {
            report::json::fail_usage(&error, Program::from_first_word(argv.first()))
        }
        Err(error) => {
            let program = Program::from_first_word(argv.first()).name();
            report::complain(&error.to_string(), &[error.hint(program)], error.exit_code())
        }
    }
}

/// Tells whether a call that cannot be understood is one of a script that reads JSON.
fn wants_json(argv: &[OsString]) -> bool {
    let flags = argv.iter().take_while(|word| *word != "--");
    flags.into_iter().any(|word| word == "--json" || word == "-json")
}

/// Hands a call to its command.
fn dispatch(invocation: Invocation, program: Program, environment: Environment<'_>) -> ExitCode {
    let caller = Caller { program, environment, is_json: invocation.is_json() };
    match invocation {
        Invocation::Encrypt(options) => caller.run(|context| encrypt::run(&options, context)),
        Invocation::Decrypt(options) => caller.run(|context| decrypt::run(&options, context)),
        Invocation::Rotate(options) => caller.run(|context| rotate::run(&options, context)),
        Invocation::Edit(options) => caller.run(|context| edit::run(&options, context)),
        Invocation::Set(options) => caller.run(|context| set::run(&options, context)),
        Invocation::UpdateKeys(options) => caller.run(|context| updatekeys::run(&options, context)),
        Invocation::Groups(options) => caller.run(|context| groups::run(&options, context)),
        Invocation::ExecEnv(options) => caller.pass_on(|context| exec::env(&options, context)),
        Invocation::ExecFile(options) => caller.pass_on(|context| exec::file(&options, context)),
        Invocation::FileStatus(options) => caller.run(|context| filestatus::run(&options, context)),
        Invocation::Config(options) => caller.run(|context| config::run(&options, context)),
        Invocation::Audit(options) => caller.run(|context| audit::run(&options, context)),
        #[cfg(feature = "age")]
        Invocation::Init(options) => caller.run(|context| init::run(&options, context)),
        #[cfg(not(feature = "age"))]
        Invocation::Init(_) => caller.lacks("init, which makes an age identity,"),
        #[cfg(feature = "azure")]
        Invocation::Doctor(options) => caller.run(|context| doctor::run(&options, context)),
        #[cfg(not(feature = "azure"))]
        Invocation::Doctor(_) => caller.lacks("doctor, which examines keys of Azure,"),
        Invocation::Completion { program, shell } => {
            report::print(&completion::script(program, shell), program)
        }
        Invocation::Man { program, folder } => man(program, &folder),
        Invocation::Help(text) => report::print(text.as_bytes(), program),
        Invocation::Version { program, check_for_updates } => {
            if check_for_updates {
                report::warn("checking for updates is not built in; nothing was asked for");
            }
            report::print(help::version_text(program).as_bytes(), program)
        }
        Invocation::NotBuiltIn(request) => not_built_in(&request),
        Invocation::NoFile => report::fail(&CommandError::NoFile, program),
    }
}

/// The name that the program was called by, and where.
struct Caller<'e> {
    program: Program,
    environment: Environment<'e>,
    /// Whether errors are JSON.
    is_json: bool,
}

impl Caller<'_> {
    /// Runs one command and reports how it ends.
    fn run(self, command: impl FnOnce(&Context<'_>) -> Result<(), CommandError>) -> ExitCode {
        self.pass_on(|context| command(context).map(|()| 0))
    }

    /// Runs one command that ends with the exit code of another program.
    fn pass_on(self, command: impl FnOnce(&Context<'_>) -> Result<u8, CommandError>) -> ExitCode {
        let context = Context::new(self.program, self.environment);
        match context.and_then(|context| command(&context)) {
            Ok(code) => ExitCode::from(code),
            Err(error) if self.is_json => report::json::fail(&error, self.program),
            Err(error) => report::fail(&error, self.program),
        }
    }

    /// Answers a command that this build has not.
    #[cfg(not(all(feature = "age", feature = "azure")))]
    fn lacks(self, command: &str) -> ExitCode {
        report::fail(&CommandError::NotBuiltIn(command.to_owned()), self.program)
    }
}

/// Answers a call of a command to come.
fn not_built_in(request: &NotBuiltIn) -> ExitCode {
    let hint = format!("`{} help` lists the commands of this release", request.program.name());
    report::complain(&format!("{} is not built in yet", request.command), &[hint], 1)
}

fn man(program: Program, folder: &Path) -> ExitCode {
    match completion::write_manual(program, folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report::complain(
            &format!("{}: {error}", folder.display()),
            &["the folder must exist and be writable".to_owned()],
            CANNOT_WRITE,
        ),
    }
}
