//! Names of secret variables (docs/exposure.md): the names that the catalog lists, and names with a
//! provider's word and a word for secrets. A name is weak evidence: a known value counts more, see
//! [`crate::variables::declarations`].

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use foldhash::fast::RandomState;

use crate::catalog::{Catalog, KeyKindId};
use crate::severity::KeyClass;
use crate::variables::common_words::{is_distinctive, is_of_any_key};

/// Words for secrets: together with a provider's word, they make a name secret.
const SECRET: [&str; 3] = ["SECRET", "PRIVATE", "_SK_"];

/// Letters of names, one of which is in every name with a provider's word that is secret.
const SIGNS: [&str; 5] = ["key", "private", "secret", "sk", "token"];

/// Words that make a name public, whatever else is in it.
const PUBLIC: [&str; 3] = ["PUBLIC", "PUBLISHABLE", "_PK_"];

/// Last words of variables that describe a key rather than contain it.
const ABOUT: [&str; 13] = [
    "URL", "ENDPOINT", "HOST", "ID", "NAME", "MODEL", "FILE", "PATH", "PREFIX", "HEADER", "LENGTH",
    "VERSION", "ARN",
];

/// Last words that tell several keys apart.
const WHICH: [&str; 8] =
    ["DEV", "DEVELOPMENT", "LOCAL", "PREVIEW", "PROD", "PRODUCTION", "STAGING", "TEST"];

/// Shorter seed words would be found nearly everywhere.
const MIN_SEED_WORD: usize = 5;

/// Texts by which build configurations put all variables into client code.
const DUMPS: [&str; 3] = ["'process.env'", "\"process.env\"", "stringify(process.env)"];

/// The start of a source map at the end of its script.
pub(crate) const INLINE: &str = "sourceMappingURL=data:application/json";

/// The names of secret variables, with their kinds of keys.
#[derive(Debug)]
pub(crate) struct SecretNames {
    /// The names that the catalog lists, in upper case; without a kind if clients may have such a
    /// key.
    listed: HashMap<String, Option<KeyKindId>, RandomState>,
    /// Those of secrets, as they are written.
    exact: Vec<String>,
    /// The words of providers.
    words: HashMap<String, Word, RandomState>,
    /// The most parts, with `_` between them, that a word has.
    most_parts: usize,
    /// Other seed words that a secret may come from: hosts and options.
    traces: Vec<String>,
    /// The letters of all names and words, for a quick test.
    hints: Letters,
    /// The letters of the listed names.
    listed_letters: Letters,
    /// The words without `_` in lower case, and as they are.
    bare_words: Letters,
    spelt_words: Vec<String>,
}

/// A word in code whose place a secret may come from.
#[derive(Debug)]
pub(crate) struct OriginWord {
    pub(crate) text: String,
    /// True if it only counts in a name that [may be secret](SecretNames::may_be_secret).
    pub(crate) is_of_name: bool,
}

/// A searcher for the letters of names. It is made when a name is first asked about: most runs only need
/// seed words.
#[derive(Debug, Default)]
struct Letters(OnceLock<Option<AhoCorasick>>);

impl Letters {
    fn searcher<'n, N>(&self, names: impl FnOnce() -> N) -> Option<&AhoCorasick>
    where
        N: Iterator<Item = &'n String>,
    {
        let make = || AhoCorasick::new(names().map(|name| letters(name))).ok();
        self.0.get_or_init(make).as_ref()
    }
}

/// A word in names that shows that they belong to a provider.
#[derive(Debug)]
struct Word {
    /// The first kind of secret keys of the first provider with the word.
    key_kind: KeyKindId,
    /// True if all keys of the providers with the word are secret.
    is_all_secret: bool,
}

