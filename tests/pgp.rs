//! Files for OpenPGP keys made by gpg: what is encrypted here opens with the reference program and
//! with gpg, and the other way round.
#![cfg(unix)]

mod support;

use std::ffi::OsStr;
use std::process::{Command, Output};

use leafseal::{Format, metadata};
use support::Reference;
use support::gnupg::{GnupgHome, stand_in};

const PLAIN: &str = "password: s3cret\nport: 8080\n";

/// A folder with a home of gpg and a file in clear.
struct Place {
    home: GnupgHome,
    folder: tempfile::TempDir,
    reference: Reference,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a scratch folder");
        std::fs::write(folder.path().join("plain.yaml"), PLAIN).expect("written");
        Self { home: GnupgHome::new(), folder, reference: Reference::find() }
    }

    fn command(&self, mut command: Command, arguments: &[&str]) -> Command {
        command.env_remove("SOPS_AGE_KEY_FILE").env("GNUPGHOME", self.home.path());
        command.current_dir(self.folder.path()).args(arguments);
        command
    }

    fn ours(&self, arguments: &[&str]) -> Command {
        self.command(Command::new(env!("CARGO_BIN_EXE_leafseal")), arguments)
    }

    fn theirs(&self, arguments: &[&str]) -> Command {
        self.command(self.reference.command(), arguments)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).expect("written");
    }

    /// Encrypts with one program, decrypts with both; returns the encrypted file.
    fn goes_round(&self, encrypted: String) -> String {
        self.write("file.yaml", &encrypted);
        assert_eq!(text(self.ours(&["decrypt", "file.yaml"])), PLAIN, "{encrypted}");
        assert_eq!(text(self.theirs(&["decrypt", "file.yaml"])), PLAIN.replace("  ", "    "));
        encrypted
    }
}

fn output(mut command: Command) -> Output {
    command.output().expect("the program runs")
}

/// The output of a program, which must not fail.
fn text(command: Command) -> String {
    let output = output(command);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// The names and armors of the OpenPGP keys of a file.
fn entries(encrypted: &str) -> Vec<(String, String)> {
    let metadata = metadata(encrypted.as_bytes(), Format::Yaml).expect("readable");
    let metadata = metadata.expect("encrypted");
    metadata.master_keys().map(|key| (key.name(), key.enc.clone())).collect()
}

#[test]
fn files_go_both_ways_whatever_the_key_and_its_name() {
    let place = Place::new();
    let rsa = place.home.generate("rsa", "rsa3072", "sign");
    let rsa_subkey = place.home.add_subkey(&[], &rsa, ["rsa3072", "encr", "never"]);
    let curve = place.home.generate("curve", "future-default", "default");
    let second = place.home.add_subkey(&[], &curve, ["cv25519", "encr", "never"]);
    let spaced: Vec<String> =
        rsa.as_bytes().chunks(4).map(|it| String::from_utf8_lossy(it).into_owned()).collect();
    let names = [
        (rsa.clone(), None),
        (spaced.join(" "), None),
        (rsa.to_lowercase(), None),
        (rsa[24..].to_owned(), None),
        (format!("{rsa_subkey}!"), Some(&rsa_subkey)),
        (curve.clone(), None),
        (format!("{}!", second.to_lowercase()), Some(&second)),
        (format!("0x{curve}"), None),
    ];
    for (name, subkey) in names {
        let arguments = ["encrypt", "--pgp", &name, "plain.yaml"];
        let stored: String = name.split_whitespace().collect();
        for command in [place.ours(&arguments), place.theirs(&arguments)] {
            let encrypted = place.goes_round(text(command));
            let [(fingerprint, enc)] = &entries(&encrypted)[..] else { panic!("{encrypted}") };
            assert_eq!(*fingerprint, stored);
            assert!(enc.starts_with("-----BEGIN PGP MESSAGE-----\n"), "{enc}");
            assert!(enc.ends_with("\n-----END PGP MESSAGE-----"), "{enc}");
            assert_eq!(place.home.gpg(&["-d"], enc.as_bytes()).len(), 32, "a data key");
            if let Some(subkey) = subkey {
                let packets = place.home.gpg(&["--list-packets"], enc.as_bytes());
                let packets = String::from_utf8(packets).expect("text");
                assert!(packets.contains(&format!("keyid {}", &subkey[24..])), "{packets}");
            }
        }
    }
}

#[test]
fn one_key_of_several_is_enough() {
    let (place, other) = (Place::new(), GnupgHome::new());
    let foreign = other.generate("foreign", "future-default", "default");
    place.home.import(&other.gpg(&["--export", &foreign], b""));
    let own = place.home.generate("own", "future-default", "default");
    let rule = format!("creation_rules:\n  - pgp:\n      - {foreign}\n      - {own}\n");
    place.write(".sops.yaml", &rule);
    for command in
        [place.ours(&["encrypt", "plain.yaml"]), place.theirs(&["encrypt", "plain.yaml"])]
    {
        let encrypted = place.goes_round(text(command));
        let names: Vec<String> = entries(&encrypted).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, [&*foreign, &*own]);
    }
    let rule = format!("creation_rules:\n  - pgp: >-\n      {foreign},\n      {own}\n");
    place.write(".sops.yaml", &rule);
    assert_eq!(entries(&text(place.ours(&["encrypt", "plain.yaml"]))).len(), 2);
    let mut command = place.ours(&["encrypt", "plain.yaml"]);
    command.env("SOPS_PGP_FP", &own);
    assert_eq!(entries(&text(command)).len(), 1, "the variable overrides the rule");
}

