//! The loaded rules.

use std::cmp::Ordering;
use std::ops::{Deref, Index};
use std::sync::{Arc, OnceLock};

use keyside_exposure::KeyProvider;
pub use keyside_exposure::{KeySlot, Sdk};
use sha2::{Digest, Sha256};

use super::allowed::AllowedText;
use super::alphabet::Alphabet;
use super::block::Block;
use super::built_in::{BODIES, TABLES};
use super::checksum::Checksum;
use super::decoded::{Decoded, DecodedKey};
use super::head::RuleHead;
use super::nearby::Nearby;
use super::pair::Pair;
use super::pattern::Pattern;
use super::place::RulePlace;
use super::rng::Rng;
use super::surroundings::KeywordPlaces;
use super::table::WrittenSamples;
use super::template::Template;
use super::verify::Verify;
use crate::model::{Confidence, KeyClass, RuleIndex, Severity, Time};

/// The end of the names of rule files that a change brings, or as it changes them. Their rules count
/// beside the ones of the same ids that were there before.
pub const OF_CHANGE: &str = " (of the change)";

/// A provider of keys.
#[derive(Debug)]
pub struct Provider {
    /// Short name in kebab-case.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Its documentation of keys.
    pub url: String,
    /// Its hosts, words and packages, which the exposure analysis takes as they are.
    pub keys: Arc<KeyProvider>,
}

impl Deref for Provider {
    type Target = KeyProvider;

    fn deref(&self) -> &KeyProvider {
        &self.keys
    }
}

/// One kind of key. What no run needs of all rules is in its [body](RuleBody), whose fields are used as if they
/// were its own.
#[derive(Debug)]
pub struct Rule {
    /// Unique id in kebab-case.
    pub id: String,
    /// Index into [`Ruleset::providers`].
    pub provider: usize,
    /// The file it comes from.
    pub file: String,
    /// True if that file is part of the binary.
    pub is_built_in: bool,
    /// The side it may be on.
    pub class: KeyClass,
    /// True if the rule is off unless it is asked for.
    pub is_experimental: bool,
    /// True if it is looked for only beside keys that belong to it.
    pub is_only_paired: bool,
    /// True if no provider is behind it: any other rule says more.
    pub is_generic: bool,
    /// True if its keys are [blocks](RuleBody::block).
    pub is_block: bool,
    /// Literal texts of which every match contains one. Without any, keys are values that are assigned
    /// to something [nearby](Rule::nearby).
    pub keywords: Arc<[String]>,
    /// Where the keywords stand in matches.
    pub keyword_places: KeywordPlaces,
    /// True if every match begins with a keyword, and a word of its text does there.
    pub begins_word: bool,
    /// Environment variables that hold such keys.
    pub env: Arc<[String]>,
    /// Words near such keys.
    pub nearby: Option<Nearby>,
    /// A key of another rule near such keys.
    pub pair: Option<Pair>,
    /// True if the user wants its findings. Keys of other rules are still recognised, so that no
    /// report shows them.
    pub is_wanted: bool,
    /// The body in the binary, and as it was read.
    pub(super) stored: &'static [u8],
    pub(super) body: OnceLock<Box<RuleBody>>,
}

/// The part of a rule that is read at its first hit, or when a command asks for it.
#[derive(Debug)]
pub struct RuleBody {
    /// The key's name for people.
    pub title: String,
    /// The access it gives.
    pub description: String,
    /// The severity of a leak.
    pub severity: Severity,
    /// The severity of a leak found in history, if it differs.
    pub severity_in_history: Option<Severity>,
    /// The confidence in a match.
    pub confidence: Confidence,
    /// The form of a key; of a block, the texts that it begins with.
    pub pattern: Pattern,
    /// The marks around a key of many lines.
    pub block: Option<Block>,
    /// Conditions on a match beyond the pattern.
    pub constraints: Constraints,
    /// The checksum that such keys have.
    pub checksum: Option<Checksum>,
    /// A condition on such keys when they are decoded.
    pub decoded: Option<Decoded>,
    /// The only place of such keys.
    pub place: Option<RulePlace>,
    /// The remedy for a leak.
    pub remediation: Remediation,
    /// Texts that must and must not match.
    pub samples: StoredSamples,
    /// The request that tells whether a key is live.
    pub verify: Option<Verify>,
}

