//! `exec-env` and `exec-file`: what the command gets, what stays behind, and how it ends.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::place::{Place, RECIPIENT};

const FLAT: &str = "K: v\nN: 5\nF: 2.0\nE: 1e30\nB: true\n# note\nD: 2020-01-02T03:04:05Z\nM: \"two\\nlines \"\nlower-case: x\n";

/// A place with `flat.yaml` and `file.yaml`, where files in clear go to `tmp`.
fn place() -> Place {
    let mut place = Place::with_encrypted();
    place.write("flat.yaml", FLAT);
    place.encrypt("flat.yaml");
    place.put_clear_files_in_tmp();
    place
}

/// Encrypts another text and returns the name of its file.
fn encrypted(place: &Place, name: &'static str, text: &str) -> &'static str {
    place.write(name, text);
    place.encrypt(name);
    name
}

pub(crate) fn left_behind(place: &Place) -> Vec<String> {
    let entries = std::fs::read_dir(place.path("tmp")).expect("the folder can be listed");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let names = names.map(|name| name.to_string_lossy().into_owned());
    names.filter(|name| name != ".keep").collect()
}

#[test]
fn command_gets_the_values_and_its_exit_code_is_passed_on() {
    let mut place = place();
    place.note(&["exec-env", "flat.yaml", "echo \"$K,$N,$F,$E,$B,$D,$M\"; env | grep lower"]);
    place.note(&["exec-env", "flat.yaml", "exit 7"]);
    place.note(&["exec-env", "flat.yaml", "kill -9 $$"]);
    place.note(&["exec-env", "--same-process", "flat.yaml", "exit 9"]);
    place.note(&["exec-env", "flat.yaml", "echo ${HOME:+home}", "--pristine"]);
    place.note(&["exec-env", "flat.yaml", "echo ${HOME:+home}"]);
    place.note(&["exec-file", "flat.yaml", "cat {}; exit 3"]);
    place.note(&["exec-file", "--output-type", "json", "file.yaml", "cat {}"]);
    place.note(&["exec-file", "flat.yaml", "echo no placeholder"]);
    place.note(&["exec-file", "flat.yaml", "kill -15 $$"]);
    assert_eq!(left_behind(&place), Vec::<String>::new());
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn what_keeps_a_command_from_running_is_said() {
    let mut place = place();
    for command in ["exec-env", "exec-file"] {
        place.note(&[command]);
        place.note(&[command, "flat.yaml"]);
        place.note(&[command, "missing.yaml", "true"]);
        place.note(&[command, "--user", "no-such-user", "flat.yaml", "true"]);
        place.note(&[command, "--decryption-order", "age,age", "flat.yaml", "true"]);
        place.note(&[command, "--keyservice", "tcp://127.0.0.1:1", "flat.yaml", "true"]);
    }
    place.note(&["exec-file", "flat.yaml", "file.yaml", "true"]);
    place.note(&["exec-env", "flat.yaml", "ls", "-l"]);
    place.note(&["exec-env", "file.yaml", "true"]);
    place.note(&["exec-env", "--background", "--same-process", "flat.yaml", "true"]);
    let equals = encrypted(&place, "equals.json", "{\"a=b\": 1}\n");
    place.note(&["exec-env", equals, "true"]);
    let nul = encrypted(&place, "nul.json", "{\"a\": \"s3cret\\u0000\"}\n");
    place.note(&["exec-env", nul, "true"]);
    let section = encrypted(&place, "section.ini", "[part]\nkey = value\n");
    place.note(&["exec-env", section, "true"]);
    for name in ["../x", "/x", "a/b", ".."] {
        place.note(&["exec-file", "--filename", name, "flat.yaml", "true"]);
    }
    place.set("TMPDIR", "/no/such/folder");
    place.note(&["exec-file", "flat.yaml", "true"]);
    place.set("SOPS_KEYSERVICE", "tcp://127.0.0.1:1");
    place.note(&["exec-env", "flat.yaml", "true"]);
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn names_that_run_other_code_are_refused_unless_allowed() {
    let mut place = place();
    let file = encrypted(&place, "names.env", "LD_PRELOAD=x.so\nPATH=/bin\nK=v\n");
    place.note(&["exec-env", file, "echo $K"]);
    place.note(&["exec-env", "--allow-variable", "PATH", file, "echo $K"]);
    place.note(&["exec-env", "--allow-variable", "PATH, LD_PRELOAD", file, "echo $K $PATH"]);
    place.call_it("sops");
    place.note(&["exec-env", file, "echo $K"]);
    place.set("LEAFSEAL_STRICT", "1");
    place.note(&["exec-env", file, "echo $K"]);
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn values_at_any_depth_and_several_files_are_taken() {
    let mut place = place();
    let nested = "database:\n  host: here\n  ports: [1, 2]\nempty: {}\nnone: null\n";
    let nested = encrypted(&place, "nested.yaml", nested);
    let second = encrypted(&place, "second.env", "K=second\n");
    let show = "env | grep -E '^(database|none|K|N|empty)' | sort";
    place.note(&["exec-env", "--flatten", "_", nested, show]);
    place.note(&["exec-env", "--flatten=__", nested, "flat.yaml", second, show]);
    let both = encrypted(&place, "both.yaml", "a:\n  b: 1\na_b: 2\n");
    place.note(&["exec-env", "--flatten", "_", both, "true"]);
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn file_in_clear_is_private_and_has_the_name_asked_for() {
    let place = place();
    let show = "ls -ld {} | cut -c1-10; ls -ld $(dirname {}) | cut -c1-10; basename {}; cat {}";
    let rows: [(&[&str], &str); 4] = [
        (&[], "prw-------\ndrwx------\ntmp-file\n"),
        (&["--no-fifo"], "-rw-------\ndrwx------\ntmp-file\n"),
        (&["--filename", "f.yaml"], "prw-------\ndrwx------\nf.yaml\n"),
        (&["--no-fifo", "--filename", "f.yaml"], "-rw-------\ndrwx------\nf.yaml\n"),
    ];
    for (flags, expected) in rows {
        let answer = place.call(&[&["exec-file"], flags, &["flat.yaml", show]].concat(), b"");
        assert_eq!(answer.stdout, format!("{expected}{FLAT}"), "{flags:?}\n{answer}");
        assert_eq!((answer.code, left_behind(&place)), (Some(0), vec![]));
    }
    let twice = "cat {} {} > copy; cp {} other; head -c 1 {}";
    let answer = place.call(&["exec-file", "--no-fifo", "flat.yaml", twice], b"");
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), "K"));
    assert_eq!(place.read("copy"), [FLAT, FLAT].concat());
}

#[test]
fn command_in_the_background_finds_its_file_which_goes_with_it() {
    let mut place = place();
    place.note(&["exec-file", "--background", "flat.yaml", "cat {} > copy; mv copy done"]);
    place.note(&["exec-env", "--background", "flat.yaml", "echo $K > copy2; mv copy2 done2"]);
    wait_for("both commands", || place.path("done").exists() && place.path("done2").exists());
    assert_eq!((place.read("done").as_str(), place.read("done2").as_str()), (FLAT, "v\n"));
    wait_for("the folder to go", || left_behind(&place).is_empty());
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn another_user_gets_groups_and_home_or_is_refused() {
    let place = place();
    let show = "id -u; id -G; echo $HOME $USER $LOGNAME";
    let answer = place.call(&["exec-env", "--user", "nobody", "flat.yaml", show], b"");
    if rustix::process::geteuid().is_root() {
        let expected = "65534\n65534\n/nonexistent nobody nobody\n";
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), expected), "{answer}");
        let open = Command::new("chmod").args(["711"]).arg(place.path("")).status();
        assert!(open.expect("chmod runs").success());
        let open = Command::new("chmod").args(["777"]).arg(place.path("tmp")).status();
        assert!(open.expect("chmod runs").success());
        let words = ["exec-file", "--user", "nobody", "flat.yaml", "id -u; cat {}"];
        let answer = place.call(&words, b"");
        assert_eq!(answer.stdout, format!("65534\n{FLAT}"), "{answer}");
        assert_eq!(left_behind(&place), Vec::<String>::new());
    } else {
        let expected = "error: cannot become the user \"nobody\": EPERM: Operation not permitted\nhint: only root can run a command as somebody else\n";
        assert_eq!((answer.code, answer.stderr.as_str()), (Some(1), expected));
    }
}

