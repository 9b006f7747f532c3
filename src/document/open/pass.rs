//! The pass over all values that decrypts those which are selected.

use std::borrow::Cow;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::batch::{Batch, Clear, Closed, Done, Failure, Job, OpenedComment, Opener};
use super::{OpenOptions, Opened, Warning};
use crate::crypto::{Aad, Cipher, Envelope, Mac, MacState, Strictness};
use crate::document::Document;
use crate::document::elements::{self, CommentElement};
use crate::document::error::OpenError;
use crate::document::layout::{self, Resolved};
use crate::document::opened_tree::{Clear as ClearParts, OpenedTree};
use crate::document::plaintext::Plaintext;
use crate::document::seal::Place;
use crate::document::splice;
use crate::document::unchanged::Unchanged;
use crate::document::values::Made;
use crate::document::verify;
use crate::document::walk::{self, Item, Stop};
use crate::format::Format;
use crate::metadata::{Metadata, Selector};
use crate::parallel::{self, Pipeline};
use crate::text::{Edits, LineCounter, line_of};
use crate::tree::{Comment, Leaf, LeafValue, Value, ValueType};

/// The batches under way.
pub(super) type OpenPipeline<'p, 'd> = Pipeline<'p, 'd, Batch<'d>>;

/// One pass that decrypts what is selected.
pub(super) struct Pass<'p, 'd, 's> {
    base: &'d Document<'s>,
    selector: &'p Selector,
    cipher: Arc<Cipher>,
    strictness: Strictness,
    step: usize,
    /// Whether edits are made: a tree needs none.
    pub(super) writes_text: bool,
    layout: &'p Resolved<'p>,
    mac: MacState,
    /// The next batch, in document order.
    jobs: Vec<Job<'d>>,
    /// The joined paths of its jobs.
    paths: Vec<u8>,
    pipeline: OpenPipeline<'p, 'd>,
    edits: Edits<'s>,
    warnings: Vec<Warning>,
    lines: LineCounter<'s>,
    clear_comments: (usize, usize),
    clear: ClearParts,
    unchanged: Option<&'p mut Unchanged<'d>>,
}

impl<'p, 'd, 's> Pass<'p, 'd, 's> {
    pub(super) fn new(
        base: &'d Document<'s>,
        metadata: &'p Metadata,
        cipher: Arc<Cipher>,
        options: OpenOptions,
        layout: &'p Resolved<'p>,
        (unchanged, pipeline): (Option<&'p mut Unchanged<'d>>, OpenPipeline<'p, 'd>),
    ) -> Self {
        let step = base.format.step(&base.scan, options.indent);
        Self {
            base,
            selector: &metadata.selector,
            cipher,
            strictness: options.strictness,
            step,
            writes_text: true,
            layout,
            mac: MacState::new(metadata.mac_only_encrypted),
            jobs: Vec::new(),
            paths: Vec::new(),
            pipeline,
            edits: Edits::of(base.source),
            warnings: Vec::new(),
            lines: LineCounter::new(base.source),
            clear_comments: (0, 0),
            clear: ClearParts::default(),
            unchanged,
        }
    }

    /// Returns the MAC over all values that were passed.
    pub(super) fn mac(&self) -> Mac {
        self.mac.clone().finish()
    }

    /// Keeps the MAC for a later change.
    pub(super) fn keep_mac(&mut self, mac: &Mac) {
        if let Some(unchanged) = &mut self.unchanged {
            unchanged.set_mac(mac.clone());
        }
    }

    pub(super) fn warn(&mut self, warning: Option<Warning>) {
        self.warnings.extend(warning);
    }

    pub(super) fn stop(&mut self, stop: &Stop<'_>) -> Result<(), OpenError> {
        match stop.item {
            Item::Leaf(leaf) => self.leaf(stop, leaf),
            Item::Repeated { value, alias } => {
                self.check_in_mac(stop, value, alias.start())?;
                let value = Plaintext::of_leaf(&self.base.scan, self.base.source, value);
                let Some(value) = value else { return Ok(()) };
                if stop.is_selected && !value.bytes().is_empty() {
                    return Err(OpenError::EncryptedAlias(self.place(stop, alias.start())));
                }
                self.add_job(Job::Clear(value))
            }
            Item::Comment(comment) => self.comment(stop, comment),
        }
    }

    fn leaf(&mut self, stop: &Stop<'_>, leaf: &Leaf) -> Result<(), OpenError> {
        if !stop.is_selected {
            self.check_in_mac(stop, leaf.value, leaf.site.start())?;
            self.put_header(stop.event, leaf);
            let value = Plaintext::of_leaf(&self.base.scan, self.base.source, leaf.value);
            return value.map_or(Ok(()), |value| self.add_job(Job::Clear(value)));
        }
        let Some(text) = self.envelope_text(stop, leaf)? else {
            self.put_header(stop.event, leaf);
            return Ok(());
        };
        let start = self.paths.len();
        self.paths.extend_from_slice(stop.place.joined());
        let path = start..self.paths.len();
        self.add_job(Job::Closed(Closed { event: stop.event, leaf: *leaf, text, path }))
    }

