//! Observed calls of the reference program, run by both programs in equal folders.
//!
//! The numbers are those of the list of observed calls. A row compares exit codes, and the output of
//! a decryption that succeeds; where the two differ, the row says why.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Answer;
use super::place::{OTHER_RECIPIENT, RECIPIENT, key_file};

/// What must be equal.
enum Same {
    /// Exit code and standard output.
    Output,
    /// The exit code.
    Code,
    /// Something is not: our exit code, and the reason.
    Not(i32, &'static str),
}

use Same::{Code, Not, Output};

/// A call, with `$R1` for the recipient, and what is special about its folder.
struct Row {
    number: u32,
    call: &'static str,
    /// `cfg=NAME`, `in=FILE`, `after=FILE` (the file to compare), or `NAME=value` of a variable.
    given: &'static [&'static str],
    same: Same,
}

const fn row(number: u32, call: &'static str, given: &'static [&'static str], same: Same) -> Row {
    Row { number, call, given, same }
}

const ROWS: &[Row] = &[
    row(1, "--version", &["SOPS_DISABLE_VERSION_CHECK=true"], Code),
    row(2, "--version --disable-version-check", &[], Code),
    row(3, "-v --disable-version-check e.yaml", &[], Code),
    row(5, "--version", &["SOPS_DISABLE_VERSION_CHECK=maybe"], Code),
    row(6, "", &[], Code),
    row(7, "help decrypt", &[], Code),
    row(8, "decrypt --help", &[], Code),
    row(9, "help nosuch", &[], Code),
    row(10, "groups nosuch", &[], Code),
    row(11, "--nosuch", &[], Code),
    row(12, "decrypt --nosuch e.yaml", &[], Code),
    row(13, "-di e.yaml", &[], Code),
    row(
        14,
        "-k a --kms b -d e.yaml",
        &[],
        Not(0, "both forms of one flag are one flag; the last wins"),
    ),
    row(15, "decrypt e.yaml", &[], Output),
    row(16, "-d e.yaml", &[], Output),
    row(17, "--decrypt e.yaml", &[], Output),
    row(18, "decrypt nope.yaml", &[], Code),
    row(19, "-d nope.yaml", &[], Code),
    row(20, "decrypt p.yaml", &[], Code),
    row(21, "decrypt p.bin", &[], Code),
    row(22, "decrypt .", &[], Code),
    row(23, "decrypt e.yaml", &["SOPS_AGE_KEY_FILE="], Code),
    row(24, "decrypt e.yaml", &["SOPS_AGE_KEY_FILE=$K2"], Code),
    row(25, "decrypt --enable-local-keyservice=false e.yaml", &[], Code),
    row(
        26,
        "decrypt e.yaml",
        &["SOPS_ENABLE_LOCAL_KEYSERVICE="],
        Not(0, "a variable that is set but empty counts as not set"),
    ),
    row(27, "decrypt mac.yaml", &[], Code),
    row(28, "decrypt --ignore-mac mac.yaml", &[], Output),
    row(29, "decrypt val.yaml", &[], Code),
    row(30, "decrypt nomac.yaml", &[], Code),
    row(31, "decrypt lm.yaml", &[], Code),
    row(32, "decrypt nover.yaml", &[], Code),
    row(33, "decrypt --extract [\"b\"] e.yaml", &[], Output),
    row(34, "decrypt --extract [\"c\"][0] e.yaml", &[], Output),
    row(35, "decrypt --extract [\"c\"] e.yaml", &[], Output),
    row(36, "decrypt e.yaml --extract [\"b\"]", &[], Output),
    row(
        37,
        "-d e.yaml --extract [\"b\"]",
        &[],
        Not(0, "a flag behind the file counts in the older form too"),
    ),
    row(38, "decrypt --extract [\"zz\"] e.yaml", &[], Code),
    row(39, "decrypt --extract [\"c\"][9] e.yaml", &[], Code),
    row(40, "decrypt --extract b e.yaml", &[], Code),
    row(
        41,
        "decrypt --extract [\"c\"][-1] e.yaml",
        &[],
        Not(91, "a crash is no exit code to keep"),
    ),
    row(42, "decrypt --extract [\"a\"] --output-type json e.yaml", &[], Output),
    row(43, "decrypt --output-type json e.yaml", &[], Output),
    row(44, "decrypt --output-type dotenv e.yaml", &[], Code),
    row(45, "decrypt --output-type binary e.yaml", &[], Code),
    row(46, "decrypt --output-type nosuch e.yaml", &[], Output),
    row(47, "decrypt --input-type json e.yaml", &[], Code),
    row(48, "decrypt", &["in=e.yaml"], Code),
    row(49, "decrypt --input-type yaml --output-type yaml", &["in=e.yaml"], Output),
    row(50, "decrypt --filename-override x.yaml", &["in=e.yaml"], Output),
    row(51, "decrypt -", &["in=e.yaml"], Code),
    row(52, "decrypt --input-type yaml --output-type yaml /dev/stdin", &["in=e.yaml"], Output),
    row(53, "-d", &["in=e.yaml"], Code),
    row(54, "decrypt -i", &["in=e.yaml"], Code),
    row(55, "decrypt -i --output o.yaml e.yaml", &[], Code),
    row(56, "decrypt --output nodir/o.yaml e.yaml", &[], Code),
    row(57, "decrypt -i e.yaml", &["after=e.yaml"], Output),
    row(
        58,
        "decrypt -i e.yaml --output-type json",
        &["after=e.yaml"],
        Not(0, "no flag is dropped behind a switch"),
    ),
    row(59, "decrypt --decryption-order age,age e.yaml", &[], Code),
    row(
        60,
        "decrypt e.yaml",
        &["cfg=bad"],
        Not(0, "a broken config is a warning where no rule is needed"),
    ),
    row(61, "--config nope.yaml decrypt e.yaml", &[], Code),
    row(62, "--config /dev/null decrypt e.yaml", &[], Output),
    row(63, "encrypt p.yaml", &[], Code),
    row(64, "encrypt p.yaml", &["cfg=ok"], Code),
    row(65, "encrypt p.yaml", &["cfg=nomatch"], Code),
    row(
        66,
        "encrypt --age $R1 p.yaml",
        &["cfg=nomatch"],
        Not(0, "keys that are named are enough, with a warning"),
    ),
    row(67, "encrypt p.yaml", &["cfg=nokeys"], Code),
    row(68, "encrypt p.yaml", &["cfg=excl"], Code),
    row(69, "encrypt p.yaml", &["cfg=badre"], Code),
    row(70, "encrypt p.yaml", &["cfg=stores"], Code),
    row(71, "encrypt --unencrypted-suffix _u p.yaml", &["cfg=re"], Code),
    row(72, "encrypt --age bad p.yaml", &[], Code),
    row(73, "encrypt --age $R1 e.yaml", &[], Code),
    row(74, "encrypt --age $R1 empty.yaml", &[], Code),
    row(75, "encrypt --age $R1 bad.yaml", &[], Code),
    row(76, "encrypt --age $R1 list.yaml", &[], Code),
    row(77, "encrypt --age $R1 dup.yaml", &[], Code),
    row(78, "encrypt --age $R1 intkey.yaml", &[], Code),
    row(80, "encrypt --age $R1", &["in=p.yaml"], Code),
    row(81, "encrypt --age $R1 --filename-override x.yaml", &["in=p.yaml"], Code),
    row(82, "encrypt --age $R1 --encryption-context bad p.yaml", &[], Code),
    row(
        83,
        "encrypt --age $R1 --encrypted-regex ( p.yaml",
        &[],
        Not(1, "an invalid regex would leave every value in clear"),
    ),
    row(84, "encrypt --age $R1 --shamir-secret-sharing-threshold 2 p.yaml", &[], Code),
    row(85, "encrypt --shamir-secret-sharing-threshold 1 p.yaml", &["cfg=groups"], Code),
    row(86, "encrypt --encrypted-regex x --age $R1 p.bin", &[], Code),
    row(87, "-e -i --age $R1 p.yaml", &[], Code),
    row(88, "encrypt --kms bad p.yaml", &[], Code),
    row(118, "rotate e.yaml", &[], Code),
    row(119, "rotate -i --add-age $R2 e.yaml", &[], Code),
    row(120, "rotate -i --rm-age $R1 e.yaml", &[], Code),
    row(121, "rotate nope.yaml", &[], Code),
    row(122, "-r nope.yaml", &[], Code),
    row(123, "rotate --add-age $R2 nope.yaml", &[], Code),
    row(124, "-r e.yaml", &["cfg=nomatch"], Code),
    row(125, "rotate e.yaml", &["cfg=nomatch"], Code),
    row(126, "-d -r e.yaml", &[], Code),
    row(127, "updatekeys e.yaml", &[], Code),
    row(128, "updatekeys", &["cfg=two"], Code),
    row(129, "updatekeys -y e.yaml", &["cfg=two"], Output),
    row(130, "updatekeys -y e.yaml", &["cfg=ok"], Output),
    row(131, "updatekeys e.yaml", &["cfg=two", "in=no.txt"], Output),
    row(132, "updatekeys e.yaml", &["cfg=two"], Output),
    row(133, "updatekeys -y e.yaml", &["cfg=nomatch"], Code),
    row(134, "updatekeys -y e.yaml nope.yaml", &["cfg=ok"], Code),
    row(135, "updatekeys -y .", &["cfg=ok"], Code),
    row(136, "groups add -f e.yaml --age $R2", &[], Code),
    row(137, "groups add x -f e.yaml", &[], Code),
    row(
        138,
        "groups delete -f e.yaml -i 0",
        &[],
        Not(1, "nobody could decrypt the file without its only group"),
    ),
    row(139, "groups delete -f e.yaml", &[], Code),
    row(140, "groups delete -f e.yaml x", &[], Code),
    row(141, "groups delete -f e.yaml 7", &[], Not(1, "a crash is no exit code to keep")),
    row(142, "filestatus e.yaml", &[], Output),
    row(143, "filestatus p.yaml", &[], Output),
    row(144, "filestatus nomac.yaml", &[], Output),
    row(145, "filestatus nope.yaml", &[], Code),
    row(146, "filestatus", &[], Code),
    row(151, "exec-env e.yaml true", &[], Code),
    row(152, "exec-env e.yaml", &[], Code),
    row(153, "exec-env --background --same-process e.yaml true", &[], Code),
    row(154, "exec-file e.yaml false", &[], Output),
    row(156, "exec-file --output-type json e.yaml cat<{}", &[], Output),
];

/// One program with its folder.
struct Side {
    program: PathBuf,
    folder: tempfile::TempDir,
}

fn reference() -> PathBuf {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/sops");
    assert!(program.exists(), "the reference program is missing: run `make peers`");
    program
}

impl Side {
    fn new(program: PathBuf, row: &Row, encrypted: &str) -> Self {
        let folder = tempfile::tempdir().expect("a scratch folder can be made");
        let side = Self { program, folder };
        side.write("p.yaml", PLAIN);
        side.write("p.bin", "hello");
        side.write("no.txt", "n\n");
        side.write("e.yaml", encrypted);
        let without = |start: &str| {
            let lines = encrypted.lines().filter(|line| !line.starts_with(start));
            lines.flat_map(|line| [line, "\n"]).collect::<String>()
        };
        side.write("mac.yaml", &without("b: "));
        side.write("nomac.yaml", &without("    mac: "));
        side.write("nover.yaml", &without("    version: "));
        let at = encrypted.find("b: ENC[AES256_GCM,data:").expect("a value") + 23;
        let letter = if encrypted.as_bytes()[at] == b'A' { "B" } else { "A" };
        side.write("val.yaml", &format!("{}{letter}{}", &encrypted[..at], &encrypted[at + 1..]));
        side.write("lm.yaml", &encrypted.replacen("lastmodified: \"2", "lastmodified: \"1", 1));
        side.write("empty.yaml", "");
        side.write("bad.yaml", "a: [1\n");
        side.write("list.yaml", "- a\n");
        side.write("dup.yaml", "a: 1\na: 2\n");
        side.write("intkey.yaml", "1: a\n");
        if let Some(name) = row.given("cfg=") {
            side.write(".sops.yaml", &config(name));
        }
        side
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).expect("the folder can be written");
    }

    fn run(&self, row: &Row) -> Answer {
        let words = row
            .call
            .split_whitespace()
            .map(|word| word.replace("$R1", RECIPIENT).replace("$R2", OTHER_RECIPIENT));
        let mut command = Command::new(&self.program);
        command.args(words).current_dir(self.folder.path()).env_clear();
        command.env("PATH", "/usr/bin:/bin").env("HOME", self.folder.path());
        command.env("SOPS_AGE_KEY_FILE", key_file("age1.txt"));
        for variable in row.given.iter().filter(|given| given.starts_with("SOPS_")) {
            let (name, value) = variable.split_once('=').expect("a variable");
            command.env(name, value.replace("$K2", &key_file("age2.txt")));
        }
        match row.given("in=") {
            Some(name) => {
                let file = std::fs::File::open(self.folder.path().join(name)).expect("a file");
                command.stdin(file);
            }
            None => {
                command.stdin(std::process::Stdio::null());
            }
        }
        let output = command.output().expect("the program starts");
        let after = row
            .given("after=")
            .map(|name| std::fs::read_to_string(self.folder.path().join(name)).expect("a file"));
        Answer {
            code: output.status.code(),
            stdout: after.unwrap_or_else(|| String::from_utf8_lossy(&output.stdout).into_owned()),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Row {
    fn given(&self, start: &str) -> Option<&'static str> {
        self.given.iter().find_map(|given| given.strip_prefix(start))
    }
}

/// In the spelling of the reference, so that both outputs can be the same bytes.
const PLAIN: &str = "a: 1\nb: two\nc:\n    - x\n    - \"y\"\n";

fn config(name: &str) -> String {
    let rule = |lines: &str| format!("creation_rules:\n  - age: {RECIPIENT}\n{lines}");
    match name {
        "ok" => rule(""),
        "two" => format!("creation_rules:\n  - age: {RECIPIENT},{OTHER_RECIPIENT}\n"),
        "nomatch" => rule("    path_regex: nomatch\n"),
        "re" => rule("    encrypted_regex: a\n"),
        "excl" => rule("    encrypted_regex: a\n    unencrypted_regex: b\n"),
        "nokeys" => "creation_rules:\n  - {}\n".to_owned(),
        "badre" => rule("    path_regex: '['\n"),
        "bad" => "creation_rules: [\n".to_owned(),
        "groups" => format!(
            "creation_rules:\n  - shamir_threshold: 2\n    key_groups:\n      - age: [{RECIPIENT}]\n      - age: [{RECIPIENT}]\n"
        ),
        "stores" => "stores:\n  yaml:\n    indent: 2\n".to_owned(),
        other => unreachable!("no config is called {other}"),
    }
}

#[test]
fn both_programs_answer_alike() {
    let start = row(64, "encrypt p.yaml", &["cfg=ok"], Code);
    let encrypted = Side::new(reference(), &start, "b: ENC[AES256_GCM,data:x\n").run(&start).stdout;
    let mut failures = Vec::new();
    for row in ROWS {
        let theirs = Side::new(reference(), row, &encrypted).run(row);
        let ours = Side::new(env!("CARGO_BIN_EXE_leafseal").into(), row, &encrypted).run(row);
        let is_right = match &row.same {
            Output => ours.code == theirs.code && ours.stdout == theirs.stdout,
            Code => ours.code == theirs.code,
            Not(code, _) => {
                let differs = ours.code != theirs.code || ours.stdout != theirs.stdout;
                ours.code == Some(*code) && differs
            }
        };
        if !is_right {
            let reason = if let Not(_, reason) = row.same { reason } else { "" };
            let (number, call) = (row.number, row.call);
            failures.push(format!("row {number}: {call} ({reason})\nours: {ours}theirs: {theirs}"));
        }
    }
    let count = failures.len();
    assert!(failures.is_empty(), "{count} of {}:\n{}", ROWS.len(), failures.join("\n"));
}
