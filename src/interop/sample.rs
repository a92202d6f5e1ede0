//! Makes a sample for a pattern: a template of one match, in which the variable parts of a key are
//! generated.

use std::fmt::Write;

use regex_syntax::hir::{Class, Hir, HirKind};

/// The length given to an unbounded part of a key, in characters.
const LENGTH: u32 = 32;

/// A class of up to this many letters and digits counts as a separator, and gets a fixed character.
const FEW: usize = 8;

/// The longest sample, in bytes.
const MAX_LENGTH: usize = 8192;

/// The alphabets that have names in templates.
const KINDS: &[(&str, &str)] = &[
    ("0-9A-Za-z", "alnum"),
    ("0-9a-f", "hex"),
    // Nobody mixes cases in hexadecimal digits.
    ("0-9A-Fa-f", "hex"),
    ("a-z", "lower"),
    ("A-Z", "upper"),
    ("0-9", "digit"),
];

/// A template of a match, if the pattern matches ASCII text.
pub(super) fn sample(pattern: &Hir) -> Option<String> {
    let mut sample = SampleBuilder::default();
    sample.add(pattern, false)?;
    sample.end_run();
    Some(sample.text)
}

#[derive(Default)]
struct SampleBuilder {
    text: String,
    /// The alphabet and the length of the generated run at the end of the text.
    run: Option<(Vec<u8>, u32)>,
}

impl SampleBuilder {
    /// Adds a match; inside a key, of a key's usual length.
    fn add(&mut self, hir: &Hir, in_secret: bool) -> Option<()> {
        if self.text.len() > MAX_LENGTH {
            return None;
        }
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Some(()),
            HirKind::Literal(literal) => {
                self.end_run();
                self.text.push_str(std::str::from_utf8(&literal.0).ok()?);
                Some(())
            }
            HirKind::Class(class) => self.add_class(class, 1),
            HirKind::Capture(group) => {
                let is_secret = group.name.as_deref() == Some("secret");
                self.add(&group.sub, in_secret || is_secret)
            }
            HirKind::Repetition(repetition) => {
                let (least, most) = (repetition.min, repetition.max.unwrap_or(u32::MAX));
                if let HirKind::Class(class) = repetition.sub.kind() {
                    let count = if in_secret { LENGTH.clamp(least, most) } else { least };
                    self.add_class(class, count)
                } else {
                    (0..least).try_for_each(|_| self.add(&repetition.sub, in_secret))
                }
            }
            HirKind::Concat(all) => all.iter().try_for_each(|part| self.add(part, in_secret)),
            HirKind::Alternation(branches) => self.add(branches.first()?, in_secret),
        }
    }

    fn add_class(&mut self, class: &Class, count: u32) -> Option<()> {
        let class = match class {
            Class::Bytes(class) => class.clone(),
            // `a|b` becomes one of these.
            Class::Unicode(class) => class.to_byte_class()?,
        };
        let holds = |byte: &u8| class.iter().any(|r| (r.start()..=r.end()).contains(byte));
        let all: Vec<u8> = (0..=u8::MAX).filter(holds).collect();
        let drawn: Vec<u8> = all.iter().copied().filter(u8::is_ascii_alphanumeric).collect();
        if drawn.len() > FEW {
            match &mut self.run {
                Some((alphabet, length)) if *alphabet == drawn => *length += count,
                _ => {
                    self.end_run();
                    self.run = Some((drawn, count));
                }
            }
            return Some(());
        }
        let is_visible = |byte: &&u8| byte.is_ascii_graphic() || **byte == b' ';
        let one = drawn.last().or_else(|| all.iter().find(is_visible)).or(all.first())?;
        if !one.is_ascii() {
            return None;
        }
        self.end_run();
        self.text.extend((0..count).map(|_| char::from(*one)));
        Some(())
    }

    fn end_run(&mut self) {
        if let Some((alphabet, length)) = self.run.take().filter(|(_, length)| *length > 0) {
            let alphabet = ranges(&alphabet);
            let name = KINDS.iter().find(|(of, _)| *of == alphabet).map(|(_, name)| *name);
            let written = match name {
                Some(name) => write!(self.text, "{{{name}:{length}}}"),
                None => write!(self.text, "{{[{alphabet}]:{length}}}"),
            };
            written.expect("a String takes all that is written");
        }
    }
}

/// Sorted letters and digits, written as an alphabet: `A-Z2-7`.
fn ranges(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut rest = bytes;
    while let [first, ..] = rest {
        let length = rest.iter().zip(*first..).take_while(|(byte, next)| *byte == next).count();
        let last = rest[length - 1];
        text.push(char::from(*first));
        if length > 2 {
            text.push('-');
        }
        if length > 1 {
            text.push(char::from(last));
        }
        rest = &rest[length..];
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Pattern;

    #[test]
    fn samples_of_patterns() {
        for (pattern, expected) in [
            ("(?P<secret>k_[0-9a-f]{32})", "k_{hex:32}"),
            ("(?P<secret>k_[a-z]{2}[a-z]{7}[A-Z2-7]{16})", "k_{lower:9}{[2-7A-Z]:16}"),
            (r"(?P<secret>k_[\w-]{20,400}={0,2})", "k_{alnum:32}"),
            (r#"(?i)ab[\w.-]{0,20}["']{0,2}[:=]["'](?P<secret>[^"']{8,64})"#, "ab:\"{alnum:32}"),
            ("k_(?:a|b)(?P<secret>-(?:[0-9]{4}-){3})", "k_b-{digit:4}-{digit:4}-{digit:4}-"),
        ] {
            let hir = Pattern::hir(pattern).unwrap();
            assert_eq!(sample(&hir).as_deref(), Some(expected), "{pattern}");
        }
    }
}
