//! The command line: reads the arguments of a call and hands it to one command.

mod args;
mod completion;
mod config;
mod context;
mod convert;
mod decrypt;
#[cfg(feature = "azure")]
mod doctor;
mod encrypt;
mod filestatus;
mod groups;
mod help;
#[cfg(feature = "age")]
mod init;
mod invocation;
mod normalize;
mod parse;
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
    CommonOptions, ConfigOptions, DecryptOptions, DoctorOptions, EncryptOptions, FileStatusOptions,
    GroupsAction, GroupsOptions, InitOptions, Invocation, KeyOptions, KeyServiceOptions, NamedKeys,
    NotBuiltIn, OutputOptions, Program, RotateOptions, SelectorOptions, SetOptions, Shell,
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
        Err(error) => {
            let program = Program::from_first_word(argv.first()).name();
            report::complain(&error.to_string(), &[error.hint(program)], error.exit_code())
        }
    }
}

/// Hands a call to its command.
fn dispatch(invocation: Invocation, program: Program, environment: Environment<'_>) -> ExitCode {
    match invocation {
        Invocation::Encrypt(options) => {
            command(program, environment, |context| encrypt::run(&options, context))
        }
        Invocation::Decrypt(options) => {
            command(program, environment, |context| decrypt::run(&options, context))
        }
        Invocation::Rotate(options) => {
            command(program, environment, |context| rotate::run(&options, context))
        }
        Invocation::Set(options) => {
            command(program, environment, |context| set::run(&options, context))
        }
        Invocation::UpdateKeys(options) => {
            command(program, environment, |context| updatekeys::run(&options, context))
        }
        Invocation::Groups(options) => {
            command(program, environment, |context| groups::run(&options, context))
        }
        Invocation::FileStatus(options) => {
            command(program, environment, |context| filestatus::run(&options, context))
        }
        Invocation::Config(options) => {
            command(program, environment, |context| config::run(&options, context))
        }
        #[cfg(not(feature = "age"))]
        Invocation::Init(_) => command(program, environment, |_| {
            Err(CommandError::NotBuiltIn("init, which makes an age identity,".to_owned()))
        }),
        #[cfg(feature = "age")]
        Invocation::Init(options) => {
            command(program, environment, |context| init::run(&options, context))
        }
        #[cfg(not(feature = "azure"))]
        Invocation::Doctor(_) => command(program, environment, |_| {
            Err(CommandError::NotBuiltIn("doctor, which examines keys of Azure,".to_owned()))
        }),
        #[cfg(feature = "azure")]
        Invocation::Doctor(options) => {
            command(program, environment, |context| doctor::run(&options, context))
        }
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

/// Runs one command and reports how it ends.
fn command(
    program: Program,
    environment: Environment<'_>,
    run: impl FnOnce(&Context<'_>) -> Result<(), CommandError>,
) -> ExitCode {
    let result = Context::new(program, environment).and_then(|context| run(&context));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report::fail(&error, program),
    }
}

/// Answers a call of a command to come; a mistyped command is told from the name of a file.
fn not_built_in(request: &NotBuiltIn) -> ExitCode {
    let program = request.program.name();
    match &request.typo {
        Some(Typo { word, command }) if !Path::new(word).exists() => report::complain(
            &format!("\"{word}\" is neither a command nor a file"),
            &[format!("did you mean `{program} {command}`?")],
            1,
        ),
        _ => {
            let mut hints = vec![format!("`{program} help` lists the commands of this release")];
            if request.command == "edit" {
                hints.insert(0, format!("`{program} decrypt FILE` prints a file in clear, `{program} encrypt FILE` encrypts it"));
            }
            report::complain(&format!("{} is not built in yet", request.command), &hints, 1)
        }
    }
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
