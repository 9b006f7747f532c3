//! What `help` explains besides the commands.

/// A subject that several commands share.
pub(in crate::cli) struct Topic {
    /// What is typed behind `help`.
    pub(in crate::cli) name: &'static str,
    /// One line for lists.
    pub(in crate::cli) about: &'static str,
    pub(super) text: &'static str,
}

/// All topics, in the order in which they are listed.
pub(in crate::cli) const TOPICS: [Topic; 5] = [
    Topic { name: "keys", about: "who can decrypt a file, and with what", text: KEYS },
    Topic { name: "selectors", about: "which values of a file are encrypted", text: SELECTORS },
    Topic { name: "formats", about: "YAML, JSON, dotenv, INI and binary files", text: FORMATS },
    Topic { name: "environment", about: "the variables that are read", text: ENVIRONMENT },
    Topic { name: "exit-codes", about: "what the exit code says", text: EXIT_CODES },
];

const KEYS: &str = "\
A file has a data key of its own, which encrypts its values. The sops block holds the data key
wrapped for each master key: whoever has one of these can decrypt the file.

For whom a new file is encrypted, the first that is given:
  flags, variables    --age, --pgp, --azure-kv; SOPS_AGE_RECIPIENTS, SOPS_PGP_FP, ...
  creation rule       the first rule of .sops.yaml whose path_regex matches; `{program} config FILE`
                      shows it

What decrypts on this machine:
  age                 identities in SOPS_AGE_KEY, SOPS_AGE_KEY_FILE, from SOPS_AGE_KEY_CMD, or in the
                      file that `{program} init` makes; SSH keys; plugins
  OpenPGP             gpg, or exported keys in LEAFSEAL_PGP_KEY_FILE or LEAFSEAL_PGP_KEY
  Azure Key Vault     the credentials of the Azure SDKs; `{program} doctor azure URL` examines them

Key groups: the data key is split among them, and as many must open as shamir_threshold says.

Who can decrypt an existing file is changed with:
  {program} updatekeys FILE                          to the keys of its creation rule
  {program} rotate -i --add-age A --rm-age B FILE    and a new data key: needed where somebody leaves
  {program} edit -s FILE                             by hand
  {program} groups add|delete -f FILE                whole groups";

const SELECTORS: &str = "\
One selector at most says which values of a file are encrypted. It is given as a flag, or in a
creation rule of .sops.yaml, and is written into the file, where later calls find it.

  flag                            in .sops.yaml               encrypted is
  --unencrypted-suffix TEXT       unencrypted_suffix          all but what is below keys that end so
  --encrypted-suffix TEXT         encrypted_suffix            only what is below keys that end so
  --unencrypted-regex REGEX       unencrypted_regex           all but what is below keys that match
  --encrypted-regex REGEX         encrypted_regex             only what is below keys that match
  --unencrypted-comment-regex R   unencrypted_comment_regex   all but what has such a comment
  --encrypted-comment-regex R     encrypted_comment_regex     only what has such a comment

Without one it is --unencrypted-suffix _unencrypted. A key counts for all that is below it; elements
of a list have no key of their own. A regex has the syntax of RE2 and is searched in each key by
itself: ^password$ is the key password at any depth. A comment counts that stands before the value
or at the end of its line.

Comments are encrypted like values, with the keys of the mapping that they stand in. Keys are never
encrypted, and binary files always as a whole.

The MAC covers values in clear too, so they cannot be changed without a key, unless
--mac-only-encrypted or mac_only_encrypted says otherwise.";

const FORMATS: &str = "\
The format of a file follows from the end of its name, by letter case:

  .yaml .yml    yaml      several documents, comments, aliases
  .json         json      one object
  .env          dotenv    lines NAME=value, and comments that begin a line
  .ini          ini       sections
  all others    binary    any bytes; encrypted it is JSON with one value

--input-type and --output-type name another format, one of the five words of the middle column.
--filename-override takes the format, and the creation rule, from another name. What comes from
standard input has no name and is binary without one of these.

With another --output-type the values are written anew in that format. Types stay where the format
has them; comments go where it has none. What it cannot hold is refused with its path (exit code 4).

Without another format nothing is written anew: keys, comments, blank lines, quotes and indentation
stay as they are. Spelling that an encrypted value has no place for (1.10, 0644, folded lines) is
kept in one more field of the sops block, encrypted; --no-layout leaves that out.";

const ENVIRONMENT: &str = "\
A flag counts more than its variable. A variable that is set but empty counts as not set.

Flags:
  SOPS_AGE_RECIPIENTS SOPS_PGP_FP SOPS_AZURE_KEYVAULT_URLS    --age, --pgp, --azure-kv
  SOPS_CONFIG                     --config
  SOPS_DECRYPTION_ORDER           --decryption-order
  SOPS_ENABLE_LOCAL_KEYSERVICE    --enable-local-keyservice

Keys of this machine:
  SOPS_AGE_KEY                    age identities
  SOPS_AGE_KEY_FILE               a file with age identities
  SOPS_AGE_KEY_CMD                a command that prints them, and gets SOPS_AGE_RECIPIENT
  SOPS_AGE_SSH_PRIVATE_KEY_FILE   an SSH key; SOPS_AGE_SSH_PRIVATE_KEY_CMD: a command that prints one
  SOPS_GPG_EXEC GNUPGHOME         the program to use as gpg, and its home
  LEAFSEAL_PGP_KEY_FILE           exported OpenPGP keys, used without gpg; LEAFSEAL_PGP_KEY: the keys
  AZURE_CLIENT_ID AZURE_TENANT_ID AZURE_CLIENT_SECRET AZURE_TOKEN_CREDENTIALS ...
                                  credentials, as the Azure SDKs read them
  SOPS_AZURE_KEYVAULT_ALLOWLIST   more hosts that tokens may go to

Other programs, and waiting:
  SOPS_EDITOR EDITOR              the editor
  TMPDIR                          the folder for files in clear; without it one in memory
  LEAFSEAL_GPG_TIMEOUT LEAFSEAL_AGE_PLUGIN_TIMEOUT            seconds that these may take
  NO_COLOR                        no colours, if it is set

  LEAFSEAL_STRICT                 1: called as sops, refuse what otherwise is a warning there";

const EXIT_CODES: &str = "\
They are those of SOPS:

    0  success
    1  no other code fits: not encrypted, no rule, no keys, wrong usage
    2  a file cannot be read, or is not of its format
    3  the result cannot be written; no such help topic
    4  the format cannot hold the values; bad indent
    6  bad --encryption-context
    7  set: the path or the value cannot be read
    8  flags that exclude each other
   23  a value cannot be encrypted
   25  a value does not decrypt: it was altered
   49  rotate: keys are to be changed, and the file is not there
   51  the MAC does not match: values were altered, added, removed or moved
   91  the path of --extract cannot be read
   92  the file has no document
  100  no file was given, or it is not there
  112  a key type twice in --decryption-order
  128  no key at hand decrypts the file, or too few key groups
  200  edit: nothing was changed
  201  edit: no editor, or it failed
  203  the file is encrypted already

exec-env and exec-file end with the code of the command, or 128 + N if signal N ended it.";
