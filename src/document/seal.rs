mod pass;

use std::fmt;

use self::pass::Pass;
use super::aliases::{self, ClearCopy};
use super::error::SealError;
use super::old_block::OldBlock;
use super::splice;
use super::tags;
use super::unchanged::Unchanged;
use super::verify;
use super::walk::Walk;
use super::{Document, layout};
use crate::crypto::{Aad, Cipher, DataKey, Envelope, Mac, MacState, Nonce, Randomness};
use crate::format::{DocumentPart, Format};
use crate::metadata::Metadata;
use crate::parallel;
use crate::text::{Edits, line_of};
use crate::tree::{Event, LeafValue, Path, Scalar, Scan, Value, ValueType};

/// A place in a document, for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Path of the value.
    pub path: Path,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, {}", self.line, self.path)
    }
}

/// What encryption needs beside the text.
pub struct SealOptions<'o> {
    /// Format of the text.
    pub format: Format,
    /// The key of the file.
    pub data_key: &'o DataKey,
    /// The block to write; its MAC is filled in.
    pub metadata: Metadata,
    /// Indentation step of the metadata block; 0 for the reference's default.
    pub indent: usize,
    /// Whether what decryption would spell otherwise is recorded.
    pub keeps_layout: bool,
}

/// An encrypted text.
pub struct Sealed {
    /// The text with its metadata block.
    pub text: String,
    /// How many values were encrypted.
    pub encrypted_values: usize,
    /// Values that stay in clear where an alias repeats them.
    pub clear_copies: Vec<ClearCopy>,
}

/// Encrypts a text: new data key, new metadata block.
///
/// # Errors
/// The text cannot be encrypted, or the result would not be read back as it was meant.
pub fn seal(
    source: &str,
    options: SealOptions<'_>,
    randomness: &dyn Randomness,
) -> Result<Sealed, SealError> {
    let write = block_writer(options.format, options.indent);
    Sealer { options, unchanged: None, values: None, write_block: &write }.seal(source, randomness)
}

/// Encrypts a text like [`seal`]; the values of its leaves are given.
///
/// # Errors
/// As [`seal`], or the text does not hold these values.
pub(super) fn seal_values_as(
    source: &str,
    values: &[&Scalar],
    options: SealOptions<'_>,
    randomness: &dyn Randomness,
) -> Result<Sealed, SealError> {
    let write = block_writer(options.format, options.indent);
    let values = Some(values);
    Sealer { options, unchanged: None, values, write_block: &write }.seal(source, randomness)
}

/// Writes new blocks of a format.
fn block_writer(
    format: Format,
    indent: usize,
) -> impl Fn(&str, &DocumentPart, &Metadata) -> String {
    move |source, part, metadata| format.write_block(source, part, &metadata.to_tree(), indent)
}

/// Encrypts the new clear text of a file that was decrypted before: the data key and the metadata
/// block stay, and so does every ciphertext whose value did not change (`design.md` §2).
///
/// Of the block only the MAC and `lastmodified` are written anew.
///
/// # Errors
/// The text cannot be encrypted, or the result would not be read back as it was meant.
pub fn reseal(
    source: &str,
    options: SealOptions<'_>,
    unchanged: &Unchanged<'_>,
    randomness: &dyn Randomness,
) -> Result<Sealed, SealError> {
    reseal_with_block(source, options, unchanged, unchanged.block(), randomness)
}

/// Encrypts a text like [`reseal`]; the block is that of another document, which says what
/// the metadata of `options` does.
///
/// # Errors
/// As [`reseal`].
pub fn reseal_with(
    source: &str,
    options: SealOptions<'_>,
    unchanged: &Unchanged<'_>,
    document: &Document<'_>,
    randomness: &dyn Randomness,
) -> Result<Sealed, SealError> {
    reseal_with_block(source, options, unchanged, &OldBlock::of(document), randomness)
}

fn reseal_with_block(
    source: &str,
    options: SealOptions<'_>,
    unchanged: &Unchanged<'_>,
    old: &OldBlock,
    randomness: &dyn Randomness,
) -> Result<Sealed, SealError> {
    let write = |source: &str, _: &DocumentPart, metadata: &Metadata| {
        let last_modified = metadata.last_modified.to_string();
        old.with_fields(source, &metadata.mac, &last_modified, metadata.layout.as_deref())
    };
    let unchanged = Some(unchanged);
    Sealer { options, unchanged, values: None, write_block: &write }.seal(source, randomness)
}

type WriteBlock<'o> = &'o dyn Fn(&str, &DocumentPart, &Metadata) -> String;

struct Sealer<'o> {
    options: SealOptions<'o>,
    unchanged: Option<&'o Unchanged<'o>>,
    /// The values of all leaves, where the text says less than is known of them.
    values: Option<&'o [&'o Scalar]>,
    write_block: WriteBlock<'o>,
}

/// The text of the whole file with its values still in clear, and where its blocks stand.
struct Framed {
    text: String,
    documents: usize,
}

/// What a pass over all values gives beside its edits.
struct Encrypted {
    mac: Mac,
    count: usize,
    /// The events of the leaves and comments that are encrypted.
    selected: Vec<usize>,
}

