//! Checks a rule file and turns it into rules. Every fault is reported with its line.

use std::borrow::Cow;

use regex_syntax::hir::Hir;

use super::allowed::AllowedText;
use super::alphabet::Alphabet;
use super::block::Block;
use super::built_in::BUILT_IN;
use super::checksum::Checksum;
use super::coverage::coverage;
use super::decoded::Decoded;
use super::error::RuleError;
use super::nearby::{MAX_WITHIN, MAX_WITHIN_LINES, MIN_WORD, Nearby};
use super::pair::{self, Pair};
use super::pattern::Pattern;
use super::place::RulePlace;
use super::ruleset::{
    Constraints, Documented, KeySlot, OF_CHANGE, Provider, Remediation, Rule, Ruleset, Sample,
    Samples, Sdk, StoredSamples,
};
use super::spanned::Spanned;
use super::surroundings::KeywordPlaces;
use super::table::{RuleFacts, RuleTable};
use super::template::Template;
use super::value_bytes::SHORTEST_VALUE;
use super::{defaults, syntax, verify};
use crate::model::{Confidence, KeyClass, Severity};

/// The shortest keyword; shorter ones hit nearly everywhere.
const MIN_KEYWORD: usize = 3;

/// The longest text, in bytes: GitHub's limit for a rule's short description.
const MAX_TEXT: usize = 1024;

/// The reason why a text is no rule file, with the line and the rule there.
pub(super) fn syntax_fault(name: &str, text: &str) -> Option<RuleError> {
    read(name, text).err()
}

fn read(name: &str, text: &str) -> Result<syntax::RawRuleFile, RuleError> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| line_of(text, span.start));
        RuleError {
            file: name.to_owned(),
            line,
            rule: line.and_then(|line| rule_at(text, line)),
            message: error.message().replace('\n', "; "),
        }
    })
}

/// Adds the rules of a file to `set`, and its faults to `errors`.
pub(super) fn file(name: &str, text: &str, set: &mut Ruleset, errors: &mut Vec<RuleError>) {
    let written = match read(name, text) {
        Ok(written) => written,
        Err(error) => return errors.push(error),
    };
    let is_built_in = BUILT_IN.contains(&(name, text));
    let mut file = RuleChecker { name, text, is_built_in, is_checked: true, errors, rule: None };
    let rules = written.rules.into_iter().map(|rule| (rule, None));
    file.add(written.provider, rules, set);
}

/// Adds the rules of a file of the binary. They are not checked again: a test has done that.
pub(super) fn table(table: RuleTable<'static>, set: &mut Ruleset) {
    let mut errors = Vec::new();
    let (name, errors) = (table.name.as_str(), &mut errors);
    let mut file =
        RuleChecker { name, text: "", is_built_in: true, is_checked: false, errors, rule: None };
    let rules = table.file.rules.into_iter().zip(table.rules.into_iter().map(Some));
    file.add(table.file.provider, rules, set);
}

/// Checks one file, and collects its faults.
struct RuleChecker<'f> {
    name: &'f str,
    text: &'f str,
    /// True if the file is part of the binary.
    is_built_in: bool,
    /// False if there can be no faults.
    is_checked: bool,
    errors: &'f mut Vec<RuleError>,
    rule: Option<String>,
}

