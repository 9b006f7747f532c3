//! The grammar of the program under its own name, the examples of each command, and the texts of
//! help and version.

use std::ffi::OsString;

use clap::CommandFactory;

use super::args::Root;
use super::invocation::Program;

/// The release of SOPS whose behaviour this program follows.
pub const COMPATIBLE_VERSION: &str = "3.13.2";

/// Columns of every help text: fixed, so that the text does not depend on the terminal.
const WIDTH: usize = 96;

/// What the help texts say where the name of the program belongs.
const PLACEHOLDER: &str = "{program}";

/// Headings whose flags the help of the program itself shows; the rest is in the help of a command.
const ROOT_HEADINGS: [&str; 2] = [OPERATIONS, "Global flags"];

/// Heading of the flags that name an operation in the older form of a call.
pub(super) const OPERATIONS: &str = "Without a command";

pub(super) const ROOT: &str = "\
Examples:
  {program} init                          make an age identity and a .sops.yaml
  {program} encrypt -i secrets.yaml       encrypt a file where it is
  {program} decrypt secrets.yaml          print it in clear
  {program} -d --output clear.yaml secrets.yaml

Flags stand before or after the file; `-name` and `--name` are the same; `--` ends them.
`{program} help COMMAND` explains a command with all its flags.

Not built in yet: publish, keyservice.";

pub(super) const ENCRYPT: &str = "\
Examples:
  {program} encrypt secrets.yaml                            print the encrypted file
  {program} encrypt -i secrets.yaml                         encrypt it where it is
  {program} encrypt --age age1... --output out.yaml in.yaml
  {program} encrypt --filename-override app.yaml < app.yaml read standard input

Without key flags the keys come from the first matching creation rule of .sops.yaml.";

pub(super) const DECRYPT: &str = "\
Examples:
  {program} decrypt secrets.yaml                            print the file in clear
  {program} decrypt -i secrets.yaml                         decrypt it where it is
  {program} decrypt --extract '[\"database\"][\"password\"]' secrets.yaml
  {program} decrypt --input-type yaml --output-type yaml < secrets.yaml

age identities are read from SOPS_AGE_KEY, SOPS_AGE_KEY_FILE, SOPS_AGE_KEY_CMD and the file that
`{program} init` makes. OpenPGP keys are used by gpg, or the program that SOPS_GPG_EXEC names;
it may take LEAFSEAL_GPG_TIMEOUT seconds (120). Where it does not help, exported keys are used, of
the file that LEAFSEAL_PGP_KEY_FILE names or in LEAFSEAL_PGP_KEY.

Keys of Azure Key Vault are used with the credentials of the Azure SDKs: AZURE_CLIENT_ID and its
like, workload and managed identity, az, azd; AZURE_TOKEN_CREDENTIALS narrows them. Tokens go to
the hosts of the service alone, and to those that SOPS_AZURE_KEYVAULT_ALLOWLIST names.
`{program} doctor azure URL` says what does not work.";

pub(super) const ROTATE: &str = "\
Examples:
  {program} rotate -i secrets.yaml                          new data key, new ciphertexts
  {program} rotate -i --rm-age age1... secrets.yaml         take the file away from somebody
  {program} rotate -i --add-age age1... secrets.yaml        give it to somebody

Keys are added to the first group and removed from all. A file that names keys which its creation
rule does not is refused, as they would get the new data key; --allow-extra-keys goes on.
Everything but ciphertexts, wrapped keys, MAC and date stays as it is, byte for byte.";

pub(super) const EDIT: &str = "\
Examples:
  {program} edit secrets.yaml
  {program} secrets.yaml                        the same
  EDITOR='code --wait' {program} edit secrets.yaml
  {program} edit --age RECIPIENT new.yaml       makes the file

The editor is SOPS_EDITOR, else EDITOR, else vim, nano or vi. It works on a file in clear in a private
folder, in memory where there is such a folder, that goes when it ends. What was not edited keeps its
ciphertext. Exit code 200: nothing was changed.";

pub(super) const SET: &str = "\
Examples:
  {program} set secrets.yaml '[\"database\"][\"port\"]' 5432
  {program} set secrets.yaml '[\"users\"][0]' '{\"name\": \"ann\", \"groups\": [1, 2]}'
  {program} set --value-stdin secrets.yaml '[\"token\"]' < token.json
  {program} set --value-file secrets.yaml '[\"token\"]' token.json

