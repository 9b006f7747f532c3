use super::super::scan;
use super::Problem;
use crate::format::ScanErrorKind as Kind;

/// Texts, and where and why the reference refuses them; all as release 3.11 answers.
#[test]
fn texts_are_refused_where_the_reference_refuses_them() {
    let refused = [
        ("a:\n\tb: 1\n", 2, 1, Kind::TabAsIndentation),
        ("a: b\n\t\n", 2, 1, Kind::TabAsIndentation),
        ("a:\n\t# c\nb: 1\n", 2, 1, Kind::TabAsIndentation),
        ("a:\n  -\tb\n", 2, 4, Kind::TabAsIndentation),
        ("? \ta\n", 1, 3, Kind::TabAsIndentation),
        ("a: |\n  x\n\t\n", 3, 1, Kind::TabAsIndentation),
        ("a: |\n  \tx\n", 2, 3, Kind::TabAsIndentation),
        ("? |\n \tx\n: 1\n", 2, 2, Kind::TabAsIndentation),
        ("a: >\n\n \t\n  x\n", 3, 2, Kind::TabAsIndentation),
        ("a: !!str\n\tx\n", 2, 1, Kind::TabAsIndentation),
        ("...\na: 1\n", 1, 1, Kind::MarkerBeforeDocument),
        ("# c\n...\n---\na: 1\n", 2, 1, Kind::MarkerBeforeDocument),
        ("a: 1\n...\nb: 1\n", 3, 1, Kind::MarkerBeforeDocument),
        ("---\n...\n{b: 1}\n", 3, 1, Kind::MarkerBeforeDocument),
        ("a: [x ? y]\n", 1, 7, Kind::QuestionMark),
        ("a: [http://x/?y=z]\n", 1, 14, Kind::QuestionMark),
        ("a: {b ? c: 1}\n", 1, 7, Kind::QuestionMark),
        ("a: {b\n : 1}\n", 2, 2, Kind::ColonOnOtherLine),
        ("a: {&k\n b: 1}\n", 2, 3, Kind::ColonOnOtherLine),
    ];
    for (source, line, column, kind) in refused {
        let error = scan(source).expect_err(source);
        assert_eq!((error.line, error.column, &error.kind), (line, column, &kind), "{source:?}");
    }
}

#[test]
fn causes_are_named() {
    let refused = [
        ("a: \u{7}\n", 1, 4, Problem::ControlCharacter),
        ("a: 1\n\u{feff}b: 2\n", 2, 1, Problem::ByteOrderMark),
        ("a: 1 # c\rb: 2\n", 1, 9, Problem::LoneReturn),
        ("# c\ra: 1\n", 1, 4, Problem::LoneReturn),
        ("a: |\r  b\n", 1, 5, Problem::LoneReturn),
        ("a: |\n  b\r  c\n", 2, 4, Problem::LoneReturn),
        ("a: @b\n", 1, 4, Problem::CannotBegin('@')),
        ("a: 1\nb\nc: 2\n", 2, 1, Problem::KeyWithoutColon),
        ("a: - b\n", 1, 4, Problem::MisplacedDash),
        ("a: ? b\n", 1, 4, Problem::MisplacedKey),
        ("a: b: c\n", 1, 5, Problem::MisplacedColon),
        ("%FOO\n---\na: 1\n", 1, 1, Problem::Directive),
        ("%YAML 1.1\n%YAML 1.1\n---\na: 1\n", 2, 1, Problem::RepeatedDirective),
        ("a: &ü 1\n", 1, 4, Problem::AnchorName),
        ("a: &x:y 1\n", 1, 4, Problem::ReadOtherwise),
        ("a: !<x 1\n", 1, 4, Problem::Tag),
        ("a: !e!x 1\n", 1, 4, Problem::UnknownTagPrefix),
        ("a: |x\n  b\n", 1, 4, Problem::BlockHeader),
        ("a: \"\n---\n\"\n", 2, 1, Problem::MarkerInQuotes),
        ("a: 'b\n", 1, 4, Problem::OpenQuote),
        ("a: \"\\/\"\n", 1, 5, Problem::Escape),
        ("{a: 1}\nb: 2\n", 2, 1, Problem::TextBehindDocument),
        ("%YAML 1.1\na: 1\n", 2, 1, Problem::DirectiveWithoutDocument),
        ("a: [,]\n", 1, 5, Problem::MissingValue),
        ("a: [1,\nb: {2", 2, 4, Problem::OpenBracket),
        ("a: [1\n---\n", 1, 4, Problem::OpenBracket),
        ("a:\n  - b\n  c: 1\n", 3, 3, Problem::MissingDash),
        ("a:\n  b: 1\n c: 2\n", 3, 2, Problem::MissingKey),
        ("a: {b: 'c' d}\n", 1, 12, Problem::MissingComma),
    ];
    for (source, line, column, problem) in refused {
        let error = scan(source).expect_err(source);
        let expected = (line, column, &Kind::Yaml(problem));
        assert_eq!((error.line, error.column, &error.kind), expected, "{source:?}");
    }
}

/// All as release 3.11 reads them.
#[test]
fn texts_are_read_where_the_reference_reads_them() {
    let read = [
        "a:\t1\nb: 2 \t# c\n",
        "a: \"b\n\tc\"\n",
        "a: b\n  \tc\n",
        "a: |\n  x\n  \ty\n",
        "a: |\n  x\n  \t\n",
        "a: |2\n  \tx\n",
        "a: [1,\n\t2]\n",
        "a: {b: 1,\n\tc: 2}\n",
        "a: 1\n...\n",
        "a: 1\n...\n---\nb: 1\n...\n",
        "a: x ? y\nb: [\"x ? y\", x:y]\nc: what?\n",
        "a: {? b\n c : 1, d: 2,\n e:\n 3}\n",
        "a: ... b\nc: |\n  ...\n",
        "%TAG !e! tag:example.org,2000:\n---\na: !e!x 1\n",
        "a: !!str 1\nb: !x y\nc: ! z\nd: !<tag:yaml.org,2002:int> 1\n",
        "a: &x-1_B {b: 1}\nc: *x-1_B\n",
        "# c\n\t# d\na: 1\n",
    ];
    for source in read {
        assert!(scan(source).is_ok(), "{source:?}: {:?}", scan(source).err());
    }
}
