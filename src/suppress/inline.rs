//! Markers in the text: keyside's own, and those of other scanners.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use strsim::osa_distance;

use super::marker_reason::{Comment, inside, shortened};
use crate::model::{Suppression, Terms};

/// keyside's marker. It applies to its own line, and in a comment line also to the line below.
const OWN: &str = "keyside:allow";

/// Markers of other tools, which apply to their own line.
const FOREIGN: &[&str] = &[
    "gitleaks:allow",
    "betterleaks:allow",
    "trufflehog:ignore",
    "kingfisher:ignore",
    "kingfisher:allow",
];

/// Markers of detect-secrets, by whether they apply to the line below and by their older name. They
/// may be written without the space and with hyphens.
const PRAGMAS: [[&str; 2]; 2] = [
    ["pragma: allowlist secret", "pragma: whitelist secret"],
    ["pragma: allowlist nextline secret", "pragma: whitelist nextline secret"],
];

/// The most faults that are told of one line.
const MAX_FAULTS: usize = 3;

/// How many bytes of a reason are read. A line may go on for megabytes.
const MAX_REASON: usize = 1000;

/// The longest name of a rule that is shown.
const MAX_NAME: usize = 64;

/// All markers. The regex is compiled when a first key is found.
static MARKER: LazyLock<Regex> = LazyLock::new(|| {
    let source = r"\b(?:(?<own>keyside:allow)|(?<foreign>(?:gitleaks|betterleaks|kingfisher):allow|(?:trufflehog|kingfisher):ignore)|pragma: ?(?<list>allow|white)list[ -](?<next>nextline[ -])?secret)\b";
    Regex::new(source).expect("the expression is valid")
});

/// Words that look like a marker of keyside: its name, what stands between, and the word after it.
static NEAR_MARKER: LazyLock<Regex> = LazyLock::new(|| {
    let source = r"(?i)\b(?<whole>key[-_]?side(?<between>[ \t]?[:=][ \t]?|[ _-])(?<word>[a-z]{3,10})\b|(?<other>[a-z_-]{5,10})[ \t]?[:=][ \t]?allow\b)(?<list>[ \t]?\[)?";
    Regex::new(source).expect("the expression is valid")
});

/// The markers of some lines, by the rules whose keys they accept.
#[derive(Debug, Clone, Default)]
pub struct Markers {
    by_rule: HashMap<String, Suppression>,
    of_any_rule: Option<Suppression>,
    foreign: Option<Suppression>,
}

/// The markers of one line.
#[derive(Debug, Clone, Default)]
pub struct LineMarkers {
    /// For the keys of the line.
    pub here: Markers,
    /// For the keys of the line below.
    pub below: Markers,
    /// True if the line has nothing but markers, so that the markers of the lines above it are for
    /// the line below, too.
    pub is_alone: bool,
    /// Texts that look like markers and accept nothing.
    pub faults: Vec<LineFault>,
}

/// A text that looks like a marker, and accepts nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFault {
    /// The fault and its remedy, as a sentence for people.
    pub message: String,
    /// True if its line begins with it, so that it may be meant for the line below.
    pub is_first: bool,
}

impl Markers {
    /// The suppression of a key of this rule.
    pub fn accept(&self, rule_id: &str) -> Option<&Suppression> {
        let own = self.by_rule.get(rule_id).or(self.of_any_rule.as_ref());
        own.or(self.foreign.as_ref())
    }

    /// Adds markers that count where these do not.
    pub fn add(&mut self, others: Self) {
        for (rule, by) in others.by_rule {
            self.by_rule.entry(rule).or_insert(by);
        }
        self.of_any_rule = self.of_any_rule.take().or(others.of_any_rule);
        self.foreign = self.foreign.take().or(others.foreign);
    }

    fn insert(&mut self, rules: Option<&[&str]>, by: &Suppression) {
        match rules {
            None => {
                self.of_any_rule.get_or_insert_with(|| by.clone());
            }
            Some(rules) => {
                for rule in rules {
                    self.by_rule.entry((*rule).to_owned()).or_insert_with(|| by.clone());
                }
            }
        }
    }
}

