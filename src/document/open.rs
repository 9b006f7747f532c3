mod batch;
mod pass;

use std::sync::Arc;

use zeroize::Zeroizing;

use self::pass::{OpenPipeline, Pass};
use super::Document;
use super::error::OpenError;
use super::layout::{self, Record, Resolved};
use super::opened_tree::OpenedTree;
use super::unchanged::Unchanged;
use super::walk::Walk;
use crate::crypto::{Aad, Cipher, DataKey, Envelope, Mac, Strictness};
use crate::format::Format;
use crate::metadata::Metadata;
use crate::parallel;
use crate::text::line_of;

/// How a file is decrypted.
#[derive(Clone, Copy, Debug)]
pub struct OpenOptions {
    /// Format of the text.
    pub format: Format,
    /// Whether a MAC that is missing or does not fit is passed over, with a warning.
    pub ignore_mac: bool,
    /// How closely envelopes must keep to their form.
    pub strictness: Strictness,
    /// Indentation step where the document itself shows none; 0 for the reference's default.
    pub indent: usize,
    /// Whether the original spelling is put back, if the file has a record of it.
    pub keeps_layout: bool,
}

/// Something that deserves attention but does not stop decryption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// Comments that look encrypted do not open; they are left as they are.
    UnreadableComment {
        /// Line of the comment.
        line: usize,
    },
    /// Comments are in clear where they should be encrypted.
    ClearComments {
        /// How many.
        count: usize,
        /// Line of the first.
        line: usize,
    },
    /// The MAC was missing or wrong, and was to be ignored.
    MacIgnored,
    /// The format of the result holds one document, and others have values too.
    DocumentsLeftOut {
        /// How many.
        count: usize,
        /// The format.
        format: Format,
    },
    /// The layout record does not open, or does not fit the values; the original spelling is lost.
    LayoutIgnored,
}

/// A decrypted text.
pub struct Opened {
    /// The text without its metadata block.
    pub text: Zeroizing<String>,
    /// What deserves attention.
    pub warnings: Vec<Warning>,
}

/// Decrypts a text whose data key is known.
///
/// The MAC is checked before anything is returned.
///
/// # Errors
/// A value does not open, the MAC does not fit, or the result would not be read back as it was
/// meant.
pub fn open(
    document: &Document<'_>,
    metadata: &Metadata,
    data_key: &DataKey,
    options: OpenOptions,
) -> Result<Opened, OpenError> {
    run(document, metadata, data_key, options, None)
}

/// Decrypts a text like [`open`] and keeps its leaves as they were, for [`super::reseal`].
///
/// # Errors
/// As [`open`].
pub fn open_to_change<'d>(
    document: &'d Document<'_>,
    metadata: &Metadata,
    data_key: &DataKey,
    options: OpenOptions,
) -> Result<(Opened, Unchanged<'d>), OpenError> {
    let mut unchanged = Unchanged::new(document);
    let opened = run(document, metadata, data_key, options, Some(&mut unchanged))?;
    Ok((opened, unchanged))
}

/// Decrypts a text whose data key is known to its values, which can be written in any format.
///
/// The MAC is checked before anything is returned. The layout record is not looked at.
///
/// # Errors
/// A value does not open, or the MAC does not fit.
pub fn open_tree<'s>(
    document: &Document<'s>,
    metadata: &Metadata,
    data_key: &DataKey,
    options: OpenOptions,
) -> Result<OpenedTree<'s>, OpenError> {
    check(document)?;
    let cipher = Arc::new(Cipher::new(data_key));
    let attempt = Attempt { document, metadata, cipher: &cipher, options, writes_text: false };
    attempt.pass(&Resolved::default(), None, |pass| Ok(pass.into_tree()))
}

fn run<'d>(
    document: &'d Document<'_>,
    metadata: &Metadata,
    data_key: &DataKey,
    options: OpenOptions,
    mut unchanged: Option<&mut Unchanged<'d>>,
) -> Result<Opened, OpenError> {
    check(document)?;
    let cipher = Arc::new(Cipher::new(data_key));
    let envelope = metadata.layout.as_ref().filter(|_| options.keeps_layout);
    let text = envelope.and_then(|it| layout::open(&cipher, it, options.strictness));
    let record = text.as_ref().and_then(|text| Record::parse(text));
    let attempt = Attempt { document, metadata, cipher: &cipher, options, writes_text: true };
    if let Some(record) = &record {
        let resolved = layout::resolve(document, record);
        match attempt.run(&resolved, unchanged.as_deref_mut()) {
            // the record made another text of it, or one that is none
            Err(OpenError::Verification(..) | OpenError::Edit(_)) => {}
            result => {
                if let (Some(unchanged), Some(text), Some(envelope)) = (unchanged, text, envelope) {
                    unchanged.set_layout(text, envelope);
                }
                return result;
            }
        }
    }
    if let Some(unchanged) = unchanged.as_deref_mut() {
        unchanged.forget_leaves();
    }
    let mut opened = attempt.run(&Resolved::default(), unchanged)?;
    opened.warnings.extend(envelope.map(|_| Warning::LayoutIgnored));
    Ok(opened)
}

