//! Checks a rule file and turns it into rules. Every fault is reported with its line.
//!
//! A rule has a [head](RuleHead), by which it is looked for, and a [body](RuleBody), which says the rest. Those
//! of the binary come here twice: `build.rs` has made their heads, and their bodies are read when they are
//! first asked for.

mod checker;
mod conditions;
mod key_pattern;
mod names;
mod provider;

use std::borrow::Cow;

use super::built_in::BUILT_IN;
use super::error::RuleError;
use super::head::RuleHead;
use super::pattern::Pattern;
use super::ruleset::{Remediation, Rule, RuleBody, Ruleset, StoredSamples};
use super::spanned::Spanned;
use super::surroundings::KeywordPlaces;
use super::syntax::{RawPair, RawProvider, RawRemediation, RawRule, RawRuleFile};
use super::table::{FileTable, StoredRule};
use super::{defaults, verify};
use crate::model::{Confidence, KeyClass, Severity, syntax_message};
use checker::{RuleChecker, line_of};
use names::{is_kebab, is_variable};

/// The reason why a text is no rule file, with the line and the rule there.
pub(super) fn syntax_fault(name: &str, text: &str) -> Option<RuleError> {
    read(name, text).err()
}

fn read(name: &str, text: &str) -> Result<RawRuleFile, RuleError> {
    toml::from_str(text).map_err(|error| {
        let at = error.span().map(|span| span.start);
        let line = at.map(|at| line_of(text, at));
        RuleError {
            file: name.to_owned(),
            line,
            rule: line.and_then(|line| rule_at(text, line)),
            message: syntax_message(text, at, error.message()),
        }
    })
}

/// Adds the rules of a file to `set`, and its faults to `errors`.
pub(super) fn file(name: &str, text: &str, set: &mut Ruleset, errors: &mut Vec<RuleError>) {
    let written = match read(name, text) {
        Ok(written) => written,
        Err(error) => return errors.push(error),
    };
    let mut file = RuleChecker { name, text, is_checked: true, errors, rule: None };
    let provider = file.add_provider(written.provider, set);
    if written.rules.is_empty() {
        file.fault(0, "the file has no [[rule]]".to_owned());
    }
    let is_built_in = BUILT_IN.contains(&(name, text));
    for rule in written.rules {
        let before = file.errors.len();
        let id = rule.id.get_ref();
        let earlier = set.rules.iter().find(|rule| rule.id == *id);
        if let Some(earlier) = earlier
            && (earlier.is_built_in || earlier.file == file.name || !file.is_of_change())
        {
            let message = format!("{} already has a rule with this id", earlier.file);
            file.rule = Some(id.clone());
            file.fault(rule.id.span().start, message);
        }
        if let Some((head, body)) = file.rule(rule, &set.providers[provider].hosts)
            && file.errors.len() == before
        {
            let rule = Rule { is_built_in, ..Rule::written(head, body, provider, name) };
            set.rules.push(rule);
        }
    }
}

/// Adds the rules of a file of the binary, whose bodies are the first of `bodies`. They are not checked again: a test
/// has done that. Returns the bodies of other files.
pub(super) fn table(
    table: FileTable,
    mut bodies: &'static [u8],
    set: &mut Ruleset,
) -> &'static [u8] {
    let FileTable { name, provider, rules } = table;
    let provider = trusted(&mut Vec::new()).add_provider(Some(provider), set);
    for (head, length) in rules {
        let (body, after) = bodies.split_at(length);
        set.rules.push(Rule::stored(head, body, provider, &name));
        bodies = after;
    }
    bodies
}

/// The body of a rule of the binary.
pub(super) fn stored(bytes: &'static [u8]) -> RuleBody {
    let stored: StoredRule<'static> =
        postcard::from_bytes(bytes).expect("`build.rs` has written the rules");
    let body = trusted(&mut Vec::new()).body(stored.written, &[]);
    let body = body.expect("a test reads all rules of the binary");
    match stored.samples {
        Cow::Borrowed(samples) => RuleBody { samples: StoredSamples::trusted(samples), ..body },
        Cow::Owned(_) => body,
    }
}

