//! One finding a place: of several rules that match the same text, or one inside the other, the most
//! exact one is right.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use super::key_match::KeyMatch;
use crate::model::KeyClass;
use crate::rules::Rule;

/// A match that is not its rule's key, because a more exact rule matches there.
#[derive(Debug, Clone)]
pub struct OutrankedKey<'r> {
    /// The match.
    pub key: KeyMatch<'r>,
    /// The more exact rule.
    pub by: &'r Rule,
}

/// Takes out of `keys` all that a more exact rule outranks, be its match among `keys` or among the
/// keys of neighbouring chunks.
pub(super) fn settle<'r>(
    keys: &mut Vec<KeyMatch<'r>>,
    neighbours: &[KeyMatch<'r>],
) -> Vec<OutrankedKey<'r>> {
    let all: Vec<&KeyMatch<'r>> = keys.iter().chain(neighbours).collect();
    let rivals = rivals(&all);
    if rivals.is_empty() {
        return Vec::new();
    }
    let mut order: Vec<usize> = rivals.keys().copied().collect();
    order.sort_by(|&a, &b| compare(all[b], all[a]));
    // The most exact ones first: what has lost outranks nothing itself.
    let mut losers: BTreeMap<usize, &'r Rule> = BTreeMap::new();
    // What says what an encoded text is goes before what only knows where it stands.
    for (&at, others) in &rivals {
        if let Some(&content) = others.iter().find(|&&other| is_content(all[other], all[at])) {
            losers.insert(at, all[content].rule);
        }
    }
    for at in order.into_iter().filter(|at| !losers.contains_key(at)).collect::<Vec<_>>() {
        let is_winner = |other: &&usize| {
            let other = **other;
            !losers.contains_key(&other)
                && compare(all[other], all[at]) == Ordering::Greater
                && all[other].rule.may_outrank(all[at].rule)
                && !is_public_part(all[other], all[at])
        };
        if let Some(&winner) = rivals[&at].iter().find(is_winner) {
            losers.insert(at, all[winner].rule);
        }
    }
    // Where the most exact rule would make a finding milder, one that would not has the place if it is
    // of most of the text: that is one key. The least exact ones come first, as only these can be
    // stronger.
    let mut rest: Vec<usize> =
        rivals.keys().copied().filter(|at| !losers.contains_key(at)).collect();
    rest.sort_by(|&a, &b| compare(all[a], all[b]));
    for at in rest {
        let is_stronger = |other: &&usize| {
            let other = **other;
            !losers.contains_key(&other)
                && compare(all[other], all[at]) == Ordering::Less
                && all[other].rule.covers(all[at].rule)
                && 2 * shared(all[other], all[at]) >= all[at].span.len()
        };
        if let Some(&winner) = rivals[&at].iter().find(is_stronger) {
            losers.insert(at, all[winner].rule);
        }
    }
    // What has lost to a rule that has lost in turn is left out only if the last victor may stand for it:
    // of the rules of a file, one may win and another one take its place.
    if all.iter().any(|key| !key.rule.is_built_in) {
        let lost: Vec<usize> = losers.keys().copied().collect();
        for at in lost {
            let stands = |other: &usize| {
                !losers.contains_key(other) && all[*other].rule.may_outrank(all[at].rule)
            };
            if !rivals[&at].iter().any(stands) {
                losers.remove(&at);
            }
        }
    }
    let mut outranked = Vec::new();
    let mut at = 0;
    keys.retain(|key| {
        let by = losers.get(&at);
        at += 1;
        outranked.extend(by.map(|by| OutrankedKey { key: key.clone(), by }));
        by.is_none()
    });
    outranked
}