impl SecretNames {
    /// The names for a catalog.
    pub(crate) fn new(catalog: &Catalog) -> Self {
        let ListedNames { secret, open } = ListedNames::new(catalog);
        let mut listed: HashMap<String, Option<KeyKindId>, RandomState> = HashMap::default();
        for (name, kind) in &secret {
            listed.entry(name.to_ascii_uppercase()).or_insert(Some(*kind));
        }
        for name in &open {
            listed.insert(name.to_ascii_uppercase(), None);
        }
        let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let exact = owned(secret.iter().map(|(name, _)| *name).collect());
        let ProviderWords { words, traces, .. } = ProviderWords::new(catalog);
        let parts = words.keys().map(|word| word.matches('_').count() + 1);
        let most_parts = parts.max().unwrap_or(0);
        let mut spelt_words: Vec<&str> = words.keys().copied().collect();
        spelt_words.sort_unstable();
        Self {
            hints: Letters::default(),
            listed_letters: Letters::default(),
            bare_words: Letters::default(),
            spelt_words: owned(spelt_words),
            listed,
            exact,
            words: words.into_iter().map(|(word, known)| (word.to_owned(), known)).collect(),
            most_parts,
            traces: owned(traces),
        }
    }

    /// A searcher for all names and words.
    fn hints(&self) -> Option<&AhoCorasick> {
        self.hints.searcher(|| self.exact.iter().chain(&self.spelt_words))
    }

    /// A quick test that most names fail: false if a name cannot be secret, however it is spelt.
    fn is_likely(&self, name: &str) -> bool {
        self.hints().is_none_or(|hints| hints.is_match(&letters(name)))
    }

    /// The kind of key of a listed name, if it is secret; `None` if the name is not listed.
    fn listed(&self, upper: &str) -> Option<Option<KeyKindId>> {
        let known = self.listed.get(upper).or_else(|| self.listed.get(without_which(upper)));
        known.copied()
    }

    /// True if a part of a name has the word of a provider.
    pub(crate) fn has_word(&self, part: &str) -> bool {
        self.word_in(&part.to_ascii_uppercase()).is_some()
    }

    /// True if the catalog lists a name as one of a secret.
    pub(crate) fn lists(&self, name: &str) -> bool {
        self.exact.iter().any(|known| known == name)
    }

    /// The kind of secret key in a variable of this name, which has no public prefix. Case does not
    /// matter.
    pub(crate) fn key_kind(&self, name: &str) -> Option<KeyKindId> {
        let upper = name.to_ascii_uppercase();
        if let Some(listed) = self.listed(&upper) {
            return listed;
        }
        let upper = without_which(&upper);
        let word = self.word_in(upper)?;
        let name = format!("_{upper}_");
        let last = name.trim_end_matches('_').rsplit('_').next()?;
        if ABOUT.contains(&last) || PUBLIC.iter().any(|sign| name.contains(sign)) {
            return None;
        }
        let is_key = word.is_all_secret && (last.ends_with("KEY") || last.ends_with("TOKEN"));
        (is_key || SECRET.iter().any(|sign| name.contains(sign))).then_some(word.key_kind)
    }

    /// The longest word of a provider that is some parts of a name, the parts between `_`.
    fn word_in(&self, name: &str) -> Option<&Word> {
        let mut longest: Option<(&str, &Word)> = None;
        let starts = std::iter::once(0).chain(name.match_indices('_').map(|(at, _)| at + 1));
        for start in starts {
            let rest = &name[start..];
            let ends = rest.match_indices('_').map(|(at, _)| at);
            for end in ends.chain([rest.len()]).take(self.most_parts) {
                if longest.is_none_or(|(known, _)| known.len() < end)
                    && let Some((word, known)) = self.words.get_key_value(&rest[..end])
                {
                    longest = Some((word, known));
                }
            }
        }
        longest.map(|(_, word)| word)
    }