impl Rule {
    /// A rule of the binary, of which only the head has been read.
    pub(super) fn stored(head: RuleHead, body: &'static [u8], provider: usize, file: &str) -> Self {
        Self {
            id: head.id,
            provider,
            file: file.to_owned(),
            is_built_in: true,
            class: head.class,
            is_experimental: head.is_experimental,
            is_only_paired: head.is_only_paired,
            is_generic: head.is_generic,
            is_block: head.is_block,
            keywords: head.keywords.into(),
            keyword_places: head.keyword_places,
            begins_word: head.begins_word,
            env: head.env.into(),
            nearby: head.nearby,
            pair: head.pair,
            is_wanted: !head.is_experimental,
            stored: body,
            body: OnceLock::new(),
        }
    }

    /// A rule that has been read from a file.
    pub(super) fn written(head: RuleHead, body: RuleBody, provider: usize, file: &str) -> Self {
        let body = OnceLock::from(Box::new(body));
        Self { is_built_in: false, body, ..Self::stored(head, &[], provider, file) }
    }

    /// Takes the request away that tells whether a key is live, of a rule of a file. True if there was one.
    pub fn drop_verify(&mut self) -> bool {
        self.body.get_mut().is_some_and(|body| body.verify.take().is_some())
    }

    /// True if its keys are findings.
    pub fn is_reported(&self) -> bool {
        self.is_wanted && self.class != KeyClass::Public
    }

    /// True if texts are searched for its keys. Keys that are not wanted are masked, except for those
    /// of experimental rules.
    pub fn is_searched(&self) -> bool {
        !self.is_only_paired && (self.is_wanted || !self.is_experimental)
    }

    /// True if a match of this rule may take the place of one of another. Whoever wrote a file may weigh
    /// its rules against each other, but a file that may come from the scanned tree must not make a
    /// finding of another milder, nor give it another meaning.
    pub fn may_outrank(&self, other: &Self) -> bool {
        self.is_built_in || self.is_beside(other) || self.covers(other)
    }

    /// True if both rules are of one file. Any file may have the name of one of the binary.
    pub fn is_beside(&self, other: &Self) -> bool {
        self.is_built_in == other.is_built_in && self.file == other.file
    }

    /// True if a finding of this rule is as severe as one of the other in every case, and can be found to
    /// be live if the other can.
    pub fn covers(&self, other: &Self) -> bool {
        let is_same_class = self.class == other.class || self.class == KeyClass::Secret;
        let is_as_severe =
            [false, true].iter().all(|&old| self.severity_for(old) >= other.severity_for(old));
        let is_asked = self.verify.is_some() || other.verify.is_none();
        self.is_reported() && is_same_class && is_as_severe && is_asked && self.decoded.is_none()
    }

    /// `Greater` if a match of this rule says more than one of another at the same place: a provider
    /// before none, then a checksum before a decoded form before a longer fixed text before fewer
    /// characters to choose from.
    pub fn exactness(&self, other: &Self) -> Ordering {
        let pattern = |rule: &Self| rule.pattern.matcher().exactness;
        let by_provider = other.is_generic.cmp(&self.is_generic);
        let by_checksum = self.checksum.is_some().cmp(&other.checksum.is_some());
        let has_form = |rule: &Self| rule.decoded.is_some() || rule.block.is_some();
        let by_form = has_form(self).cmp(&has_form(other));
        let by_proof = by_provider.then(by_checksum).then(by_form);
        by_proof.then_with(|| pattern(self).compare(&pattern(other)))
    }

