use std::collections::HashMap;
use std::ops::Range;

use super::{
    AnchorId, Branch, Container, Event, LeafValue, Part, Remark, Scalar, Scan, Timestamp, Value,
};
use crate::text::Span;

/// How many parts the aliases of one branch may add; a bomb has billions.
const EXPANSION_LIMIT: usize = 1_000_000;

/// The aliases below a node expand to too many values.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("aliases expand to too many values")]
pub struct AliasBomb {
    /// The alias at which the limit was reached.
    pub span: Span,
}

/// Grows branches from the events of a scan.
///
/// Aliases become copies of what they refer to, with the comments inside. Comments that the
/// reference's tree does not have are left out.
pub struct Grower<'s> {
    source: &'s str,
    scan: &'s Scan,
    /// The events of each anchored node or key.
    anchored: HashMap<AnchorId, Range<usize>>,
}

impl<'s> Grower<'s> {
    /// Looks at a scan and the text that it belongs to.
    #[must_use]
    pub fn new(source: &'s str, scan: &'s Scan) -> Self {
        Self { source, scan, anchored: scan.anchored_nodes() }
    }

    /// Returns the documents from number `first` on; one without a root becomes an empty mapping.
    ///
    /// # Errors
    /// The aliases of one are a bomb.
    pub fn documents(&self, first: usize) -> Result<Vec<Branch>, AliasBomb> {
        let events = self.scan.events.iter().enumerate();
        let starts = events.filter(|(_, event)| matches!(event, Event::Document(_)));
        let mut bounds: Vec<usize> = starts.map(|(at, _)| at).collect();
        bounds.push(self.scan.events.len());
        bounds.windows(2).skip(first).map(|pair| self.document(pair[0]..pair[1])).collect()
    }

    fn document(&self, events: Range<usize>) -> Result<Branch, AliasBomb> {
        let mut inner = events.clone();
        let root = inner.find(|at| matches!(self.scan.events[*at], Event::Enter { .. }));
        if let Some(root) = root {
            return self.node(root);
        }
        let mut branch = Branch::new();
        branch.push(Part::Enter(Container::Mapping));
        for comment in self.scan.events[events].iter().filter_map(|event| self.comment(event)) {
            branch.push(Part::Comment(Remark { is_inline: false, ..comment }));
        }
        branch.push(Part::Leave);
        Ok(branch)
    }

    /// Returns the node whose events begin at `start`, its anchor left out.
    ///
    /// # Errors
    /// The aliases below it are a bomb.
    pub fn node(&self, start: usize) -> Result<Branch, AliasBomb> {
        let mut growth = Growth { grower: self, branch: Branch::new(), budget: EXPANSION_LIMIT };
        growth.grow(start)?;
        Ok(growth.branch)
    }

    /// Returns the first event of the node that stands at `at`, past comments and anchors and
    /// through aliases.
    #[must_use]
    pub fn resolve(&self, mut at: usize) -> usize {
        while let Some(event) = self.scan.events.get(at) {
            at = match event {
                Event::Anchor(..) | Event::Comment(_) => at + 1,
                Event::Alias(alias) => match self.anchored.get(&alias.target) {
                    Some(target) => target.start,
                    None => return at,
                },
                _ => return at,
            };
        }
        at
    }

    fn comment(&self, event: &Event) -> Option<Remark> {
        let Event::Comment(comment) = event else { return None };
        let text = self.scan.bytes(self.source, comment.text);
        let remark = Remark { text: text.to_vec().into(), is_inline: comment.is_inline };
        comment.is_in_tree.then_some(remark)
    }

    fn scalar(&self, value: LeafValue, site: Span) -> Scalar {
        Scalar::Value(match value {
            LeafValue::Null => return Scalar::Null,
            LeafValue::TooBig => return Scalar::TooBig(site.slice(self.source).to_owned()),
            LeafValue::Bool(value) => Value::Bool(value),
            LeafValue::Int(number) => Value::Int(number),
            LeafValue::Float(number) => Value::Float(number),
            LeafValue::Str(text) => Value::str(self.scan.bytes(self.source, text)),
            LeafValue::Time(text) => {
                let text = self.scan.str(self.source, text);
                match Timestamp::parse(&text) {
                    Some(time) => Value::Time(time),
                    None => Value::str(text.as_bytes()),
                }
            }
        })
    }
}

/// One branch under construction.
struct Growth<'g, 's> {
    grower: &'g Grower<'s>,
    branch: Branch,
    budget: usize,
}

/// Where a walk goes on: the next event, and how many collections are open there.
#[derive(Clone, Copy)]
struct Place {
    at: usize,
    depth: usize,
}

impl Growth<'_, '_> {
    fn grow(&mut self, start: usize) -> Result<(), AliasBomb> {
        let mut place = Place { at: start, depth: 0 };
        let mut returns: Vec<(Place, Span)> = Vec::new();
        while let Some(event) = self.grower.scan.events.get(place.at) {
            place.at += 1;
            if let Some((_, span)) = returns.last() {
                self.budget = self.budget.checked_sub(1).ok_or(AliasBomb { span: *span })?;
            }
            if let Event::Alias(alias) = event
                && let Some(target) = self.grower.anchored.get(&alias.target)
            {
                returns.push((place, alias.span));
                place = Place { at: target.start, depth: 0 };
                continue;
            }
            if !self.event(event, &mut place.depth) {
                continue;
            }
            // the end of a node may end the nodes that it stands for
            while place.depth == 0 {
                match returns.pop() {
                    Some((back, _)) => place = back,
                    None => return Ok(()),
                }
            }
        }
        Ok(())
    }

    /// Adds an event; tells whether it may end a node.
    fn event(&mut self, event: &Event, depth: &mut usize) -> bool {
        let scan = self.grower.scan;
        let part = match event {
            Event::Comment(_) => {
                if let Some(comment) = self.grower.comment(event) {
                    self.branch.push(Part::Comment(comment));
                }
                return false;
            }
            Event::Anchor(..) => return false,
            Event::Key(key) => {
                let text = scan.bytes(self.grower.source, key.text);
                // the target of an alias may be a key
                if *depth == 0 {
                    Part::Scalar(Scalar::Value(Value::str(text)))
                } else {
                    Part::Key(text.to_vec())
                }
            }
            Event::Enter { container, .. } => {
                *depth += 1;
                Part::Enter(*container)
            }
            Event::Leave(_) => {
                *depth = depth.saturating_sub(1);
                Part::Leave
            }
            Event::Leaf(leaf) => Part::Scalar(self.grower.scalar(leaf.value, leaf.site)),
            Event::Alias(_) => Part::Scalar(Scalar::Null),
            Event::Document(_) | Event::EndDocument(_) => return true,
        };
        self.branch.push(part);
        true
    }
}
