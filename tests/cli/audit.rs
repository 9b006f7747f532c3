//! The audit log: each call runs where `/etc/sops/audit.yaml` is what the test says, in a mount
//! namespace of its own that nothing else sees.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::Answer;
use super::place::{PLAIN, Place, RECIPIENT, SECRETS, key_file};

const PASSWORD: &str = "hunter-s3cret";

/// Gives the place a `/etc` of its own, with this configuration.
fn configure(place: &Place, config: &str) {
    for name in ["passwd", "group", "nsswitch.conf", "hosts", "ld.so.cache"] {
        if let Ok(content) = std::fs::read(Path::new("/etc").join(name)) {
            place.write(&format!("etc/{name}"), content);
        }
    }
    place.write("etc/sops/audit.yaml", config);
}

/// Runs a line of shell where the place's `/etc` is that of the machine; `$L` is the program.
fn audited(place: &Place, line: &str) -> Answer {
    let inside =
        format!("mount --bind etc /etc && exec /bin/sh -c '{}'", line.replace('\'', "'\\''"));
    let answer =
        place.shell(&format!("exec unshare -rm /bin/sh -c '{}'", inside.replace('\'', "'\\''")));
    assert!(!answer.stderr.contains("unshare:"), "unshare is missing or may not be used: {answer}");
    answer
}

fn note(place: &mut Place, line: &str) {
    let answer = audited(place, line);
    place.add(&format!("$ {}", line.replace("$L", "leafseal")), &answer);
}

fn sqlite(place: &Place) -> String {
    format!("backends:\n  sqlite:\n    - path: {}\n", place.path("log.db").display())
}

/// Reads the log through the program.
fn log(place: &Place, flags: &str) -> Vec<serde_json::Value> {
    let answer = audited(place, &format!("$L audit --json {flags}"));
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{answer}");
    let rows: serde_json::Value = serde_json::from_str(&answer.stdout).expect("JSON");
    rows.as_array().expect("a list").clone()
}

fn events(place: &Place, flags: &str) -> Vec<String> {
    let folder = place.path("").to_string_lossy().into_owned();
    let text = |row: &serde_json::Value, key: &str| row[key].as_str().expect("text").to_owned();
    let event = |row: &serde_json::Value| {
        let file = text(row, "file").replace(folder.trim_end_matches('/'), "$PWD");
        format!("{} {} {file}", text(row, "action"), text(row, "username"))
    };
    log(place, flags).iter().map(event).collect()
}

#[test]
fn events_are_recorded_and_shown() {
    let mut place = Place::with_encrypted();
    place.write("plain.yaml", PLAIN);
    configure(&place, &sqlite(&place));
    let calls = [
        format!("$L encrypt --age {RECIPIENT} plain.yaml >/dev/null"),
        "$L decrypt ./file.yaml >/dev/null".to_owned(),
        "$L -d home/../file.yaml >/dev/null".to_owned(),
        "$L decrypt --input-type yaml --output-type yaml <file.yaml >/dev/null".to_owned(),
        "$L decrypt --extract '[\"port\"]' file.yaml >/dev/null".to_owned(),
        "$L exec-env --flatten _ file.yaml true".to_owned(),
        "$L exec-file file.yaml true".to_owned(),
        "$L rotate -i file.yaml".to_owned(),
        "$L filestatus file.yaml >/dev/null".to_owned(),
        "$L --version >/dev/null".to_owned(),
        format!("SOPS_AGE_KEY_FILE={} $L decrypt file.yaml 2>/dev/null", key_file("age2.txt")),
    ];
    assert_eq!(events(&place, ""), Vec::<String>::new(), "nothing is recorded yet");
    for call in &calls {
        audited(&place, call);
    }
    insta::assert_snapshot!(events(&place, "").join("\n"));
    let counts = [
        ("--action decrypt", 7),
        ("--action encrypt,rotate", 3),
        ("--user root", 10),
        ("--user nobody-such", 0),
        ("--file file.yaml", 8),
        ("--file .", 10),
        ("--file fil", 0),
        ("--since 2026", 10),
        ("--until 2025", 0),
        ("--until 9999-01-01", 10),
        ("--last 3", 3),
        ("--last 3 --action encrypt", 2),
    ];
    for (flags, count) in counts {
        assert_eq!(events(&place, flags).len(), count, "{flags}");
    }
    let text = audited(&place, "$L audit --last 1").stdout;
    assert!(
        text.ends_with(&format!("Z  encrypt  root  {}\n", place.path("file.yaml").display())),
        "{text}"
    );
    for line in ["$L audit --action x", "$L audit --since yesterday", "$L audit --last x"] {
        note(&mut place, line);
    }
    place.write(
        "log.db",
        "this is no database, but long enough to be taken for one of another kind",
    );
    note(&mut place, "$L audit");
    configure(&place, "backends: {}\n");
    note(&mut place, "$L audit");
    insta::assert_snapshot!("shown", place.transcript());
}

