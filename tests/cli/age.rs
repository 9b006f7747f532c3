//! SSH keys, passphrases and plugins of age.
#![cfg(unix)]

use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::Answer;
use super::place::{OTHER_RECIPIENT, Place, key_file};

/// A plugin that wraps a file key as it is, under the name that it is called by.
const PLUGIN: &str = include_str!("age-plugin.sh");

const LEAF: [&str; 2] = ["age1leaf1w3jhxaqqxn7r7", "AGE-PLUGIN-LEAF-1W3JHXAQHATP0U"];
const ASKS: [&str; 2] = ["age1asks1w3jhxaqczzz2h", "AGE-PLUGIN-ASKS-1W3JHXAQCEMUDJ"];
const HANGS: &str = "AGE-PLUGIN-HANGS-1W3JHXAQQHQ0YT";
const DIES: [&str; 2] = ["age1dies1w3jhxaqdnxaqu", "AGE-PLUGIN-DIES-1W3JHXAQWQ6APF"];
const REFUSES: [&str; 2] = ["age1refuses1w3jhxaq5jrj78", "AGE-PLUGIN-REFUSES-1W3JHXAQ8R2F9U"];
const BABBLES: [&str; 2] = ["age1babbles1w3jhxaq3fxpnm", "AGE-PLUGIN-BABBLES-1W3JHXAQW60HT5"];
const MISSING: [&str; 2] = ["age1missing1w3jhxaqhxs4d8", "AGE-PLUGIN-MISSING-1W3JHXAQARCVTR"];

/// The passphrase of `fixtures/age/age2.age`.
const PASSPHRASE: &str = "correct horse";

fn encrypted_identities() -> String {
    format!("{}/fixtures/age/age2.age", env!("CARGO_MANIFEST_DIR"))
}

fn run(program: &str, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).stdout(Stdio::null()).status();
    assert!(status.unwrap_or_else(|error| panic!("{program}: {error}")).success(), "{program}");
}

/// Makes an SSH key in the place; returns the public key.
fn ssh_key(place: &Place, name: &str, kind: &[&str], passphrase: &str) -> String {
    let path = place.path(name);
    std::fs::create_dir_all(path.parent().expect("below the folder")).expect("a folder");
    let path = path.to_str().expect("text");
    run("ssh-keygen", &[kind, &["-q", "-N", passphrase, "-C", "me", "-f", path]].concat());
    std::fs::read_to_string(format!("{path}.pub")).expect("a public key").trim().to_owned()
}

fn encrypt_for(place: &Place, recipient: &str) {
    place.write("file.yaml", "a: s3cret\n");
    let answer = place.call(&["encrypt", "-i", "--age", recipient, "file.yaml"], b"");
    assert_eq!(answer.code, Some(0), "{answer}");
}

/// Makes a place with plugins by these names in PATH.
fn with_plugins(names: &[&str]) -> Place {
    let mut place = Place::empty();
    for name in names {
        let program = format!("bin/age-plugin-{name}");
        place.write(&program, PLUGIN);
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(place.path(&program), mode).expect("the mode can be set");
    }
    let folder = place.path("bin");
    place.set("PATH", &format!("{}:/usr/bin:/bin", folder.display()));
    place
}

/// Calls the program on a terminal of its own (`script` of util-linux) and types each text when
/// the one before it is on the screen.
pub(crate) fn on_terminal(place: &Place, line: &str, typed: &[(&str, &str)]) -> Answer {
    let answer = on_terminal_as_sent(place, line, typed);
    Answer { stdout: answer.stdout.replace('\r', ""), ..answer }
}

/// As [`on_terminal`]; gives back what the terminal was sent.
pub(crate) fn on_terminal_as_sent(place: &Place, line: &str, typed: &[(&str, &str)]) -> Answer {
    let mut command = place.command(&PathBuf::from("/usr/bin/script"), "");
    command.args(["-qec", &format!("exec \"$L\" {line}"), "/dev/null"]);
    command.env("L", env!("CARGO_BIN_EXE_leafseal")).env("SHELL", "/bin/sh");
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("script starts");
    let mut keys = child.stdin.take().expect("a pipe");
    let mut output = child.stdout.take().expect("a pipe");
    let mut screen = Vec::new();
    let mut waiting = typed.iter();
    let mut next = waiting.next();
    let mut bytes = [0; 1000];
    loop {
        let count = output.read(&mut bytes).expect("the screen can be read");
        if count == 0 {
            break;
        }
        screen.extend(&bytes[..count]);
        if let Some((sign, text)) = next
            && String::from_utf8_lossy(&screen).contains(sign)
        {
            keys.write_all(text.as_bytes()).expect("the program reads");
            next = waiting.next();
        }
    }
    assert_eq!(next, None, "{}", String::from_utf8_lossy(&screen));
    let code = child.wait().expect("the program ends").code();
    let stdout = String::from_utf8_lossy(&screen).into_owned();
    Answer { code, stdout, stderr: String::new() }
}

