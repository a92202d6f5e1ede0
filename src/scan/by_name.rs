//! Keys without a text of their own that are told by their names: words before them on their line, or in
//! the lines around them.

use std::borrow::Cow;

use super::enclosing::{Enclosing, REACH};
use super::name_words::NameReader;
use super::scanner::{Attempt, AttemptOutcome, KeyScanner};
use super::{assigned, utf16};
use crate::model::RuleIndex;
use crate::rules::{NearText, Nearby, Rule};
use crate::source::TextEncoding;

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
        each: &mut dyn FnMut(Attempt<'r>),
    ) {
        let mut is_told = false;
        // A file may have rules that fit any value: they must not take one away from other rules.
        let mut own: Vec<&Rule> = Vec::new();
        reader.rules_near(line, start, |index, _| {
            let rule = &self.rules[index];
            // Else the host of its provider is, to which a header is sent.
            let is_near = |nearby: &Nearby| {
                assigned::is_near(text, start, nearby)
                    || assigned::is_header(&text[assigned::name(text, line, start)])
                        && !assigned::is_forbidden(text, start, nearby)
            };
            if rule.nearby.as_ref().is_some_and(is_near) {
                let attempt = self.attempt_value(text, start, width, index);
                match attempt.outcome {
                    AttemptOutcome::NoMatch => {}
                    AttemptOutcome::Key(_) | AttemptOutcome::Rejected(..) => {
                        is_told |= rule.is_built_in;
                        own.push(rule);
                    }
                }
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
                let rule = &self.rules[index];
                let is_own = own.iter().any(|own| own.is_beside(rule));
                if !is_own && !rule.nearby.as_ref().is_some_and(is_forbidden) {
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
        assigned::values(&narrow, 0..narrow.len(), &mut |line, start| {
            reader.rules_near(line, start, |_, _| any = true);
            if let Some(around) = Enclosing::of(&narrow, line, start, REACH) {
                names.rules_around(&narrow, &around, |_, _| any = true);
            }
        });
        any
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
    use super::*;
    use crate::rules::{Rng, RuleFile, Ruleset};
    use crate::source::Chunk;

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
            "  - name: Upload\n    uses: acme/upload@v1\n    with:\n      api_key: ‹A›\n",
            "  - uses: acme/upload@v1\n    if: always()\n    with:\n      url: x\n      api_key: ‹A›\n",
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
            "  - uses: acme/upload@v1\n  - name: x\n    uses: b/c@v1\n    with:\n      api_key: ‹A›\n",
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
    fn the_host_to_which_a_header_is_sent_tells_its_keys() {
        let text = r#"
            [provider]
            id = "acme"
            name = "Acme"
            url = "https://acme.example"
            hosts = ["api.acme.example"]
            [[rule]]
            id = "acme-api-key"
            pattern = '[0-9a-f]{32}'
            nearby = { words = ["acme_api_key"], not-words = ["public"] }
        "#;
        let file = RuleFile { name: "r.toml".to_owned(), text: text.to_owned() };
        let rules = Ruleset::only(&[file]).unwrap();
        let scanner = KeyScanner::new(&rules);
        for (text, count) in [
            ("curl https://api.acme.example/v1/things -H \"Authorization: Bearer ‹A›\"", 1),
            ("curl https://API.acme.example/v1 \\\n  -H 'X-Api-Key: ‹A›'\n", 1),
            (
                "fetch(\"https://api.acme.example/v1\", {\n  headers: {\n    \
                 Authorization: `Bearer ‹A›`,\n  },\n})\n",
                1,
            ),
            (
                "requests.get(\n    'https://api.acme.example/v1',\n    \
                 headers={'Authorization': 'Bearer ‹A›'},\n)\n",
                1,
            ),
            ("GET https://api.acme.example/v1\nAccept: */*\nAuthorization: Bearer ‹A›\n", 1),
            (
                "r, _ := http.NewRequest(\"GET\", \"https://api.acme.example/v1\", nil)\n\
                 r.Header.Set(\"Authorization\", \"Bearer ‹A›\")\n",
                1,
            ),
            (
                "curl_setopt($c, CURLOPT_URL, 'https://api.acme.example/v1');\ncurl_setopt($c, \
                 CURLOPT_HTTPHEADER, ['Authorization: Bearer ‹A›']);\n",
                1,
            ),
            (
                "GET https://api.acme.example/\nGET https://b.example/\nAuthorization: Bearer ‹A›\n",
                0,
            ),
            (
                "requests.get(\n    \"https://api.acme.example/v1\",\n    \
                 headers={\"Authorization\": f\"Bearer ‹A›\"},\n)\n",
                1,
            ),
            ("u = 'https://api.acme.example/v1'\nq['Authorization'] = 'Bearer ‹A›'\n", 1),
            ("GET https://api.acme.example/v1\nETag: ‹A›\n", 0),
            ("curl https://api.acme.example/v1?trace=‹A›", 0),
            ("curl https://api.acme.example/public -H \"Authorization: Bearer ‹A›\"", 0),
            ("curl https://api.acme.example/v1 -H 'If-None-Match: ‹A›'", 0),
            ("curl https://other.example/v1 -H 'Authorization: Bearer ‹A›'", 0),
            ("curl https://myapi.acme.example/v1 -H 'Authorization: Bearer ‹A›'", 0),
        ] {
            let found = scanner.find(&Chunk::whole(filled(text).as_bytes()));
            assert_eq!(found.keys.len(), count, "{text}");
        }
    }

    #[test]
    fn a_rule_of_its_own_line_goes_before_the_lines_around_it() {
        let text = filled("acme:\n  bolt_api_key: ‹B›\n  bolt: { api_key: ‹A› }\n");
        assert_eq!(found(text.as_bytes()), ["bolt-token", "acme-api-key"]);
    }
}