    /// All that decides whether a text contains a key of this rule, as a text.
    pub(super) fn as_text(&self) -> String {
        let Self { id, class, keywords, nearby, pair, is_generic, is_wanted, .. } = self;
        let RuleBody { pattern, block, constraints, checksum, .. } = &**self;
        let decoded = self.decoded.as_ref().map(Decoded::written);
        let pattern = (pattern.source(), block);
        let place = self.place.as_ref().map(RulePlace::written);
        let pair = pair.as_ref().map(Pair::written);
        let nearby = (nearby, pair, place, is_generic, self.is_only_paired);
        let severities = [false, true].map(|in_history| self.severity_for(in_history));
        let rank = (&self.file, self.is_built_in, severities, self.verify.is_some());
        format!(
            "{:?}",
            (
                (id, class, keywords, pattern),
                (constraints, checksum, decoded, nearby),
                (is_wanted, rank)
            )
        )
    }

    /// True if a key says itself that its life has ended.
    pub fn has_expired(&self, key: &[u8], now: Time) -> bool {
        let Some(decoded) = &self.decoded else { return false };
        let matcher = self.pattern.matcher();
        let groups = matcher.regex.captures(key);
        let encoded = groups.map(|groups| matcher.parts(&groups, 0).encoded);
        let key = encoded.and_then(|range| decoded.decode(key.get(range)?));
        matches!(key, Some(DecodedKey { expires: Some(end) }) if end <= now.seconds)
    }

    /// A sample with generated keys, whose checksums are right if it asks for them.
    pub fn fill(&self, template: &Template, rng: &mut Rng) -> String {
        let text = template.fill(rng);
        match &self.checksum {
            Some(checksum) if template.has_checksum() => self.with_checksums(&text, checksum),
            _ => text,
        }
    }

    /// A text whose keys have right checksums.
    fn with_checksums(&self, text: &str, checksum: &Checksum) -> String {
        let (matcher, text) = (self.pattern.matcher(), text.as_bytes());
        let mut completed = Vec::new();
        let mut at = 0;
        for groups in matcher.regex.captures_iter(text) {
            let parts = matcher.parts(&groups, 0);
            if let Some(key) = checksum.completed(&parts.checksum_parts(text)) {
                completed.extend_from_slice(&text[at..parts.secret.start]);
                completed.extend(key);
                at = parts.secret.end;
            }
        }
        completed.extend_from_slice(&text[at..]);
        String::from_utf8_lossy(&completed).into_owned()
    }

    /// The severity of a leak in history, or in current files.
    pub fn severity_for(&self, in_history: bool) -> Severity {
        self.severity_in_history.filter(|_| in_history).unwrap_or(self.severity)
    }
}

/// Conditions on a match beyond the pattern.
#[derive(Debug)]
pub struct Constraints {
    /// The characters of the body. A match followed by more of them is not a key.
    pub alphabet: Option<Alphabet>,
    /// The alphabet as written.
    pub alphabet_text: Option<String>,
    /// Least length of the body in bytes.
    pub min_length: Option<usize>,
    /// Greatest length of the body in bytes.
    pub max_length: Option<usize>,
    /// True if the body is generated at random.
    pub random: bool,
    /// True if a match right after a letter, digit or `_` is part of a word.
    pub word_start: bool,
    /// Lower-case words that make a body a placeholder.
    pub placeholders: Vec<String>,
    /// Keys in the provider's documentation.
    pub documented: Vec<Documented>,
    /// Keys that are accepted everywhere.
    pub allowed: Vec<AllowedText>,
}

/// A key in the provider's documentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Documented {
    /// The key itself.
    Literal(String),
    /// Its SHA-256, for well-formed keys that must not be written down.
    Sha256([u8; 32]),
}

/// The remedy for a leak.
#[derive(Debug)]
pub struct Remediation {
    /// One sentence or two.
    pub summary: String,
    /// The page to revoke a key.
    pub url: String,
    /// The provider's rotation period, in days.
    pub rotation_days: Option<u32>,
}

/// Texts that must and must not match.
#[derive(Debug, Default)]
pub struct Samples {
    /// Texts with exactly one match each.
    pub matching: Vec<Sample>,
    /// Texts without a match.
    pub ignored: Vec<Sample>,
}

/// The samples of a rule, parsed when they are first asked for: most runs need none.
#[derive(Debug, Default)]
pub struct StoredSamples {
    /// [`WrittenSamples`] in postcard, of a rule of the binary.
    written: &'static [u8],
    parsed: OnceLock<Samples>,
}