/// The matches of other rules that are the same text or one inside the other, by index; where one of
/// the rules is a user's, also those that share most of their text.
fn rivals(all: &[&KeyMatch<'_>]) -> BTreeMap<usize, Vec<usize>> {
    // Where a rule is for some files only, the scanner does not know whether this is one of them.
    let is_rival = |at: &usize| all[*at].rule.is_wanted && all[*at].rule.place.is_none();
    let mut by_place: Vec<usize> = (0..all.len()).filter(is_rival).collect();
    by_place.sort_by_key(|&at| (all[at].span.start, Reverse(all[at].span.end)));
    let mut rivals: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (nth, &outer) in by_place.iter().enumerate() {
        let inner = by_place[nth + 1..]
            .iter()
            .take_while(|&&inner| all[inner].span.start < all[outer].span.end)
            .filter(|&&inner| is_same_key(all[outer], all[inner]))
            .filter(|&&inner| all[inner].rule_index != all[outer].rule_index);
        for &inner in inner {
            rivals.entry(outer).or_default().push(inner);
            rivals.entry(inner).or_default().push(outer);
        }
    }
    rivals
}

/// True if a public key is only a part of a secret, such as an identifier in a token: it tells nothing of
/// the rest.
fn is_public_part(part: &KeyMatch<'_>, whole: &KeyMatch<'_>) -> bool {
    let is_public = |key: &KeyMatch<'_>| key.rule.class == KeyClass::Public;
    is_public(part) && !is_public(whole) && part.span.len() < whole.span.len()
}

/// True if a key is most of what another one says when it is decoded, such as the password of a user.
pub(super) fn is_content(inner: &KeyMatch<'_>, outer: &KeyMatch<'_>) -> bool {
    let is_inside = outer.span.start <= inner.span.start && inner.span.end <= outer.span.end;
    let is_deeper = inner.layers.len() > outer.layers.len() && outer.pieces.is_empty();
    let is_telling = inner.rule.class != KeyClass::Public && !inner.rule.is_generic;
    let is_most = 2 * inner.span.len() >= outer.span.len();
    is_inside && is_deeper && is_telling && is_most && inner.rule.may_outrank(outer.rule)
}

/// True if two matches, of which the second begins in the first, are of one key. Patterns of users are
/// less exact about where a key begins and ends.
fn is_same_key(outer: &KeyMatch<'_>, inner: &KeyMatch<'_>) -> bool {
    if inner.span.end <= outer.span.end {
        return true;
    }
    let is_most = 2 * shared(outer, inner) >= outer.span.len().min(inner.span.len());
    is_most && !(outer.rule.is_built_in && inner.rule.is_built_in)
}

/// The number of bytes that two matches have in common.
fn shared(a: &KeyMatch<'_>, b: &KeyMatch<'_>) -> usize {
    a.span.end.min(b.span.end).saturating_sub(a.span.start.max(b.span.start))
}

/// `Greater` if the first match is the right one of the two.
fn compare(a: &KeyMatch<'_>, b: &KeyMatch<'_>) -> Ordering {
    let is_secret = |key: &KeyMatch<'_>| key.rule.class != KeyClass::Public;
    a.rule
        .exactness(b.rule)
        .then(is_secret(a).cmp(&is_secret(b)))
        .then(a.span.len().cmp(&b.span.len()))
        .then(b.rule_index.cmp(&a.rule_index))
        .then(b.span.start.cmp(&a.span.start))
}

#[cfg(test)]
mod tests {
    use crate::rules::{Rng, RuleFile, Ruleset};
    use crate::scan::KeyScanner;
    use crate::source::Chunk;

    /// Rules of two lines, with further lines.
    fn ruleset(rules: &[(&str, &str, &str)]) -> Ruleset {
        let text: String = rules
            .iter()
            .map(|(id, pattern, more)| {
                format!("[[rule]]\nid = \"{id}\"\npattern = '{pattern}'\n{more}\n")
            })
            .collect();
        let name = "test.toml".to_owned();
        Ruleset::only(&[RuleFile { name, text }]).unwrap_or_else(|errors| panic!("{errors}"))
    }

    /// The rules of the keys in a text, and those that are outranked there with their victors.
    fn judged(rules: &Ruleset, text: &str) -> (Vec<String>, Vec<(String, String)>) {
        let found = KeyScanner::new(rules).find(&Chunk::whole(text.as_bytes()));
        let keys = found.keys.iter().map(|key| key.rule.id.clone()).collect();
        let outranked = found.outranked.iter();
        (keys, outranked.map(|lost| (lost.key.rule.id.clone(), lost.by.id.clone())).collect())
    }

    fn hex(length: usize) -> String {
        Rng::new(length as u64).text("0123456789abcdef", length)
    }

    #[test]
    fn the_most_exact_rule_has_the_place() {
        let rules = ruleset(&[
            ("general", "key_live_[0-9a-zA-Z]{24,60}", ""),
            ("hexadecimal", "key_live_[0-9a-f]{40}", ""),
            ("marked", "key_live_[0-9a-f]{8}MARK[0-9a-f]{28}", "constraints = { random = false }"),
        ]);
        let only = |text: &str| judged(&rules, text).0;
        assert_eq!(only(&format!("key_live_{}", hex(40))), ["hexadecimal"]);
        assert_eq!(only(&format!("key_live_{}", hex(39))), ["general"]);
        let marked = format!("key_live_{}MARK{}", hex(8), hex(28));
        assert_eq!(only(&marked), ["marked"]);
        let own = judged(&rules, &format!("key_live_{}", hex(40))).1;
        assert_eq!(own, [("general".to_owned(), "hexadecimal".to_owned())]);
    }

    #[test]
    fn a_public_key_does_not_hide_the_secret_that_it_is_a_part_of() {
        let rules = ruleset(&[
            ("token", "eyJ[0-9A-Za-z+/]{40,200}", "generic = true"),
            ("url", "https://u:(?P<secret>[0-9a-z_]{20,90})@", "generic = true"),
            ("public", "pk_live_[0-9a-f]{32}", "class = \"public\""),
        ]);
        let public = format!("pk_live_{}", hex(32));
        let token =
            data_encoding::BASE64_NOPAD.encode(format!("{{\"id\":\"{public}\"}}").as_bytes());
        assert_eq!(judged(&rules, &token).0, ["token"]);
        assert_eq!(judged(&rules, &format!("https://u:{public}@a.example")).0, ["public"]);
    }

    #[test]
    fn a_generic_rule_says_least() {
        let long = "https://[a-z]{4}:(?P<secret>[0-9a-z_]{20,90})@";
        let rules =
            ruleset(&[("any-url", long, "generic = true"), ("own", "own_[0-9a-f]{32}", "")]);
        assert_eq!(judged(&rules, &format!("https://user:own_{}@a.example", hex(32))).0, ["own"]);
        assert_eq!(judged(&rules, &format!("https://user:{}@a.example", hex(32))).0, ["any-url"]);
    }

    #[test]
    fn a_match_inside_a_longer_one_is_no_second_finding() {
        let rules = ruleset(&[
            ("inner", "inn_[0-9a-f]{32}", "constraints = { word-start = false }"),
            ("outer", "outer_inn_[0-9a-f]{32}_[0-9a-f]{8}", "constraints = { random = false }"),
        ]);
        let text = format!("outer_inn_{}_{}", hex(32), hex(8));
        assert_eq!(judged(&rules, &text).0, ["outer"]);
        assert_eq!(judged(&rules, &format!("inn_{}", hex(32))).0, ["inner"]);
    }

    #[test]
    fn a_checksum_goes_before_a_longer_prefix() {
        let rules = ruleset(&[
            ("long", "prefix_of_a_key_[0-9a-f]{40}", ""),
            (
                "summed",
                "(?P<secret>(?P<checked>key_[0-9a-f]{32})(?P<checksum>[0-9a-f]{8}))",
                "checksum = { kind = \"crc32-hex\" }\nconstraints = { word-start = false }\n\
                 samples = { match = [\"key_{hex:32}{checksum:crc32-hex}\"], ignore = [\"key_{hex:40}\"] }",
            ),
        ]);
        let rule = &rules.rules[1];
        let sample = crate::rules::Template::parse("key_{hex:32}{checksum:crc32-hex}").unwrap();
        let key = rule.fill(&sample, &mut Rng::new(9));
        assert_eq!(judged(&rules, &format!("prefix_of_a_{key}")).0, ["summed"]);
        assert_eq!(judged(&rules, &format!("prefix_of_a_key_{}", hex(40))).0, ["long"]);
    }

    #[test]
    fn a_public_rule_hides_no_secret_that_fits_as_well() {
        let public = |pattern| ("public", pattern, "class = \"public\"");
        let secret = ("secret", "pk_[0-9a-f]{32}", "");
        let text = format!("pk_{}", hex(32));
        let rules = ruleset(&[public("pk_[0-9a-f]{32}"), secret]);
        assert_eq!(judged(&rules, &text).0, ["secret"]);
        let rules = ruleset(&[public("pk_[0-9a-zA-Z]{32}"), secret]);
        assert_eq!(judged(&rules, &text).0, ["secret"]);
        let rules = ruleset(&[secret, public("pk_[0-9a-f]{31}[0-9]")]);
        let digit = format!("pk_{}7", hex(31));
        assert_eq!(judged(&rules, &digit).0, ["public"]);
    }

    #[test]
    fn a_rule_that_nobody_wants_outranks_nothing() {
        let mut rules =
            ruleset(&[("one", "key_[0-9a-z]{32}", ""), ("two", "key_[0-9a-f]{32}", "")]);
        rules.rules[1].is_wanted = false;
        let text = format!("key_{}", hex(32));
        assert_eq!(judged(&rules, &text).0, ["one", "two"]);
    }

    #[test]
    fn rules_of_another_file_make_no_finding_milder() {
        let rule = |id: &str, pattern: &str, more: &str| {
            let text = format!("[[rule]]\nid = \"{id}\"\npattern = '{pattern}'\n{more}\n");
            RuleFile { name: format!("{id}.toml"), text }
        };
        let text = format!("key = key_{}", hex(32));
        for (more, keys) in [
            ("", &["theirs"][..]),
            ("severity = \"warning\"", &["own"]),
            ("severity-in-history = \"note\"", &["own"]),
            ("class = \"public\"", &["own"]),
            ("class = \"token\"", &["own"]),
        ] {
            let theirs = rule("theirs", "key = key_[0-9a-f]{32}", more);
            let own = rule("own", "key_[0-9a-f]{32}", "constraints = { random = false }");
            let mut theirs = theirs;
            theirs.text += "constraints = { random = false }\n";
            let rules = Ruleset::only(&[own, theirs]).unwrap();
            assert_eq!(judged(&rules, &text).0, keys, "{more}");
        }
    }

    #[test]
    fn rules_of_another_file_keep_no_key_from_being_verified() {
        let verify = "[rule.verify]\nmethod = \"GET\"\nurl = \"https://api.example.com/me\"\n\
                      headers = { X-Api-Key = \"{secret}\" }\n\
                      [[rule.verify.answer]]\nstatus = 200\nverdict = \"live\"\nreason = \"it works\"\n";
        let rule = |id: &str, pattern: &str, verify: &str| RuleFile {
            name: format!("{id}.toml"),
            text: format!(
                "[provider]\nid = \"{id}\"\nname = \"X\"\nurl = \"https://example.com/keys\"\n\
                 hosts = [\"api.example.com\"]\n[[rule]]\nid = \"{id}\"\npattern = '{pattern}'\n\
                 constraints = {{ random = false }}\n{verify}"
            ),
        };
        for (asks, keys) in
            [(["", ""], "theirs"), ([verify, ""], "own"), ([verify, verify], "theirs")]
        {
            let own = rule("own", "key_[0-9a-f]{32}", asks[0]);
            let theirs = rule("theirs", "key = key_[0-9a-f]{32}", asks[1]);
            let rules = Ruleset::only(&[own, theirs]).unwrap_or_else(|errors| panic!("{errors}"));
            assert_eq!(judged(&rules, &format!("key = key_{}", hex(32))).0, [keys], "{asks:?}");
        }
    }

    #[test]
    fn what_another_file_says_of_an_encoded_key_does_not_take_it_away() {
        let rule = |id: &str, pattern: &str, more: &str| RuleFile {
            name: format!("{id}.toml"),
            text: format!(
                "[[rule]]\nid = \"{id}\"\npattern = '{pattern}'\nconstraints = {{ random = false }}\n{more}\n"
            ),
        };
        let inner = format!("own_{}", hex(40));
        let text = format!("Basic {}", data_encoding::BASE64.encode(inner.as_bytes()));
        let public = "[[rule]]\nid = \"public\"\npattern = 'own_[0-9a-f]{40}'\nclass = \"public\"\n\
                      constraints = { random = false }";
        for (more, expected) in [("", "theirs"), ("severity = \"note\"", "own"), (public, "own")] {
            let own = rule("own", "Basic [0-9A-Za-z+/=]{20,200}", "");
            let theirs = rule("theirs", "own_[0-9a-z]{40}", more);
            let rules = Ruleset::only(&[own, theirs]).unwrap_or_else(|errors| panic!("{errors}"));
            let keys = judged(&rules, &text).0;
            assert!(keys.contains(&expected.to_owned()), "{more}: {keys:?}");
        }
    }

    #[test]
    fn matches_that_share_most_of_a_key_are_one_finding() {
        let rules = ruleset(&[
            (
                "cut",
                "api_key = ([\"]own_[0-9a-f]{20})",
                "generic = true\nconstraints = { random = false, word-start = false }",
            ),
            ("own", "own_[0-9a-f]{32}", ""),
        ]);
        assert_eq!(judged(&rules, &format!("api_key = \"own_{}\"", hex(32))).0, ["own"]);
        // A key that only touches another's text is one of its own.
        let rules = ruleset(&[
            ("first", "fst_[0-9a-f]{32}snd_", "constraints = { random = false }"),
            ("second", "snd_[0-9a-f]{32}", "constraints = { random = false, word-start = false }"),
        ]);
        let text = format!("fst_{}snd_{}", hex(32), hex(32));
        assert_eq!(judged(&rules, &text).0, ["first", "second"]);
    }

    #[test]
    fn what_has_lost_outranks_nothing() {
        // The first is inside the second, which is inside the third.
        let rules = ruleset(&[
            ("small", "_s_[0-9a-z]{20}", "constraints = { word-start = false }"),
            ("middle", "mid_s_[0-9a-z]{20}", "constraints = { word-start = false }"),
            ("large", "mid_s_[0-9a-z]{20}_large_end", "constraints = { random = false }"),
        ]);
        let text = format!("mid_s_{}_large_end", hex(20));
        let (keys, outranked) = judged(&rules, &text);
        assert_eq!(keys, ["large"]);
        assert!(outranked.iter().all(|(_, by)| by == "large"), "{outranked:?}");
    }
}