    /// Puts the original text of a value in clear back.
    fn put_header(&mut self, event: usize, leaf: &Leaf) {
        if let Some(original) = self.layout.site(event) {
            layout::put_header(leaf, original, &mut self.edits);
        }
    }

    fn add_job(&mut self, job: Job<'d>) -> Result<(), OpenError> {
        self.jobs.push(job);
        if parallel::is_enough(self.jobs.len(), self.paths.len()) {
            self.start_batch();
        }
        while let Some(batch) = self.pipeline.ready() {
            self.finish_batch(batch)?;
        }
        Ok(())
    }

    fn start_batch(&mut self) {
        let opener = Opener {
            base: self.base,
            cipher: Arc::clone(&self.cipher),
            strictness: self.strictness,
            step: self.step,
            writes_text: self.writes_text,
        };
        let jobs = std::mem::take(&mut self.jobs);
        let paths = std::mem::take(&mut self.paths);
        self.pipeline.add(move || opener.open(jobs, paths));
    }

    /// Waits for all jobs.
    pub(super) fn finish_jobs(&mut self) -> Result<(), OpenError> {
        self.start_batch();
        while let Some(batch) = self.pipeline.next() {
            self.finish_batch(batch)?;
        }
        Ok(())
    }

    /// Takes the results of a batch in document order.
    fn finish_batch(&mut self, batch: Batch<'d>) -> Result<(), OpenError> {
        let Batch { done, paths, texts } = batch;
        self.clear.values.begin(texts);
        for done in done {
            match done {
                Done::Clear(value) => self.mac.add(value.bytes(), false),
                Done::Opened(closed, clear) => self.take(closed, clear, &paths)?,
                Done::Failed(closed, failure) => return Err(self.failed(&closed, failure)),
                Done::Comment(comment) => self.put_comment(&comment),
            }
        }
        Ok(())
    }

    fn take(&mut self, closed: Closed<'d>, clear: Clear, paths: &[u8]) -> Result<(), OpenError> {
        let Closed { event, leaf, text, path } = closed;
        let Clear { value, rendering } = clear;
        if let Made::Other(Value::Comment(text)) = &value {
            self.comment_element(event, &leaf, &String::from_utf8_lossy(text))?;
            if let Some(unchanged) = &mut self.unchanged {
                unchanged.add_element(&leaf, &Aad::of_joined(&paths[path]), text);
            }
            return Ok(());
        }
        let source = self.base.source;
        let plaintext = self.clear.values.add(event, value).plaintext();
        self.mac.add(plaintext.bytes(), true);
        if !self.writes_text {
            return Ok(());
        }
        let original = self.layout.site(event);
        let rendering = original.map(|it| layout::put(source, it, plaintext.bytes())).or(rendering);
        if let Some(unchanged) = &mut self.unchanged {
            let aad = Aad::of_joined(&paths[path]);
            unchanged.add_leaf(&leaf, (&aad, &plaintext), text, rendering.as_ref());
        }
        if self.layout.is_covered(leaf.site.start()) {
            return Ok(());
        }
        match (rendering, std::str::from_utf8(plaintext.bytes())) {
            (None, Ok(text)) => splice::replace_leaf_inline(source, &leaf, text, &mut self.edits),
            (rendering, _) => {
                let rendering = rendering.unwrap_or_default();
                splice::replace_leaf(source, &leaf, &rendering, &mut self.edits);
            }
        }
        Ok(())
    }

    /// Refuses a value that has no bytes for the MAC, as it could be added unnoticed.
    fn check_in_mac(
        &self,
        stop: &Stop<'_>,
        value: LeafValue,
        offset: usize,
    ) -> Result<(), OpenError> {
        let is_covered = match value {
            LeafValue::TooBig => false,
            LeafValue::Time(_) => {
                Plaintext::of_leaf(&self.base.scan, self.base.source, value).is_some()
            }
            _ => true,
        };
        if is_covered { Ok(()) } else { Err(OpenError::NotCovered(self.place(stop, offset))) }
    }

