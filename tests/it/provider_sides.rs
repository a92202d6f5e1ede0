//! The side of every kind of key, by the built-in rules alone: in client code, a secret is a client
//! finding and a public key is right, whether it is written down, read from a variable or given to
//! the provider's package.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use keyside::exposure::{Analysis, Files, Leak, LeakKind};
use keyside::rules::{KeySlot, Provider, Rng, Rule, RuleFile, Ruleset};
use keyside::{KeyClass, Scanner};

/// A Next.js app in memory. Each of its modules is client code.
struct App(BTreeMap<String, String>);

impl Files for App {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.get(path).map(|text| text.clone().into_bytes()))
    }

    fn below(&self, folder: &str) -> Vec<String> {
        self.0.keys().filter(|path| path.starts_with(folder)).cloned().collect()
    }
}

impl App {
    fn new() -> Self {
        let package = r#"{"name": "app", "dependencies": {"next": "15.1.0", "react": "19.0.0"}}"#;
        Self(BTreeMap::from([("package.json".to_owned(), package.to_owned())]))
    }

    /// Adds a client component.
    fn add(&mut self, path: &str, code: &str) {
        self.0.insert(path.to_owned(), component(code));
    }

    /// The leaks by file.
    fn leaks(&self, scanner: &Scanner) -> BTreeMap<String, Vec<Leak>> {
        let Analysis { leaks, .. } = scanner.exposure(self);
        let mut found: BTreeMap<String, Vec<Leak>> = BTreeMap::new();
        for leak in leaks {
            found.entry(leak.at.path.to_string()).or_default().push(leak);
        }
        found
    }
}

fn component(code: &str) -> String {
    format!("'use client'\n{code}\nexport default function Box() {{ return null }}\n")
}

/// A key of a rule, in a statement in which the scan finds it.
struct Placed {
    key: String,
    statement: String,
}

/// A key of a rule in code. A key may need its name, or the text around it in a sample.
fn placed(scanner: &Scanner, rule: &Rule) -> Option<Placed> {
    let words = rule.nearby.iter().flat_map(|nearby| &nearby.words).map(String::as_str);
    let mut names: Vec<&str> = words.chain(rule.env.iter().map(String::as_str)).collect();
    names.retain(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()));
    names.push("held");
    let is_own = |statement: &str| {
        let text = component(statement);
        let found = scanner.scan(text.as_bytes());
        let own = found.iter().find(|found| found.rule_id == rule.id)?;
        let key = text.get(own.range.clone())?.to_owned();
        found.iter().all(|found| found.class == rule.class).then_some(key)
    };
    rule.samples.matching.iter().find_map(|sample| {
        let text = rule.fill(&sample.template, &mut Rng::new(7));
        let found = scanner.scan(text.as_bytes());
        let own = found.iter().find(|found| found.rule_id == rule.id)?;
        let key = text.get(own.range.clone())?;
        let quoted = |text: &str| serde_json::to_string(text).unwrap();
        let named = names.iter().map(|name| format!("export const {name} = {}", quoted(key)));
        let whole = format!("export const held = {}", quoted(&text));
        named.chain([whole]).find_map(|statement| {
            let key = is_own(&statement)?;
            Some(Placed { key, statement })
        })
    })
}

/// The keys of the rules of a class, by rule; and how many rules have one.
fn all_placed<'r>(
    scanner: &Scanner,
    rules: &'r Ruleset,
    class: KeyClass,
) -> BTreeMap<&'r str, (&'r Rule, Placed)> {
    let own = rules.rules.iter().filter(|rule| rule.class == class && rule.is_wanted);
    own.filter_map(|rule| Some((rule.id.as_str(), (rule, placed(scanner, rule)?)))).collect()
}

fn kinds(leaks: Option<&Vec<Leak>>) -> Vec<&'static str> {
    leaks.into_iter().flatten().map(|leak| leak.kind.name()).collect()
}

