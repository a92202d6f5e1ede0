//! Checks what a rule asks for beyond its pattern, and its samples.

use super::super::allowed::AllowedText;
use super::super::alphabet::Alphabet;
use super::super::checksum::Checksum;
use super::super::decoded::Decoded;
use super::super::nearby::{MAX_WITHIN, MAX_WITHIN_LINES, MIN_WORD};
use super::super::pair;
use super::super::place::RulePlace;
use super::super::ruleset::{Constraints, Documented, Sample, Samples};
use super::super::spanned::Spanned;
use super::super::syntax::{
    RawChecksum, RawConstraints, RawDecoded, RawNearby, RawPair, RawPlace, RawSamples,
};
use super::super::template::Template;
use super::checker::{RuleChecker, line_of};
use super::names::{MIN_KEYWORD, sha256};

impl RuleChecker<'_> {
    pub(super) fn checksum(&mut self, written: &RawChecksum) -> Option<Checksum> {
        let seeds: Vec<_> = written.seeds.iter().map(String::as_str).collect();
        self.good(written.kind.span().start, Checksum::new(written.kind.get_ref(), &seeds))
    }

    pub(super) fn decoded(&mut self, written: RawDecoded) -> Option<Decoded> {
        let RawDecoded { form, matches, json, expires } = written;
        let decoded = Decoded::new(form.get_ref(), matches, json.into_iter().collect(), expires);
        let is_checked = self.is_checked;
        let checked = decoded.and_then(|own| match is_checked {
            true => own.check().map(|()| own),
            false => Ok(own),
        });
        self.good(form.span().start, checked)
    }

    pub(super) fn check_nearby(&mut self, written: &RawNearby) {
        for word in written.words.iter().chain(&written.not_words) {
            let text = word.get_ref();
            let is_part = |part: &str| {
                !part.is_empty()
                    && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            };
            let good = text.split('_').all(is_part) && text.replace('_', "").len() >= MIN_WORD;
            self.expect(good, word.span().start, || {
                format!(
                    "`{text}` is not a word of {MIN_WORD} lower-case letters and digits or more, \
                     with `_` between its parts, such as `acme_api`"
                )
            });
        }
        if let Some(within) = &written.within {
            self.expect((1..=MAX_WITHIN).contains(within.get_ref()), within.span().start, || {
                format!("within must be 1 to {MAX_WITHIN}")
            });
        }
        if let Some(lines) = &written.within_lines {
            self.expect(*lines.get_ref() <= MAX_WITHIN_LINES, lines.span().start, || {
                format!("within-lines must be 0 to {MAX_WITHIN_LINES}")
            });
            self.expect(written.within.is_none(), lines.span().start, || {
                "either `within` or `within-lines` counts; write one of them".to_owned()
            });
        }
        if let Some(own) = written.anywhere.as_ref().filter(|own| *own.get_ref()) {
            let is_only = written.within.is_none() && written.within_lines.is_none();
            self.expect(is_only, own.span().start, || {
                "with `anywhere`, neither `within` nor `within-lines` counts".to_owned()
            });
        }
    }

    /// `at` is the offset of the rule.
    pub(super) fn place(&mut self, written: RawPlace, at: usize) -> Option<RulePlace> {
        let at = written.files.as_ref().map_or(at, |files| files.span().start);
        let files = written.files.map(Spanned::into_inner).unwrap_or_default();
        let json: Vec<_> = written.json.into_iter().chain(written.or_json).collect();
        let is_checked = self.is_checked;
        let checked = RulePlace::new(files, &json).and_then(|own| match is_checked {
            true => own.check().map(|()| own),
            false => Ok(own),
        });
        self.good(at, checked)
    }

    pub(super) fn check_pair(&mut self, written: &RawPair) {
        if let Some(lines) = &written.lines {
            self.expect(*lines.get_ref() <= pair::MAX_LINES, lines.span().start, || {
                format!("lines must be 0 to {}", pair::MAX_LINES)
            });
        }
    }

    /// `is_random` is the default.
    pub(super) fn constraints(&mut self, written: RawConstraints, is_random: bool) -> Constraints {
        let alphabet_text = written.alphabet.as_ref().map(|text| text.get_ref().clone());
        let alphabet = written.alphabet.as_ref().and_then(|text| {
            let parsed = Alphabet::parse(text.get_ref()).map_err(|error| error.to_string());
            self.good(text.span().start, parsed)
        });
        if let (Some(min), Some(max)) = (&written.min_length, &written.max_length) {
            self.expect(min.get_ref() <= max.get_ref(), max.span().start, || {
                "max-length is below min-length".to_owned()
            });
        }
        for word in &written.placeholders {
            self.expect(word.get_ref().len() >= MIN_KEYWORD, word.span().start, || {
                format!("a placeholder must have at least {MIN_KEYWORD} bytes")
            });
        }
        let mut documented = Vec::new();
        for key in written.documented {
            match key.get_ref().strip_prefix("sha256:") {
                None => documented.push(Documented::Literal(key.into_inner())),
                Some(digits) => match sha256(digits) {
                    Some(hash) => documented.push(Documented::Sha256(hash)),
                    None => self.fault(
                        key.span().start,
                        "`sha256:` must be followed by 64 hexadecimal digits".to_owned(),
                    ),
                },
            }
        }
        let mut allowed = Vec::new();
        for text in written.allowed {
            let at = text.span().start;
            let own = AllowedText::new(text.into_inner()).map_err(|message| {
                format!("`allowed` has an expression that cannot be used: {message}")
            });
            allowed.extend(self.good(at, own));
        }
        Constraints {
            alphabet,
            alphabet_text,
            min_length: written.min_length.map(Spanned::into_inner),
            max_length: written.max_length.map(Spanned::into_inner),
            random: written.random.unwrap_or(is_random),
            word_start: written.word_start.unwrap_or(true),
            placeholders: written
                .placeholders
                .into_iter()
                .map(|word| word.into_inner().to_ascii_lowercase())
                .collect(),
            documented,
            allowed,
        }
    }

    /// `at` is the offset of the rule.
    pub(super) fn samples(&mut self, written: RawSamples, at: usize) -> Samples {
        let mut parse = |sample: Spanned<String>, must_match: bool| {
            let at = sample.span().start;
            match Template::parse(sample.get_ref()) {
                Ok(template) => {
                    self.expect(!must_match || template.is_generated(), at, || {
                        "a matching sample must generate its key, as in {base64url:43}: \
                         real-looking keys must not be written down"
                            .to_owned()
                    });
                    Some(Sample { template, line: line_of(self.text, at) })
                }
                Err(error) => {
                    self.fault(at, error.to_string());
                    None
                }
            }
        };
        let is_tried = !written.matching.is_empty() && !written.ignored.is_empty();
        let matching = written.matching.into_iter().filter_map(|own| parse(own, true)).collect();
        let ignored = written.ignored.into_iter().filter_map(|own| parse(own, false)).collect();
        self.expect(is_tried, at, || {
            "the rule needs a sample that must match, and one that must not".to_owned()
        });
        Samples { matching, ignored }
    }
}