#[test]
fn decrypt_uses_ssh_keys_from_every_place() {
    for kind in [&["-t", "ed25519"][..], &["-t", "rsa", "-b", "2048"]] {
        let mut place = Place::empty();
        let recipient = ssh_key(&place, "key", kind, "");
        encrypt_for(&place, &recipient);
        assert!(place.read("file.yaml").contains(&recipient), "as it was given");
        assert_eq!(place.call(&["decrypt", "file.yaml"], b"").code, Some(128));
        let key = place.path("key").display().to_string();
        let command =
            format!("sh -c 'test \"$SOPS_AGE_RECIPIENT\" = \"{recipient}\" && cat {key}'");
        for (variable, value) in [
            ("SOPS_AGE_SSH_PRIVATE_KEY_FILE", key.as_str()),
            ("SOPS_AGE_SSH_PRIVATE_KEY_CMD", &command),
        ] {
            place.set(variable, value);
            let answer = place.call(&["decrypt", "file.yaml"], b"");
            assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), "a: s3cret\n"), "{answer}");
            place.unset(variable);
        }
        for name in ["id_ed25519", "id_rsa"] {
            place.write(&format!("home/.ssh/{name}"), place.read("key"));
            let answer = place.call(&["decrypt", "file.yaml"], b"");
            assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), "a: s3cret\n"), "{answer}");
            std::fs::remove_file(place.path(&format!("home/.ssh/{name}"))).expect("it is there");
        }
    }
}

#[test]
fn post_quantum_keys_encrypt_and_decrypt() {
    let mut place = Place::empty();
    let keys = format!("{}/fixtures/age/pq.txt", env!("CARGO_MANIFEST_DIR"));
    let identity = std::fs::read_to_string(&keys).expect("a key");
    let recipient = identity.lines().find_map(|line| line.strip_prefix("# public key: "));
    encrypt_for(&place, recipient.expect("a recipient"));
    assert_eq!(place.call(&["decrypt", "file.yaml"], b"").code, Some(128));
    place.set("SOPS_AGE_KEY_FILE", &keys);
    let answer = place.call(&["decrypt", "file.yaml"], b"");
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), "a: s3cret\n"), "{answer}");
}

#[test]
fn ssh_passphrase_is_asked_for_on_the_terminal() {
    let mut place = Place::empty();
    let recipient = ssh_key(&place, "home/.ssh/id_ed25519", &["-t", "ed25519"], PASSPHRASE);
    encrypt_for(&place, &recipient);
    for (title, keys) in [
        ("the right one", "wrong\u{15}correct horsf\u{7f}e\r"),
        ("a wrong one", "correct hors\r"),
        ("none", "\r"),
        ("Ctrl-C", "corr\u{3}"),
    ] {
        let answer = on_terminal(&place, "decrypt file.yaml", &[("id_ed25519: ", keys)]);
        assert!(!answer.stdout.contains("horse"), "{answer}");
        place.add(&format!("# {title}"), &answer);
    }
    place.add("# without a terminal", &without_terminal(&place));
    insta::assert_snapshot!(place.transcript().replace(&recipient, "ssh-ed25519 …"));
}

/// Decrypts in a session that has no terminal.
fn without_terminal(place: &Place) -> Answer {
    let program = env!("CARGO_BIN_EXE_leafseal");
    place.shell(&format!("exec setsid --wait {program} decrypt file.yaml < /dev/null"))
}

#[test]
fn ssh_passphrase_is_not_asked_for_where_the_key_is_another() {
    let mut place = Place::empty();
    ssh_key(&place, "home/.ssh/id_ed25519", &["-t", "ed25519"], PASSPHRASE);
    let recipient = ssh_key(&place, "key", &["-t", "ed25519"], "");
    encrypt_for(&place, &recipient);
    let answer = on_terminal(&place, "decrypt file.yaml", &[]);
    assert!(answer.stdout.contains("id_ed25519: 1 identity, which does not match"), "{answer}");
    place.set("SOPS_AGE_SSH_PRIVATE_KEY_FILE", &place.path("key").display().to_string());
    let answer = on_terminal(&place, "decrypt file.yaml", &[]);
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), "a: s3cret\n"));
}