impl LineMarkers {
    /// Reads the markers of a line. `is_rule` knows the ids of rules.
    pub fn of(line: &str, is_rule: &dyn Fn(&str) -> bool) -> Self {
        let mut own = Self::default();
        let all: Vec<_> = MARKER.captures_iter(line).collect();
        let mut comment: Option<Comment> = None;
        let mut from = 0;
        for (nth, found) in all.iter().enumerate() {
            let marker = found.get(0).expect("group 0 is the match itself");
            let next = all.get(nth + 1).and_then(|next| next.get(0));
            let after = &line[marker.end()..next.map_or(line.len(), |next| next.start())];
            let opened = Comment::before(&line[from..marker.start()]);
            let this = opened.or(comment.take()).unwrap_or_default();
            from = marker.end();
            if nth == 0 {
                own.is_alone = !has_code(&line[..marker.start()]);
            }
            if found.name("own").is_some() {
                own.own_marker(&line[..marker.start()], after, &this, is_rule);
            } else {
                own.foreign_marker(found, after, &this);
            }
            let closed = this.end_in(after);
            own.is_alone &= closed.is_none_or(|end| !has_code(&after[end..]));
            comment = closed.is_none().then_some(this);
        }
        if !own.is_alone {
            // A marker of keyside beside code is for that code; detect-secrets' may stand anywhere.
            let Markers { by_rule, of_any_rule, .. } = &mut own.below;
            by_rule.clear();
            *of_any_rule = None;
        }
        own.near_markers(line);
        own
    }

    /// Reads what follows `keyside:allow`: `[rule-id, other-id] reason`; without brackets, it applies
    /// to every rule.
    fn own_marker(
        &mut self,
        before: &str,
        after: &str,
        comment: &Comment,
        is_rule: &dyn Fn(&str) -> bool,
    ) {
        let spaced = after.trim_start_matches([' ', '\t']);
        let listed = |list: &str| -> Vec<String> {
            let ids = list.split(',').map(|id| id.trim().to_owned());
            ids.filter(|id| !id.is_empty()).collect()
        };
        let accept = |rules: Option<&[&str]>, text: &str, own: &mut Self| {
            let words = inside(text, comment);
            let words = &words[..words.floor_char_boundary(MAX_REASON)];
            match Terms::take(words) {
                Ok((terms, why)) => {
                    let reason = terms.added_to(&shortened(&why));
                    let by = Suppression::Inline { marker: OWN, reason, terms };
                    own.here.insert(rules, &by);
                    own.below.insert(rules, &by);
                }
                Err(fault) => own.fault(before, format!("`keyside:allow` has a fault: {fault}")),
            }
        };
        let list = spaced.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        // A space before the bracket may begin a reason.
        let is_reason = after.len() != spaced.len()
            && list.is_none_or(|(ids, _)| !listed(ids).iter().all(|id| is_rule(id)));
        match (after.chars().next(), list) {
            (Some('['), None) => self.fault(
                before,
                "`keyside:allow[` has no closing bracket: write `keyside:allow[RULE] WHY`"
                    .to_owned(),
            ),
            (_, Some((ids, rest))) if !is_reason => {
                let ids = listed(ids);
                if ids.is_empty() {
                    self.fault(before, "`keyside:allow[]` names no rule".to_owned());
                }
                for id in ids.iter().filter(|id| !is_rule(id)) {
                    let message = "names no rule; `keyside rules list` shows all";
                    self.fault(before, format!("`keyside:allow[{}]` {message}", shown(id)));
                }
                let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
                accept(Some(&ids), rest, self);
            }
            (Some(bracket @ ('(' | '{' | '<')), _) => {
                let remedy = "write `keyside:allow[RULE] WHY`";
                self.fault(before, format!("`keyside:allow{bracket}` is not a marker: {remedy}"));
            }
            _ => {
                let first = spaced.split([' ', '\t']).next().unwrap_or_default();
                let rule = first.strip_suffix(']').filter(|id| is_rule(id));
                match rule {
                    Some(id) => self.fault(
                        before,
                        format!("`keyside:allow {id}]` has no opening bracket: write `[{id}]`"),
                    ),
                    None => accept(None, after, self),
                }
            }
        }
    }

    fn foreign_marker(&mut self, found: &Captures<'_>, after: &str, comment: &Comment) {
        let is_next = found.name("next").is_some();
        let text = found.name("foreign").map(|own| own.as_str());
        let known = FOREIGN.iter().find(|own| Some(**own) == text);
        let is_old = found.name("list").is_some_and(|own| own.as_str() == "white");
        let marker = known.copied().unwrap_or(PRAGMAS[usize::from(is_next)][usize::from(is_old)]);
        let reason = shortened(inside(after, comment));
        let by = Suppression::Inline { marker, reason, terms: Terms::default() };
        let to = if is_next { &mut self.below } else { &mut self.here };
        to.foreign.get_or_insert(by);
    }