The value is JSON, so a string stands in double quotes. Keys that are missing are added, and so are
elements behind the end of a list. Nothing but the value, the MAC and the date changes.";

pub(super) const UNSET: &str = "\
Examples:
  {program} unset secrets.yaml '[\"database\"][\"port\"]'
  {program} unset --idempotent secrets.yaml '[\"users\"][0]'

The comments right above the value go with it. Without --idempotent a value that is not there is an
error.";

pub(super) const UPDATE_KEYS: &str = "\
Examples:
  {program} updatekeys secrets.yaml                         show what would change, then ask
  {program} updatekeys -y secrets/*.yaml                    change without asking

The keys, groups and threshold become those of the creation rule. The data key stays: who could
decrypt a file before can still decrypt old copies of it, and new ones with a data key that was
kept; `{program} rotate` makes a new one. Nothing but the keys is written.";

pub(super) const GROUPS: &str = "\
Examples:
  {program} groups add -f secrets.yaml -i --age age1...     add a group with one key
  {program} groups delete -f secrets.yaml -i 1              delete the second group

With two groups or more the data key is split among them, and as many must open as the threshold
says: all, unless --shamir-secret-sharing-threshold asks for fewer. Without -i the result goes to
standard output. A change after which nobody could decrypt the file is refused.";

pub(super) const EXEC_ENV: &str = "\
Examples:
  {program} exec-env secrets.env ./server                   each value is a variable
  {program} exec-env secrets.yaml 'echo \"$password\"'        the command is one word, for /bin/sh
  {program} exec-env --flatten _ secrets.yaml ./server      database: {port: 1} is database_port
  {program} exec-env common.env local.env ./server          the last file wins

Ends with the exit code of the command, or 128 + N if signal N ended it. The signals HUP, INT,
QUIT, TERM, USR1 and USR2 go to the command.";

pub(super) const EXEC_FILE: &str = "\
Examples:
  {program} exec-file secrets.yaml 'cat {}'                 {} is the path of the file in clear
  {program} exec-file --no-fifo --filename kube.yaml config.yaml 'kubectl --kubeconfig {} get pods'

The file is a FIFO that can be read once, so that nothing in clear is on a disk; with --no-fifo it
is a file in a private folder below TMPDIR, else /dev/shm. Both are gone when the command ends,
and when a signal ends it. The exit code is that of the command, or 128 + N if signal N ended it.";

pub(super) const FILE_STATUS: &str = "\
Examples:
  {program} filestatus secrets.yaml
  {program} filestatus --input-type yaml secrets.txt

Prints {\"encrypted\":true} or {\"encrypted\":false}. No key is needed.";

pub(super) const CONFIG: &str = "\
Examples:
  {program} config secrets.yaml                    which rule, which keys, which values, and why
  {program} config secrets/*                       several files; names of files to come do too
  {program} config --json secrets.yaml | jq '.[].rule'

For an encrypted file it also says where the file differs from its rule. No key is needed. Exits
with 0 if there is a rule for each file, else with 1. Nothing is changed.";

pub(super) const AUDIT: &str = "\
Examples:
  {program} audit                                  all events
  {program} audit --last 20 --action decrypt,rotate
  {program} audit --user alice --file /srv/app --since 2026-11-01 --json

The log is the SQLite file that /etc/sops/audit.yaml names, which neither a flag nor a variable
moves. Where that file asks for a log and none can be written, nothing is encrypted or decrypted.";

pub(super) const INIT: &str = "\
Examples:
  {program} init                                   set up the current folder
  SOPS_AGE_KEY_FILE=team.txt {program} init        with the identity in this file

The identity is kept in the file that SOPS_AGE_KEY_FILE names, else where SOPS looks for it too
(Linux: ~/.config/sops/age/keys.txt). Nothing that exists is overwritten.";

pub(super) const DOCTOR: &str = "\
Examples:
  {program} doctor azure https://VAULT.vault.azure.net/keys/NAME

Gets the key, and encrypts and decrypts a value with it that is thrown away. Says which credentials
served, which were passed over and why, and what is missing. Exits with 0 if all of it works.";

pub(super) const COMPLETION: &str = "\
Examples:
  source <({program} completion bash)
  {program} completion zsh > ~/.zfunc/_{program}
  {program} completion fish > ~/.config/fish/completions/{program}.fish";

pub(super) const MAN: &str = "\
Examples:
  {program} man man/                               write man/{program}.1 and one page per command
  {program} man ~/.local/share/man/man1";

pub(super) const HELP: &str = "\
Examples:
  {program} help                                   what the program can do
  {program} help decrypt                           the flags of one command";

/// Builds the whole grammar under the name the program was called by.
pub(super) fn grammar(program: Program) -> clap::Command {
    let mut root = outline(program);
    root.build();
    root
}

/// Builds what the grammar says of the words of a call: the flags of the commands among them only.
pub(super) fn grammar_for(program: Program, argv: &[OsString]) -> clap::Command {
    let mut root = outline(program);
    for word in argv {
        if let Some(command) = root.find_subcommand_mut(word) {
            command.build();
        }
    }
    root
}

/// Names the commands, and the flags before them, under the name the program was called by.
fn outline(program: Program) -> clap::Command {
    with_name(Root::command().name(program.name()), program)
        .mut_subcommands(|command| with_name(command, program))
        .mut_args(hide_below_root)
}

/// Returns the help text of one command, or of the program.
pub(super) fn help_text(grammar: &clap::Command, command: Option<&str>) -> String {
    let chosen = command.and_then(|name| grammar.find_subcommand(name)).unwrap_or(grammar);
    let text = chosen.clone().render_help().to_string();
    let lines = text.lines().map(str::trim_end);
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Returns what `--version` prints.
pub(super) fn version_text(program: Program) -> String {
    match program {
        Program::Sops => format!("sops {COMPATIBLE_VERSION}\n"),
        Program::Leafseal => format!(
            "leafseal {}\ncompatible with sops {COMPATIBLE_VERSION}\n",
            env!("CARGO_PKG_VERSION")
        ),
    }
}

/// Puts the name of the program into the texts of a command, and fixes their width.
fn with_name(command: clap::Command, program: Program) -> clap::Command {
    let fill = |text: &str| text.replace(PLACEHOLDER, program.name());
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let usage = fill(usage(command.get_name()));
    command
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_flag(true)
        .disable_version_flag(true)
        .term_width(WIDTH)
        .override_usage(usage)
        .after_help(fill(&after))
}

/// Returns the usage line of a command, or that of the program.
fn usage(command: &str) -> &'static str {
    match command {
        "encrypt" => "{program} encrypt [FLAGS] [FILE]",
        "decrypt" => "{program} decrypt [FLAGS] [FILE]",
        "rotate" => "{program} rotate [FLAGS] FILE",
        "set" => {
            "{program} set [FLAGS] FILE PATH VALUE\n       {program} set --value-file [FLAGS] FILE PATH VALUEFILE\n       {program} set --value-stdin [FLAGS] FILE PATH"
        }
        "unset" => "{program} unset [FLAGS] FILE PATH",
        "updatekeys" => "{program} updatekeys [FLAGS] FILE...",
        "groups" => {
            "{program} groups add --file FILE [FLAGS]\n       {program} groups delete --file FILE [FLAGS] GROUP"
        }
        "exec-env" => "{program} exec-env [FLAGS] FILE... COMMAND",
        "exec-file" => "{program} exec-file [FLAGS] FILE COMMAND",
        "filestatus" => "{program} filestatus [FLAGS] FILE",
        "config" => "{program} config [FLAGS] FILE...",
        "audit" => "{program} audit [FLAGS]",
        "init" => "{program} init [FLAGS]",
        "doctor" => "{program} doctor azure URL",
        "completion" => "{program} completion bash|zsh|fish",
        "man" => "{program} man DIR",
        "help" => "{program} help [COMMAND]",
        _ => "{program} COMMAND [FLAGS] [FILE]\n       {program} -e|-d|-r [FLAGS] FILE",
    }
}

fn hide_below_root(argument: clap::Arg) -> clap::Arg {
    let is_shown =
        argument.get_help_heading().is_some_and(|heading| ROOT_HEADINGS.contains(&heading));
    let is_later = argument.get_id() == "show_master_keys";
    if is_shown && !is_later { argument } else { argument.hide(true) }
}
