//! Checks a rule's keywords: every match of the pattern must contain one, or the prefilter would miss
//! it; a keyword that no match contains only costs time.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Limits for spelling out a part of a pattern: the number of strings, and their length.
const MAX_STRINGS: usize = 256;
const MAX_LENGTH: usize = 256;

/// The keywords in the matches of a pattern.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Coverage {
    /// True if every match contains a keyword.
    pub(super) complete: bool,
    /// For each keyword, true if some match contains it.
    pub(super) occurs: Vec<bool>,
}

/// Computes the coverage of a pattern by `keywords`.
///
/// It is exact for literals, small classes, and their alternations and concatenations. It errs
/// towards "incomplete" if a keyword spans larger classes or unbounded repetitions.
pub(super) fn coverage(pattern: &Hir, keywords: &[&[u8]]) -> Coverage {
    let part = PatternPart::of(pattern, keywords);
    let mut coverage = Coverage { complete: part.complete, occurs: part.occurs.clone() };
    if let Some(strings) = &part.strings {
        note(strings, keywords, &mut coverage);
    }
    coverage
}

/// A part of a pattern.
struct PatternPart {
    /// All strings it can match, if they are few.
    strings: Option<Vec<Vec<u8>>>,
    complete: bool,
    occurs: Vec<bool>,
}

/// Records the keywords in a stretch of the pattern that matches exactly `strings`.
fn note(strings: &[Vec<u8>], keywords: &[&[u8]], coverage: &mut Coverage) {
    let holds = |string: &[u8], keyword: &[u8]| memchr::memmem::find(string, keyword).is_some();
    coverage.complete |=
        strings.iter().all(|string| keywords.iter().any(|keyword| holds(string, keyword)));
    for (occurs, keyword) in coverage.occurs.iter_mut().zip(keywords) {
        *occurs |= strings.iter().any(|string| holds(string, keyword));
    }
}

impl PatternPart {
    fn of(hir: &Hir, keywords: &[&[u8]]) -> Self {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Self::exactly(vec![Vec::new()], keywords),
            HirKind::Literal(literal) => Self::exactly(vec![literal.0.to_vec()], keywords),
            HirKind::Class(class) => match members(class) {
                Some(strings) => Self::exactly(strings, keywords),
                None => Self::open(keywords),
            },
            HirKind::Capture(capture) => Self::of(&capture.sub, keywords),
            HirKind::Repetition(repetition) => {
                let sub = Self::of(&repetition.sub, keywords);
                let copies = repetition.min as usize;
                if repetition.max == Some(repetition.min) && copies <= MAX_LENGTH {
                    return Self::concatenation(std::iter::repeat_n(&sub, copies), keywords);
                }
                let inner = sub.summary(keywords);
                Self {
                    strings: None,
                    complete: repetition.min > 0 && inner.complete,
                    occurs: inner.occurs,
                }
            }
            HirKind::Concat(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| Self::of(part, keywords)).collect();
                Self::concatenation(parts.iter(), keywords)
            }
            HirKind::Alternation(branches) => {
                let parts: Vec<_> = branches.iter().map(|b| Self::of(b, keywords)).collect();
                let strings = parts
                    .iter()
                    .map(|part| part.strings.clone())
                    .collect::<Option<Vec<_>>>()
                    .map(|sets| sets.concat())
                    .filter(|strings| strings.len() <= MAX_STRINGS);
                let mut whole = Self::open(keywords);
                whole.complete = true;
                for part in &parts {
                    let inner = part.summary(keywords);
                    whole.complete &= inner.complete;
                    for (occurs, here) in whole.occurs.iter_mut().zip(inner.occurs) {
                        *occurs |= here;
                    }
                }
                Self { strings, ..whole }
            }
        }
    }

    fn exactly(strings: Vec<Vec<u8>>, keywords: &[&[u8]]) -> Self {
        Self { strings: Some(strings), ..Self::open(keywords) }
    }

    fn open(keywords: &[&[u8]]) -> Self {
        Self { strings: None, complete: false, occurs: vec![false; keywords.len()] }
    }

    fn summary(&self, keywords: &[&[u8]]) -> Coverage {
        let mut coverage = Coverage { complete: self.complete, occurs: self.occurs.clone() };
        if let Some(strings) = &self.strings {
            note(strings, keywords, &mut coverage);
        }
        coverage
    }

    /// Spells out stretches as long as possible, and looks for keywords in each.
    fn concatenation<'p>(parts: impl Iterator<Item = &'p Self>, keywords: &[&[u8]]) -> Self {
        let mut known = Coverage { complete: false, occurs: vec![false; keywords.len()] };
        let mut run = vec![Vec::new()];
        let mut closed = true;
        for part in parts {
            let longer = part.strings.as_deref().and_then(|strings| product(&run, strings));
            match longer {
                Some(longer) => run = longer,
                None => {
                    closed = false;
                    note(&run, keywords, &mut known);
                    run = match &part.strings {
                        Some(strings) => strings.clone(),
                        None => vec![Vec::new()],
                    };
                    let inner = part.summary(keywords);
                    known.complete |= inner.complete;
                    for (occurs, here) in known.occurs.iter_mut().zip(inner.occurs) {
                        *occurs |= here;
                    }
                }
            }
        }
        note(&run, keywords, &mut known);
        Self { strings: closed.then_some(run), complete: known.complete, occurs: known.occurs }
    }
}

