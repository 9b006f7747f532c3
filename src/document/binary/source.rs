use std::io::{self, ErrorKind, Read};

use crate::crypto::LongText;
use crate::format::binary;
use crate::text::MAX_LENGTH;

/// An encrypted binary file as it is read: most of its value is decoded at once, so that the text
/// of the value is never in memory as a whole.
pub struct BinarySource {
    /// The text of the file without the groups of base64 that were decoded.
    text: Vec<u8>,
    /// Where they were.
    at: usize,
    /// What they stand for: the beginning of the ciphertext.
    front: LongText,
}

/// How much is read at once.
const PIECE: usize = 4 << 20;

/// How many characters of one group of base64 there are.
const GROUP: usize = 4;

impl BinarySource {
    /// Reads a file of about so many bytes; any other number only takes longer.
    ///
    /// # Errors
    /// The input cannot be read.
    pub fn read(input: &mut dyn Read, length: usize) -> io::Result<Self> {
        Self::read_by(PIECE, input, length)
    }

    fn read_by(piece: usize, input: &mut dyn Read, length: usize) -> io::Result<Self> {
        let mut piece = Piece { buffer: vec![0; piece], length: 0 };
        piece.fill(input)?;
        let start = binary::data_start(piece.bytes());
        let at = start.unwrap_or(piece.length);
        let mut text = piece.bytes()[..at].to_vec();
        piece.drop_first(at);
        let mut front =
            LongText::with_capacity(if start.is_some() { length.min(MAX_LENGTH) } else { 0 });
        while start.is_some() && piece.take_groups(&mut front) && piece.fill(input)? > 0 {}
        if !piece.bytes().first().is_some_and(|byte| LongText::is_digit(*byte)) {
            // an envelope without any data is none
            text.extend_from_slice(&front.give_back_last());
        }
        text.extend_from_slice(piece.bytes());
        input.read_to_end(&mut text)?;
        Ok(Self { text, at, front })
    }

    /// Returns the text, and what is missing in it.
    #[must_use]
    pub fn parts(&mut self) -> (&[u8], Front<'_>) {
        (&self.text, Front { at: self.at, bytes: &mut self.front })
    }
}

/// What is missing in the text of an encrypted binary file, and where.
pub struct Front<'s> {
    at: usize,
    bytes: &'s mut LongText,
}

impl Front<'_> {
    /// Takes the bytes that the missing text stands for.
    pub(super) fn take(&mut self) -> LongText {
        std::mem::take(self.bytes)
    }

    /// Puts the missing piece of text back.
    pub(super) fn complete(&self, text: &str) -> String {
        let (start, end) = text.split_at(self.at);
        let mut whole = String::with_capacity(text.len() + self.bytes.length_of_text());
        whole.push_str(start);
        self.bytes.append_to(&mut whole);
        whole.push_str(end);
        whole
    }
}

/// What was read and not used yet.
struct Piece {
    buffer: Vec<u8>,
    length: usize,
}

impl Piece {
    fn bytes(&self) -> &[u8] {
        &self.buffer[..self.length]
    }

    /// Reads as much as there is room for; gives how much that was.
    fn fill(&mut self, input: &mut dyn Read) -> io::Result<usize> {
        let filled = fill(input, &mut self.buffer[self.length..])?;
        self.length += filled;
        Ok(filled)
    }

    fn drop_first(&mut self, length: usize) {
        self.buffer.copy_within(length..self.length, 0);
        self.length -= length;
    }

    /// Decodes the groups at the beginning; tells whether more of them may follow.
    fn take_groups(&mut self, front: &mut LongText) -> bool {
        let mut used = self.length / GROUP * GROUP;
        let is_all = front.decode(&self.bytes()[..used]);
        if !is_all {
            let digits = self.bytes().iter().take_while(|byte| LongText::is_digit(**byte));
            used = digits.count() / GROUP * GROUP;
            front.decode(&self.buffer[..used]);
        }
        self.drop_first(used);
        is_all
    }
}

/// Reads until a buffer is full or nothing is left; gives how much was read.
pub(super) fn fill(input: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(length) => filled += length,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a text by pieces; gives what is left of it and how many digits were taken out.
    fn read(text: &str, piece: usize) -> (String, usize) {
        let mut input = text.as_bytes();
        let mut source = BinarySource::read_by(piece, &mut input, 0).expect("memory is read");
        let (left, front) = source.parts();
        let left = std::str::from_utf8(left).expect("text").to_owned();
        assert_eq!(front.complete(&left), text, "{piece}");
        (left, front.bytes.length_of_text())
    }

    #[test]
    fn what_is_taken_out_of_a_text_can_be_put_back() {
        let digits = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo0123456789+/abcd";
        for length in 0..=digits.len() {
            for end in ["", "=", "==", "=A", "\\/", "\u{e9}", ",", "====", "\"", "\n"] {
                let value = format!("{}{end},iv:AAAA,type:str]", &digits[..length]);
                let text =
                    format!("{{ \"data\":\"ENC[AES256_GCM,data:{value}\", \"sops\": {{}} }}\n");
                for piece in (35..100).chain([1000]) {
                    let (left, taken) = read(&text, piece);
                    assert!(taken.is_multiple_of(4) && taken <= length, "{text} {taken}");
                    // an envelope that had data still has some
                    let has_data = |text: &str| !text.contains("data:,");
                    assert_eq!(has_data(&left), has_data(&text), "{text}\n{left}");
                }
            }
        }
    }

    #[test]
    fn other_texts_stay_as_they_are() {
        for text in ["", "{", "{}", "AAAA", "{\"sops\": {}, \"data\": \"ENC[AES256_GCM,data:AAAA"] {
            for piece in [1, 7, 1000] {
                assert_eq!(read(text, piece), (text.to_owned(), 0));
            }
        }
    }
}