#[test]
fn each_change_leaves_the_events_of_the_reference() {
    let mut place = Place::with_encrypted();
    place.set("EDITOR", "sed -i s/s3cret/other/");
    configure(&place, &sqlite(&place));
    let changed = ["decrypt", "encrypt"];
    let rows: [(&str, &[&str]); 7] = [
        ("set file.yaml '[\"port\"]' 1", &changed),
        ("--set '[\"port\"] 2' file.yaml", &changed),
        ("unset file.yaml '[\"port\"]'", &changed),
        ("edit file.yaml", &changed),
        ("edit file.yaml # unchanged", &["decrypt"]),
        ("unset file.yaml '[\"none\"]'", &["decrypt"]),
        ("rotate -i file.yaml", &["rotate", "decrypt", "encrypt"]),
    ];
    let mut seen = 0;
    for (call, expected) in rows {
        audited(&place, &format!("$L {call}"));
        let log = log(&place, "");
        let actions: Vec<&str> = log.iter().filter_map(|row| row["action"].as_str()).collect();
        assert_eq!(&actions[seen..], expected, "{call}");
        seen = log.len();
    }
}

#[test]
fn many_processes_write_one_log_at_once() {
    let place = Place::with_encrypted();
    configure(&place, &sqlite(&place));
    let line = "for i in $(seq 40); do $L decrypt file.yaml >out$i & done; wait";
    let answer = audited(&place, line);
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{answer}");
    for number in 1..=40 {
        assert_eq!(place.read(&format!("out{number}")), PLAIN);
    }
    let rows = log(&place, "");
    let ids: Vec<i64> = rows.iter().map(|row| row["id"].as_i64().expect("a number")).collect();
    assert_eq!(ids, (1..=40).collect::<Vec<i64>>());
}

#[test]
fn nothing_is_handed_out_that_cannot_be_recorded() {
    let mut place = Place::with_encrypted();
    place.write("plain.yaml", PLAIN);
    let before = place.read("file.yaml");
    let calls = [
        format!("$L encrypt --age {RECIPIENT} plain.yaml"),
        format!("$L encrypt -i --age {RECIPIENT} plain.yaml"),
        "$L decrypt file.yaml".to_owned(),
        "$L decrypt --extract '[\"password\"]' file.yaml".to_owned(),
        "$L decrypt -i file.yaml".to_owned(),
        "$L rotate -i file.yaml".to_owned(),
        "$L exec-env --flatten _ file.yaml 'echo $password'".to_owned(),
        "$L exec-file file.yaml 'cat {}'".to_owned(),
    ];
    let configs = [
        "backends: {sqlite: [{path: /no/such/folder/log.db}]}\n".to_owned(),
        format!(
            "backends: {{postgres: [{{connection_string: \"postgres://u:{PASSWORD}@127.0.0.1:1/d?sslmode=disable\"}}]}}\n"
        ),
        format!(
            "backends: {{postgres: [{{connection_string: \"postgres://u:{PASSWORD}@127.0.0.1:x/d\"}}]}}\n"
        ),
        "backends: {sqlite: [{path: log.db}]}\n".to_owned(),
        format!("backends: [{PASSWORD}\n"),
    ];
    for config in &configs {
        configure(&place, config);
        for call in &calls {
            let answer = audited(&place, call);
            assert_eq!((answer.code, answer.stdout.as_str()), (Some(1), ""), "{call}\n{answer}");
            let is_shown = |secret: &&str| answer.stderr.contains(*secret);
            assert!(!SECRETS.iter().chain([&PASSWORD]).any(is_shown), "{answer}");
        }
        note(&mut place, "$L decrypt file.yaml");
    }
    // a configuration that this user may not read
    std::fs::remove_file(place.path("etc/sops/audit.yaml")).expect("it is there");
    place.write("etc/sops/audit.yaml/x", "");
    note(&mut place, "$L decrypt file.yaml");
    place.call_it("sops");
    note(&mut place, "$L decrypt --extract '[\"port\"]' file.yaml");
    assert_eq!((place.read("file.yaml"), place.read("plain.yaml")), (before, PLAIN.to_owned()));
    insta::assert_snapshot!(place.transcript());
}

/// A PostgreSQL server of its own, on loopback.
struct Server {
    folder: tempfile::TempDir,
    programs: PathBuf,
    port: u16,
}