/// Every string of `left` followed by every string of `right`, within the limits.
pub(super) fn product(left: &[Vec<u8>], right: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    let longest = |strings: &[Vec<u8>]| strings.iter().map(Vec::len).max().unwrap_or(0);
    if left.len() * right.len() > MAX_STRINGS || longest(left) + longest(right) > MAX_LENGTH {
        return None;
    }
    Some(left.iter().flat_map(|l| right.iter().map(move |r| [&l[..], &r[..]].concat())).collect())
}

/// The members of a small class.
pub(super) fn members(class: &Class) -> Option<Vec<Vec<u8>>> {
    const MAX_MEMBERS: usize = 8;
    let mut strings = Vec::new();
    match class {
        Class::Bytes(class) => {
            for range in class.iter() {
                for byte in range.start()..=range.end() {
                    strings.push(vec![byte]);
                    if strings.len() > MAX_MEMBERS {
                        return None;
                    }
                }
            }
        }
        Class::Unicode(class) => {
            for range in class.iter() {
                for c in range.start()..=range.end() {
                    strings.push(c.to_string().into_bytes());
                    if strings.len() > MAX_MEMBERS {
                        return None;
                    }
                }
            }
        }
    }
    Some(strings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, keywords: &[&str]) -> (bool, Vec<bool>) {
        let hir = regex_syntax::ParserBuilder::new()
            .unicode(false)
            .utf8(false)
            .build()
            .parse(pattern)
            .unwrap();
        let keywords: Vec<_> = keywords.iter().map(|k| k.as_bytes()).collect();
        let coverage = coverage(&hir, &keywords);
        (coverage.complete, coverage.occurs)
    }

    #[test]
    fn coverage_of_patterns() {
        let cases: &[(&str, &[&str], bool, &[bool])] = &[
            ("sk_v1_[a-z]{16,128}", &["sk_v1_"], true, &[true]),
            (r"\b(?P<secret>sk_(?:v1|v2)_[a-z]{9})", &["sk_v1_", "sk_v2_"], true, &[true, true]),
            ("sk_(?:v1|v2)_[a-z]{9}", &["sk_v1_"], false, &[true]),
            ("(?:sk_v1_)?[a-z]{9}", &["sk_v1_"], false, &[true]),
            ("(?:sk_v1_)+[a-z]{9}", &["sk_v1_"], true, &[true]),
            ("(?:ab){3}c", &["ababab"], true, &[true]),
            ("[sS]k_v1_[a-z]", &["sk_v1_"], false, &[true]),
            ("[sS]k_v1_[a-z]", &["sk_v1_", "Sk_v1_"], true, &[true, true]),
            ("(?i)sk_v1_[a-z]", &["sk_v1_"], false, &[true]),
            ("[a-z]{3}-key-[0-9]{3}|token=[a-z]{9}", &["-key-", "token="], true, &[true, true]),
            ("[a-z]{3}-key-[0-9]{3}", &["-kez-"], false, &[false]),
            ("[a-z]{9}", &["abc"], false, &[false]),
            ("(?:(?:(?:ab){900}){900}){900}", &["abab"], false, &[false]),
        ];
        for &(pattern, keywords, complete, occurs) in cases {
            assert_eq!(check(pattern, keywords), (complete, occurs.to_vec()), "{pattern}");
        }
    }
}