impl Sealer<'_> {
    fn seal(mut self, source: &str, randomness: &dyn Randomness) -> Result<Sealed, SealError> {
        let mut original = Document::parse(source, self.options.format)?;
        check(&original)?;
        self.retype(&mut original)?;
        self.options.keeps_layout &= layout::is_welcome(&original);
        let SealOptions { metadata, indent, .. } = &self.options;
        let untagged = tags::take_away(&original)?;
        let untagged = untagged.as_ref().map(|text| Document::parse(text, self.options.format));
        let untagged = untagged.transpose()?;
        let plain = untagged.as_ref().unwrap_or(&original);
        let Some(expanded) = aliases::expand(plain, &metadata.selector, *indent)? else {
            return self.seal_clear(&original, plain, randomness);
        };
        let document = Document::parse(&expanded.text, self.options.format)?;
        verify::expanded(plain, &document)?;
        let mut sealed = self.seal_clear(&original, &document, randomness)?;
        sealed.clear_copies = expanded.clear_copies;
        Ok(sealed)
    }

    /// Gives the leaves of a text in clear the values that are known of them.
    fn retype(&self, document: &mut Document<'_>) -> Result<(), SealError> {
        match self.values {
            Some(values) => document.retype(values, &self.options.metadata.selector),
            None => Ok(()),
        }
    }

    /// Encrypts `document`: the original text, or the same without some tags and with copies in the
    /// place of aliases.
    fn seal_clear(
        &mut self,
        original: &Document<'_>,
        document: &Document<'_>,
        randomness: &dyn Randomness,
    ) -> Result<Sealed, SealError> {
        let source = document.source;
        let is_whole = |part: &DocumentPart| part.takes_whole_lines(source);
        let is_plain = || !document.has_comments() && document.parts.iter().all(is_whole);
        if self.options.format.has_fixed_comments() || is_plain() {
            return self.seal_values(original, document, source, randomness);
        }
        // paths of comments depend on what follows them, so all is computed with the block in place
        let framed = self.frame(document)?;
        let mut base = Document::parse(&framed.text, self.options.format)?;
        if base.count() != framed.documents || base.parts.iter().any(|part| part.blocks.len() != 1)
        {
            return Err(verify::failed(&base, 0, "the metadata block is not found again"));
        }
        self.retype(&mut base)?;
        verify::framed(document, &base)?;
        self.seal_values(original, &base, source, randomness)
    }

    /// Encrypts the values of `base` and puts the finished block where there is one, or else at
    /// the end. `source` is the text before a block was put in.
    fn seal_values(
        &mut self,
        original: &Document<'_>,
        base: &Document<'_>,
        source: &str,
        randomness: &dyn Randomness,
    ) -> Result<Sealed, SealError> {
        let mut edits = Edits::of(base.source);
        let Encrypted { mac, count, selected } =
            self.encrypt_leaves(base, randomness, &mut edits)?;
        self.options.metadata.layout = None;
        let SealOptions { data_key, metadata, .. } = &self.options;
        self.options.metadata.mac =
            encrypt_mac(&Cipher::new(data_key), metadata, &mac, randomness)?;
        for part in &base.parts {
            let text = (self.write_block)(source, part, &self.options.metadata);
            if part.blocks.is_empty() {
                self.options.format.insert_block(source, part, &text, &mut edits);
            } else {
                splice::replace_block(base, part, &text, &mut edits);
            }
        }
        let text = edits.apply(base.source())?;
        // a file that had no record gets none for what did not change
        let fixes_step = self.unchanged.is_none_or(|old| old.layout().is_some());
        let clear = layout::Clear { original, base, selected: &selected, fixes_step };
        let SealOptions { format, metadata, keeps_layout, .. } = &self.options;
        let look = |sealed: &Document<'_>| keeps_layout.then(|| layout::build(&clear, sealed));
        let (sealed, record) = verify::sealed(base, &text, *format, metadata, look)?;
        let with_layout = match record {
            Some(record) => self.add_layout(&clear, &sealed, record, source, randomness)?,
            None => None,
        };
        drop(sealed);
        let text = with_layout.unwrap_or(text);
        Ok(Sealed { text, encrypted_values: count, clear_copies: Vec::new() })
    }

    /// Returns the encrypted text with its layout record, if it needs one.
    fn add_layout(
        &mut self,
        clear: &layout::Clear<'_>,
        sealed: &Document<'_>,
        record: Result<layout::Record, layout::BuildError>,
        source: &str,
        randomness: &dyn Randomness,
    ) -> Result<Option<String>, SealError> {
        let record = record.map_err(|error| match error {
            layout::BuildError::Structure => SealError::Layout,
            layout::BuildError::Edit(error) => error.into(),
        })?;
        if record.is_empty() {
            return Ok(None);
        }
        let envelope = self.encrypt_layout(&record.to_text(), randomness)?;
        self.options.metadata.layout = Some(envelope);
        let mut edits = Edits::new();
        if let (Some(part), Some(place)) = (clear.base.parts.first(), sealed.parts.first()) {
            let block = (self.write_block)(source, part, &self.options.metadata);
            splice::replace_block(sealed, place, &block, &mut edits);
        }
        let text = edits.apply(sealed.source)?;
        let SealOptions { format, metadata, .. } = &self.options;
        verify::sealed(clear.base, &text, *format, metadata, |_| ())?;
        Ok(Some(text))
    }

    /// Encrypts a layout record; an unchanged one keeps its ciphertext.
    fn encrypt_layout(
        &self,
        record: &str,
        randomness: &dyn Randomness,
    ) -> Result<String, SealError> {
        let old = self.unchanged.and_then(Unchanged::layout);
        if let Some((_, envelope)) = old.filter(|(text, _)| text.as_str() == record) {
            return Ok(envelope.to_owned());
        }
        let nonce = Nonce::draw(randomness)?;
        let sealed = layout::seal(&Cipher::new(self.options.data_key), &nonce, record);
        let place = || Place { line: 1, path: Path::new() };
        sealed.map_err(|error| SealError::Cipher(place(), error))
    }

    fn frame(&self, document: &Document<'_>) -> Result<Framed, SealError> {
        let mut edits = Edits::new();
        for part in &document.parts {
            let text = (self.write_block)(document.source, part, &self.options.metadata);
            self.options.format.insert_block(document.source, part, &text, &mut edits);
        }
        let last = document.scan.events.iter().rev().find_map(|event| match event {
            Event::Leaf(leaf) => Some(leaf),
            _ => None,
        });
        if let Some(leaf) = last {
            splice::keep_missing_line_end(document, leaf, &mut edits);
        }
        Ok(Framed { text: edits.apply(document.source)?, documents: document.count() })
    }

    /// Adds an edit for each leaf and comment that is selected; returns the MAC over all values.
    fn encrypt_leaves<'d>(
        &mut self,
        base: &'d Document<'_>,
        randomness: &'d dyn Randomness,
        edits: &mut Edits<'d>,
    ) -> Result<Encrypted, SealError> {
        let metadata = &self.options.metadata;
        let mut mac = MacState::new(metadata.mac_only_encrypted);
        let cipher = Cipher::new(self.options.data_key);
        let (count, selected) = parallel::with_pipeline(base.source.len(), |pipeline| {
            let output = (edits, pipeline);
            let mut pass = Pass::new(base, cipher, self.unchanged, randomness, output);
            Walk::new(base, &metadata.selector).run(|stop| pass.stop(stop, &mut mac))?;
            pass.finish()
        })?;
        Ok(Encrypted { mac: mac.finish(), count, selected })
    }
}

