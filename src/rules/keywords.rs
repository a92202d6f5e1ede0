//! Derives keywords for a pattern that has none: literal texts of which every match contains one. If
//! the pattern ignores case, every spelling of a word is a keyword.

use regex_syntax::hir::{Hir, HirKind};

use super::coverage::{coverage, members, product};

/// Limits: keywords of a pattern, spellings of a word, and the length of a keyword.
const MAX_WORDS: usize = 256;
const MAX_VARIANTS: usize = 32;
const MAX_LENGTH: usize = 32;

/// The shortest keyword; shorter ones hit nearly everywhere.
const MIN_LENGTH: usize = 3;

/// Limits: parts of a pattern, and keyword sets that are tried.
const MAX_PARTS: usize = 1024;
const MAX_TRIES: usize = 64;

/// The worth of a letter, in bits, and of matches that begin with the word, as they are tried at one
/// place only.
const WORTH: i64 = 6;
const WORTH_OF_LEAD: i64 = 12;

/// The best keywords for a pattern, if every match contains some literal text.
pub fn keywords(pattern: &Hir) -> Option<Vec<String>> {
    let mut choices = choices(&parts(pattern));
    choices.sort_by_key(|choice| -choice.worth);
    choices.iter().take(MAX_TRIES).find_map(|choice| {
        let words: Vec<_> = choice.words.iter().map(Vec::as_slice).collect();
        let coverage = coverage(pattern, &words);
        let texts = choice.words.iter().map(|word| String::from_utf8(word.clone()).ok());
        texts.collect::<Option<_>>().filter(|_| coverage.complete)
    })
}

/// Words of which every match of a pattern contains one.
#[derive(Debug, Clone)]
struct KeywordSet {
    words: Vec<Vec<u8>>,
    /// Higher for words that hit less often.
    worth: i64,
    /// True if every match begins with one of them.
    leads: bool,
}

/// A part of a pattern; parts are in matching order.
#[derive(Debug, Clone)]
struct KeywordPart {
    /// All strings it can match, if they are few.
    strings: Option<Vec<Vec<u8>>>,
    /// The best keywords in it.
    best: Option<KeywordSet>,
}

impl KeywordPart {
    fn exactly(strings: Vec<Vec<u8>>) -> Self {
        Self { strings: Some(strings), best: None }
    }

    fn open(best: Option<KeywordSet>) -> Self {
        Self { strings: None, best }
    }
}

fn parts(hir: &Hir) -> Vec<KeywordPart> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Vec::new(),
        HirKind::Literal(literal) => {
            literal.0.iter().map(|byte| KeywordPart::exactly(vec![vec![*byte]])).collect()
        }
        HirKind::Class(class) => match members(class) {
            Some(strings) => vec![KeywordPart::exactly(strings)],
            None => vec![KeywordPart::open(None)],
        },
        HirKind::Capture(capture) => parts(&capture.sub),
        HirKind::Repetition(repetition) => {
            let own = parts(&repetition.sub);
            let copies = repetition.min as usize;
            if repetition.max == Some(repetition.min) && copies * own.len() <= MAX_LENGTH {
                return own.iter().cycle().take(copies * own.len()).cloned().collect();
            }
            vec![KeywordPart::open(best(&own).filter(|_| repetition.min > 0))]
        }
        HirKind::Concat(all) => {
            let mut found = Vec::new();
            for part in all {
                found.extend(parts(part));
                if found.len() > MAX_PARTS {
                    found.truncate(MAX_PARTS);
                    found.push(KeywordPart::open(None));
                    break;
                }
            }
            found
        }
        HirKind::Alternation(branches) => {
            let branches: Vec<_> = branches.iter().map(parts).collect();
            let whole = branches.iter().map(|branch| spelt_out(branch));
            let strings: Option<Vec<_>> = whole.collect();
            let strings = strings.map(|own| own.concat()).filter(|own| own.len() <= MAX_VARIANTS);
            let choices: Option<Vec<_>> = branches.iter().map(|branch| best(branch)).collect();
            vec![KeywordPart { strings, best: choices.and_then(union) }]
        }
    }
}

