//! What is waited for, on a terminal (`script` of util-linux).

use std::process::Command;

use serde_json::json;

use crate::place::{HOST, Place, output, with_secret};

const PLAIN: &str = "a: secret\n";

/// Runs a line of shell on a terminal of its own, where `$L` is the program; returns what the
/// terminal was sent.
fn on_terminal(place: &Place, terminal: &str, line: &str) -> String {
    let mut command = place.around(Command::new("/usr/bin/script"));
    command.args(["-qec", line, "/dev/null"]).env("SHELL", "/bin/sh").env("TERM", terminal);
    command.env("L", env!("CARGO_BIN_EXE_leafseal"));
    let output = output(with_secret(command));
    let sent = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success(), "{sent}");
    sent
}

/// Plays what a terminal gets and returns the lines that are left on the screen.
fn left_on_screen(output: &str) -> Vec<String> {
    let mut lines: Vec<Vec<char>> = vec![Vec::new()];
    let (mut row, mut column) = (0_usize, 0_usize);
    let mut letters = output.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\r' => column = 0,
            '\n' => {
                row += 1;
                if row == lines.len() {
                    lines.push(Vec::new());
                }
            }
            '\u{1b}' => {
                assert_eq!(letters.next(), Some('['), "{output:?}");
                let mut argument = String::new();
                let end = loop {
                    match letters.next().expect("the sequence ends") {
                        digit @ ('0'..='9' | ';' | '?') => argument.push(digit),
                        end => break end,
                    }
                };
                let count = argument.parse().unwrap_or(1);
                match (end, argument.as_str()) {
                    ('A', _) => row = row.saturating_sub(count),
                    ('B', _) => row += count,
                    ('D', _) => column = column.saturating_sub(count),
                    ('K', "2") => lines[row].clear(),
                    ('K', _) => lines[row].truncate(column),
                    ('J', _) => lines.truncate(row + 1),
                    ('m', _) => {}
                    (other, _) => panic!("unknown sequence {other} in {output:?}"),
                }
            }
            letter => {
                let line = &mut lines[row];
                line.resize(line.len().max(column + 1), ' ');
                line[column] = letter;
                column += 1;
            }
        }
    }
    let lines = lines.into_iter().map(String::from_iter);
    lines.map(|line: String| line.trim_end().to_owned()).filter(|line| !line.is_empty()).collect()
}

/// Makes a place with a vault that takes two seconds for everything that has to do with a key.
fn slow_place() -> Place {
    let place = Place::new();
    let address = place.key(HOST, "k");
    place.write("clear.yaml", PLAIN);
    let words = ["encrypt", "--azure-kv", &address, "--output", "file.yaml", "clear.yaml"];
    assert!(output(place.ours(&words)).status.success());
    place.rules(&json!([{"host": HOST, "path": "crypt", "delay": 2}]));
    place
}

#[test]
fn service_that_is_waited_for_is_told_and_leaves_no_trace() {
    let place = slow_place();
    let address = place.key(HOST, "k2");
    let waiting = format!("waiting for https://{HOST}");
    let sent = on_terminal(&place, "xterm", "exec \"$L\" decrypt file.yaml");
    assert!(sent.contains(&waiting), "{sent:?}");
    assert_eq!(left_on_screen(&sent), [PLAIN.trim_end()], "{sent:?}");
    let line = format!("exec \"$L\" encrypt --azure-kv {address} --output new.yaml clear.yaml");
    let sent = on_terminal(&place, "xterm", &line);
    assert!(sent.contains(&waiting), "{sent:?}");
    assert_eq!(left_on_screen(&sent), Vec::<String>::new(), "{sent:?}");
    // a warning before it stays where it is, and so does an error behind it
    place.rules(&json!([{"host": HOST, "path": "crypt", "delay": 2, "status": 403}]));
    let sent = on_terminal(&place, "xterm", "\"$L\" decrypt file.yaml extra || true");
    assert!(sent.contains(&waiting), "{sent:?}");
    let left = left_on_screen(&sent);
    assert!(left[0].starts_with("warning: More than one positional"), "{left:?}");
    assert!(left[1].starts_with("error: file.yaml: failed to get the data key"), "{left:?}");
    assert!(!left.iter().any(|line| line.contains(&waiting)), "{left:?}");
}

#[test]
fn nothing_is_told_of_it_elsewhere() {
    let place = slow_place();
    let sent = on_terminal(&place, "dumb", "exec \"$L\" decrypt file.yaml");
    assert_eq!(sent.replace('\r', ""), PLAIN);
    let sent = on_terminal(&place, "xterm", "\"$L\" decrypt file.yaml 2> told");
    assert_eq!((sent.replace('\r', "").as_str(), place.read("told").as_str()), (PLAIN, ""));
    let answer = output(place.ours(&["decrypt", "file.yaml"]));
    assert_eq!((answer.stdout.as_slice(), answer.stderr.len()), (PLAIN.as_bytes(), 0));
}