impl RuleChecker<'_> {
    /// Adds the provider and the rules to `set`, each with what is known of it.
    fn add(
        &mut self,
        provider: Option<syntax::RawProvider>,
        rules: impl ExactSizeIterator<Item = (syntax::RawRule, Option<RuleFacts<'static>>)>,
        set: &mut Ruleset,
    ) {
        let index = match provider {
            Some(written) => {
                let provider = self.provider(written, set);
                set.providers.push(provider);
                set.providers.len() - 1
            }
            None => defaults::provider(set),
        };
        if rules.len() == 0 {
            self.fault(0, "the file has no [[rule]]".to_owned());
        }
        for (rule, facts) in rules {
            if let Some(rule) = self.rule(rule, facts, index, set) {
                set.rules.push(rule);
            }
        }
    }

    /// True if the same ids may stand in the file that was there before.
    fn is_of_change(&self) -> bool {
        self.name.ends_with(OF_CHANGE)
    }

    fn fault(&mut self, offset: usize, message: String) {
        self.errors.push(RuleError {
            file: self.name.to_owned(),
            line: Some(line_of(self.text, offset)),
            rule: self.rule.clone(),
            message,
        });
    }

    fn expect(&mut self, good: bool, offset: usize, message: impl FnOnce() -> String) {
        if !good {
            self.fault(offset, message());
        }
    }

    fn provider(&mut self, written: syntax::RawProvider, set: &Ruleset) -> Provider {
        let id = written.id.get_ref();
        self.expect(is_kebab(id), written.id.span().start, || {
            format!("a provider's id must be in kebab-case, not `{id}`")
        });
        let is_built_in =
            || set.rules.iter().any(|own| own.is_built_in && set.providers[own.provider].id == *id);
        let is_new = !self.is_checked
            || set.providers.iter().all(|p| p.id != *id)
            || self.is_of_change() && !is_built_in();
        self.expect(is_new, written.id.span().start, || format!("duplicate provider `{id}`"));
        self.printable(&written.name);
        self.address(&written.url);
        for host in &written.hosts {
            self.expect(is_host(host.get_ref()), host.span().start, || {
                format!("`{}` is not a host name", host.get_ref())
            });
        }
        for word in written.words.iter().flatten() {
            self.expect(is_word(word.get_ref()), word.span().start, || {
                format!("`{}` is not a word of a variable's name such as `ACME_AI`", word.get_ref())
            });
        }
        for path in &written.server_paths {
            self.expect(
                path.get_ref().starts_with('/') && path.get_ref().len() > 1,
                path.span().start,
                || format!("`{}` is not a path of an address such as `/api/token`", path.get_ref()),
            );
        }
        let sdk = written.sdk.into_iter().map(|sdk| self.sdk(sdk)).collect();
        let words = written.words.map(|words| words.into_iter().map(Spanned::into_inner).collect());
        Provider {
            words: words.unwrap_or_else(|| vec![id.to_ascii_uppercase().replace('-', "_")]),
            id: written.id.into_inner(),
            name: written.name.into_inner(),
            url: written.url.into_inner(),
            hosts: written.hosts.into_iter().map(Spanned::into_inner).collect(),
            server_paths: written.server_paths.into_iter().map(Spanned::into_inner).collect(),
            sdk,
        }
    }

    fn sdk(&mut self, written: syntax::RawSdk) -> Sdk {
        self.expect(!written.key_properties.is_empty(), written.package.span().start, || {
            "a package needs at least one entry in key-properties".to_owned()
        });
        let mut slots = Vec::new();
        for slot in &written.key_properties {
            match slot.get_ref().parse::<KeySlot>() {
                Ok(slot) => slots.push(slot),
                Err(error) => self.fault(slot.span().start, error.to_string()),
            }
        }
        if let Some(switch) = &written.browser_switch {
            self.expect(is_property_path(switch.get_ref()), switch.span().start, || {
                let switch = switch.get_ref();
                format!("`{switch}` is not the name of an option such as `allowBrowser`")
            });
        }
        if let Some(only) = &written.client_only {
            self.expect(written.client || !only.get_ref(), only.span().start, || {
                "client-only needs client = true".to_owned()
            });
        }
        Sdk {
            package: written.package.into_inner(),
            client: written.client,
            is_client_only: written.client_only.is_some_and(Spanned::into_inner),
            key_properties: slots,
            browser_switch: written.browser_switch.map(Spanned::into_inner),
        }
    }

    fn rule(
        &mut self,
        written: syntax::RawRule,
        facts: Option<RuleFacts<'static>>,
        index: usize,
        set: &Ruleset,
    ) -> Option<Rule> {
        let before = self.errors.len();
        self.rule = Some(written.id.get_ref().clone());
        let id = written.id.get_ref();
        let at = written.id.span().start;
        self.expect(is_kebab(id), at, || {
            "a rule's id must be in kebab-case, such as `provider-secret-key`".to_owned()
        });
        let earlier = || set.rules.iter().find(|rule| rule.id == *id);
        if self.is_checked
            && let Some(earlier) = earlier()
            && (earlier.is_built_in || earlier.file == self.name || !self.is_of_change())
        {
            let message = format!("{} already has a rule with this id", earlier.file);
            self.fault(at, message);
        }
        for text in [&written.title, &written.description].into_iter().flatten() {
            self.text(text);
        }
        if let Some(title) = &written.title {
            self.expect(!title.get_ref().contains('\n'), title.span().start, || {
                "a title must be one line".to_owned()
            });
        }
        for name in &written.env {
            self.expect(is_variable(name.get_ref()), name.span().start, || {
                format!("`{}` is not the name of an environment variable", name.get_ref())
            });
        }
        let is_public = written.class == Some(KeyClass::Public);
        self.expect(is_public || !written.only_paired, at, || {
            "only-paired is for rules of the class `public`".to_owned()
        });
        let remediation = self.remediation(written.remediation);
        let nearby = written.nearby.as_ref().map(|nearby| self.nearby(nearby));
        let has_words = nearby.as_ref().is_some_and(|nearby| !nearby.words.is_empty());
        let mut pair = written.pair.as_ref().map(|pair| self.pair(pair));
        let tells = |pair: &syntax::RawPair| pair.tells.as_ref().is_none_or(|own| *own.get_ref());
        let has_words = has_words || written.pair.as_ref().is_some_and(tells);
        let place = written.place.and_then(|place| self.place(place, at));
        let (known, samples) = match facts {
            Some(RuleFacts { places, samples }) => {
                let samples = match samples {
                    Cow::Borrowed(samples) => StoredSamples::trusted(samples),
                    Cow::Owned(_) => StoredSamples::default(),
                };
                (Some(places), Some(samples))
            }
            None => (None, None),
        };
        let (pattern, block) = match (written.pattern, written.block) {
            (Some(pattern), None) => {
                (self.pattern(&pattern, written.keywords, known, has_words), None)
            }
            (None, Some(block)) => match self.block(block, written.keywords) {
                Some((pattern, block)) => (Some(pattern), Some(block)),
                None => (None, None),
            },
            (Some(_), Some(_)) | (None, None) => {
                self.fault(at, "a rule has either a `pattern` or a [rule.block]".to_owned());
                (None, None)
            }
        };
        if block.is_some() {
            for (name, is_there) in [
                ("nearby", nearby.is_some()),
                ("pair", pair.is_some()),
                ("checksum", written.checksum.is_some()),
                ("decoded", written.decoded.is_some()),
            ] {
                self.expect(!is_there, at, || {
                    format!("a rule with a [rule.block] cannot have a [rule.{name}], too")
                });
            }
        }
        if let (Some(pair), Some(KeyPattern { keywords, .. })) = (&mut pair, &pattern)
            && !keywords.is_empty()
        {
            let tells = written.pair.as_ref().and_then(|pair| pair.tells.as_ref());
            if let Some(tells) = tells.filter(|tells| *tells.get_ref()) {
                self.fault(
                    tells.span().start,
                    format!(
                        "the other key tells only keys without a text of their own, and these have \
                         `{}`: leave `tells` out",
                        keywords.join("`, `")
                    ),
                );
            }
            pair.tells = false;
        }
        let anywhere = written.nearby.as_ref().and_then(|nearby| nearby.anywhere.as_ref());
        if let (Some(anywhere), Some(KeyPattern { keywords, .. })) = (anywhere, &pattern) {
            self.expect(keywords.is_empty(), anywhere.span().start, || {
                "`anywhere` is for keys without a text of their own".to_owned()
            });
        }
        let checksum = self.checksum(written.checksum);
        let decoded = self.decoded(written.decoded);
        let constraints = self.constraints(written.constraints, block.is_none());
        let samples = match (samples, written.samples) {
            (Some(samples), _) => Some(samples),
            (None, Some(samples)) => self.samples(samples, at).map(StoredSamples::from),
            (None, None) => Some(StoredSamples::default()),
        };
        let verify = written.verify.and_then(|block| {
            let mut faults = Vec::new();
            let hosts = &set.providers[index].hosts;
            let verify = verify::check(block, hosts, pair.is_some(), &mut faults);
            for (offset, message) in faults {
                self.fault(offset, message);
            }
            verify
        });
        self.rule = None;
        if self.errors.len() > before {
            return None;
        }
        let KeyPattern { pattern, keywords, places } = pattern?;
        Some(Rule {
            provider: index,
            file: self.name.to_owned(),
            is_built_in: self.is_built_in,
            title: written
                .title
                .map_or_else(|| defaults::title(written.id.get_ref()), Spanned::into_inner),
            id: written.id.into_inner(),
            description: written
                .description
                .map_or_else(|| defaults::DESCRIPTION.to_owned(), Spanned::into_inner),
            class: written.class.unwrap_or(KeyClass::Secret),
            severity: written.severity.unwrap_or(Severity::Error),
            severity_in_history: written.severity_in_history,
            confidence: written.confidence.unwrap_or(Confidence::Medium),
            is_experimental: written.experimental,
            is_only_paired: written.only_paired,
            is_generic: written.generic,
            keywords,
            keyword_places: places,
            pattern,
            block,
            env: written.env.into_iter().map(Spanned::into_inner).collect(),
            constraints: constraints?,
            checksum: checksum?,
            decoded,
            nearby,
            pair,
            place,
            remediation,
            samples: samples?,
            verify,
            is_wanted: !written.experimental,
        })
    }

    /// A text for people, of one to [`MAX_TEXT`] bytes.
    fn text(&mut self, text: &Spanned<String>) {
        if !self.is_checked {
            return;
        }
        let length = text.get_ref().trim().len();
        self.expect((1..=MAX_TEXT).contains(&length), text.span().start, || {
            format!("the text has {length} bytes; it must have 1 to {MAX_TEXT}")
        });
        self.printable(text);
    }

    fn remediation(&mut self, written: Option<syntax::RawRemediation>) -> Remediation {
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

    /// The checksum, if there is one; `None` for a fault.
    #[expect(clippy::option_option, reason = "the outer one tells a fault, as for other parts")]
    fn checksum(&mut self, written: Option<syntax::RawChecksum>) -> Option<Option<Checksum>> {
        let Some(written) = written else {
            return Some(None);
        };
        let seeds: Vec<_> = written.seeds.iter().map(String::as_str).collect();
        match Checksum::new(written.kind.get_ref(), &seeds) {
            Ok(checksum) => Some(Some(checksum)),
            Err(message) => {
                self.fault(written.kind.span().start, message);
                None
            }
        }
    }

    fn decoded(&mut self, written: Option<syntax::RawDecoded>) -> Option<Decoded> {
        let syntax::RawDecoded { form, matches, json, expires } = written?;
        match Decoded::new(form.get_ref(), matches, json.into_iter().collect(), expires) {
            Ok(decoded) => Some(decoded),
            Err(message) => {
                self.fault(form.span().start, message);
                None
            }
        }
    }

    fn nearby(&mut self, written: &syntax::RawNearby) -> Nearby {
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
        let words = |list: &[Spanned<String>]| -> Vec<String> {
            list.iter().map(|word| word.get_ref().clone()).collect()
        };
        if let Some(lines) = &written.within_lines {
            self.expect(*lines.get_ref() <= MAX_WITHIN_LINES, lines.span().start, || {
                format!("within-lines must be 0 to {MAX_WITHIN_LINES}")
            });
            self.expect(written.within.is_none(), lines.span().start, || {
                "either `within` or `within-lines` counts; write one of them".to_owned()
            });
        }
        let within = written.within.as_ref().map(|within| *within.get_ref());
        let lines = written.within_lines.as_ref().map(|lines| *lines.get_ref());
        let (words, not_words) = (words(&written.words), words(&written.not_words));
        let anywhere = written.anywhere.as_ref().filter(|own| *own.get_ref());
        if let Some(own) = anywhere {
            self.expect(within.is_none() && lines.is_none(), own.span().start, || {
                "with `anywhere`, neither `within` nor `within-lines` counts".to_owned()
            });
            return Nearby::anywhere(&words, &not_words);
        }
        Nearby::within_lines(&words, &not_words, within, lines)
    }

    /// `at` is the offset of the rule.
    fn place(&mut self, written: syntax::RawPlace, at: usize) -> Option<RulePlace> {
        let at = written.files.as_ref().map_or(at, |files| files.span().start);
        let files = written.files.map(Spanned::into_inner).unwrap_or_default();
        let json: Vec<_> = written.json.into_iter().chain(written.or_json).collect();
        match RulePlace::new(files, &json) {
            Ok(place) => Some(place),
            Err(message) => {
                self.fault(at, message);
                None
            }
        }
    }

    /// The other key, whose rules are looked up when all files are loaded.
    fn pair(&mut self, written: &syntax::RawPair) -> Pair {
        let lines = written.lines.as_ref().map_or(pair::LINES, |lines| {
            self.expect(*lines.get_ref() <= pair::MAX_LINES, lines.span().start, || {
                format!("lines must be 0 to {}", pair::MAX_LINES)
            });
            *lines.get_ref()
        });
        let ids = || [&written.with].into_iter().chain(&written.or_with);
        Pair {
            with: ids().map(|id| id.get_ref().clone()).collect(),
            rules: Vec::new(),
            lines,
            tells: written.tells.as_ref().is_none_or(|own| *own.get_ref()),
            at: ids().map(|id| line_of(self.text, id.span().start)).collect(),
        }
    }

    /// The pattern and the keywords, which the pattern gives if none are written. If there are words
    /// near the key, it need not have any. For a file of the binary, the places of its
    /// keywords are `known`.
    fn pattern(
        &mut self,
        written: &Spanned<String>,
        keywords: Vec<Spanned<String>>,
        known: Option<KeywordPlaces>,
        has_words: bool,
    ) -> Option<KeyPattern> {
        let at = written.span().start;
        for keyword in &keywords {
            let length = keyword.get_ref().len();
            self.expect(length >= MIN_KEYWORD, keyword.span().start, || {
                format!("a keyword must have at least {MIN_KEYWORD} bytes, or it hits everywhere")
            });
        }
        let source = written.get_ref().clone();
        if let Some(places) = known {
            let keywords = keywords.into_iter().map(Spanned::into_inner).collect();
            return Some(KeyPattern { pattern: Pattern::trusted(source), keywords, places });
        }
        let (pattern, hir) = match Pattern::checked(source) {
            Ok(checked) => checked,
            Err(message) => {
                self.fault(at, message);
                return None;
            }
        };
        if !keywords.is_empty() {
            self.coverage(&hir, at, &keywords);
            let keywords = keywords.into_iter().map(Spanned::into_inner).collect();
            return Some(KeyPattern::new(pattern, &hir, keywords));
        }
        match super::keywords(&hir) {
            Some(keywords) => Some(KeyPattern::new(pattern, &hir, keywords)),
            None if has_words => {
                let shortest = hir.properties().minimum_len().unwrap_or(0);
                self.expect(shortest >= SHORTEST_VALUE, at, || {
                    format!(
                        "a key that is found by the words near it has {SHORTEST_VALUE} characters or \
                         more, and this pattern matches {shortest}"
                    )
                });
                Some(KeyPattern::new(pattern, &hir, Vec::new()))
            }
            None => {
                let message = format!(
                    "the pattern spells out no text of {MIN_KEYWORD} bytes or more that every \
                     match has; add one, or [rule.nearby] with words that stand near the key"
                );
                self.fault(at, message);
                None
            }
        }
    }

    /// The block, with a pattern for the texts that it begins with and the keywords, by default these
    /// texts.
    fn block(
        &mut self,
        written: syntax::RawBlock,
        keywords: Vec<Spanned<String>>,
    ) -> Option<(KeyPattern, Block)> {
        let syntax::RawBlock { begin, end, form, encrypted } = written;
        let at = form.span().start;
        let block = match Block::new(begin, end.as_deref(), form.get_ref(), encrypted) {
            Ok(block) => block,
            Err(message) => {
                self.fault(at, message);
                return None;
            }
        };
        let begins: Vec<&str> = block.begins().collect();
        for keyword in &keywords {
            let text = keyword.get_ref();
            let good = text.len() >= MIN_KEYWORD && begins.iter().any(|own| own.contains(text));
            self.expect(good, keyword.span().start, || {
                format!("the keyword `{text}` is in none of the texts that the block begins with")
            });
        }
        let has_keyword = |begin: &&str| keywords.iter().any(|own| begin.contains(own.get_ref()));
        if let Some(begin) = begins.iter().find(|begin| !keywords.is_empty() && !has_keyword(begin))
        {
            self.fault(at, format!("no keyword is in `{begin}`, which would be missed"));
        }
        let escaped: Vec<_> = begins.iter().map(|begin| regex_syntax::escape(begin)).collect();
        let pattern = Pattern::trusted(escaped.join("|"));
        let shortest = begins.iter().map(|begin| begin.len()).min().unwrap_or(0);
        let keywords: Vec<_> = match keywords.is_empty() {
            true => begins.into_iter().map(str::to_owned).collect(),
            false => keywords.into_iter().map(Spanned::into_inner).collect(),
        };
        let in_run = vec![false; keywords.len()];
        let places = KeywordPlaces { in_run, at_start: false, shortest };
        Some((KeyPattern { pattern, keywords, places }, block))
    }

    fn coverage(&mut self, hir: &Hir, at: usize, keywords: &[Spanned<String>]) {
        let bytes: Vec<_> = keywords.iter().map(|keyword| keyword.get_ref().as_bytes()).collect();
        let coverage = coverage(hir, &bytes);
        for (keyword, occurs) in keywords.iter().zip(&coverage.occurs) {
            self.expect(*occurs, keyword.span().start, || {
                format!("the pattern cannot contain the keyword `{}`", keyword.get_ref())
            });
        }
        self.expect(coverage.complete || keywords.is_empty(), at, || {
            "the pattern can match text without any of the keywords, which would be missed; \
             each of its branches must spell out a keyword in the same case"
                .to_owned()
        });
    }

    /// `is_random` is the default.
    fn constraints(
        &mut self,
        written: syntax::RawConstraints,
        is_random: bool,
    ) -> Option<Constraints> {
        let alphabet_text = written.alphabet.as_ref().map(|text| text.get_ref().clone());
        let alphabet = match &written.alphabet {
            None => None,
            Some(text) => match Alphabet::parse(text.get_ref()) {
                Ok(alphabet) => Some(alphabet),
                Err(error) => {
                    self.fault(text.span().start, error.to_string());
                    return None;
                }
            },
        };
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
            match AllowedText::new(text.into_inner()) {
                Ok(own) => allowed.push(own),
                Err(message) => {
                    self.fault(
                        at,
                        format!("`allowed` has an expression that cannot be used: {message}"),
                    );
                }
            }
        }
        Some(Constraints {
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
        })
    }

    /// `at` is the offset of the rule.
    fn samples(&mut self, written: syntax::RawSamples, at: usize) -> Option<Samples> {
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
        let matching: Option<Vec<_>> =
            written.matching.into_iter().map(|sample| parse(sample, true)).collect();
        let ignored: Option<Vec<_>> =
            written.ignored.into_iter().map(|sample| parse(sample, false)).collect();
        let samples = Samples { matching: matching?, ignored: ignored? };
        let is_tried = !samples.matching.is_empty() && !samples.ignored.is_empty();
        self.expect(is_tried, at, || {
            "the rule needs a sample that must match, and one that must not".to_owned()
        });
        Some(samples)
    }

    /// Refuses control characters: texts are shown on terminals, and a rule file may come from the
    /// scanned tree.
    fn printable(&mut self, text: &Spanned<String>) {
        if !self.is_checked {
            return;
        }
        let mut characters = text.get_ref().chars();
        let good = characters.all(|c| c == '\n' || !c.is_control());
        self.expect(good, text.span().start, || "the text contains a control character".to_owned());
    }

    fn address(&mut self, url: &Spanned<String>) {
        if !self.is_checked {
            return;
        }
        let good = url
            .get_ref()
            .strip_prefix("https://")
            .is_some_and(|rest| rest.len() > 2 && rest.bytes().all(|b| b.is_ascii_graphic()));
        self.expect(good, url.span().start, || {
            format!("`{}` is not an https:// address", url.get_ref())
        });
    }
}

