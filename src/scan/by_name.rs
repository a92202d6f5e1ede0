//! Keys without a text of their own that are told by their names: words before them on their line, or in
//! the lines around them.

use std::borrow::Cow;
use std::ops::Range;

use super::enclosing::{Enclosing, LOOK, REACH, is_key_like};
use super::name_words::NameReader;
use super::scanner::{Attempt, AttemptOutcome, KeyScanner};
use super::{assigned, utf16};
use crate::model::RuleIndex;
use crate::rules::{NearText, Nearby, SHORTEST_VALUE};
use crate::source::{TextEncoding, git};

/// The number of a hit that is a name with its value.
const NAME: u32 = u32::MAX;

impl<'r> KeyScanner<'r> {
    /// Passes on the result of every rule that has a word before the value of this line and start, or,
    /// if it is a value of none of them, in the lines around it. Each byte of `text` takes `width` bytes
    /// in the scanned one.
    pub(super) fn attempt_named(
        &self,
        reader: &mut NameReader<'_, '_>,
        text: &[u8],
        (line, start): (usize, usize),
        width: usize,
        each: &mut impl FnMut(Attempt<'r>),
    ) {
        let mut is_told = false;
        reader.rules_near(line, start, |index, _| {
            let is_near = |nearby: &Nearby| assigned::is_near(text, start, nearby);
            if self.rules[index].nearby.as_ref().is_some_and(is_near) {
                let attempt = self.attempt_value(text, start, width, index);
                is_told |= !matches!(attempt.outcome, AttemptOutcome::NoMatch);
                each(attempt);
            }
        });
        if is_told {
            return;
        }
        if let Some(around) = Enclosing::of(text, line, start, REACH / width) {
            self.prefilter.names().rules_around(text, &around, |index, nearest| {
                let is_forbidden = |nearby: &Nearby| {
                    let mut near = NearText::default();
                    for line in &around.lines()[..=nearest] {
                        near.add(text, line.clone());
                    }
                    nearby.forbids(&near) || assigned::is_forbidden(text, start, nearby)
                };
                if !self.rules[index].nearby.as_ref().is_some_and(is_forbidden) {
                    each(self.attempt_value(text, start, width, index));
                }
            });
        }
    }

    /// True if a value is assigned to something near the words of a rule.
    pub(super) fn has_name(&self, text: &[u8]) -> bool {
        let names = self.prefilter.names();
        if names.is_empty() {
            return false;
        }
        let encoding = TextEncoding::detect(text);
        let narrow = match encoding.unit() {
            1 => Cow::Borrowed(text),
            _ => Cow::Owned(utf16::narrowed(text, encoding)),
        };
        let (mut any, mut reader) = (false, names.reader(&narrow));
        assigned::values(&narrow, 0..narrow.len(), |line, start| {
            reader.rules_near(line, start, |_, _| any = true);
            if let Some(around) = Enclosing::of(&narrow, line, start, REACH) {
                names.rules_around(&narrow, &around, |_, _| any = true);
            }
        });
        any
    }

    /// The greatest length in bytes of a name with its value, and of what is between them.
    pub(super) fn longest_named(&self) -> usize {
        let names = self.prefilter.names();
        // A character of UTF-16 takes two bytes.
        let on_line = 2 * (names.within() + SHORTEST_VALUE);
        // The lines around a value are as many bytes in every encoding, with one on either side.
        if names.is_empty() { 0 } else { on_line.max(REACH + 4) }
    }

    /// True if a value may be a key whose name is too far away to be seen here.
    pub(super) fn may_have_named(&self, bytes: &[u8]) -> bool {
        if self.prefilter.names().is_empty() {
            return false;
        }
        // UTF-16, in which values are not looked for here.
        let mut any = memchr::memchr(0, bytes).is_some();
        if !any {
            assigned::values(bytes, 0..bytes.len(), |_, value| any |= is_key_like(bytes, value));
        }
        any
    }

    /// Passes on what stands between the name and the value of a possible key, if the name begins in
    /// `range`: all that tells it from other text, so that the search for it can go on elsewhere.
    pub(super) fn name_hits(
        &self,
        bytes: &[u8],
        range: Range<usize>,
        each: &mut dyn FnMut(git::NeedleHit),
    ) {
        let names = self.prefilter.names();
        if names.is_empty() {
            return;
        }
        let reach = (names.within() + SHORTEST_VALUE).max(REACH);
        let mut search = |text: &[u8], range: &Range<usize>, offset: usize, width: usize| {
            let mut reader = names.reader(text);
            let until = (range.end + reach).min(text.len());
            assigned::values(text, range.start..until, |line, value| {
                reader.rules_near(line, value, |_, name| {
                    if range.contains(&name) {
                        let length = width * (value + SHORTEST_VALUE - name);
                        let start = offset + width * name;
                        each(git::NeedleHit { start, length, needle: NAME });
                    }
                });
                let Some(around) = Enclosing::of(text, line, value, REACH / width) else { return };
                // With the line breaks on either side, which tell where the lines begin and end.
                let end = around.end().max(value + LOOK) + 1;
                names.rules_around(text, &around, |_, nearest| {
                    let start = line.min(around.lines()[nearest].start).saturating_sub(1);
                    if range.contains(&start) {
                        let length = width * (end.min(text.len()) - start);
                        each(git::NeedleHit {
                            start: offset + width * start,
                            length,
                            needle: NAME,
                        });
                    }
                });
            });
        };
        search(bytes, &range, 0, 1);
        let end = bytes.len().min(range.end + 2 * reach);
        let part = &bytes[range.start.min(end)..end];
        if memchr::memchr(0, part).is_some() {
            for odd in 0..part.len().min(2) {
                let narrow = utf16::narrowed(&part[odd..], TextEncoding::Utf16Le);
                let characters = 0..range.len().saturating_sub(odd).div_ceil(2);
                search(&narrow, &characters, range.start + odd, 2);
            }
        }
    }

    /// The result of one rule on the value at `start`. Each byte of `text` takes `width` bytes in the
    /// scanned one.
    fn attempt_value(
        &self,
        text: &[u8],
        start: usize,
        width: usize,
        index: RuleIndex,
    ) -> Attempt<'r> {
        let rule = &self.rules[index];
        let word = rule.nearby.as_ref().and_then(|nearby| nearby.words.first());
        Attempt {
            rule,
            keyword: word.map_or("", String::as_str),
            start: start * width,
            layers: Vec::new(),
            outcome: self.examine_value(text, start, width, index),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rules::{Rng, RuleFile, Ruleset};
    use crate::source::Chunk;
    use crate::source::git::NeedleSearch;

    /// A key that each part of a name tells, one that a provider's name tells, and one that is off
    /// where a client may have it.
    fn rules() -> Ruleset {
        let text = r#"
            [[rule]]
            id = "acme-api-key"
            pattern = '[0-9a-f]{32}'
            nearby = { words = ["acme_api_key", "acme_token"], not-words = ["public"] }
            [[rule]]
            id = "bolt-token"
            pattern = '[0-9a-f]{40}'
            nearby = { words = ["bolt"], not-words = ["client_id"] }
        "#;
        Ruleset::only(&[RuleFile { name: "r.toml".to_owned(), text: text.to_owned() }]).unwrap()
    }

    /// A text with keys of the two kinds in their places.
    fn filled(text: &str) -> String {
        let hex = |length| Rng::new(7).text("0123456789abcdef", length);
        text.replace("‹A›", &hex(32)).replace("‹B›", &hex(40))
    }

    fn found(text: &[u8]) -> Vec<String> {
        let rules = rules();
        let found = KeyScanner::new(&rules).find(&Chunk::whole(text));
        found.keys.iter().map(|key| key.rule.id.clone()).collect()
    }

    #[test]
    fn names_on_other_lines_tell_keys() {
        for text in [
            "env:\n  - name: ACME_API_KEY\n    value: \"‹A›\"\n",
            "env:\n  - value: ‹A›\n    name: ACME_API_KEY\n",
            "env:\n- name: ACME_API_KEY\n  value: ‹A›",
            "env:\r\n- name: ACME_API_KEY\r\n  value: ‹A›\r\n",
            "[\n {\n  \"name\": \"ACME_API_KEY\",\n  \"value\": \"‹A›\"\n }\n]",
            "[{ \"name\": \"ACME_API_KEY\",\n   \"value\": \"‹A›\" }]",
            "[\n {\n  \"name\": \"ACME_API_KEY\",\n  \"slotSetting\": false,\n  \"value\": \"‹A›\"\n }\n]",
            "[\n {\n  \"value\": \"‹A›\",\n  \"name\": \"ACME_API_KEY\"\n }\n]",
            "{\"value\": \"‹A›\", \"name\": \"ACME_API_KEY\"}",
            "Parameters:\n  - ParameterKey: AcmeApiKey\n    ParameterValue: ‹A›\n",
            "Environment:\n  Variables:\n    - Key: ACME_API_KEY\n      Value: ‹A›\n",
            "<appSettings>\n  <add key=\"AcmeApiKey\"\n       value=\"‹A›\" />\n</appSettings>",
            "<add\n  key=\"AcmeApiKey\"\n  value=\"‹A›\"\n/>",
            "<property>\n  <name>acme.api.key</name>\n  <value>‹A›</value>\n</property>",
            "<dict>\n  <key>AcmeApiKey</key>\n  <string>‹A›</string>\n</dict>",
            "set {\n  name  = \"acme.apiKey\"\n  value = \"‹A›\"\n}\n",
            "variable \"acme_api_key\" {\n  type    = string\n  default = \"‹A›\"\n}\n",
            "provider \"acme\" {\n  region = \"eu\"\n  api_key = \"‹A›\"\n}\n",
            "provider \"acme\"\n{\n  api_key = \"‹A›\"\n}\n",
            "resource \"bolt_thing\" \"x\" {\n  token = \"‹B›\"\n}\n",
            "[bolt]\napi_token = ‹B›\n",
            "[other]\na = 1\n\n[acme]\nurl = https://acme.example\napi_key = ‹A›\n",
            "[tool.acme]\n  token = \"‹A›\"\n",
            "acme:\n  apiKey: ‹A›\n",
            "acme:\n\tapiKey: ‹A›\n",
            "acme: # production\n  # the key\n\n  apiKey: ‹A›\n",
            "acme:\n  prod:\n    apiKey: ‹A›\n",
            "acme:\n  api:\n    key: ‹A›\n",
            "acme_api_key:\n  prod: ‹A›\n",
            "tokens:\n  bolt:\n    eu:\n      token: ‹B›\n",
            "services:\n- name: acme\n  api_key: ‹A›\n",
            "{\n  \"acme\": {\n    \"url\": \"x\",\n    \"apiKey\": \"‹A›\"\n  }\n}",
            "ACME = {\n    'API_KEY': '‹A›',\n}\n",
            "const acmeConfig = {\n  apiKey: '‹A›',\n};\n",
            "acme.initialize(\n    api_key=\"‹A›\",\n)\n",
            "'acme' => [\n    'api_key' => '‹A›',\n],\n",
            "Acme.configure do |c|\n  c.api_key = '‹A›'\nend\n",
            "var acme = new AcmeOptions\n{\n    ApiKey = \"‹A›\",\n};\n",
            "acme-cli upload \\\n  --api-key ‹A›\n",
        ] {
            assert_eq!(found(filled(text).as_bytes()).len(), 1, "{text}");
            assert_eq!(found(format!("\u{feff}{}", filled(text)).as_bytes()).len(), 1, "{text}");
            let wide = |unit: fn(u16) -> [u8; 2]| {
                let text = format!("\u{feff}{}", filled(text));
                text.encode_utf16().flat_map(unit).collect::<Vec<_>>()
            };
            assert_eq!(found(&wide(u16::to_le_bytes)).len(), 1, "{text}");
        }
    }

    #[test]
    fn other_lines_tell_nothing() {
        let far = format!("acme:\n{}  apiKey: ‹A›\n", "  a: b\n".repeat(200));
        let below = format!("value: ‹A›\n{}name: ACME_API_KEY\n", "other: 1\n".repeat(4));
        for text in [
            &*far,
            &*below,
            // Not around it, and not its section.
            "acme:\n  url: x\nother:\n  apiKey: ‹A›\n",
            "acme:\n  url: x\napiKey: ‹A›\n",
            "[acme]\nurl = x\n[other]\napi_key = ‹A›\n",
            "{\n  \"acme\": {\n  },\n  \"other\": {\n    \"apiKey\": \"‹A›\"\n  }\n}",
            "- name: ACME_API_KEY\n  value: x\n- name: OTHER\n  value: ‹A›\n",
            "- name: OTHER\n  value: ‹A›\n- name: ACME_API_KEY\n",
            "env:\n  - value: ‹A›\n  - name: ACME_API_KEY\n",
            "[{\"value\": \"‹A›\"}, {\"name\": \"ACME_API_KEY\"}]",
            "name: ACME_API_KEY\n\nvalue: ‹A›\n",
            "text: about the ACME_API_KEY\nvalue: ‹A›\n",
            "# acme:\n  apiKey: ‹A›\n",
            // Hashes and ids.
            "acme:\n  checksum: ‹A›\n",
            "bolt:\n  git_commit: ‹B›\n",
            "bolt:\n  image: bolt/bolt@sha256:‹B›\n",
            "bolt:\n  image: repo@‹B›\n",
            "bolt:\n  ref: ‹B›\n",
            "bolt:\n  id: ‹B›\n",
            "bolt:\n  version: ‹B›\n",
            "- name: bolt\n  revision: ‹B›\n",
            // Words that the rule does not allow.
            "acme:\n  publicApiKey: ‹A›\n",
            "acme_public:\n  apiKey: ‹A›\n",
            "acme:\n  public:\n    apiKey: ‹A›\n",
            "bolt:\n  client_id: ‹B›\n",
            // Parts of other words, and in another order.
            "placme:\n  apiKey: ‹A›\n",
            "acmex:\n  apiKey: ‹A›\n",
            "acme:\n  myapikey: ‹A›\n",
            "apiKey:\n  acme: ‹A›\n",
            "lightbolt:\n  token: ‹B›\n",
        ] {
            assert_eq!(found(filled(text).as_bytes()), [""; 0], "{text}");
        }
        // What is not allowed further out does not count.
        let text = "public:\n  acme:\n    apiKey: ‹A›\n";
        assert_eq!(found(filled(text).as_bytes()), ["acme-api-key"]);
    }

    #[test]
    fn a_rule_of_its_own_line_goes_before_the_lines_around_it() {
        let text = filled("acme:\n  bolt_api_key: ‹B›\n  bolt: { api_key: ‹A› }\n");
        assert_eq!(found(text.as_bytes()), ["bolt-token", "acme-api-key"]);
    }

    proptest! {
        /// The hits of a text are those of its parts, each is no longer than it may be, and it stays one
        /// where only what it covers is the same.
        #[test]
        fn a_hit_is_told_by_what_it_covers(
            text in "(acme|bolt|api_key|key|token|name|value|[:={}\\[(]| {1,3}|\n|\n  |- |‹A›|‹B›| x: ){0,40}",
            at in 0.0..=1.0,
            wide in any::<bool>(),
        ) {
            let rules = rules();
            let scanner = KeyScanner::new(&rules);
            let text = filled(&text);
            let text = match wide {
                true => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
                false => text.into_bytes(),
            };
            let hits = |text: &[u8], range: Range<usize>| {
                let mut hits = Vec::new();
                scanner.hits(text, range, &mut |hit| hits.push(hit));
                hits.sort_unstable();
                hits.dedup();
                hits
            };
            let all = hits(&text, 0..text.len());
            let at = (at * text.len() as f64) as usize;
            let mut parts = [hits(&text, 0..at), hits(&text, at..text.len())].concat();
            parts.sort_unstable();
            parts.dedup();
            prop_assert_eq!(&parts, &all);
            prop_assert!(all.iter().all(|hit| hit.length <= scanner.longest()));
            if wide {
                return Ok(());
            }
            let found = scanner.find(&Chunk::whole(&text));
            prop_assert!(found.keys.is_empty() || !all.is_empty());
            for hit in all {
                let part = &text[hit.start..hit.start + hit.length];
                prop_assert!(!hits(part, 0..part.len()).is_empty());
            }
        }
    }
}