    /// Finds misspelt markers of keyside.
    fn near_markers(&mut self, line: &str) {
        for found in NEAR_MARKER.captures_iter(line) {
            let text = |name: &str| found.name(name).map_or("", |own| own.as_str());
            let has_list = found.name("list").is_some();
            let is_meant = match found.name("other") {
                Some(tool) => osa_distance(&tool.as_str().to_ascii_lowercase(), "keyside") <= 2,
                None => is_near(text("between"), &text("word").to_ascii_lowercase(), has_list),
            };
            let whole = text("whole");
            if is_meant && whole != OWN {
                let before = &line[..found.get(0).map_or(0, |all| all.start())];
                let remedy = "write `keyside:allow[RULE] WHY`";
                self.fault(before, format!("`{whole}` is not a marker: {remedy}"));
            }
        }
    }

    fn fault(&mut self, before: &str, message: String) {
        let is_told = self.faults.iter().any(|fault| fault.message == message);
        if self.faults.len() < MAX_FAULTS && !is_told {
            self.faults.push(LineFault { message, is_first: !has_code(before) });
        }
    }
}

/// True if keyside's name with this word after it is likely to be meant as a marker.
fn is_near(between: &str, word: &str, has_list: bool) -> bool {
    const MEANT: &[&str] = &[
        "accept",
        "allowlist",
        "disable",
        "ignore",
        "nolint",
        "noqa",
        "permit",
        "skip",
        "suppress",
        "whitelist",
    ];
    let is_allow = word == "allow";
    let is_like_allow = word.starts_with('a') && osa_distance(word, "allow") <= 2;
    if between.contains(':') {
        return is_like_allow || MEANT.contains(&word);
    }
    // These may be words of a sentence.
    is_allow && between.contains(['=', '-', '_']) || is_like_allow && has_list
}

/// The name of a rule in a text, unless it is none.
fn shown(id: &str) -> &str {
    let is_name = id.len() <= MAX_NAME
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if is_name { id } else { "…" }
}

