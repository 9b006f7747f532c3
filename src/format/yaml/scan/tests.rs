//! Compares what is read in lines and parts with what the parser below us reads.

#[path = "../../../../tests/support/documents.rs"]
#[allow(dead_code, unreachable_pub, reason = "the module serves several test programs")]
mod documents;

use documents::{Dice, Writer};
use proptest::prelude::*;

use super::builder::Builder;
use super::*;

/// Shows each step of a scan.
fn shown(scan: &Scan) -> Vec<String> {
    let mut steps: Vec<_> = scan.events.iter().map(|event| format!("{event:?}")).collect();
    steps.push(format!("{:?} {:?}", scan.decoded, scan.indent_step));
    steps
}

/// Compares a scan with the parser's.
fn check(source: &str, found: &Scan, wanted: &Result<Scan, ScanError>, way: &str) {
    let Ok(wanted) = wanted else { panic!("{source:?} is refused: {wanted:?}, but read {way}") };
    let (found, wanted) = (shown(found), shown(wanted));
    for (found, wanted) in found.iter().zip(&wanted) {
        assert_eq!(found, wanted, "{source:?} {way}");
    }
    assert_eq!(found.len(), wanted.len(), "{source:?} {way}");
}

/// Checks every way of reading a text against the parser; tells whether lines alone were enough.
fn agrees(source: &str) -> bool {
    let wanted = scan_whole(source);
    for (parts, parsed) in [(1, 1), (1, 20), (2, 1), (3, 15), (5, 1)] {
        if let Some(scan) = scan_in_parts(source, Cuts { parts, parsed }) {
            check(source, &scan, &wanted, &format!("in {parts} of {parsed}"));
        }
    }
    let mut builder = Builder::new(source, false);
    let is_simple = lines::read(&mut builder, 0..source.len()).is_ok();
    if is_simple {
        check(source, &builder.scan, &wanted, "in lines");
    }
    is_simple
}

#[test]
fn simple_texts_are_read_in_lines() {
    let sources = [
        "a: 1\nb:\n    c: x\n    d:\n\n# c\ne:\n- 1\n- \n-\n  x: 1\n  y: 'a'\n- k: |\n    x\n\n    y\n\n  l: \"z\" # c\nf: ~\n",
        "# c\n---\na: 1\n\n# c\nb:\n  - - 1\n    - 2\n  - \n# x\n---\nb: []\nc: {}\n\n",
        "a:   \n  b: |-\n    x\n  c: |+\n    x\n\n\nd: |\n  z",
        "\na: ''\nb: 'it''s'\nc: \"a\\nb\" \nd: ",
        "a: x",
        "a:",
        "a: # c",
        "a:\n - b\n\n - # c\n\n# c\n\nd:  \n",
        "a:\n  - x:\n      y: 1\n  - z\n\n",
        "a:\n-\n  b: 1\n-\n- |\n  x\n- - y\n- c: 1\n  d:\n  - 2\nb:\n- # c\n",
        "'a': 1\n\"b\\tc\": 2001-01-01\nl: ключ\n2001-01-02: -5\nu: http://x/y?z=1#f\n",
        "sops:\n    age:\n        - recipient: age1x\n          enc: |\n            -----BEGIN\n            x\n    mac: ENC[AES256_GCM,data:a=,iv:b=,tag:c=,type:str]\n    version: 3.9.0\n",
        "  a: 1\n  b:\n  - 1\n",
    ];
    for source in sources {
        assert!(agrees(source), "{source:?}");
    }
}

#[test]
fn other_texts_are_left_to_the_parser() {
    let sources = [
        "",
        "# c\n",
        "---\n",
        "a: b: c\n",
        "a: x\n  y\n",
        "a: \"x\n  y\"\n",
        "a: &x 1\nb: *x\n",
        "a: !!str 1\n",
        "a: [1, 2]\n",
        "? a\n: b\n",
        "a:\tx\n",
        "a: x\r\n",
        "a: >\n  x\n",
        "a: |2\n   x\n",
        "a : 1\n",
        "a: 1\n...\n",
        "%YAML 1.1\n---\na: 1\n",
        "\u{feff}a: 1\n",
        "a: x\u{85}y\n",
        "a: x\u{2028}y\n",
        "a: 1\n b: 2\n",
        "a:\n    b: 1\n  c: 2\n",
        "- a\n",
        "a:\n  x\n",
        "a: 1\na: 2\n",
        "a: \"\\x41\"\n",
        "a: 'x'y\n",
        "a: 'x'#y\n",
        "a: - b\n",
        "a: @b\n",
        "--- a: 1\n",
        "... a: 1\n",
    ];
    for source in sources {
        assert!(!agrees(source), "{source:?}");
    }
}

#[test]
fn parts_give_what_the_whole_gives() {
    let sources = [
        "a: 1\nb: 2\nc:\n    d: \"x\\ty\"\ne: \"\\t\"\n",
        "a: |+\n  x\n\nb: |\n  y\nc:\n- 1\n- 2\nd: >-\n  x\n\n  y\ne: 2001-01-01\n",
        "---\na: 1\nb:\nc: {x: 1}\n# end\nd: [1,\n  2]\n...\n",
        "\u{feff}a: 1\r\nb: 'x\r\n  y'\r\nc: 3\r\nd: 4\r\n",
        "a: \"\\t\"\nb: [1]\nc: \"\\t\"\nd: >\n  e\nf: \"\\n\"\ng: {}\n",
    ];
    for source in sources {
        agrees(source);
        for parts in 1..6 {
            assert!(scan_in_parts(source, Cuts { parts, parsed: 1 }).is_some(), "{source:?}");
        }
    }
}

