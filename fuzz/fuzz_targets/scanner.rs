//! Any text is read or refused; what is read has its places inside the text, in order, and does
//! not depend on how many pieces it was read in.
#![no_main]

use leafseal::format::yaml;
use leafseal::text::Span;
use leafseal::tree::{Event, Leaf};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let whole = yaml::scan_in_pieces(text, 1);
    for count in 2..6 {
        // pieces may be refused where the whole is not, never the other way round
        if let Some(parts) = yaml::scan_in_pieces(text, count) {
            let whole = whole.as_ref().expect("the whole is refused and its pieces are not");
            assert_eq!(format!("{parts:?}"), format!("{whole:?}"), "{count} pieces");
        }
    }
    let Ok(scan) = yaml::scan(text) else { return };
    let mut spans: Vec<Span> = scan.events.iter().flat_map(|event| spans(text, event)).collect();
    spans.retain(|span| !span.is_empty());
    spans.sort_by_key(|span| (span.start(), span.end()));
    for span in &spans {
        assert!(text.get(span.range()).is_some(), "{span:?} is no piece of the text");
    }
    for pair in spans.windows(2) {
        assert!(pair[0].end() <= pair[1].start(), "{pair:?} overlap");
    }
    is_balanced(&scan.events);
    let _ = yaml::parse(text).map(yaml::Node::into_tree);
});

/// Lists what an edit may replace; an anchor or a comment may stand behind the tag of a scalar.
fn spans(text: &str, event: &Event) -> Vec<Span> {
    match event {
        Event::Leaf(leaf) if leaf.site.slice(text).starts_with('!') => vec![leaf.body],
        Event::Leaf(Leaf { site, body, .. }) => vec![*site, *body],
        Event::Comment(comment) => vec![comment.span],
        Event::Key(key) => vec![key.span],
        Event::Alias(alias) => vec![alias.span],
        _ => Vec::new(),
    }
}

fn is_balanced(events: &[Event]) {
    let mut depth = 0_usize;
    for event in events {
        match event {
            Event::Enter { .. } => depth += 1,
            Event::Leave(_) => depth = depth.checked_sub(1).expect("nothing is left twice"),
            Event::Document(_) | Event::EndDocument(_) => assert_eq!(depth, 0),
            _ => {}
        }
    }
    assert_eq!(depth, 0);
}
