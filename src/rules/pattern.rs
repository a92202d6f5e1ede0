//! A rule's regular expression: checked when it is loaded, compiled when a keyword first hits.

use std::ops::Range;
use std::sync::OnceLock;

use regex::bytes::{Captures, Regex, RegexBuilder};
use regex_syntax::hir::{Class, Hir, HirKind};

use super::checksum::ChecksumParts;
use super::exactness::PatternExactness;
use super::expression::{begins_with, last_line, mentions, parse};
use super::surroundings::Surroundings;

/// The longest match in bytes. It bounds the overlap of a file's pieces, so that no match is lost
/// between them.
pub const MAX_MATCH: usize = 4096;

/// The most states of a pattern with its repetitions written out.
pub(super) const MAX_STATES: u64 = 50_000;

/// The regex engine's memory limit for one pattern, in bytes; far more than [`MAX_STATES`] needs.
const SIZE_LIMIT: usize = 64 << 20;

/// The memory limit of one pattern's lazy automaton, in bytes.
const CACHE_LIMIT: usize = 1 << 20;

/// A regular expression, compiled on first use.
#[derive(Debug)]
pub struct Pattern {
    source: String,
    matcher: OnceLock<CompiledPattern>,
}

/// The names that groups of a pattern may have.
const GROUPS: &[&str] = &["secret", "body", "checked", "checksum", "encoded"];

/// A match of a pattern, as ranges of the text that was searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchParts {
    /// All that the expression matches.
    pub whole: Range<usize>,
    /// The key.
    pub secret: Range<usize>,
    /// Its random part, if the expression tells.
    pub body: Option<Range<usize>>,
    /// The part that its checksum sums.
    pub checked: Range<usize>,
    /// Its checksum; empty at the key's end if the expression does not tell.
    pub checksum: Range<usize>,
    /// The part that can be decoded.
    pub encoded: Range<usize>,
}

impl MatchParts {
    /// The parts of the key that its checksum joins; `text` is what was searched.
    pub fn checksum_parts<'t>(&self, text: &'t [u8]) -> ChecksumParts<'t> {
        let start = self.secret.start;
        let in_key = |range: &Range<usize>| range.start - start..range.end - start;
        ChecksumParts {
            key: &text[self.secret.clone()],
            checked: in_key(&self.checked),
            checksum: in_key(&self.checksum),
        }
    }
}

/// A compiled pattern.
#[derive(Debug)]
pub struct CompiledPattern {
    /// The expression, over bytes; classes and `\b` are ASCII.
    pub regex: Regex,
    /// Index of the group `secret`, or of the whole match if there is none.
    secret: usize,
    /// Index of the group `body`.
    body: Option<usize>,
    /// Indexes of the groups `checked` and `checksum`.
    checked: Option<usize>,
    checksum: Option<usize>,
    /// Index of the group `encoded`.
    encoded: Option<usize>,
    /// True if every match begins with the key.
    pub begins_with_secret: bool,
    /// The longest match in bytes, at most [`MAX_MATCH`].
    pub longest: usize,
    /// How few texts match.
    pub(super) exactness: PatternExactness,
    /// The expression, unless matches depend on the text before them.
    alone: Option<String>,
    anchored: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// A pattern that [has been checked](Self::hir). It is not compiled yet, as few of many rules are ever
    /// needed.
    pub(super) fn trusted(source: String) -> Self {
        Self { source, matcher: OnceLock::new() }
    }

    /// Checks a pattern, and returns its syntax tree.
    ///
    /// # Errors
    /// The reason why it cannot be a rule's pattern, and the remedy.
    pub fn hir(source: &str) -> Result<Hir, String> {
        let hir = parse(source)?;
        check(&hir)?;
        Ok(hir)
    }

    /// The expression as written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The bytes that must stand around a keyword of the pattern, if that is known. It is worked out anew by
    /// each call.
    pub fn surroundings(&self, keywords: &[String], keyword: &[u8]) -> Option<Surroundings> {
        Surroundings::of(&parse(&self.source).ok()?, keywords, keyword)
    }

    /// The compiled pattern; the first call compiles it.
    pub fn matcher(&self) -> &CompiledPattern {
        self.matcher.get_or_init(|| compile(&self.source).expect("the pattern has been checked"))
    }
}

impl CompiledPattern {
    /// The parts of a match in a text that begins at `offset` of the text that was searched.
    pub fn parts(&self, groups: &Captures<'_>, offset: usize) -> MatchParts {
        let range = |group: Option<usize>| {
            let range = groups.get(group?)?.range();
            Some(range.start + offset..range.end + offset)
        };
        let whole = range(Some(0)).expect("group 0 is the match itself");
        let secret = range(Some(self.secret)).unwrap_or_else(|| whole.clone());
        let checksum = range(self.checksum).unwrap_or(secret.end..secret.end);
        MatchParts {
            body: range(self.body),
            checked: range(self.checked).unwrap_or(secret.start..checksum.start),
            encoded: range(self.encoded).unwrap_or_else(|| secret.clone()),
            whole,
            secret,
            checksum,
        }
    }