/// Fails with all files whose leaks are not as expected.
fn judge(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn a_key_that_is_written_down_in_client_code_is_found_if_it_is_secret() {
    let (rules, scanner) = (Ruleset::built_in(), Scanner::built_in());
    for (class, is_leak) in [(KeyClass::Secret, true), (KeyClass::Public, false)] {
        let keys = all_placed(&scanner, &rules, class);
        let count = rules.wanted().filter(|rule| rule.class == class).count();
        // Some keys cannot stand in code, such as those of one file or of several lines.
        assert!(keys.len() * 10 >= count * 8, "{} of {count} keys are in code", keys.len());
        let mut app = App::new();
        for (id, (_, key)) in &keys {
            app.add(&format!("app/{id}.tsx"), &key.statement);
        }
        let leaks = app.leaks(&scanner);
        let mut faults = Vec::new();
        for id in keys.keys() {
            let own = leaks.get(&format!("app/{id}.tsx"));
            let expected = if is_leak { &["client-secret-literal"][..] } else { &[] };
            let found: BTreeSet<_> = kinds(own).into_iter().collect();
            if !found.iter().eq(expected) {
                faults.push(format!("{id}: {found:?}"));
            }
        }
        judge(&faults);
    }
}

#[test]
fn a_variable_that_is_public_by_its_name_is_found_if_its_key_is_secret() {
    let (rules, scanner) = (Ruleset::built_in(), Scanner::built_in());
    let open: BTreeSet<&str> = rules
        .rules
        .iter()
        .filter(|rule| rule.class == KeyClass::Public)
        .flat_map(|rule| rule.env.iter().map(String::as_str))
        .collect();
    let public = |name: &str| match name.strip_prefix("NEXT_PUBLIC_") {
        Some(rest) => format!("NEXT_PUBLIC_{rest}"),
        None => format!("NEXT_PUBLIC_{name}"),
    };
    let is_open = |name: &str| {
        open.contains(name) || open.contains(&*public(name)) || {
            let bare = name.strip_prefix("NEXT_PUBLIC_");
            bare.is_some_and(|bare| open.contains(bare))
        }
    };
    let mut app = App::new();
    let mut expected = BTreeMap::new();
    for rule in rules.wanted() {
        for name in rule.env.iter().take(1) {
            let path = format!("app/{}.tsx", rule.id);
            app.add(&path, &format!("send(process.env.{})", public(name)));
            let is_secret = rule.class == KeyClass::Secret && !is_open(name);
            expected.insert(path, (is_secret, name, rule.class));
        }
    }
    let leaks = app.leaks(&scanner);
    let mut faults = Vec::new();
    for (path, (is_secret, name, class)) in expected {
        let found = kinds(leaks.get(&path));
        let is_right = match (is_secret, found.as_slice()) {
            (true, ["client-secret-env"]) | (false, []) => true,
            // Names that any key may have say nothing, and tokens may share theirs with secrets.
            (true, []) => is_of_any_key(name),
            (false, _) => class == KeyClass::Token,
            (true, _) => false,
        };
        if !is_right {
            faults.push(format!("{path}: {name}: {found:?}"));
        }
    }
    judge(&faults);
}

/// True for a name without any word of a provider: `API_KEY`.
fn is_of_any_key(name: &str) -> bool {
    let general = ["API", "APP", "AUTH", "CLIENT", "KEY", "KEYS", "MASTER", "TOKEN", "URL", "USER"];
    name.split('_').all(|part| general.contains(&part))
}

#[test]
fn a_key_that_is_given_to_a_client_package_is_found_if_it_is_secret() {
    let (rules, scanner) = (Ruleset::built_in(), Scanner::built_in());
    let secrets = all_placed(&scanner, &rules, KeyClass::Secret);
    let open = all_placed(&scanner, &rules, KeyClass::Public);
    let of_provider = |keys: &BTreeMap<&str, (&Rule, Placed)>, provider: &Provider| {
        let mut own = keys.values().filter(|(rule, _)| rules.provider(rule).id == provider.id);
        // A key that needs its name is not known where it has another one.
        own.find_map(|(_, Placed { key, .. })| {
            let text = component(&format!("send('{key}')"));
            let found = scanner.scan(text.as_bytes());
            let is_known = found.len() == 1 && text.get(found[0].range.clone()) == Some(key);
            is_known.then(|| key.clone())
        })
    };
    let mut app = App::new();
    let mut expected = Vec::new();
    for provider in &rules.providers {
        let keys = [(of_provider(&secrets, provider), true), (of_provider(&open, provider), false)];
        for (key, is_secret) in keys {
            let Some(key) = key else { continue };
            for sdk in provider.sdk.iter().filter(|sdk| sdk.client) {
                for slot in &sdk.key_properties {
                    let path = format!("app/{}/{}.tsx", provider.id, expected.len());
                    let code = filled(&sdk.package, slot, &format!("'{key}'"));
                    app.add(&path, &code);
                    expected.push((path, is_secret, format!("{} {slot}", sdk.package)));
                }
            }
        }
    }
    assert!(expected.len() > 6, "{expected:?}");
    let leaks = app.leaks(&scanner);
    let mut faults = Vec::new();
    for (path, is_secret, slot) in expected {
        let found: BTreeSet<_> = kinds(leaks.get(&path)).into_iter().collect();
        let wanted = if is_secret { &[LeakKind::SdkSecretKey.name()][..] } else { &[] };
        if !found.iter().eq(wanted) {
            faults.push(format!("{path}: {slot}: {found:?}, not {wanted:?}"));
        }
    }
    judge(&faults);
}

/// Keys of plain digits, which are only told by their names.
const BY_NAME: &str = r#"
[provider]
id = "acme"
name = "Acme"
url = "https://acme.example"
words = ["ACME"]

[[provider.sdk]]
package = "acme"
client = true
key-properties = ["createClient(1)"]

[[rule]]
id = "acme-api-key"
pattern = '[0-9a-f]{32}'
nearby = { words = ["acme_api"] }

[[rule]]
id = "acme-app-key"
class = "public"
pattern = '[0-9a-f]{32}'
nearby = { words = ["acme_app"] }
"#;

#[test]
fn a_key_that_only_its_name_tells_is_a_client_finding() {
    let file = RuleFile { name: "acme.toml".to_owned(), text: BY_NAME.to_owned() };
    let scanner = Scanner::with_rules(&[file]).unwrap();
    let key = Rng::new(11).text("0123456789abcdef", 32);
    let quoted = format!("'{key}'");
    for (files, expected) in [
        (
            &[("app/a.tsx", "'use client'\nexport const ACME_API_KEY = KEY")][..],
            &["client-secret-literal app/a.tsx"][..],
        ),
        (
            &[
                ("app/a.tsx", "'use client'\nimport { settings } from '../lib/b'\nsend(settings)"),
                ("lib/b.ts", "export const settings = {\n  acmeApiKey: KEY,\n}"),
            ],
            &["client-secret-literal lib/b.ts"],
        ),
        (
            &[
                ("app/a.tsx", "'use client'\nimport d from '../d.json'\nsend(d)"),
                ("d.json", "{ \"acme-api\": \"BARE\" }"),
            ],
            &["client-secret-literal d.json"],
        ),
        (
            &[("app/a.tsx", "'use client'\nexport default () => <A acmeApi=\"BARE\" />")],
            &["client-secret-literal app/a.tsx"],
        ),
        (
            &[(
                "app/a.tsx",
                "'use client'\nimport { createClient } from 'acme'\nconst acmeApi = KEY\n\
                 createClient('', acmeApi)",
            )],
            &["sdk-secret-key app/a.tsx"],
        ),
        (&[(".env", "NEXT_PUBLIC_ACME_API=BARE")], &["public-env-secret .env"]),
        (
            &[("next.config.js", "module.exports = { env: { ACME_API_KEY: KEY } }")],
            &["build-inline-secret next.config.js"],
        ),
        (&[("app/a.tsx", "'use client'\nexport const ACME_APP_KEY = KEY")], &[]),
        (&[("app/a.tsx", "'use client'\nexport const other = KEY")], &[]),
        (&[("app/a.tsx", "'use client'\nexport const acmeApiHash = KEY")], &[]),
        (&[("app/api/x/route.ts", "const ACME_API_KEY = KEY\nexport const GET = () => 1")], &[]),
    ] {
        let mut app = App::new();
        for (path, text) in files {
            let text = text.replace("= KEY", &format!("= {quoted}"));
            let text = text.replace(": KEY", &format!(": {quoted}")).replace("BARE", &key);
            app.0.insert((*path).to_owned(), text);
        }
        let leaks = app.leaks(&scanner);
        let found: Vec<_> = leaks
            .values()
            .flatten()
            .map(|leak| format!("{} {}", leak.kind.name(), leak.at.path))
            .collect();
        assert_eq!(found, expected, "{files:?}");
    }
}

/// Code that gives a package a key.
fn filled(package: &str, slot: &KeySlot, key: &str) -> String {
    let nested = |path: &str, value: &str| {
        let names: Vec<&str> = path.split('.').collect();
        let (first, inner) = names.split_first().unwrap();
        let inner = inner
            .iter()
            .rev()
            .fold(value.to_owned(), |inner, name| format!("{{ '{name}': {inner} }}"));
        ((*first).to_owned(), inner)
    };
    let object = |path: &str, value: &str| {
        let (name, value) = nested(path, value);
        format!("{{ '{name}': {value} }}")
    };
    let import = |name: &str| format!("import {{ {name} as It }} from '{package}'\n");
    let text = slot.as_str();
    if let Some(inner) = text.strip_prefix('<') {
        let (tag, path) = inner.trim_end_matches('>').split_once(' ').unwrap();
        let (attribute, value) = nested(path.trim(), key);
        let (first, rest) = tag.split_once('.').map_or((tag, ""), |(first, rest)| (first, rest));
        let tag = if rest.is_empty() { "It".to_owned() } else { format!("It.{rest}") };
        return format!("{}export const x = <{tag} {attribute}={{{value}}} />", import(first));
    }
    let Some(open) = text.rfind('(') else {
        return format!("import make from '{package}'\nmake({})", object(text, key));
    };
    let function = text[..open].trim_start_matches("new ").replace("()", "");
    let (first, rest) = function.split_once('.').unwrap_or((&function, ""));
    let callee = if rest.is_empty() { "It".to_owned() } else { format!("It.{rest}") };
    let (arguments, path) = text[open + 1..].split_once(')').unwrap();
    let path = path.trim_start_matches('.');
    let with_path = |inner: &str| match (inner, path) {
        ("", "") => key.to_owned(),
        (inner, "") => object(inner, key),
        ("", path) => object(path, key),
        (inner, path) => object(&format!("{inner}.{path}"), key),
    };
    let given = match arguments.split_once('{') {
        Some((_, properties)) => {
            with_path(properties.split(['}', ',']).next().unwrap_or_default().trim())
        }
        None => {
            let first = arguments.split(',').next().unwrap_or_default().trim();
            let (number, inner) = first.split_once('.').unwrap_or((first, ""));
            let before = "undefined, ".repeat(number.parse().unwrap());
            format!("{before}{}", with_path(inner))
        }
    };
    format!("{}export const x = {callee}({given})", import(first))
}