/// Runs a program as a user who may run a server, which root may not.
fn as_servant(program: &Path, arguments: &[&str]) -> Output {
    let is_root = rustix::process::geteuid().is_root();
    let mut command = Command::new(if is_root { Path::new("runuser") } else { program });
    if is_root {
        command.args(["-u", "postgres", "--"]).arg(program);
    }
    let output = command.args(arguments).current_dir("/").output().expect("run `make peers`");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{} {arguments:?}: {text}", program.display());
    output
}

impl Server {
    fn start() -> Self {
        let versions = std::fs::read_dir("/usr/lib/postgresql").expect("run `make peers`");
        let programs = versions.map(|it| it.expect("a version").path().join("bin"));
        let programs = programs.max().expect("PostgreSQL: run `make peers`");
        let folder = tempfile::tempdir().expect("a scratch folder can be made");
        let inside = folder.path().join("server");
        if rustix::process::geteuid().is_root() {
            run("chmod", &["711", &folder.path().to_string_lossy()]);
            run("install", &["-d", "-o", "postgres", "-m", "700", &inside.to_string_lossy()]);
        } else {
            std::fs::create_dir(&inside).expect("a folder can be made");
        }
        let free = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = free.local_addr().expect("it has an address").port();
        drop(free);
        let server = Self { folder, programs, port };
        server.initialize();
        server
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join("server").join(name).to_string_lossy().into_owned()
    }

    fn initialize(&self) {
        let (data, password) = (self.path("data"), self.path("password"));
        let shell = Path::new("/bin/sh");
        as_servant(shell, &["-c", &format!("echo {PASSWORD} > {password}")]);
        let words = ["-D", &data, "-U", "postgres", "-A", "scram-sha-256", "--pwfile", &password];
        as_servant(&self.programs.join("initdb"), &[&words[..], &["--no-sync"]].concat());
        let (key, certificate) = (self.path("key.pem"), self.path("cert.pem"));
        let words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj"];
        let rest = ["/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-addext"];
        let files = ["basicConstraints=critical,CA:FALSE", "-keyout", &key, "-out", &certificate];
        as_servant(Path::new("/usr/bin/openssl"), &[&words[..], &rest, &files].concat());
        as_servant(
            shell,
            &["-c", &format!("chmod 755 {} && chmod 644 {certificate}", self.path(""))],
        );
        let options = format!(
            "-p {} -k '' -c listen_addresses=127.0.0.1 -c fsync=off -c ssl=on -c ssl_cert_file={certificate} -c ssl_key_file={key}",
            self.port
        );
        let (log, control) = (self.path("log"), self.programs.join("pg_ctl"));
        as_servant(&control, &["-D", &data, "-o", &options, "-l", &log, "-w", "start"]);
        self.query(
            "CREATE TABLE audit_event (id SERIAL PRIMARY KEY, timestamp TIMESTAMP DEFAULT NOW(), action TEXT, username TEXT, file TEXT)",
        );
    }

    fn address(&self, host: &str, options: &str) -> String {
        format!("postgres://postgres:{PASSWORD}@{host}:{}/postgres?{options}", self.port)
    }

    fn config(&self, host: &str, options: &str) -> String {
        let address = self.address(host, options);
        format!("backends:\n  postgres:\n    - connection_string: \"{address}\"\n")
    }

    fn query(&self, query: &str) -> String {
        let address = self.address("127.0.0.1", "sslmode=disable");
        let output =
            run(&self.programs.join("psql").to_string_lossy(), &["-AtXq", "-c", query, &address]);
        String::from_utf8(output.stdout).expect("text")
    }

    /// Returns the rows, which are gone then.
    fn take_rows(&self) -> String {
        let rows = self.query("SELECT action, username, file FROM audit_event ORDER BY id");
        self.query("TRUNCATE audit_event");
        rows
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.path("data");
        as_servant(&self.programs.join("pg_ctl"), &["-D", &data, "-m", "immediate", "-w", "stop"]);
    }
}

fn run(program: &str, arguments: &[&str]) -> Output {
    let output = Command::new(program).args(arguments).output().expect("run `make peers`");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{program} {arguments:?}: {text}");
    output
}