    /// The same for a name as code writes it: `magicxSecretKey` or `magicx.secretKey`.
    pub(crate) fn key_kind_of_property(&self, name: &str) -> Option<KeyKindId> {
        if !self.is_likely(name) {
            return None;
        }
        let upper = upper_snake(name);
        if let Some(listed) = self.listed(&upper) {
            return listed;
        }
        let key_kind = self.key_kind(&upper);
        key_kind.or_else(|| self.key_kind(&upper_snake(&self.as_one_word(name)?)))
    }

    /// The name with a provider's word spelt as one word, if it is spelt as several: `acmeApi` for
    /// `AcMeApi`.
    fn as_one_word(&self, name: &str) -> Option<String> {
        let lower = name.to_ascii_lowercase();
        let bare_words = self.bare_words.searcher(|| self.spelt_words.iter())?;
        let found = bare_words.find_overlapping_iter(&lower).filter(|found| {
            let inner = &name[found.range()];
            let begins = inner.starts_with(|c: char| c.is_ascii_uppercase())
                || !name[..found.start()].ends_with(|c: char| c.is_ascii_alphanumeric());
            begins && !name[found.end()..].starts_with(|c: char| c.is_ascii_lowercase())
        });
        let word = found.max_by_key(|found| {
            let length = self.spelt_words[found.pattern().as_usize()].len();
            (length, std::cmp::Reverse(found.start()))
        })?;
        let mut inner = name[word.range()].to_ascii_lowercase();
        inner.get_mut(..1)?.make_ascii_uppercase();
        let one = format!("{}{inner}{}", &name[..word.start()], &name[word.end()..]);
        (one != name).then_some(one)
    }

    /// The same for a variable that may have one of these public prefixes. A prefix may be the only
    /// part that names a provider: `MAGICX_`.
    pub(crate) fn key_kind_of_variable(&self, name: &str, prefixes: &[&str]) -> Option<KeyKindId> {
        if !self.is_likely(name) {
            return None;
        }
        let rest = public_prefix(name, prefixes).map(|(_, rest)| rest);
        for listed in [Some(name), rest].into_iter().flatten() {
            if let Some(listed) = self.listed(&listed.to_ascii_uppercase()) {
                return listed;
            }
        }
        rest.and_then(|rest| self.key_kind(rest)).or_else(|| self.key_kind(name))
    }

    /// True if a name, as code writes it, may be that of a secret: a quick test that no secret name
    /// fails, but some others pass.
    pub(crate) fn may_be_secret(&self, name: &str) -> bool {
        let own = letters(name);
        let is_known = self.hints().is_none_or(|hints| hints.is_match(&own));
        // A listed name may follow a prefix.
        let listed = || self.listed_letters.searcher(|| self.exact.iter());
        let is_listed = || listed().is_none_or(|listed| listed.is_match(&own));
        is_known && (SIGNS.iter().any(|sign| own.contains(sign)) || is_listed())
    }

    /// The words in code whose places secrets may come from. The names of packages are not among
    /// them: these are given secrets.
    pub(crate) fn origin_words(&self) -> Vec<OriginWord> {
        let names = self.exact.iter().chain(&self.spelt_words).cloned();
        let names = names.map(|text| OriginWord { text, is_of_name: true });
        let others = self.traces.iter().cloned();
        let others = others.chain(DUMPS.map(str::to_owned)).chain([INLINE.to_owned()]);
        names.chain(others.map(|text| OriginWord { text, is_of_name: false })).collect()
    }
}

/// The names of variables that the catalog lists, as they are written.
struct ListedNames<'c> {
    /// Those of secrets, with the first kind of each.
    secret: Vec<(&'c str, KeyKindId)>,
    /// Those of keys that clients may have. A name that is used for both says nothing.
    open: HashSet<&'c str, RandomState>,
}