#[test]
fn long_texts_are_read_on_all_cores_as_on_one() {
    let item = |n: usize| {
        format!(
            "k{n}: {{a: 1}}\nl{n}: \"x\\ty\"\nm{n}:\n  - |\n    z\n  - >\n    z\n# c\nn{n}: -5\n"
        )
    };
    let mut source: String = (0..4000).map(item).collect();
    assert!(source.len() > 3 * PART_LENGTH);
    let wanted = scan_whole(&source);
    for parts in [2, 5, 40] {
        let found = scan_in_parts(&source, Cuts { parts, parsed: PARSED_LENGTH });
        check(&source, &found.expect("it can be cut"), &wanted, "on all cores");
    }
    source.push_str("k0: again\n");
    assert!(scan_in_parts(&source, Cuts { parts: 5, parsed: PARSED_LENGTH }).is_none());
}

#[test]
fn texts_that_cannot_be_cut_are_left_to_one_scan() {
    let sources = [
        "a: |\n\n  \nb: |2-\n\nc: >\n    \nd: 1\n",
        "a: \"x\nb: y\"\nc: 1\n",
        "a: [1,\nb, 2]\nc: 1\n",
        "a: 1\n...\nb: 2\nc: 3\n",
        "a: 1\n---\nb: 2\nc: 3\n",
        "a: &x 1\nb: *x\nc: 3\n",
        "  a: 1\nb: 2\nc: 3\n",
        "---\n\u{85} a: 1\nb: 2\nc: 3\n",
        "a: 1\nb: 2\na: 3\n",
        "a: |\nb\nc: 1\n",
        "a b\nc: 1\nd: 2\n",
        "{a: 1,\nb: 2,\nc: 3}\n",
        "a: [1]\nb: 2\na: [3]\nb: 1\n",
        "\nname: >\n  \nport: null\n",
        "a: |+\n  x\n\nb: |\nc: >\nd: 1\n",
        "a: |\n\n  \nb: |2-\n\nc: >\n    \nd: 1\n",
        "? |\na: x",
    ];
    for source in sources {
        agrees(source);
    }
}

/// Pieces of lines, so chosen that many texts made of them are simple and many others nearly so.
const PIECES: [&str; 76] = [
    "\n",
    "\n",
    "\n",
    "\n",
    "\n",
    "\n",
    "\n  ",
    "\n  ",
    "\n  ",
    "\n    ",
    "\n    ",
    "\n ",
    "\n\n",
    "\n   ",
    "a: ",
    "b: ",
    "c:",
    "d:",
    "e:",
    "f: ",
    "\"g\": ",
    "'h': ",
    "sops:",
    "- ",
    "- ",
    "-",
    "- ",
    "- a: ",
    "x",
    "y",
    "x",
    "y",
    "1",
    "-5",
    "2001-01-01",
    "~",
    "null",
    "true",
    "''",
    "\"\"",
    "'x'",
    "\"y\"",
    "'it''s'",
    "\"\\n\"",
    "\"\\x41\"",
    "|",
    "|-",
    "|+",
    ">",
    "|2",
    "[]",
    "{}",
    "[",
    "]",
    "}",
    "# c",
    " # c",
    "#",
    " ",
    "  ",
    "---",
    "---\n",
    "...",
    "\t",
    "\r\n",
    ":",
    ": ",
    "&x ",
    "*x",
    "!!str ",
    "? ",
    "é",
    "\u{85}",
    "\u{feff}",
    "ENC[AES256_GCM,data:x=,type:str]",
    "%",
];

/// Changes a text in a few places: pieces go, come, or stand twice.
fn mutated(text: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..=dice.roll(3) {
        let at = dice.roll(letters.len() + 1);
        let end = (at + dice.roll(9)).min(letters.len());
        let copy: Vec<char> = match dice.roll(3) {
            0 => letters[at..end].repeat(2),
            1 => dice.pick(&PIECES).chars().collect(),
            _ => Vec::new(),
        };
        letters.splice(at..end, copy);
    }
    letters.into_iter().collect()
}

fn fixtures(folder: &std::path::Path, texts: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            fixtures(&path, texts);
        } else if path.extension().is_some_and(|it| it == "yaml") {
            texts.extend(std::fs::read_to_string(path));
        }
    }
}

#[test]
fn fixtures_are_read_alike_however_damaged() {
    let mut texts = Vec::new();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    fixtures(&folder, &mut texts);
    let mut dice = Dice::new(7);
    texts.retain(|text| text.len() < 8000);
    let simple = texts.iter().filter(|text| agrees(text)).count();
    assert!(simple * 3 > texts.len(), "{simple} of {}", texts.len());
    for text in texts.iter().filter(|text| text.len() < 3000) {
        for _ in 0..10 {
            agrees(&mutated(text, &mut dice));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        cases: ProptestConfig::default().cases.max(3000),
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_run_of_pieces_is_read_alike(
        pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..20),
    ) {
        agrees(&pieces.concat());
    }

    #[test]
    fn documents_are_read_alike_however_damaged(seed in any::<u64>()) {
        let text = Writer::new(seed).stream();
        agrees(&text);
        agrees(&mutated(&text, &mut Dice::new(seed)));
    }
}