/// Starts a command that tells when it is at work.
pub(crate) fn started(place: &Place, words: &[&str]) -> Child {
    let mut command = place.command(Path::new("/usr/bin/env"), "");
    // whoever runs the tests may have been told to ignore signals
    command.arg("--default-signal").arg(env!("CARGO_BIN_EXE_leafseal"));
    let child = command.args(words).stdout(Stdio::null()).spawn().expect("the program starts");
    wait_for("the command to start", || place.path("started").exists());
    child
}

fn wait_for(what: &str, is_done: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !is_done() {
        assert!(Instant::now() < deadline, "waiting for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub(crate) fn send(signal: &str, process: &str) -> bool {
    let mut kill = Command::new("/bin/sh");
    kill.args(["-c", &format!("kill -s {signal} {process}")]).stderr(Stdio::null());
    kill.status().expect("a shell runs").success()
}

#[test]
fn signals_end_the_command_and_nothing_in_clear_stays() {
    let rows = [("HUP", 129), ("INT", 130), ("TERM", 143), ("QUIT", 131), ("USR1", 138)];
    for (signal, code) in rows {
        for flags in [&["exec-file"][..], &["exec-file", "--no-fifo"]] {
            let place = place();
            let line = "cat {} > copy; echo $$ > pid; mv pid started; exec sleep 60";
            let mut child = started(&place, &[flags, &["flat.yaml", line]].concat());
            assert_eq!(left_behind(&place).len(), 1);
            assert!(send(signal, &child.id().to_string()), "{signal}");
            let status = child.wait().expect("the program ends");
            assert_eq!(status.code(), Some(code), "{signal} {flags:?}");
            assert_eq!(left_behind(&place), Vec::<String>::new(), "{signal} {flags:?}");
            assert_eq!(place.read("copy"), FLAT);
            assert!(!send("0", place.read("started").trim()), "the command has ended");
        }
    }
}

#[test]
fn command_may_end_in_its_own_way_when_a_signal_comes() {
    let place = place();
    let line = "trap 'echo $K > got; exit 5' TERM; : > started; while :; do sleep 0.05; done";
    let mut child = started(&place, &["exec-env", "flat.yaml", line]);
    assert!(send("TERM", &child.id().to_string()));
    assert_eq!(child.wait().expect("the program ends").code(), Some(5));
    assert_eq!(place.read("got"), "v\n");
}

#[test]
fn signals_that_are_ignored_stay_ignored() {
    let place = place();
    let line = "trap '' HUP; exec \"$L\" exec-env flat.yaml 'kill -s HUP $$ $PPID; echo alive'";
    let answer = place.shell(line);
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), "alive\n"), "{answer}");
}