impl<'c> ListedNames<'c> {
    fn new(catalog: &'c Catalog) -> Self {
        let mut secret: Vec<(&str, KeyKindId)> = Vec::new();
        let mut open: HashMap<&str, Vec<usize>, RandomState> = HashMap::default();
        for (index, key_kind) in catalog.kinds() {
            let names = key_kind.env.iter().map(String::as_str);
            let names = names.filter(|name| !is_of_any_key(name));
            match key_kind.class {
                KeyClass::Secret if key_kind.is_wanted => {
                    secret.extend(names.map(|name| (name, index)));
                }
                KeyClass::Public => {
                    names.for_each(|name| open.entry(name).or_default().push(key_kind.file));
                }
                KeyClass::Secret | KeyClass::Token => {}
            }
        }
        secret.retain(|(name, index)| {
            let files = open.get(name).into_iter().flatten();
            !may_weaken_any(files, catalog.kind(*index).file)
        });
        secret.iter().for_each(|(name, _)| drop(open.remove(name)));
        Self { secret, open: open.into_keys().collect() }
    }
}

/// True if one of `files` may take something away from what `other` says.
fn may_weaken_any<'f>(files: impl IntoIterator<Item = &'f usize>, other: usize) -> bool {
    files.into_iter().any(|file| Catalog::may_weaken(*file, other))
}

/// The words of providers with secrets, and what else shows that code uses these.
#[derive(Default)]
struct ProviderWords<'c> {
    words: HashMap<&'c str, Word, RandomState>,
    traces: Vec<&'c str>,
    /// Hosts beside which there may be a key, but which are no secrets themselves.
    hosts: Vec<&'c str>,
    packages: Vec<&'c str>,
}

impl<'c> ProviderWords<'c> {
    fn new(catalog: &'c Catalog) -> Self {
        let mut secret: Vec<Option<KeyKindId>> = vec![None; catalog.providers.len()];
        // The files that say which keys of a provider are no secrets.
        let mut open_by: Vec<Vec<usize>> = vec![Vec::new(); catalog.providers.len()];
        for (index, key_kind) in catalog.kinds() {
            let Some(first) = secret.get_mut(key_kind.provider) else { continue };
            if key_kind.class != KeyClass::Secret {
                open_by[key_kind.provider].push(key_kind.file);
            } else if key_kind.is_wanted && first.is_none() {
                *first = Some(index);
            }
        }
        let mut all = Self::default();
        let mut open: HashMap<&str, Vec<usize>, RandomState> = HashMap::default();
        for (index, provider) in catalog.providers.iter().enumerate() {
            let own = provider.words.iter().filter(|word| is_distinctive(word));
            if !open_by[index].is_empty() {
                for word in own.clone() {
                    open.entry(word).or_default().extend(&open_by[index]);
                }
            }
            let Some(key_kind) = secret[index] else { continue };
            for word in own {
                all.words.entry(word.as_str()).or_insert(Word { key_kind, is_all_secret: true });
            }
            let hosts = provider.hosts.iter().map(String::as_str);
            if !provider.server_paths.is_empty() {
                all.traces.extend(hosts);
            } else if open_by[index].is_empty() {
                // Clients ask the other hosts with keys that they may have.
                all.hosts.extend(hosts);
            }
            for sdk in &provider.sdk {
                all.traces.extend(sdk.browser_switch.as_deref());
                // The other packages are in too many apps without any of the provider's secrets.
                all.packages.extend(sdk.is_client_only.then_some(sdk.package.as_str()));
            }
        }
        for (word, files) in open {
            if let Some(word) = all.words.get_mut(word) {
                word.is_all_secret = !may_weaken_any(&files, catalog.kind(word.key_kind).file);
            }
        }
        all.traces.sort_unstable();
        all.traces.dedup();
        all
    }
}