    /// Returns the text of a leaf that must be encrypted; nothing for null and the empty string.
    fn envelope_text(
        &self,
        stop: &Stop<'_>,
        leaf: &Leaf,
    ) -> Result<Option<Cow<'d, str>>, OpenError> {
        let found = match leaf.value {
            LeafValue::Null => return Ok(None),
            LeafValue::Str(text) => {
                let mut text = self.base.scan.str(self.base.source, text);
                if self.base.format == Format::Dotenv && text.ends_with('\r') {
                    text.to_mut().pop();
                }
                return Ok((!text.is_empty()).then_some(text));
            }
            LeafValue::Bool(_) => "a boolean",
            LeafValue::Int(_) | LeafValue::TooBig => "an integer",
            LeafValue::Float(_) => "a float",
            LeafValue::Time(_) => "a timestamp",
        };
        Err(OpenError::NotEncrypted(self.place(stop, leaf.site.start()), found))
    }

    fn failed(&self, closed: &Closed<'_>, failure: Failure) -> OpenError {
        let place = self.place_of(closed.event, closed.leaf.site.start());
        match failure {
            Failure::Envelope(error) => OpenError::Envelope(place, error),
            Failure::UnknownType => OpenError::UnknownType(place),
            Failure::Cipher(error) => OpenError::Cipher(place, error),
            Failure::Value(error) => OpenError::Value(place, error),
            Failure::Unprintable(what) => {
                OpenError::Unprintable(place, self.base.format.as_str(), what)
            }
        }
    }

    /// Turns an element that the reference made of a comment into a comment again.
    fn comment_element(&mut self, event: usize, leaf: &Leaf, text: &str) -> Result<(), OpenError> {
        let has_line = !leaf.in_flow || !self.base.format.has_comments();
        if !leaf.in_sequence || !has_line {
            return Err(OpenError::CommentAsValue(self.place_of(event, leaf.site.start())));
        }
        self.clear.elements.push(CommentElement { event, text: text.to_owned() });
        Ok(())
    }

    fn comment(&mut self, stop: &Stop<'_>, comment: &Comment) -> Result<(), OpenError> {
        let text = self.base.scan.str(self.base.source, comment.text);
        if !stop.is_selected || text.is_empty() {
            return Ok(());
        }
        if !Envelope::is_likely(text.as_bytes()) {
            let (count, first) = self.clear_comments;
            let line = if count == 0 { self.lines.line_of(comment.span.start()) } else { first };
            self.clear_comments = (count + 1, line);
            return Ok(());
        }
        let Some((aad, clear)) = self.open_comment(stop, &text) else {
            let line = self.lines.line_of(comment.span.start());
            self.warnings.push(Warning::UnreadableComment { line });
            return Ok(());
        };
        let is_own_place = aad == stop.place.aad();
        let aad = aad.into_owned();
        let event = stop.event;
        let opened = OpenedComment { event, comment: *comment, clear, aad, is_own_place };
        self.add_job(Job::Comment(opened))
    }

    fn put_comment(&mut self, opened: &OpenedComment) {
        let source = self.base.source;
        let OpenedComment { event, comment, clear, aad, is_own_place } = opened;
        let clear = String::from_utf8_lossy(clear);
        if !self.writes_text {
            self.clear.comments.push((*event, clear.into_owned().into()));
            return;
        }
        if let Some(unchanged) = &mut self.unchanged {
            let envelope = is_own_place.then(|| self.base.scan.str(source, comment.text));
            unchanged.add_comment(comment, aad, clear.as_bytes(), envelope);
        }
        if !self.layout.is_covered(comment.span.start()) {
            self.base.format.replace_comment(source, comment, &clear, &mut self.edits);
        }
    }

    /// Opens a comment at the path that the reference gives it, or else at one above
    /// (`spec/yaml-comments.md` §9).
    fn open_comment<'w>(
        &self,
        stop: &Stop<'w>,
        text: &str,
    ) -> Option<(Aad<'w>, Zeroizing<Vec<u8>>)> {
        let envelope = Envelope::parse(text, self.strictness).ok()?;
        if envelope.kind() != ValueType::Comment.as_str() {
            return None;
        }
        let places = std::iter::once(stop.place.aad()).chain(stop.place.prefixes());
        places.into_iter().find_map(|aad| {
            let text = envelope.open(&self.cipher, &aad).ok()?;
            Some((aad, text))
        })
    }

    fn place(&self, stop: &Stop<'_>, offset: usize) -> Place {
        Place { line: line_of(self.base.source, offset), path: stop.place.path() }
    }

    fn place_of(&self, event: usize, offset: usize) -> Place {
        let path = walk::path_of(self.base, self.selector, event);
        Place { line: line_of(self.base.source, offset), path }
    }

    fn warn_of_clear_comments(&mut self) {
        let (count, line) = self.clear_comments;
        self.warnings.extend((count > 0).then_some(Warning::ClearComments { count, line }));
    }

    /// Returns what was decrypted as values.
    pub(super) fn into_tree(mut self) -> OpenedTree<'s> {
        self.warn_of_clear_comments();
        OpenedTree::new(self.base, self.clear, self.warnings)
    }

    pub(super) fn finish(mut self, format: Format) -> Result<Opened, OpenError> {
        let base = self.base;
        self.warn_of_clear_comments();
        for part in &base.parts {
            base.format.remove_block(base.source, &base.scan, part, &mut self.edits);
        }
        elements::restore(base, &self.clear.elements, &mut self.edits);
        self.layout.replace_regions(&mut self.edits);
        let text = self.edits.apply(base.source)?;
        let text = Zeroizing::new(self.layout.restore_rest(text)?);
        let is_removed = |at: usize| {
            self.clear.elements.binary_search_by_key(&at, |element| element.event).is_ok()
        };
        verify::opened(base, &text, format, &self.clear.values, &is_removed)?;
        Ok(Opened { text, warnings: self.warnings })
    }
}
