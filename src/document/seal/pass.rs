//! The pass over all values that encrypts those which are selected.

use std::sync::Arc;

use super::Place;
use crate::crypto::{Cipher, MacState, Randomness};
use crate::document::Document;
use crate::document::envelopes::{Envelopes, Job, Put, Target, Work};
use crate::document::error::SealError;
use crate::document::plaintext::Plaintext;
use crate::document::splice::{self, OldText};
use crate::document::unchanged::{Heirs, Old, Unchanged};
use crate::document::verify;
use crate::document::walk::{Item, Stop};
use crate::format::Rendering;
use crate::parallel::{self, Pipeline};
use crate::text::{Edits, line_of};
use crate::tree::{Comment, Leaf, LeafValue, Path};

/// The batches under way.
pub(super) type SealPipeline<'p, 'd> = Pipeline<'p, 'd, Result<Envelopes, SealError>>;

/// One pass that encrypts what is selected.
pub(super) struct Pass<'p, 'd, 's> {
    base: &'d Document<'s>,
    cipher: Arc<Cipher>,
    heirs: Option<Heirs<'p>>,
    randomness: &'d dyn Randomness,
    edits: &'p mut Edits<'d>,
    /// The next batch; its nonces are drawn.
    jobs: Vec<Job<'d>>,
    /// The joined paths of its jobs.
    paths: Vec<u8>,
    pipeline: SealPipeline<'p, 'd>,
    count: usize,
    /// Events of the leaves and comments that are encrypted.
    selected_nodes: Vec<usize>,
}

impl<'p, 'd, 's> Pass<'p, 'd, 's> {
    pub(super) fn new(
        base: &'d Document<'s>,
        cipher: Cipher,
        unchanged: Option<&'p Unchanged<'p>>,
        randomness: &'d dyn Randomness,
        (edits, pipeline): (&'p mut Edits<'d>, SealPipeline<'p, 'd>),
    ) -> Self {
        Self {
            base,
            cipher: Arc::new(cipher),
            heirs: unchanged.map(Heirs::new),
            randomness,
            edits,
            jobs: Vec::new(),
            paths: Vec::new(),
            pipeline,
            count: 0,
            selected_nodes: Vec::new(),
        }
    }

    /// Encrypts what is left; returns how many values were encrypted, and the events of all that
    /// was.
    pub(super) fn finish(mut self) -> Result<(usize, Vec<usize>), SealError> {
        self.start_batch();
        while let Some(envelopes) = self.pipeline.next() {
            self.put(envelopes)?;
        }
        self.check_aliases()?;
        Ok((self.count, self.selected_nodes))
    }

    pub(super) fn stop(&mut self, stop: &Stop<'_>, mac: &mut MacState) -> Result<(), SealError> {
        match stop.item {
            Item::Leaf(leaf) => self.leaf(stop, leaf, mac),
            Item::Repeated { value, alias } => {
                let value = self.value(stop, value, alias.start())?;
                let is_empty = value.as_ref().is_none_or(|value| value.bytes().is_empty());
                if stop.is_selected && !is_empty {
                    let place = self.place(stop, alias.start());
                    return Err(SealError::EncryptedAlias(place));
                }
                if let Some(value) = value {
                    mac.add(value.bytes(), stop.is_selected);
                }
                Ok(())
            }
            Item::Comment(comment) => self.comment(stop, comment),
        }
    }

    fn leaf(&mut self, stop: &Stop<'_>, leaf: &Leaf, mac: &mut MacState) -> Result<(), SealError> {
        let plaintext = self.value(stop, leaf.value, leaf.site.start())?;
        let Some(plaintext) = plaintext else { return Ok(()) };
        mac.add(plaintext.bytes(), stop.is_selected);
        if !stop.is_selected || plaintext.bytes().is_empty() {
            return Ok(());
        }
        self.count += 1;
        let kept = self.take_kept(stop, &plaintext);
        let work = match kept {
            Some(kept) => match self.old_text(kept, leaf) {
                Some(text) if self.is_idle() => {
                    splice::restore_site(self.base.source, leaf, text, self.edits);
                    return Ok(());
                }
                Some((site, body)) => {
                    let old = Rendering { site: site.to_owned(), body: body.to_owned() };
                    return self.add(Job::Restore(*leaf, old));
                }
                None => kept.envelope().map(|it| Work::Keep(it.to_owned())),
            },
            None => None,
        };
        self.close(stop, Target::Leaf(*leaf), plaintext, work)
    }