/// True if a text has more than signs of comments.
pub(super) fn has_code(text: &str) -> bool {
    let text = text.trim();
    let is_comment = ["rem", "dnl"].iter().any(|word| text.eq_ignore_ascii_case(word));
    !is_comment && text.chars().any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_rule(id: &str) -> bool {
        ["a-key", "b-key"].contains(&id)
    }

    fn read(line: &str) -> LineMarkers {
        LineMarkers::of(line, &is_rule)
    }

    fn told(by: Option<&Suppression>) -> Option<(&'static str, String)> {
        match by {
            Some(Suppression::Inline { marker, reason, .. }) => Some((marker, reason.clone())),
            _ => None,
        }
    }

    /// The marker for a key of `a-key` in a line, and for one in the line below.
    fn of(line: &str) -> [Option<(&'static str, String)>; 2] {
        let own = read(line);
        [told(own.here.accept("a-key")), told(own.below.accept("a-key"))]
    }

    #[test]
    fn own_markers() {
        let found = |reason: &str| Some((OWN, reason.to_owned()));
        for (line, here, below) in [
            ("x // keyside:allow[a-key] test key", found("test key"), None),
            ("x # keyside:allow[b-key, a-key]", found(""), None),
            ("x # keyside:allow [a-key] why", found("why"), None),
            ("x # keyside:allow [wip] why", found("[wip] why"), None),
            ("x /* keyside:allow[a-key] why */", found("why"), None),
            ("x /* keyside:allow[a-key] why */ y = 2", found("why"), None),
            ("/* keyside:allow[a-key] why */ y = 2", found("why"), None),
            ("x <!-- keyside:allow: docs -->", found("docs"), None),
            ("x # keyside:allow[b-key] other", None, None),
            ("x # keyside:allow[b-key] other keyside:allow[a-key] own", found("own"), None),
            ("x # keyside:allow[a-key] own keyside:allow[b-key] other", found("own"), None),
            ("x # keyside:allow[a-key", None, None),
            ("x # notkeyside:allow", None, None),
            ("x # keyside:allowed", None, None),
            ("# keyside:allow[a-key] why", found("why"), found("why")),
            ("  <!-- keyside:allow[a-key] why -->", found("why"), found("why")),
            ("{/* keyside:allow[a-key] why */}", found("why"), found("why")),
            ("REM keyside:allow why", found("why"), found("why")),
            ("# keyside:allow[b-key] t keyside:allow[a-key] u", found("u"), found("u")),
            ("y = 1 # keyside:allow[a-key] why", found("why"), None),
            ("# see keyside:allow[a-key]", found(""), None),
            ("", None, None),
        ] {
            assert_eq!(of(line), [here, below], "{line}");
        }
    }

    #[test]
    fn foreign_markers() {
        let at = |marker: &'static str, reason: &str| Some((marker, reason.to_owned()));
        for (line, here, below) in [
            ("x # gitleaks:allow", at("gitleaks:allow", ""), None),
            ("# gitleaks:allow", at("gitleaks:allow", ""), None),
            ("x # kingfisher:allow", at("kingfisher:allow", ""), None),
            ("x # kingfisher:allowed", None, None),
            ("x # pragma: allowlist secret -- fake", at(PRAGMAS[0][0], "fake"), None),
            ("x # pragma:allowlist secret", at(PRAGMAS[0][0], ""), None),
            ("x # pragma: whitelist-secret", at(PRAGMAS[0][1], ""), None),
            ("x # pragma:  allowlist secret", None, None),
            ("x # pragma: allowlist secrets", None, None),
            ("# pragma: allowlist nextline secret", None, at(PRAGMAS[1][0], "")),
            ("# pragma:whitelist-nextline-secret", None, at(PRAGMAS[1][1], "")),
            ("/* gitleaks:allow */ x = 1; z", at("gitleaks:allow", ""), None),
        ] {
            assert_eq!(of(line), [here, below], "{line}");
        }
    }

    #[test]
    fn lines_of_markers_alone_are_stacked() {
        for (line, is_alone) in [
            ("# keyside:allow[a-key] why", true),
            ("# pragma: allowlist nextline secret", true),
            ("# keyside:allow[a-key] t keyside:allow[b-key] t", true),
            ("x # keyside:allow[a-key] why", false),
            ("/* keyside:allow[a-key] why */ x = 1", false),
            ("# gitleaks:allow", true),
            ("# why", false),
        ] {
            assert_eq!(read(line).is_alone, is_alone, "{line}");
        }
    }

    #[test]
    fn misspelt_markers_are_told() {
        for (line, fault) in [
            ("x # keyside:alow[a-key] why", "`keyside:alow` is not a marker"),
            ("x # keyside:allowed", "`keyside:allowed` is not a marker"),
            ("x # Keyside:Allow", "`Keyside:Allow` is not a marker"),
            ("x # keyside: allow[a-key]", "`keyside: allow` is not a marker"),
            ("x # keyside:ignore", "`keyside:ignore` is not a marker"),
            ("x # keyside-allow", "`keyside-allow` is not a marker"),
            ("x # keyside allow[a-key]", "`keyside allow` is not a marker"),
            ("x # keysied:allow", "`keysied:allow` is not a marker"),
            ("x # key-side:allow", "`key-side:allow` is not a marker"),
            ("x # keyside:allow[a-key", "`keyside:allow[` has no closing bracket"),
            ("x # keyside:allow a-key] why", "`keyside:allow a-key]` has no opening bracket"),
            ("x # keyside:allow(a-key) why", "`keyside:allow(` is not a marker"),
            ("x # keyside:allow[]", "`keyside:allow[]` names no rule"),
            ("x # keyside:allow[a-kye] why", "`keyside:allow[a-kye]` names no rule"),
            ("x # keyside:allow[a.b] why", "`keyside:allow[…]` names no rule"),
        ] {
            let faults = read(line).faults;
            let is_it = |own: &LineFault| own.message.starts_with(fault) && !own.is_first;
            assert!(faults.len() == 1 && is_it(&faults[0]), "{line}: {faults:?}");
        }
        for line in [
            "x # keyside:allow[a-key, b-key] why",
            "x # keyside:allow (the test key)",
            "image: keyside:latest",
            "\"keyside:scan\": \"keyside scan\"",
            "keyside allows no key here",
            "the keyside action",
        ] {
            assert_eq!(read(line).faults, [], "{line}");
        }
        assert!(read("# keyside:alow[a-key] why").faults[0].is_first);
    }
}
