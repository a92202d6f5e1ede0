//! Encoded words in the headers of messages (RFC 2047): `=?utf-8?Q?a=5Fb?=`, which may follow each other.

use std::ops::Range;

use data_encoding::BASE64;

use super::decoded_text::{DecodedText, PieceForm};
use crate::model::EncodingLayer;

/// The most characters of a word, and of what is between two words.
const LONGEST: usize = 256;
const LONGEST_GAP: usize = 8;

/// The most words of a text.
const MOST_WORDS: usize = 64;

/// Bytes before the first word that tell what it is, and behind the last.
const BEFORE: usize = 256;
const BEHIND: usize = 64;

/// The text of the words of which the first begins at `at`, and where the last ends. `None` of a word that stands
/// alone, which is decoded as any other text.
pub(super) fn mail_words(text: &[u8], at: usize) -> Option<(DecodedText, usize)> {
    let first = MailWord::at(text, at)?;
    let layer =
        if first.is_base64 { EncodingLayer::Base64 } else { EncodingLayer::QuotedPrintable };
    let mut out = DecodedText::of_pieces(layer);
    let before = at.saturating_sub(BEFORE)..at;
    out.add(&text[before.clone()], before, PieceForm::Plain);
    let mut count = 0;
    let (mut end, mut next) = (at, Some(first));
    while let Some(word) = next.filter(|_| count < MOST_WORDS) {
        word.add(text, &mut out);
        count += 1;
        end = word.content.end + 2;
        let gap = text[end..].iter().take(LONGEST_GAP);
        next = MailWord::at(text, end + gap.take_while(|byte| byte.is_ascii_whitespace()).count());
    }
    let after = end..text.len().min(end + BEHIND);
    out.add(&text[after.clone()], after, PieceForm::Plain);
    (count > 1).then_some((out, end))
}

/// An encoded word.
struct MailWord {
    is_base64: bool,
    content: Range<usize>,
}

impl MailWord {
    fn at(text: &[u8], at: usize) -> Option<Self> {
        let rest = text.get(at..text.len().min(at + LONGEST))?.strip_prefix(b"=?")?;
        let is_token = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-_*.:".contains(byte);
        let charset = rest.iter().take_while(is_token).count();
        let [b'?', encoding, b'?', content @ ..] = &rest[charset..] else { return None };
        let is_base64 = match encoding {
            b'B' | b'b' => true,
            b'Q' | b'q' => false,
            _ => return None,
        };
        let length = memchr::memmem::find(content, b"?=")?;
        let is_word = content[..length].iter().all(u8::is_ascii_graphic);
        let start = at + charset + 5;
        (charset > 0 && is_word).then_some(Self { is_base64, content: start..start + length })
    }

    /// Adds what the word says.
    fn add(&self, text: &[u8], out: &mut DecodedText) {
        let bytes = &text[self.content.clone()];
        if self.is_base64 {
            let said = BASE64.decode(bytes).unwrap_or_default();
            out.add(&said, self.content.clone(), PieceForm::Base64);
            return;
        }
        let mut from = self.content.start;
        while from < self.content.end {
            let rest = &text[from..self.content.end];
            let plain = rest.iter().take_while(|byte| !matches!(byte, b'=' | b'_')).count();
            out.add(&rest[..plain], from..from + plain, PieceForm::Plain);
            let sign = from + plain;
            let (byte, length) = match &rest[plain..] {
                [b'=', high, low, ..] => {
                    let digit = |byte: u8| char::from(byte).to_digit(16);
                    let Some((high, low)) = digit(*high).zip(digit(*low)) else { break };
                    ((16 * high + low) as u8, 3)
                }
                [b'_', ..] => (b' ', 1),
                _ => break,
            };
            out.add(&[byte], sign..sign + length, PieceForm::Named);
            from = sign + length;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_headers_are_read() {
        for (text, said) in [
            ("=?utf-8?Q?a=5Fb_c?= =?utf-8?Q?=64?=", Some("a_b cd")),
            ("=?utf-8?Q?a=5Fb_c?=", None),
            ("=?iso-8859-1?q?ab?=\r\n =?iso-8859-1?q?cd?=", Some("abcd")),
            ("=?utf-8?B?YWI=?= =?utf-8?B?Y2Q=?=", Some("abcd")),
            ("=?utf-8?Q?ab?=", None),
            ("=?utf-8?X?a=5F?=", None),
            ("=?utf-8?Q?a b=5F?=", None),
            ("=?utf-8?Q?a", None),
            ("=", None),
        ] {
            let own = mail_words(text.as_bytes(), 0);
            let own = own.map(|(own, end)| (String::from_utf8(own.bytes).unwrap(), end));
            assert_eq!(own, said.map(|said| (said.to_owned(), text.len())), "{text}");
        }
    }
}
