use crate::format::{ScanError, ScanErrorKind};
use crate::text::Span;
use crate::tree::{AnchorId, Container, Event, LeafValue, Scan, Text, Tree};
use std::collections::HashMap;

/// A node of a document with the place where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where the node begins in the source.
    pub offset: usize,
    /// What the node holds.
    pub value: NodeValue,
}

/// The content of a [`Node`].
#[derive(Clone, Debug)]
pub enum NodeValue {
    /// A scalar.
    Scalar(Tree),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys with the places where they stand, and values.
    Mapping(Vec<(String, usize, Node)>),
}

/// How many nodes the aliases of one text may add; a bomb has billions.
const EXPANSION_LIMIT: usize = 100_000;

/// Reads the node whose events begin at `start` of a scan as plain data.
///
/// # Errors
/// The aliases below it are a bomb.
pub fn subtree(source: &str, scan: &Scan, start: usize) -> Result<Tree, ScanError> {
    build(source, scan, start).map(Node::into_tree)
}

/// Builds the node whose events begin at `start`.
pub(super) fn build(source: &str, scan: &Scan, start: usize) -> Result<Node, ScanError> {
    Builder { source, scan, anchors: HashMap::new(), budget: EXPANSION_LIMIT, open: Vec::new() }
        .build(start)
}

impl Node {
    /// Drops the places.
    #[must_use]
    pub fn into_tree(self) -> Tree {
        match self.value {
            NodeValue::Scalar(scalar) => scalar,
            NodeValue::Sequence(items) => {
                Tree::Sequence(items.into_iter().map(Self::into_tree).collect())
            }
            NodeValue::Mapping(items) => Tree::Mapping(
                items.into_iter().map(|(key, _, node)| (key, node.into_tree())).collect(),
            ),
        }
    }

    /// Counts the node and all below it.
    fn weight(&self) -> usize {
        match &self.value {
            NodeValue::Scalar(_) => 1,
            NodeValue::Sequence(items) => 1 + items.iter().map(Self::weight).sum::<usize>(),
            NodeValue::Mapping(items) => {
                1 + items.iter().map(|(_, _, node)| node.weight()).sum::<usize>()
            }
        }
    }
}

/// A collection under construction.
struct Open {
    node: Node,
    anchor: Option<AnchorId>,
    key: Option<(String, usize)>,
}

struct Builder<'a> {
    source: &'a str,
    scan: &'a Scan,
    anchors: HashMap<AnchorId, Node>,
    budget: usize,
    open: Vec<Open>,
}

impl Builder<'_> {
    fn build(mut self, start: usize) -> Result<Node, ScanError> {
        let mut anchor = None;
        for event in &self.scan.events[start..] {
            let done = match *event {
                Event::Anchor(id, _) => {
                    anchor = Some(id);
                    continue;
                }
                Event::Key(key) => {
                    self.key(key.text, key.span, anchor.take());
                    continue;
                }
                Event::Enter { container, span, .. } => {
                    self.enter(container, span, anchor.take());
                    continue;
                }
                Event::Leaf(leaf) => {
                    let node = self.scalar(leaf.value, leaf.site);
                    self.close(node, anchor.take())
                }
                Event::Alias(alias) => {
                    let node = self.expand(alias.target, alias.span)?;
                    self.close(node, None)
                }
                Event::Leave(_) => match self.open.pop() {
                    Some(open) => self.close(open.node, open.anchor),
                    None => break,
                },
                Event::Comment(_) => continue,
                Event::Document(_) | Event::EndDocument(_) => break,
            };
            if let Some(root) = done {
                return Ok(root);
            }
        }
        Ok(Node { offset: 0, value: NodeValue::Scalar(Tree::Null) })
    }

    fn key(&mut self, text: Text, span: Span, anchor: Option<AnchorId>) {
        let name = self.scan.str(self.source, text).into_owned();
        if let Some(id) = anchor {
            let value = NodeValue::Scalar(Tree::Str(name.clone()));
            self.anchors.insert(id, Node { offset: span.start(), value });
        }
        if let Some(open) = self.open.last_mut() {
            open.key = Some((name, span.start()));
        }
    }

    fn enter(&mut self, container: Container, span: Span, anchor: Option<AnchorId>) {
        let value = match container {
            Container::Mapping => NodeValue::Mapping(Vec::new()),
            Container::Sequence => NodeValue::Sequence(Vec::new()),
        };
        let node = Node { offset: span.start(), value };
        self.open.push(Open { node, anchor, key: None });
    }

    fn scalar(&self, value: LeafValue, site: Span) -> Node {
        let scalar = scalar(self.scan, self.source, value, site);
        Node { offset: site.start(), value: NodeValue::Scalar(scalar) }
    }

    fn expand(&mut self, target: AnchorId, span: Span) -> Result<Node, ScanError> {
        let node = self.anchors.get(&target).cloned();
        let node = node.unwrap_or(Node { offset: 0, value: NodeValue::Scalar(Tree::Null) });
        let error = || ScanError::at(self.source, span.start(), ScanErrorKind::ExcessiveAliases);
        self.budget = self.budget.checked_sub(node.weight()).ok_or_else(error)?;
        Ok(node)
    }

    /// Puts a finished node into the collection around it; returns it when there is none.
    fn close(&mut self, node: Node, anchor: Option<AnchorId>) -> Option<Node> {
        if let Some(id) = anchor {
            self.anchors.insert(id, node.clone());
        }
        let Some(open) = self.open.last_mut() else { return Some(node) };
        match &mut open.node.value {
            NodeValue::Sequence(items) => items.push(node),
            NodeValue::Mapping(items) => {
                let (key, offset) = open.key.take().unwrap_or_default();
                items.push((key, offset, node));
            }
            NodeValue::Scalar(_) => {}
        }
        None
    }
}

/// Returns the value of a scalar as plain data.
pub(super) fn scalar(scan: &Scan, source: &str, value: LeafValue, site: Span) -> Tree {
    let text = |text: Text| scan.str(source, text).into_owned();
    match value {
        LeafValue::Null => Tree::Null,
        LeafValue::Bool(value) => Tree::Bool(value),
        LeafValue::Int(number) => Tree::Int(number),
        LeafValue::Float(number) => Tree::Float(number),
        LeafValue::Time(time) => Tree::Time(text(time)),
        LeafValue::Str(string) => Tree::Str(text(string)),
        LeafValue::TooBig => Tree::Str(site.slice(source).to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::yaml::parse;

    #[test]
    fn documents_become_data_with_aliases_expanded() {
        let source = "a: &x {b: [1, ~]}\nc: *x\n\"d\": >\n  x\n  y\n---\nz: 1\n";
        let tree = parse(source).map(Node::into_tree);
        let x = Tree::Mapping(vec![("b".into(), Tree::Sequence(vec![Tree::Int(1), Tree::Null]))]);
        let items = [("a", x.clone()), ("c", x), ("d", Tree::str("x y\n"))];
        let expected = Tree::Mapping(items.map(|(key, value)| (key.to_owned(), value)).into());
        assert_eq!(tree, Ok(expected));
    }

    #[test]
    fn alias_bombs_are_refused() {
        let mut source = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let alias = format!("*a{}, ", level - 1).repeat(10);
            source += &format!("a{level}: &a{level} [{alias}]\n");
        }
        assert_eq!(
            parse(&source).map_err(|error| error.kind).err(),
            Some(ScanErrorKind::ExcessiveAliases)
        );
    }
}