/// A pattern and its keywords.
struct KeyPattern {
    pattern: Pattern,
    keywords: Vec<String>,
    places: KeywordPlaces,
}

impl KeyPattern {
    fn new(pattern: Pattern, hir: &Hir, keywords: Vec<String>) -> Self {
        let places = KeywordPlaces::of(hir, &keywords);
        Self { pattern, keywords, places }
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

/// The 1-based line of a byte offset.
fn line_of(text: &str, offset: usize) -> usize {
    let before = &text.as_bytes()[..offset.min(text.len())];
    1 + memchr::memchr_iter(b'\n', before).count()
}

fn is_kebab(text: &str) -> bool {
    !text.starts_with('-')
        && !text.is_empty()
        && !text.ends_with('-')
        && !text.contains("--")
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_variable(text: &str) -> bool {
    !text.starts_with(|c: char| c.is_ascii_digit())
        && !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// True for a word: part of a name, between `_` or its ends.
fn is_word(text: &str) -> bool {
    text.len() >= MIN_KEYWORD
        && !text.starts_with('_')
        && !text.ends_with('_')
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

fn is_host(text: &str) -> bool {
    text.contains('.')
        && text.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        })
}

fn is_property_path(text: &str) -> bool {
    text.split('.').all(|name| {
        !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'$')
    })
}

fn sha256(digits: &str) -> Option<[u8; 32]> {
    let digits = digits.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut hash = [0; 32];
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |d: u8| char::from(d).to_digit(16);
        *byte = (digit(pair[0])? * 16 + digit(pair[1])?) as u8;
    }
    Some(hash)
}