/// A checker whose faults do not count.
fn trusted(errors: &mut Vec<RuleError>) -> RuleChecker<'_> {
    RuleChecker { name: "", text: "", is_checked: false, errors, rule: None }
}

impl RuleChecker<'_> {
    /// Adds the provider, and returns its index.
    fn add_provider(&mut self, written: Option<RawProvider>, set: &mut Ruleset) -> usize {
        let Some(written) = written else { return defaults::provider(set) };
        let provider = self.provider(written, set);
        set.providers.push(provider);
        set.providers.len() - 1
    }

    /// A rule of a provider with these hosts. With a fault, it cannot be used.
    fn rule(&mut self, written: RawRule, hosts: &[String]) -> Option<(RuleHead, RuleBody)> {
        self.rule = Some(written.id.get_ref().clone());
        let head = self.head(&written);
        let body = self.body(written, hosts);
        self.rule = None;
        head.zip(body)
    }

    fn head(&mut self, written: &RawRule) -> Option<RuleHead> {
        let at = written.id.span().start;
        self.expect(is_kebab(written.id.get_ref()), at, || {
            "a rule's id must be in kebab-case, such as `provider-secret-key`".to_owned()
        });
        for name in &written.env {
            self.expect(is_variable(name.get_ref()), name.span().start, || {
                format!("`{}` is not the name of an environment variable", name.get_ref())
            });
        }
        let is_public = written.class == Some(KeyClass::Public);
        self.expect(is_public || !written.only_paired, at, || {
            "only-paired is for rules of the class `public`".to_owned()
        });
        if let Some(nearby) = &written.nearby {
            self.check_nearby(nearby);
        }
        if let Some(pair) = &written.pair {
            self.check_pair(pair);
        }
        let (keywords, places) = match (&written.pattern, &written.block) {
            (Some(pattern), None) => {
                let tells = |pair: &RawPair| pair.tells.as_ref().is_none_or(|own| *own.get_ref());
                let has_words = written.nearby.as_ref().is_some_and(|own| !own.words.is_empty())
                    || written.pair.as_ref().is_some_and(tells);
                self.pattern(pattern, &written.keywords, has_words)?
            }
            (None, Some(block)) => {
                self.check_block_alone(written);
                let own = written.keywords.iter().map(|keyword| keyword.get_ref().clone());
                let keywords = if own.len() > 0 { own.collect() } else { block.begin.clone() };
                let places = KeywordPlaces::of_block(&block.begin, &keywords);
                (keywords, places)
            }
            (Some(_), Some(_)) | (None, None) => {
                self.fault(at, "a rule has either a `pattern` or a [rule.block]".to_owned());
                return None;
            }
        };
        if !keywords.is_empty() {
            self.check_own_text(written, &keywords);
        }
        Some(RuleHead::of(written, keywords, places, |at| line_of(self.text, at)))
    }

    /// Checks that nothing tells keys that are told by the marks around them.
    fn check_block_alone(&mut self, written: &RawRule) {
        for (name, is_there) in [
            ("nearby", written.nearby.is_some()),
            ("pair", written.pair.is_some()),
            ("checksum", written.checksum.is_some()),
            ("decoded", written.decoded.is_some()),
        ] {
            self.expect(!is_there, written.id.span().start, || {
                format!("a rule with a [rule.block] cannot have a [rule.{name}], too")
            });
        }
    }

    /// Checks that a rule says nothing that is only for keys without a text of their own.
    fn check_own_text(&mut self, written: &RawRule, keywords: &[String]) {
        let tells = written.pair.as_ref().and_then(|pair| pair.tells.as_ref());
        if let Some(tells) = tells.filter(|tells| *tells.get_ref()) {
            let message = format!(
                "the other key tells only keys without a text of their own, and these have \
                 `{}`: leave `tells` out",
                keywords.join("`, `")
            );
            self.fault(tells.span().start, message);
        }
        if let Some(anywhere) = written.nearby.as_ref().and_then(|own| own.anywhere.as_ref()) {
            let message = "`anywhere` is for keys without a text of their own";
            self.fault(anywhere.span().start, message.to_owned());
        }
    }

    /// `None` if there is neither a pattern nor a block that can be used.
    fn body(&mut self, written: RawRule, hosts: &[String]) -> Option<RuleBody> {
        let (id, at) = (written.id.get_ref(), written.id.span().start);
        for text in [&written.title, &written.description].into_iter().flatten() {
            self.text(text);
        }
        if let Some(title) = &written.title {
            self.expect(!title.get_ref().contains('\n'), title.span().start, || {
                "a title must be one line".to_owned()
            });
        }
        let title = written.title.map_or_else(|| defaults::title(id), Spanned::into_inner);
        let remediation = self.remediation(written.remediation);
        let place = written.place.and_then(|place| self.place(place, at));
        let block = written.block.and_then(|block| self.block(block, &written.keywords));
        let checksum = written.checksum.and_then(|checksum| self.checksum(&checksum));
        let decoded = written.decoded.and_then(|decoded| self.decoded(decoded));
        // The keys of blocks are structures, not random texts.
        let constraints = self.constraints(written.constraints, block.is_none());
        let samples = written.samples.map(|samples| self.samples(samples, at));
        let verify = written.verify.and_then(|block| {
            let mut faults = Vec::new();
            let verify = verify::check(block, hosts, written.pair.is_some(), &mut faults);
            for (offset, message) in faults {
                self.fault(offset, message);
            }
            verify
        });
        let source = match (&block, written.pattern) {
            (Some(block), _) => {
                let begins = block.begins().map(regex_syntax::escape);
                begins.collect::<Vec<_>>().join("|")
            }
            (None, pattern) => pattern?.into_inner(),
        };
        Some(RuleBody {
            title,
            description: written
                .description
                .map_or_else(|| defaults::DESCRIPTION.to_owned(), Spanned::into_inner),
            severity: written.severity.unwrap_or(Severity::Error),
            severity_in_history: written.severity_in_history,
            confidence: written.confidence.unwrap_or(Confidence::Medium),
            pattern: Pattern::trusted(source),
            block,
            constraints,
            checksum,
            decoded,
            place,
            remediation,
            samples: samples.unwrap_or_default().into(),
            verify,
        })
    }

    fn remediation(&mut self, written: Option<RawRemediation>) -> Remediation {
        let Some(written) = written else {
            return defaults::remediation();
        };
        self.text(&written.summary);
        self.address(&written.url);
        if let Some(days) = &written.rotation_days {
            self.expect(*days.get_ref() > 0, days.span().start, || {
                "rotation-days must be at least 1".to_owned()
            });
        }
        Remediation {
            summary: written.summary.into_inner(),
            url: written.url.into_inner(),
            rotation_days: written.rotation_days.map(Spanned::into_inner),
        }
    }
}

/// The id of the rule at a 1-based line of a text that cannot be parsed, as far as it shows.
fn rule_at(text: &str, line: usize) -> Option<String> {
    let is_head = |line: &&str| line.trim() == "[[rule]]";
    let lines: Vec<_> = text.lines().collect();
    let head = lines.get(..line)?.iter().rposition(is_head)?;
    let block = lines[head + 1..].iter().take_while(|line| !is_head(line));
    let mut ids = block.filter_map(|line| line.trim().strip_prefix("id"));
    let id = ids.find_map(|rest| rest.trim_start().strip_prefix('='))?;
    let id = id.trim().trim_matches(['"', '\'']);
    is_kebab(id).then(|| id.to_owned())
}