/// All strings that the parts match together, if they are few.
fn spelt_out(parts: &[KeywordPart]) -> Option<Vec<Vec<u8>>> {
    parts.iter().try_fold(vec![Vec::new()], |all, part| {
        product(&all, part.strings.as_deref()?).filter(|all| all.len() <= MAX_VARIANTS)
    })
}

fn best(parts: &[KeywordPart]) -> Option<KeywordSet> {
    choices(parts).into_iter().max_by_key(|choice| choice.worth)
}

/// Merges one set per branch into a set for all.
fn union(choices: Vec<KeywordSet>) -> Option<KeywordSet> {
    let worth = choices.iter().map(|choice| choice.worth).min()?;
    let leads = choices.iter().all(|choice| choice.leads);
    let mut words: Vec<_> = choices.into_iter().flat_map(|choice| choice.words).collect();
    words.sort();
    words.dedup();
    (words.len() <= MAX_WORDS).then_some(KeywordSet { words, worth, leads })
}

fn choices(parts: &[KeywordPart]) -> Vec<KeywordSet> {
    let mut found = Vec::new();
    for (start, part) in parts.iter().enumerate() {
        let leads = start == 0;
        if let Some(own) = &part.best {
            let leads = leads && own.leads;
            let worth = if leads || !own.leads { own.worth } else { own.worth - WORTH_OF_LEAD };
            found.push(KeywordSet { worth, leads, ..own.clone() });
        }
        let mut words = vec![Vec::new()];
        for part in &parts[start..] {
            let longer = part.strings.as_deref().and_then(|more| product(&words, more));
            let Some(longer) = longer.filter(|all| (1..=MAX_VARIANTS).contains(&all.len())) else {
                break;
            };
            words = longer;
            let shortest = words.iter().map(Vec::len).min().unwrap_or(0);
            if words.iter().any(|word| word.len() > MAX_LENGTH) {
                break;
            }
            if shortest >= MIN_LENGTH {
                let lead = if leads { WORTH_OF_LEAD } else { 0 };
                let worth = WORTH * shortest as i64 - i64::from(words.len().ilog2()) + lead;
                found.push(KeywordSet { words: words.clone(), worth, leads });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Pattern;

    #[test]
    fn keywords_of_patterns() {
        for (pattern, expected) in [
            ("sk_v1_[a-z]{16}", &["sk_v1_"][..]),
            (
                r"\b(?:sk|rk)_(?:test|live)_[a-z]{9}",
                &["sk_test_", "sk_live_", "rk_test_", "rk_live_"],
            ),
            ("(?:AKIA|A3T[A-Z0-9])[A-Z2-7]{16}", &["A3T", "AKIA"]),
            ("[a-z]{3}-key-[0-9]{3}", &["-key-"]),
            ("x(?:-key-){3}[0-9]{3}", &["x-key--key--key-"]),
            ("(?i)ab1-[0-9]{9}", &["AB1-", "Ab1-", "aB1-", "ab1-"]),
            ("[a-z]{9}", &[]),
            ("(?:token-)?[a-z]{9}", &[]),
            ("ab[0-9]cd", &[]),
        ] {
            let hir = Pattern::hir(&format!("(?P<secret>{pattern})")).unwrap();
            let mut found = keywords(&hir).unwrap_or_default();
            let mut expected = expected.to_vec();
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "{pattern}");
        }
    }

    #[test]
    fn a_long_word_in_any_case_needs_few_keywords() {
        let hir = Pattern::hir("(?i)cloudflare=(?P<secret>[a-z]{9})").unwrap();
        let found = keywords(&hir).unwrap();
        assert_eq!(found.len(), 32);
        assert!(found.iter().all(|word| word.eq_ignore_ascii_case("cloud")), "{found:?}");
    }
}