/// On a terminal both processes get the signal of Ctrl-C; the command must not get it twice.
#[test]
fn control_c_reaches_the_command_once() {
    let place = place();
    let line = "n=0; trap 'n=$((n+1))' INT; : > started; for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1; done; echo $n > count";
    let mut script = place.command(Path::new("script"), "");
    let call = format!(
        "env --default-signal {} exec-env flat.yaml '{}'",
        env!("CARGO_BIN_EXE_leafseal"),
        line.replace('\'', "'\\''")
    );
    script.args(["-qec", &call, "/dev/null"]).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = script.spawn().expect("script starts");
    wait_for("the command to start", || place.path("started").exists());
    let mut terminal = child.stdin.take().expect("a pipe");
    std::io::Write::write_all(&mut terminal, b"\x03").expect("the terminal takes it");
    wait_for("the command to end", || place.path("count").exists());
    wait_for("the count", || !place.read("count").is_empty());
    assert_eq!(place.read("count"), "1\n");
    drop(terminal);
    child.wait().expect("script ends");
}

/// What both programs hand over is the same, but for null and the notice of the exit code.
#[test]
fn command_gets_what_the_reference_hands_over() {
    let place = place();
    let values = "a: \" x\"\nb: 1.5\nc: -0.00001\nd: 123456789012\ne: false\nf: 2001-12-14t21:59:43.10-05:00\ng: |\n  two\n  lines\nh: 1234567.5\ni: 0x1F\nj: 100000.0\nk: \"\"\n";
    place.write("values.yaml", values);
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/sops");
    assert!(reference.exists(), "the reference program is missing: run `make peers`");
    let run = |program: &Path, words: &[&str]| {
        let output = place.command(program, "").args(words).output().expect("it runs");
        (output.status.code(), String::from_utf8(output.stdout).expect("text"))
    };
    let ours = Path::new(env!("CARGO_BIN_EXE_leafseal"));
    let (code, sealed) = run(&reference, &["encrypt", "--age", RECIPIENT, "values.yaml"]);
    assert_eq!(code, Some(0));
    place.write("values.yaml", sealed);
    let show = "for n in a b c d e f g h i j k; do eval \"echo [\\$$n]\"; done";
    let rows: [&[&str]; 7] = [
        &["exec-env", "values.yaml", show],
        &["exec-env", "--pristine", "values.yaml", "env | sort"],
        &["exec-env", "values.yaml", "exit 12"],
        &["exec-env", "--same-process", "values.yaml", "exit 12"],
        &["exec-file", "values.yaml", "cat {}"],
        &["exec-file", "--no-fifo", "--output-type", "json", "values.yaml", "cat {}"],
        &["exec-file", "--filename", "x.yaml", "values.yaml", "basename {}; exit 4"],
    ];
    for words in rows {
        assert_eq!(run(ours, words), run(&reference, words), "{words:?}");
    }
}
