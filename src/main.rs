//! The program: hands its arguments and environment to the library.

use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    leafseal::io::process::forbid_core_dumps();
    let argv: Vec<OsString> = std::env::args_os().collect();
    leafseal::cli::run(&argv, &|name| std::env::var_os(name))
}