/// The words that contain no other one where a part of a name begins: elsewhere, a search for words need
/// not find it. The shorter ones come first.
fn without_longer(words: Vec<Cow<'_, str>>) -> Vec<String> {
    /// The bytes by which the kept words are looked up.
    const GRAM: usize = 3;
    let gram = |bytes: &[u8]| bytes.first_chunk::<GRAM>().copied();
    let mut kept: Vec<Cow<'_, str>> = Vec::new();
    // Of thousands of words, few begin alike.
    let mut by_gram: HashMap<[u8; GRAM], Vec<usize>, RandomState> = HashMap::default();
    let mut short: Vec<usize> = Vec::new();
    for word in words {
        let begins = |from: &[u8], shorter: &usize| from.starts_with(kept[*shorter].as_bytes());
        let begins_part = |at: &usize| *at == 0 || !word.as_bytes()[at - 1].is_ascii_alphanumeric();
        let has_shorter = (0..word.len()).filter(begins_part).any(|at| {
            let from = &word.as_bytes()[at..];
            let same = gram(from).and_then(|gram| by_gram.get(&gram)).into_iter().flatten();
            same.chain(&short).any(|shorter| begins(from, shorter))
        });
        if !has_shorter {
            match gram(word.as_bytes()) {
                Some(gram) => by_gram.entry(gram).or_default().push(kept.len()),
                None => short.push(kept.len()),
            }
            kept.push(word);
        }
    }
    kept.into_iter().map(Cow::into_owned).collect()
}

impl Catalog {
    /// The words to prefilter files by, besides keys: a file that contains none of these and no key
    /// is not a [seed](crate::Input::seeds); they need not be found inside parts of names. They are names of variables in upper case, providers'
    /// hosts and packages, and texts that put all variables into client code.
    pub fn seed_words(&self) -> Vec<String> {
        let ListedNames { secret, .. } = ListedNames::new(self);
        let ProviderWords { words, traces, hosts, packages } = ProviderWords::new(self);
        let names = secret.into_iter().map(|(name, _)| name);
        let mut all: Vec<Cow<'_, str>> =
            names.chain(traces).chain(hosts).chain(packages).map(Cow::Borrowed).collect();
        if !all.is_empty() {
            all.extend(DUMPS.map(Cow::Borrowed));
            // The texts in an encoded source map are not visible.
            all.push(Cow::Borrowed(INLINE));
        }
        for word in words.into_keys() {
            if word.len() >= MIN_SEED_WORD {
                all.push(Cow::Borrowed(word));
            } else {
                all.push(Cow::Owned(format!("{word}_")));
                all.push(Cow::Owned(format!("_{word}")));
            }
        }
        all.retain(|word| !word.is_empty());
        all.sort_unstable_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        without_longer(all)
    }
}

/// A name split after its public prefix, the longest of `prefixes` that fits.
pub(crate) fn public_prefix<'n>(name: &'n str, prefixes: &[&str]) -> Option<(&'n str, &'n str)> {
    let fits = |prefix: &&str| name.len() > prefix.len() && name.starts_with(prefix);
    let known = prefixes.iter().copied().filter(|prefix| !prefix.is_empty());
    Some(name.split_at(known.filter(fits).map(str::len).max()?))
}

/// The letters and digits of a name, all in lower case.
fn letters(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// A name without last words that only tell several keys apart: `_2`, `_PROD`.
fn without_which(name: &str) -> &str {
    let mut name = name;
    while let Some((rest, last)) = name.rsplit_once('_') {
        let is_number = !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit());
        if !is_number && !WHICH.contains(&last) {
            break;
        }
        name = rest;
    }
    name
}