    fn comment(&mut self, stop: &Stop<'_>, comment: &Comment) -> Result<(), SealError> {
        let text = self.base.scan.bytes(self.base.source, comment.text);
        if !stop.is_selected || text.is_empty() {
            return Ok(());
        }
        let plaintext = Plaintext::of_comment(text);
        let kept = self.take_kept(stop, &plaintext).and_then(Old::envelope);
        let work = kept.map(|envelope| Work::Keep(envelope.to_owned()));
        self.close(stop, Target::Comment(*comment), plaintext, work)
    }

    /// Notes that a value or comment is encrypted, and takes what an old one left to it.
    fn take_kept(&mut self, stop: &Stop<'_>, plaintext: &Plaintext<'_>) -> Option<&'p Old<'p>> {
        self.selected_nodes.push(stop.event);
        self.heirs.as_mut().and_then(|heirs| heirs.take(&stop.place.aad(), plaintext))
    }

    fn old_text(&self, kept: &Old<'_>, leaf: &Leaf) -> Option<OldText<'p>> {
        self.heirs.as_ref()?.unchanged().old_text(kept, self.base.source, leaf)
    }

    /// Tells whether an edit may be made at once, as nothing that stands before it is under way.
    fn is_idle(&self) -> bool {
        self.jobs.is_empty() && self.pipeline.is_empty()
    }

    /// Adds a job that writes an envelope: a new ciphertext where none is kept.
    fn close(
        &mut self,
        stop: &Stop<'_>,
        target: Target,
        plaintext: Plaintext<'d>,
        work: Option<Work<'d>>,
    ) -> Result<(), SealError> {
        let work = if let Some(work) = work {
            work
        } else {
            let start = self.paths.len();
            self.paths.extend_from_slice(stop.place.joined());
            Work::Encrypt(plaintext, start..self.paths.len())
        };
        self.add(Job::Close(target, work))
    }

    fn add(&mut self, job: Job<'d>) -> Result<(), SealError> {
        self.jobs.push(job);
        if parallel::is_enough(self.jobs.len(), self.paths.len()) {
            self.start_batch();
        }
        while let Some(envelopes) = self.pipeline.ready() {
            self.put(envelopes)?;
        }
        Ok(())
    }

    fn start_batch(&mut self) {
        let jobs = std::mem::take(&mut self.jobs);
        let paths = std::mem::take(&mut self.paths);
        let (base, cipher, randomness) = (self.base, Arc::clone(&self.cipher), self.randomness);
        self.pipeline.add(move || Envelopes::make(base, jobs, (&cipher, randomness), &paths));
    }

    fn put(&mut self, envelopes: Result<Envelopes, SealError>) -> Result<(), SealError> {
        let source = self.base.source;
        for put in envelopes?.iter() {
            match put {
                Put::Site(leaf, text) => {
                    splice::replace_leaf_inline(source, &leaf, text, self.edits);
                }
                Put::Comment(comment, text) => {
                    self.base.format.replace_comment(source, &comment, text, self.edits);
                }
                Put::Restored(leaf, old) => {
                    splice::restore_site(source, &leaf, (&old.site, &old.body), self.edits);
                }
            }
        }
        Ok(())
    }

    fn value(
        &self,
        stop: &Stop<'_>,
        value: LeafValue,
        offset: usize,
    ) -> Result<Option<Plaintext<'d>>, SealError> {
        if value == LeafValue::TooBig {
            return Err(SealError::IntegerTooBig(self.place(stop, offset)));
        }
        let plaintext = Plaintext::of_leaf(&self.base.scan, self.base.source, value);
        if plaintext.is_none() && value != LeafValue::Null {
            return Err(SealError::TimeOffset(self.place(stop, offset)));
        }
        Ok(plaintext)
    }

    fn place(&self, stop: &Stop<'_>, offset: usize) -> Place {
        Place { line: line_of(self.base.source, offset), path: stop.place.path() }
    }

    /// Refuses aliases whose target holds something that is encrypted.
    fn check_aliases(&self) -> Result<(), SealError> {
        let Some(found) = verify::alias_of_any(self.base, &self.selected_nodes) else {
            return Ok(());
        };
        let line = line_of(self.base.source, found.start());
        let mut path = Path::new();
        path.push(found.slice(self.base.source));
        Err(SealError::EncryptedAlias(Place { line, path }))
    }
}