/// Encrypts the MAC for the metadata block that it is to stand in.
pub(super) fn encrypt_mac(
    cipher: &Cipher,
    metadata: &Metadata,
    mac: &Mac,
    randomness: &dyn Randomness,
) -> Result<String, SealError> {
    let nonce = Nonce::draw(randomness)?;
    let last_modified = metadata.last_modified.to_second().to_string();
    let aad = Aad::of_text(&last_modified);
    let text = mac.as_str().as_bytes();
    let sealed = Envelope::seal(cipher, &nonce, &aad, text, ValueType::Str.as_str());
    let place = || Place { line: 1, path: Path::new() };
    sealed.map_err(|error| SealError::Cipher(place(), error))
}

/// Refuses what the reference would not encrypt, or could not read back.
fn check(document: &Document<'_>) -> Result<(), SealError> {
    if let Some(line) = document.metadata_line() {
        let found = document.format.block_name();
        return Err(SealError::AlreadyEncrypted { line, found });
    }
    check_content(document)
}

/// Refuses what the reference would not encrypt of a text that has no metadata.
pub(super) fn check_content(document: &Document<'_>) -> Result<(), SealError> {
    let source = document.source;
    if document.count() == 0 {
        let has_comment = source.lines().any(|line| line.trim_start().starts_with('#'));
        return Err(if has_comment { SealError::OnlyComments } else { SealError::NoDocument });
    }
    document.format.check_clear(source, &document.scan)?;
    for event in &document.scan.events {
        if let Event::Key(key) = event
            && !key.is_string
        {
            let mut path = Path::new();
            path.push(&document.scan.str(source, key.text));
            let line = line_of(source, key.span.start());
            return Err(SealError::KeyNotString(Place { line, path }));
        }
    }
    Ok(())
}

/// Returns the value of a leaf, or nothing for null and for what has no encrypted form.
pub(super) fn typed(scan: &Scan, source: &str, value: LeafValue) -> Option<Value> {
    Some(match value {
        LeafValue::Null | LeafValue::TooBig => return None,
        LeafValue::Bool(value) => Value::Bool(value),
        LeafValue::Int(number) => Value::Int(number),
        LeafValue::Float(number) => Value::Float(number),
        LeafValue::Time(text) => {
            Value::Time(crate::tree::Timestamp::parse(&scan.str(source, text))?)
        }
        LeafValue::Str(text) => Value::str(scan.bytes(source, text)),
    })
}