/// `magicxSecretKey` as `MAGICX_SECRET_KEY`.
pub(crate) fn upper_snake(name: &str) -> String {
    let mut upper = String::with_capacity(name.len() + 8);
    let characters: Vec<char> = name.chars().collect();
    for (index, &character) in characters.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| characters[before]);
        let after = characters.get(index + 1);
        let begins = before.is_some_and(|before| {
            before.is_ascii_lowercase()
                || before.is_ascii_digit()
                || before.is_ascii_uppercase() && after.is_some_and(char::is_ascii_lowercase)
        });
        if character.is_ascii_uppercase() && begins {
            upper.push('_');
        }
        let is_part = character.is_ascii_alphanumeric();
        upper.push(if is_part { character.to_ascii_uppercase() } else { '_' });
    }
    upper
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::catalog::{BUILT_IN, KeyKind, KeyProvider};
    use crate::frameworks;
    use crate::testing::catalog::{KINDS, catalog};

    fn id(key_kind: Option<KeyKindId>) -> &'static str {
        key_kind.map_or("", |key_kind| KINDS[key_kind.0])
    }

    #[test]
    fn secret_names_are_recognised() {
        let catalog = catalog();
        let names = SecretNames::new(&catalog);
        for (name, expected) in [
            ("MAGICX_SECRET_KEY", "magicx-secret-key"),
            ("AIMAGICX_API_KEY", "aimagicx-api-key"),
            ("MAGICX_SK", "magicx-secret-key"),
            ("MAGICX_SECRET", "magicx-secret-key"),
            ("MAGICX_PRIVATE_KEY", "magicx-secret-key"),
            ("MY_MAGICX_SECRET_KEY", "magicx-secret-key"),
            ("SECRET_MAGICX", "magicx-secret-key"),
            ("AI_AUTOCOMPLETE_SECRET_KEY", "magicx-secret-key"),
            ("AI_AUTOCOMPLETE_SK", "magicx-secret-key"),
            ("MAGICX_SECRET_KEY_2", "magicx-secret-key"),
            ("MAGICX_SECRETKEY", "magicx-secret-key"),
            ("magicx_secret_key", "magicx-secret-key"),
            ("AIMAGICX_KEY", "aimagicx-api-key"),
            ("AIMAGICX_APIKEY", "aimagicx-api-key"),
            ("AIMAGICX_TOKEN", "aimagicx-api-key"),
            ("AIMAGICX_SECRET", "aimagicx-api-key"),
            ("AI_MAGICX_API_KEY", "aimagicx-api-key"),
            ("AI_MAGICX_SECRET_KEY", "aimagicx-api-key"),
            ("MGX_API_KEY", "aimagicx-api-key"),
            ("MGX_SK", "aimagicx-api-key"),
            ("AIMAGICX_API_KEY_PROD", "aimagicx-api-key"),
            ("AIMAGICX_API_KEY_1", "aimagicx-api-key"),
            ("NUXT_AIMAGICX_API_KEY", "aimagicx-api-key"),
            ("MAGICX_API_KEY", ""),
            ("MAGICX_KEY", ""),
            ("AC_KEY", ""),
            ("MAGICX_PK", ""),
            ("MAGICX_PUBLIC_KEY", ""),
            ("MAGICX_PUBLISHABLE_KEY", ""),
            ("MAGICX_PUBLIC_SECRET", ""),
            ("AIMAGICX_PUBLIC_KEY", ""),
            ("MAGICX_PRODUCT_ID", ""),
            ("MAGICX_SECRET_ID", ""),
            ("MAGICX_SECRET_KEY_ID", ""),
            ("MAGICX_SECRET_NAME", ""),
            ("MAGICX_SECRET_KEY_FILE", ""),
            ("MAGICX_ACCESS_TOKEN", ""),
            ("AIMAGICX_API_URL", ""),
            ("AIMAGICX_API_KEY_ID", ""),
            ("AIMAGICX_MODEL", ""),
            ("AIMAGICX_HOST", ""),
            ("AIMAGICX_KEY_ENDPOINT", ""),
            ("AIMAGICX", ""),
            ("TASK_MAGICX", ""),
            ("TASK_V1_RESULT", ""),
            ("MAGICX_TASK", ""),
            ("MAGICX_RISK_SKIP", ""),
            ("MAGICX2_SECRET", ""),
            ("STRIPE_SECRET_KEY", ""),
            ("SECRET_KEY", ""),
            ("AWS_SECRET_ACCESS_KEY", ""),
            ("MGXX_SECRET", ""),
            ("_", ""),
            ("", ""),
            ("é_MAGICX_É", ""),
        ] {
            assert_eq!(id(names.key_kind(name)), expected, "{name}");
        }
    }

    #[test]
    fn properties_are_recognised_by_their_words() {
        let catalog = catalog();
        let names = SecretNames::new(&catalog);
        for (name, expected) in [
            ("magicxSecretKey", "magicx-secret-key"),
            ("MagicxSecretKey", "magicx-secret-key"),
            ("magicx.secretKey", "magicx-secret-key"),
            ("magicx-secret-key", "magicx-secret-key"),
            ("magicxSK", "magicx-secret-key"),
            ("MagicXSecretKey", "magicx-secret-key"),
            ("ourMagicXSecretKey", "magicx-secret-key"),
            ("AIMagicXApiKey", "aimagicx-api-key"),
            ("magicX_secret", "magicx-secret-key"),
            ("permagicXSecret", ""),
            ("MagicXenonSecret", ""),
            ("MagicXPublicKey", ""),
            ("éMagicXSecretKey", "magicx-secret-key"),
            ("aimagicxApiKey", "aimagicx-api-key"),
            ("aimagicxAPIKey", "aimagicx-api-key"),
            ("aiMagicxKey", "aimagicx-api-key"),
            ("MAGICX_SECRET_KEY", "magicx-secret-key"),
            ("magicxPublicKey", ""),
            ("magicxApiKey", ""),
            ("aimagicxApiUrl", ""),
            ("secretKey", ""),
            ("öffentlichMagicx", ""),
        ] {
            assert_eq!(id(names.key_kind_of_property(name)), expected, "{name}");
        }
    }

    #[test]
    fn a_public_prefix_does_not_make_a_name_harmless() {
        let catalog = catalog();
        let names = SecretNames::new(&catalog);
        let extra = ["PUBLIC_", "MAGICX_", ""];
        let prefixes = [&frameworks::tables().variables.public_prefixes[..], &extra].concat();
        for (name, prefix, expected) in [
            ("NEXT_PUBLIC_MAGICX_SECRET_KEY", "NEXT_PUBLIC_", "magicx-secret-key"),
            ("NEXT_PUBLIC_MAGICX_SK", "NEXT_PUBLIC_", "magicx-secret-key"),
            ("NEXT_PUBLIC_MAGICX_PK", "NEXT_PUBLIC_", ""),
            ("NEXT_PUBLIC_MAGICX_PUBLIC_KEY", "NEXT_PUBLIC_", ""),
            ("VITE_AIMAGICX_API_KEY", "VITE_", "aimagicx-api-key"),
            ("REACT_APP_AIMAGICX_API_URL", "REACT_APP_", ""),
            ("EXPO_PUBLIC_AIMAGICX_TOKEN", "EXPO_PUBLIC_", "aimagicx-api-key"),
            ("VUE_APP_MAGICX_SECRET", "VUE_APP_", "magicx-secret-key"),
            ("GATSBY_MAGICX_SECRET", "GATSBY_", "magicx-secret-key"),
            ("NUXT_PUBLIC_MAGICX_SECRET", "NUXT_PUBLIC_", "magicx-secret-key"),
            ("PUBLIC_MAGICX_SECRET_KEY", "PUBLIC_", "magicx-secret-key"),
            ("MAGICX_SECRET_KEY", "MAGICX_", "magicx-secret-key"),
            ("NUXT_MAGICX_SECRET_KEY", "", "magicx-secret-key"),
            ("VITE_", "", ""),
            ("SECRET_KEY", "", ""),
        ] {
            let found = public_prefix(name, &prefixes);
            assert_eq!(found.map_or("", |(prefix, _)| prefix), prefix, "{name}");
            if let Some((prefix, rest)) = found {
                assert_eq!(format!("{prefix}{rest}"), name);
            }
            assert_eq!(id(names.key_kind_of_variable(name, &prefixes)), expected, "{name}");
        }
        assert_eq!(
            public_prefix("PUBLIC_KEY", &frameworks::tables().variables.public_prefixes),
            None
        );
    }

    #[test]
    fn seed_words_are_few_and_cover_every_name() {
        let seeds = catalog().seed_words();
        assert_eq!(
            seeds,
            [
                "MGX_",
                "_MGX",
                "MAGICX",
                "AIMAGICX",
                "\"process.env\"",
                "'process.env'",
                "AI_AUTOCOMPLETE",
                "www.aimagicx.com",
                "beta.aimagicx.com",
                "stringify(process.env)",
                "api.ai-autocomplete.com",
                "@magicx-eng/ai-autocomplete-react",
                "@magicx-eng/ai-autocomplete-vanilla",
                "sourceMappingURL=data:application/json",
            ]
        );
        for text in [
            "process.env.AIMAGICX_API_KEY",
            "NEXT_PUBLIC_MAGICX_SK",
            "MGX_API_KEY",
            "THE_SECRET_MGX",
            "AI_AUTOCOMPLETE_SECRET",
        ] {
            assert!(seeds.iter().any(|seed| text.contains(seed)), "{text}");
        }
    }

    #[test]
    fn other_providers_have_their_own_names() {
        let mut catalog = catalog();
        Arc::make_mut(&mut catalog.providers[1]).words = vec!["AC_ME".to_owned()];
        catalog.kinds[1].env = Arc::new(["OTHER_THING".to_owned()]);
        let names = SecretNames::new(&catalog);
        assert!(names.key_kind("AC_ME_SECRET").is_some());
        assert!(names.key_kind("OTHER_THING").is_some());
        assert!(names.key_kind("AC_ME_API_KEY").is_none(), "it has public keys, too");
        assert!(names.key_kind("MAGICX_SECRET_KEY").is_none());
        assert!(catalog.seed_words().contains(&"OTHER_THING".to_owned()));
    }

    #[test]
    fn what_one_file_calls_public_stays_secret_in_another() {
        let is_secret = |file: usize, of_other: usize| {
            let mut catalog = catalog();
            let of = catalog.kinds.iter().position(|kind| kind.class == KeyClass::Secret).unwrap();
            let (name, provider) = (catalog.kinds[of].env[0].clone(), catalog.kinds[of].provider);
            catalog.kinds[of].file = of_other;
            let words = catalog.providers[provider].words.clone();
            let word_key = format!("{}_KEY", words[0]);
            let before = SecretNames::new(&catalog).key_kind(&word_key);
            let own = KeyProvider { words, ..KeyProvider::default() };
            catalog.providers.push(own.into());
            catalog.kinds.push(KeyKind {
                provider: catalog.providers.len() - 1,
                file,
                class: KeyClass::Public,
                keywords: Arc::default(),
                env: vec![name.clone()].into(),
                is_wanted: true,
            });
            let names = SecretNames::new(&catalog);
            let is_same_word = before.is_some() && names.key_kind(&word_key) == before;
            let is_seed = catalog.seed_words().iter().any(|word| name.contains(word.as_str()));
            (names.key_kind(&name).is_some(), is_same_word, is_seed)
        };
        assert_eq!(is_secret(1, BUILT_IN), (true, true, true));
        assert_eq!(is_secret(1, 2), (true, true, true));
        assert!(!is_secret(1, 1).0);
        assert!(!is_secret(BUILT_IN, 1).0);
    }

    #[test]
    fn names_of_unwanted_kinds_are_not_secret() {
        let mut catalog = catalog();
        catalog.kinds.iter_mut().for_each(|key_kind| key_kind.is_wanted = false);
        let names = SecretNames::new(&catalog);
        assert_eq!((names.key_kind("AIMAGICX_API_KEY"), catalog.seed_words().len()), (None, 0));
    }
}