#[test]
fn program_is_called_as_by_the_reference_and_hears_no_secret_in_arguments() {
    let place = Place::new();
    let key = place.home.generate("key", "future-default", "default");
    let subkey = place.home.fingerprints(&key).remove(1);
    let log = place.folder.path().join("log");
    let script = format!("printf '<%s>' \"$@\" >>{}\nexec gpg \"$@\"", log.display());
    let program = stand_in(place.folder.path(), "gpg-in-between", &script);
    let calls = |mut command: Command| {
        let _ = std::fs::remove_file(&log);
        text({
            command.env("SOPS_GPG_EXEC", &program);
            command
        });
        std::fs::read_to_string(&log).expect("gpg was called")
    };
    for name in [key.clone(), key.to_lowercase(), format!("{subkey}!"), key[24..].to_owned()] {
        let arguments = ["encrypt", "--pgp", &name, "--output", "file.yaml", "plain.yaml"];
        assert_eq!(calls(place.ours(&arguments)), calls(place.theirs(&arguments)), "{name}");
    }
    let arguments = ["decrypt", "file.yaml"];
    assert_eq!(calls(place.ours(&arguments)), "<-d>");
    assert_eq!(calls(place.theirs(&arguments)), "<-d>");
}

#[test]
fn entry_has_the_time_at_which_it_was_made() {
    let place = Place::new();
    let key = place.home.generate("key", "future-default", "default");
    let encrypted = text(place.ours(&["encrypt", "--pgp", &key, "plain.yaml"]));
    let metadata = metadata(encrypted.as_bytes(), Format::Yaml).expect("readable");
    let metadata = metadata.expect("encrypted");
    let entry = metadata.master_keys().next().expect("an entry");
    assert_eq!(entry.created_at, Some(metadata.last_modified));
}

/// Lets a command do without gpg.
fn without_gpg(mut command: Command, key: (&str, &OsStr)) -> Command {
    command.env("SOPS_GPG_EXEC", "/nonexistent/gpg").env(key.0, key.1);
    command
}

#[test]
fn exported_keys_do_without_gpg() {
    let place = Place::new();
    let rsa = place.home.generate("rsa", "rsa3072", "sign");
    place.home.add_subkey(&[], &rsa, ["rsa3072", "encr", "never"]);
    let curve = place.home.generate("curve", "future-default", "default");
    let second = place.home.add_subkey(&[], &curve, ["cv25519", "encr", "never"]);
    // both in one file, as one block of armor each
    let export = |flag, key: &String| place.home.gpg(&["--armor", flag, key], b"");
    let public = [export("--export", &rsa), export("--export", &curve)].concat();
    let public_file = place.folder.path().join("public.asc");
    std::fs::write(&public_file, &public).expect("written");
    let secret = [&rsa, &curve].map(|key| export("--export-secret-keys", key)).concat();
    let secret = String::from_utf8(secret).expect("armored");
    let binary_file = place.folder.path().join("secret.pgp");
    std::fs::write(&binary_file, place.home.gpg(&["--export-secret-keys"], b"")).expect("written");

    for name in [rsa.clone(), curve.to_lowercase(), curve[24..].to_owned(), format!("{second}!")] {
        let arguments = ["encrypt", "--pgp", &name, "plain.yaml"];
        let key = ("LEAFSEAL_PGP_KEY_FILE", public_file.as_os_str());
        let encrypted = place.goes_round(text(without_gpg(place.ours(&arguments), key)));
        let [(fingerprint, enc)] = &entries(&encrypted)[..] else { panic!("{encrypted}") };
        assert_eq!(*fingerprint, name);
        assert!(enc.starts_with("-----BEGIN PGP MESSAGE-----\n") && enc.ends_with("MESSAGE-----"));
        let packets = place.home.gpg(&["--list-packets"], enc.as_bytes());
        let packets = String::from_utf8(packets).expect("text");
        assert_eq!(packets.matches(":pubkey enc packet:").count(), 1, "{packets}");

        // by gpg, opened here
        place.write("file.yaml", &text(place.theirs(&arguments)));
        for key in [
            ("LEAFSEAL_PGP_KEY", OsStr::new(&secret)),
            ("LEAFSEAL_PGP_KEY_FILE", binary_file.as_os_str()),
        ] {
            assert_eq!(text(without_gpg(place.ours(&["decrypt", "file.yaml"]), key)), PLAIN);
        }
    }
}

#[test]
fn key_rings_of_old_releases_do_without_gpg() {
    let place = Place::new();
    let key = place.home.generate("key", "future-default", "default");
    let home = tempfile::tempdir().expect("a scratch folder");
    let ring = |name: &str, flag: &str| {
        std::fs::write(home.path().join(name), place.home.gpg(&[flag], b"")).expect("written");
    };
    ring("pubring.gpg", "--export");
    let old_home = ("GNUPGHOME", home.path().as_os_str());
    let encrypt = place.ours(&["encrypt", "--pgp", &key, "plain.yaml"]);
    let encrypted = place.goes_round(text(without_gpg(encrypt, old_home)));
    place.write("file.yaml", &encrypted);
    ring("secring.gpg", "--export-secret-keys");
    assert_eq!(text(without_gpg(place.ours(&["decrypt", "file.yaml"]), old_home)), PLAIN);
    assert_eq!(text(without_gpg(place.theirs(&["decrypt", "file.yaml"]), old_home)), PLAIN);
}