impl StoredSamples {
    /// Samples of the binary, which a test checks.
    pub(super) fn trusted(written: &'static [u8]) -> Self {
        Self { written, parsed: OnceLock::new() }
    }
}

impl From<Samples> for StoredSamples {
    fn from(samples: Samples) -> Self {
        Self { written: &[], parsed: OnceLock::from(samples) }
    }
}

impl Deref for StoredSamples {
    type Target = Samples;

    fn deref(&self) -> &Samples {
        self.parsed.get_or_init(|| {
            if self.written.is_empty() {
                return Samples::default();
            }
            let written: WrittenSamples =
                postcard::from_bytes(self.written).expect("`build.rs` has written the samples");
            let parse = |(text, line): (String, usize)| {
                let template = Template::parse(&text).expect("a test checks the samples");
                Sample { template, line }
            };
            let [matching, ignored] = written.map(|list| list.into_iter().map(parse).collect());
            Samples { matching, ignored }
        })
    }
}

/// A sample and its line.
#[derive(Debug)]
pub struct Sample {
    /// The text.
    pub template: Template,
    /// 1-based line in the rule file.
    pub line: usize,
}

/// The loaded rules.
#[derive(Debug)]
pub struct Ruleset {
    /// The providers, in the order of their files.
    pub providers: Vec<Provider>,
    /// The rules, in loading order.
    pub rules: Vec<Rule>,
    /// The number of nested encodings to decode; 0 for none.
    pub decode_depth: usize,
}

impl Index<RuleIndex> for Ruleset {
    type Output = Rule;

    fn index(&self, rule: RuleIndex) -> &Rule {
        &self.rules[rule.0]
    }
}

/// The default number of nested encodings to decode.
pub const DEFAULT_DECODE_DEPTH: usize = 3;

/// The highest number of nested encodings to decode.
pub const MAX_DECODE_DEPTH: usize = 8;

impl Ruleset {
    /// The provider of a rule.
    pub fn provider(&self, rule: &Rule) -> &Provider {
        &self.providers[rule.provider]
    }

    /// The rule with this id.
    pub fn by_id(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// A digest of everything that decides whether a text contains a key: rules and the version of
    /// keyside.
    pub fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(env!("CARGO_PKG_VERSION"));
        digest.update(self.decode_depth.to_le_bytes());
        // Of the rules of the binary, its tables say everything, so that none need be read.
        if self.rules.iter().any(|rule| rule.is_built_in) {
            digest.update(TABLES);
            digest.update(BODIES);
        }
        for rule in &self.rules {
            if rule.is_built_in {
                digest.update(rule.id.len().to_le_bytes());
                digest.update(&rule.id);
                digest.update([u8::from(rule.is_wanted)]);
            } else {
                let all = rule.as_text();
                digest.update(all.len().to_le_bytes());
                digest.update(all);
            }
        }
        digest.finalize().into()
    }

    /// The rules whose findings the user wants.
    pub fn wanted(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(|rule| rule.is_wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RuleFile;

    #[test]
    fn only_what_expires_is_milder_in_history() {
        let rules = Ruleset::built_in();
        for (id, in_files, in_history) in [
            ("aimagicx-api-key", Severity::Error, Severity::Error),
            ("magicx-secret-key", Severity::Error, Severity::Error),
            ("magicx-access-token", Severity::Warning, Severity::Note),
        ] {
            let rule = rules.by_id(id).unwrap();
            assert_eq!(rule.severity_for(false), in_files, "{id}");
            assert_eq!(rule.severity_for(true), in_history, "{id}");
        }
    }

    #[test]
    fn the_id_of_a_provider_is_its_word_unless_it_names_others() {
        let text = RuleFile::built_in().into_iter().find(|file| file.name == "rules/magicx.toml");
        let text = text.unwrap().text;
        let text = text
            .replace("\"magicx\"", "\"ac-me\"")
            .replace("words = [\"MAGICX\", \"AI_AUTOCOMPLETE\"]\n", "");
        let rules = Ruleset::only(&[RuleFile { name: "acme.toml".to_owned(), text }]).unwrap();
        assert_eq!(rules.providers[0].words, ["AC_ME"]);
    }
}