#[test]
fn encrypted_identities_open_with_a_passphrase_from_the_terminal() {
    let mut place = Place::empty();
    encrypt_for(&place, OTHER_RECIPIENT);
    std::fs::copy(encrypted_identities(), place.path("keys.age")).expect("a copy");
    place.set("SOPS_AGE_KEY_FILE", "keys.age");
    for (title, keys) in [("the right one", "correct horse\r"), ("a wrong one", "wrong\r")] {
        let answer = on_terminal(&place, "decrypt file.yaml", &[("(keys.age): ", keys)]);
        assert!(!answer.stdout.contains("horse"), "{answer}");
        place.add(&format!("# {title}"), &answer);
    }
    place.add("# without a terminal", &without_terminal(&place));
    let recipient = ssh_key(&place, "key", &["-t", "ed25519"], "");
    encrypt_for(&place, &recipient);
    let typed = [("(keys.age): ", "correct horse\r")];
    place.add("# it opens another", &on_terminal(&place, "decrypt file.yaml", &typed));
    let identities = place.read("keys.age");
    place.write("keys.age", identities.replace("YWdl", "YWdm"));
    place.add("# damaged", &without_terminal(&place));
    insta::assert_snapshot!(place.transcript().replace(&recipient, "ssh-ed25519 …"));
}

#[test]
fn encrypted_identities_are_left_alone_where_a_plain_one_opens() {
    let mut place = Place::empty();
    encrypt_for(&place, OTHER_RECIPIENT);
    place.set("SOPS_AGE_KEY", &std::fs::read_to_string(encrypted_identities()).expect("a file"));
    place.set("SOPS_AGE_KEY_FILE", &key_file("age2.txt"));
    let answer = on_terminal(&place, "decrypt file.yaml", &[]);
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), "a: s3cret\n"));
    place.unset("SOPS_AGE_KEY_FILE");
    let typed = [("SOPS_AGE_KEY: ", "correct horse\r")];
    let answer = on_terminal(&place, "decrypt file.yaml", &typed);
    assert!(answer.stdout.ends_with("a: s3cret\n"), "{answer}");
}

/// A gpg-agent of its own, which ends with this value.
struct GpgAgent {
    folder: tempfile::TempDir,
}

impl GpgAgent {
    fn start() -> Self {
        let agent = Self { folder: tempfile::tempdir().expect("a scratch folder") };
        let home = agent.folder.path().to_str().expect("text");
        run("gpg-agent", &["--homedir", home, "--allow-preset-passphrase", "--daemon"]);
        agent
    }

    fn socket(&self) -> String {
        format!("{}/S.gpg-agent", self.folder.path().display())
    }

    fn tell(&self, command: &str) -> String {
        let home = self.folder.path();
        let mut connect = Command::new("gpg-connect-agent");
        connect.args(["--no-autostart", "--homedir"]).arg(home).args([command, "/bye"]);
        String::from_utf8(connect.output().expect("it starts").stdout).expect("text")
    }
}

impl Drop for GpgAgent {
    fn drop(&mut self) {
        self.tell("KILLAGENT");
    }
}

#[test]
fn passphrase_of_identities_comes_from_the_cache_of_gpg_agent() {
    let agent = GpgAgent::start();
    let mut place = Place::empty();
    encrypt_for(&place, OTHER_RECIPIENT);
    place.set("SOPS_AGE_KEY_FILE", &encrypted_identities());
    place.set("GPG_AGENT_INFO", &agent.socket());
    // `SopsAge` and Base32 of the first 25 bytes of the SHA-256 of the file without its armor
    let id = "SopsAgeKANFLOM7YHBWTDLJ23UFPWA6R7KEGW6UGOXAG4PV";
    let preset = |passphrase: &str| {
        let hex: Vec<String> = passphrase.bytes().map(|byte| format!("{byte:02X}")).collect();
        let hex = hex.concat();
        agent.tell(&format!("PRESET_PASSPHRASE {id} -1 {hex}"))
    };
    assert!(preset(PASSPHRASE).starts_with("OK"));
    let answer = without_terminal(&place);
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), "a: s3cret\n"), "{answer}");
    preset("wrong");
    let answer = without_terminal(&place);
    assert!(answer.stderr.contains("age2.age): wrong passphrase"), "{answer}");
    let asked = agent.tell(&format!("GET_PASSPHRASE --no-ask {id} X X X"));
    assert!(asked.starts_with("ERR 67108922"), "dropped from the cache: {asked}");
}