/// What stays the same with and without the layout record.
struct Attempt<'a, 'd, 's> {
    document: &'d Document<'s>,
    metadata: &'a Metadata,
    cipher: &'a Arc<Cipher>,
    options: OpenOptions,
    /// Whether a text is made of it, or a tree.
    writes_text: bool,
}

impl<'d, 's> Attempt<'_, 'd, 's> {
    fn run(
        &self,
        layout: &Resolved<'_>,
        unchanged: Option<&mut Unchanged<'d>>,
    ) -> Result<Opened, OpenError> {
        self.pass(layout, unchanged, |pass| pass.finish(self.options.format))
    }

    /// Decrypts all values, checks the MAC, and makes something of it.
    fn pass<T>(
        &self,
        layout: &Resolved<'_>,
        unchanged: Option<&mut Unchanged<'d>>,
        finish: impl FnOnce(Pass<'_, 'd, 's>) -> Result<T, OpenError>,
    ) -> Result<T, OpenError> {
        parallel::with_pipeline(self.document.source.len(), |pipeline| {
            finish(self.checked(layout, unchanged, pipeline)?)
        })
    }

    fn checked<'p>(
        &'p self,
        layout: &'p Resolved<'p>,
        unchanged: Option<&'p mut Unchanged<'d>>,
        pipeline: OpenPipeline<'p, 'd>,
    ) -> Result<Pass<'p, 'd, 's>, OpenError> {
        let Self { document, metadata, cipher, options, writes_text } = self;
        let output = (unchanged, pipeline);
        let mut pass = Pass::new(document, metadata, Arc::clone(cipher), *options, layout, output);
        pass.writes_text = *writes_text;
        let walked = Walk::new(document, &metadata.selector).run(|stop| pass.stop(stop));
        // a value before the place where the walk stopped may not open: that is the first error
        pass.finish_jobs()?;
        walked?;
        let mac = pass.mac();
        pass.keep_mac(&mac);
        let verdict = check_mac(metadata, cipher, &mac, options.strictness);
        if options.ignore_mac {
            pass.warn(verdict.is_err().then_some(Warning::MacIgnored));
        } else {
            verdict?;
        }
        Ok(pass)
    }
}

pub(super) fn check(document: &Document<'_>) -> Result<(), OpenError> {
    for part in &document.parts {
        if let Some(second) = part.blocks.get(1) {
            let line = line_of(document.source, second.span.start());
            return Err(OpenError::DuplicateMetadata { line });
        }
    }
    Ok(())
}

/// Tells whether a data key opens the MAC of a file, whatever its values are.
#[must_use]
pub fn opens_mac(metadata: &Metadata, data_key: &DataKey) -> bool {
    stored_mac(metadata, &Cipher::new(data_key), Strictness::Lenient).is_ok()
}

/// Compares the MAC of a file with the one that its values give.
pub(super) fn check_mac(
    metadata: &Metadata,
    cipher: &Cipher,
    computed: &Mac,
    strictness: Strictness,
) -> Result<(), OpenError> {
    let stored = stored_mac(metadata, cipher, strictness)?;
    if stored == *computed { Ok(()) } else { Err(OpenError::MacMismatch) }
}

fn stored_mac(
    metadata: &Metadata,
    cipher: &Cipher,
    strictness: Strictness,
) -> Result<Mac, OpenError> {
    if metadata.mac.is_empty() {
        return Err(OpenError::MacMissing);
    }
    let envelope = Envelope::parse(&metadata.mac, strictness);
    let envelope = envelope.map_err(|_| OpenError::MacUnreadable)?;
    let last_modified = metadata.last_modified.to_second().to_string();
    let aad = Aad::of_text(&last_modified);
    let stored = envelope.open(cipher, &aad).map_err(|_| OpenError::MacUnreadable)?;
    Ok(Mac::from_text(&stored))
}