    /// The expression anchored to the beginning of a text; `None` if matches depend on the text
    /// before them. A text that cannot match costs one try, while a search would try every later
    /// place, too.
    pub fn anchored(&self) -> Option<&Regex> {
        let compile = || builder(&format!(r"\A(?:{})", self.alone.as_ref()?)).build().ok();
        self.anchored.get_or_init(compile).as_ref()
    }
}

/// A builder of an expression over bytes.
pub(super) fn builder(source: &str) -> RegexBuilder {
    let mut builder = RegexBuilder::new(source);
    builder.unicode(false).size_limit(SIZE_LIMIT).dfa_size_limit(CACHE_LIMIT);
    builder
}

fn check(hir: &Hir) -> Result<(), String> {
    if hir.properties().maximum_len().is_none_or(|longest| longest > MAX_MATCH) {
        return Err(format!(
            "the pattern can match more than {MAX_MATCH} bytes; \
             bound its repetitions, for example {{16,128}} instead of + or *"
        ));
    }
    if hir.properties().minimum_len() == Some(0) {
        return Err("the pattern matches the empty text".to_owned());
    }
    if states(hir) > MAX_STATES {
        return Err(format!(
            "the pattern is too large: with its repetitions written out it has more than \
             {MAX_STATES} states"
        ));
    }
    if let Some(name) = unknown_group(hir) {
        return Err(format!(
            "the pattern has a group `{name}`; the names of groups are {}, and (?:…) has none",
            GROUPS.join(", ")
        ));
    }
    if !mentions(hir, "secret") {
        return Ok(());
    }
    if !always_captures(hir, "secret") {
        return Err("the pattern can match without its group `secret`".to_owned());
    }
    for name in &GROUPS[1..] {
        if !is_inside(hir, name, false) {
            return Err(format!("the group `{name}` must be inside the group `secret`"));
        }
    }
    Ok(())
}

fn compile(source: &str) -> Result<CompiledPattern, String> {
    let hir = parse(source)?;
    let regex = builder(source).build().map_err(|error| last_line(&error))?;
    let group = |name: &str| regex.capture_names().position(|group| group == Some(name));
    let secret = group("secret").unwrap_or(0);
    let (body, encoded) = (group("body"), group("encoded"));
    let (checked, checksum) = (group("checked"), group("checksum"));
    let longest = hir.properties().maximum_len().ok_or("matches of any length")?;
    let is_alone = hir.properties().look_set_prefix_any().is_empty();
    Ok(CompiledPattern {
        regex,
        secret,
        body,
        checked,
        checksum,
        encoded,
        begins_with_secret: secret == 0 || begins_with(&hir, "secret", false),
        longest,
        exactness: PatternExactness::of(&hir),
        alone: is_alone.then(|| source.to_owned()),
        anchored: OnceLock::new(),
    })
}

/// The number of states of a pattern with its repetitions written out.
pub(super) fn states(hir: &Hir) -> u64 {
    let sum = |parts: &[Hir]| parts.iter().map(states).fold(1, u64::saturating_add);
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len() as u64,
        HirKind::Class(Class::Bytes(class)) => class.ranges().len() as u64,
        HirKind::Class(Class::Unicode(class)) => 4 * class.ranges().len() as u64,
        HirKind::Capture(group) => states(&group.sub).saturating_add(2),
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min.saturating_add(1));
            states(&repetition.sub).saturating_add(1).saturating_mul(u64::from(times))
        }
        HirKind::Concat(parts) | HirKind::Alternation(parts) => sum(parts),
    }
}

/// True if every match has the group `name`.
fn always_captures(hir: &Hir, name: &str) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => false,
        HirKind::Capture(group) => {
            group.name.as_deref() == Some(name) || always_captures(&group.sub, name)
        }
        HirKind::Repetition(repetition) => {
            repetition.min > 0 && always_captures(&repetition.sub, name)
        }
        HirKind::Concat(parts) => parts.iter().any(|part| always_captures(part, name)),
        HirKind::Alternation(branches) => branches.iter().all(|b| always_captures(b, name)),
    }
}

/// True if every group `name` is inside a group `secret`.
fn is_inside(hir: &Hir, name: &str, in_secret: bool) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => true,
        HirKind::Capture(group) => match group.name.as_deref() {
            Some(own) if own == name => in_secret,
            own => is_inside(&group.sub, name, in_secret || own == Some("secret")),
        },
        HirKind::Repetition(repetition) => is_inside(&repetition.sub, name, in_secret),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().all(|part| is_inside(part, name, in_secret))
        }
    }
}