#[test]
fn a_plugin_wraps_and_unwraps_here_and_in_age() {
    let mut place = with_plugins(&["leaf"]);
    encrypt_for(&place, LEAF[0]);
    place.write("home/id", LEAF[1]);
    place.set("SOPS_AGE_KEY_FILE", &place.path("home/id").display().to_string());
    let answer = place.call(&["decrypt", "file.yaml"], b"");
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), "a: s3cret\n"), "{answer}");

    // the same through the real client
    let text = place.read("file.yaml");
    let armor = text.lines().map(str::trim).skip_while(|line| !line.starts_with("-----BEGIN"));
    let mut lines: Vec<&str> = armor.take_while(|line| !line.starts_with("-----END")).collect();
    lines.push("-----END AGE ENCRYPTED FILE-----");
    place.write("key.age", lines.join("\n") + "\n");
    let data_key = place.shell("age -d -i home/id key.age | wc -c");
    assert_eq!(data_key.stdout.trim(), "32", "{data_key}");
    let wrapped = place.shell(&format!("age -d -i home/id key.age | age -a -r {}", LEAF[0]));
    assert_eq!(wrapped.code, Some(0), "{wrapped}");
    let indent = " ".repeat(
        text.lines()
            .find(|line| line.contains("-----BEGIN"))
            .map_or(0, |it| it.len() - it.trim_start().len()),
    );
    let old: Vec<String> = lines.iter().map(|line| format!("{indent}{line}")).collect();
    let new: Vec<String> = wrapped.stdout.lines().map(|line| format!("{indent}{line}")).collect();
    assert_ne!(old, new);
    place.write("file.yaml", text.replace(&old.join("\n"), &new.join("\n")));
    let answer = place.call(&["decrypt", "file.yaml"], b"");
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), "a: s3cret\n"), "{answer}");
}

#[test]
fn questions_of_a_plugin_are_asked_on_the_terminal() {
    let mut place = with_plugins(&["asks"]);
    encrypt_for(&place, ASKS[0]);
    place.set("SOPS_AGE_KEY", ASKS[1]);
    let typed = [("PIN: ", "1234\r"), ("(1: yes, 2: no): ", "1\r"), ("name: ", "me\r")];
    place.add("# answered", &on_terminal(&place, "decrypt file.yaml", &typed));
    place.add("# cancelled", &on_terminal(&place, "decrypt file.yaml", &[("PIN: ", "\u{3}")]));
    place.add("# without a terminal", &without_terminal(&place));
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn plugins_that_fail_are_told_apart() {
    let mut place = with_plugins(&["leaf", "hangs", "dies", "refuses", "babbles"]);
    for recipient in [DIES[0], REFUSES[0], BABBLES[0], MISSING[0]] {
        place.note_with(
            &[
                "encrypt",
                "--age",
                recipient,
                "--input-type",
                "yaml",
                "--filename-override",
                "a.yaml",
            ],
            b"a: 1\n",
        );
    }
    encrypt_for(&place, LEAF[0]);
    place.set("LEAFSEAL_AGE_PLUGIN_TIMEOUT", "1");
    for identity in [HANGS, DIES[1], REFUSES[1], BABBLES[1], MISSING[1]] {
        place.set("SOPS_AGE_KEY", identity);
        place.note(&["decrypt", "file.yaml"]);
    }
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn a_local_key_never_waits_for_a_plugin() {
    let mut place = with_plugins(&["hangs"]);
    encrypt_for(&place, OTHER_RECIPIENT);
    place.set("SOPS_AGE_KEY", HANGS);
    place.set("SOPS_AGE_KEY_CMD", &format!("cat {}", key_file("age2.txt")));
    let start = Instant::now();
    let answer = place.call(&["decrypt", "file.yaml"], b"");
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), "a: s3cret\n"), "{answer}");
    assert!(start.elapsed() < Duration::from_secs(30), "a plugin has 60 s");
}

#[test]
fn key_files_that_cannot_be_used_are_named() {
    let mut place = Place::empty();
    encrypt_for(&place, OTHER_RECIPIENT);
    let keys = "home/.config/sops/age/keys.txt";
    place.write(keys, std::fs::read(key_file("age2.txt")).expect("a key"));
    for mode in [0o644, 0o600] {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(place.path(keys), permissions).expect("the mode can be set");
        place.note(&["decrypt", "file.yaml"]);
    }
    std::fs::remove_file(place.path(keys)).expect("it is there");
    ssh_key(&place, "home/.ssh/id_rsa", &["-t", "ecdsa"], "");
    ssh_key(&place, "old", &["-t", "rsa", "-b", "2048", "-m", "PEM"], PASSPHRASE);
    place.set("SOPS_AGE_SSH_PRIVATE_KEY_FILE", "old");
    place.set("SOPS_AGE_SSH_PRIVATE_KEY_CMD", "echo no key");
    place.set("SOPS_AGE_KEY_FILE", "folder");
    std::fs::create_dir(place.path("folder")).expect("a folder can be made");
    place.note(&["decrypt", "file.yaml"]);
    place.set("SOPS_AGE_SSH_PRIVATE_KEY_FILE", "");
    place.set("SOPS_AGE_SSH_PRIVATE_KEY_CMD", "exit");
    place.note(&["decrypt", "file.yaml"]);
    insta::assert_snapshot!(place.transcript());
}