#[test]
fn rows_in_postgresql_are_those_of_the_reference() {
    let server = Server::start();
    let mut place = Place::with_encrypted();
    place.write("plain.yaml", "a: 1\n");
    place.write("flat.yaml", "a: b\n");
    place.encrypt("flat.yaml");
    let flat = place.read("flat.yaml");
    place.write("other.yaml", "x: y\n");
    place.encrypt("other.yaml");
    place.set("EDITOR", "sed -i s/b/c/");
    place.set("SOPS_DISABLE_VERSION_CHECK", "true");
    configure(&place, &server.config("127.0.0.1", "sslmode=disable"));
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/sops");
    assert!(reference.exists(), "the reference program is missing: run `make peers`");
    let calls = [
        format!("encrypt --age {RECIPIENT} plain.yaml"),
        format!("encrypt --age {RECIPIENT} --filename-override x/y.yaml --input-type yaml <plain.yaml"),
        "decrypt home/../flat.yaml".to_owned(),
        "-d flat.yaml".to_owned(),
        "decrypt --extract '[\"a\"]' flat.yaml".to_owned(),
        "decrypt --input-type yaml --output-type yaml <flat.yaml".to_owned(),
        "decrypt /dev/stdin <flat.yaml".to_owned(),
        "decrypt plain.yaml".to_owned(),
        "exec-env flat.yaml true".to_owned(),
        "exec-file flat.yaml true".to_owned(),
        "rotate flat.yaml".to_owned(),
        "-r flat.yaml".to_owned(),
        "rotate plain.yaml".to_owned(),
        "set flat.yaml '[\"b\"]' 1".to_owned(),
        "--set '[\"b\"] 1' flat.yaml".to_owned(),
        "unset flat.yaml '[\"a\"]'".to_owned(),
        "unset flat.yaml '[\"none\"]'".to_owned(),
        "edit flat.yaml".to_owned(),
        "flat.yaml".to_owned(),
        "edit other.yaml".to_owned(),
        "rotate -i flat.yaml".to_owned(),
        "filestatus flat.yaml".to_owned(),
        "--version".to_owned(),
        "groups add -f flat.yaml --age age1hk6km9gau76kykwdatkwd4lu4kka4hcegvy92lf0l6pljcrhz95slnuph2".to_owned(),
    ];
    let rows = |program: &str, call: &str| {
        place.write("flat.yaml", &flat);
        let answer = audited(&place, &format!("{program} {call}"));
        (answer.code, server.take_rows())
    };
    let (mut failures, mut recorded) = (Vec::new(), 0);
    for call in &calls {
        let (ours, theirs) = (rows("$L", call), rows(&reference.to_string_lossy(), call));
        recorded += theirs.1.lines().count();
        if ours != theirs {
            failures.push(format!("{call}\nours: {ours:?}\ntheirs: {theirs:?}"));
        }
    }
    let wrong_key = format!("SOPS_AGE_KEY_FILE={} ", key_file("age2.txt"));
    for command in ["decrypt flat.yaml", "rotate flat.yaml"] {
        let ours = rows(&format!("{wrong_key}$L"), command);
        let theirs = rows(&format!("{wrong_key}{}", reference.display()), command);
        assert_eq!(ours, theirs, "{command}");
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!(recorded, 29);
}

#[test]
fn connection_to_postgresql_is_as_safe_as_it_says() {
    let server = Server::start();
    let mut place = Place::with_encrypted();
    let roots = server.path("cert.pem");
    let rows = [
        ("localhost", "", true),
        ("127.0.0.1", "sslmode=require", true),
        ("localhost", &*format!("sslmode=verify-full&sslrootcert={roots}"), true),
        ("127.0.0.1", &format!("sslmode=verify-ca&sslrootcert={roots}"), true),
        ("127.0.0.1", &format!("sslmode=verify-full&sslrootcert={roots}"), false),
        ("localhost", "sslmode=verify-full&sslrootcert=/etc/passwd", false),
        ("localhost", "sslmode=verify-full&sslrootcert=/no/such/file", false),
        ("localhost", "sslmode=verify-full", false),
        ("localhost", "sslmode=allow", false),
    ];
    for (host, options, is_fine) in rows {
        configure(&place, &server.config(host, options));
        let answer = audited(&place, "$L decrypt file.yaml");
        assert_eq!(answer.code == Some(0), is_fine, "{host} {options}\n{answer}");
        assert_eq!(server.take_rows().lines().count(), usize::from(is_fine), "{host} {options}");
        if !is_fine {
            let stderr = answer.stderr.replace(&server.port.to_string(), "PORT");
            place.add(
                &format!("$ decrypt, with {host} {}", options.replace(&roots, "CERT")),
                &Answer { stderr, ..answer },
            );
        }
    }
    let wrong = server.config("localhost", "sslmode=disable").replace(PASSWORD, "wrong-s3cret");
    configure(&place, &wrong);
    let answer = audited(&place, "$L decrypt file.yaml");
    assert!(!answer.stderr.contains("wrong-s3cret"), "{answer}");
    let stderr = answer.stderr.replace(&server.port.to_string(), "PORT");
    place.add("$ decrypt, with a wrong password", &Answer { stderr, ..answer });
    insta::assert_snapshot!(place.transcript());
}