/// The name of a group that a pattern cannot have.
fn unknown_group(hir: &Hir) -> Option<&str> {
    match hir.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => None,
        HirKind::Capture(group) => match group.name.as_deref() {
            Some(name) if !GROUPS.contains(&name) => Some(name),
            _ => unknown_group(&group.sub),
        },
        HirKind::Repetition(repetition) => unknown_group(&repetition.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().find_map(unknown_group)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(source: String) -> Result<Pattern, String> {
        Pattern::hir(&source)?;
        Ok(Pattern::trusted(source))
    }

    #[test]
    fn a_good_pattern_knows_its_length_and_groups() {
        let pattern = checked("(?P<secret>sk_v1_(?P<body>[a-z]{16,128}))".to_owned()).unwrap();
        let matcher = pattern.matcher();
        assert_eq!((matcher.longest, matcher.secret, matcher.body), (134, 1, Some(2)));
    }

    #[test]
    fn a_pattern_is_anchored_unless_it_looks_back() {
        for (source, is_alone) in [
            ("(?P<secret>ab[0-9]{2})", true),
            (r"(?P<secret>ab[0-9]{2})\b", true),
            (r"\b(?P<secret>ab[0-9]{2})", false),
            (r"(?:\b|x)(?P<secret>ab[0-9]{2})", false),
            (r"(?P<secret>ab|\bcd)", false),
        ] {
            let pattern = checked(source.to_owned()).unwrap();
            let anchored = pattern.matcher().anchored();
            assert_eq!(anchored.is_some(), is_alone, "{source}");
            let matches = |text: &[u8]| anchored.is_none_or(|regex| regex.is_match(text));
            assert!(matches(b"ab12") && (!is_alone || !matches(b" ab12")), "{source}");
        }
    }

    #[test]
    fn a_pattern_knows_if_it_begins_with_the_key() {
        for (source, begins) in [
            ("ab[0-9]{2}", true),
            (r"(?P<secret>ab[0-9]{2})\b", true),
            ("(?:(?P<secret>ab|cd)e)", true),
            ("(?:x|y)(?P<secret>ab)", false),
            (r"\b(?P<secret>ab)", false),
            ("x?(?P<secret>ab)", false),
            ("(?:x(?P<secret>ab))", false),
        ] {
            let pattern = checked(source.to_owned()).unwrap();
            assert_eq!(pattern.matcher().begins_with_secret, begins, "{source}");
        }
    }

    #[test]
    fn a_bad_pattern_is_refused_with_a_reason() {
        for (source, reason) in [
            ("(?P<secret>a", "unclosed group"),
            ("(?P<secret>a+)", "more than 4096 bytes"),
            ("(?P<secret>a{0,9})", "empty text"),
            ("(?P<key>a{3})", "a group `key`; the names of groups are secret, body"),
            ("(?P<secret>a)(?P<checksum>b)", "inside the group `secret`"),
            ("(?P<secret>ab)|bc", "without its group `secret`"),
            ("a(?P<secret>b)?", "without its group `secret`"),
            ("(?P<secret>a):(?P<body>b)", "inside the group `secret`"),
            ("(?:(?P<body>b)(?P<secret>a))", "inside the group `secret`"),
            (r"(?P<secret>(?:(?:ab){100}){100}){100}", "more than 4096 bytes"),
        ] {
            let error = checked(source.to_owned()).unwrap_err();
            assert!(error.contains(reason), "{source}: {error}");
        }
    }

    #[test]
    fn the_largest_pattern_that_is_accepted_compiles() {
        let source = |times: usize| {
            format!("(?P<secret>x(?:[a-z][0-9]|[A-Z_]{{2}}|[^a-f]{{2}}){{{times}}})")
        };
        let fits = |times: &usize| checked(source(*times)).is_ok();
        let times = (1..2048).rev().find(fits).unwrap();
        assert!(times > 1000, "{times}");
        let pattern = checked(source(times)).unwrap();
        assert_eq!(pattern.matcher().longest, 1 + 2 * times);
        let branches: Vec<_> = (0..24).map(|n| format!("{n:02}[acegikmoqsuwy]{{0,145}}")).collect();
        let source = format!("(?P<secret>{})", branches.join("|"));
        assert!(states(&parse(&source).unwrap()) > MAX_STATES * 9 / 10);
        checked(source).unwrap().matcher();
    }

    #[test]
    fn a_pattern_that_compiles_too_large_is_refused() {
        let branches: Vec<_> = (0..40).map(|n| format!("{n:02}[ac]{{0,2000}}")).collect();
        let source = format!("(?P<secret>x(?:{}))", branches.join("|"));
        let error = checked(source).unwrap_err();
        assert!(error.contains("too large"), "{error}");
    }
}
