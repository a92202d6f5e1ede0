//! What is known of variables: which are secret, and why. What a variable is given counts more than
//! its name.

use std::collections::{BTreeMap, HashMap, VecDeque};

use crate::app::App;
use crate::catalog::{Catalog, KeyKindId};
use crate::input::KeyFinder;
use crate::leak::{Leak, LeakKind, LeakSubject, StepKind, TraceStep};
use crate::secret::Secret;
use crate::severity::{Confidence, Severity};
use crate::variables::declarations::{Declaration, Declared};
use crate::variables::names::{PUBLIC_PREFIXES, SecretNames, public_prefix};

/// What is known of variables.
pub(crate) struct TaintedVariables<'a> {
    names: &'a SecretNames,
    catalog: &'a Catalog,
    declarations: &'a [Declaration],
    /// What the value of each declaration is.
    held: Vec<ValueClass>,
    /// The declarations of a name that are no examples, by index.
    by_name: HashMap<&'a str, Vec<usize>>,
    /// The variables whose values are secret: the rule, and the declaration that says so.
    proven: HashMap<&'a str, (KeyKindId, usize)>,
}

/// What a value is.
#[derive(Debug, Clone)]
enum ValueClass {
    /// A secret of the rule of this index.
    Secret(KeyKindId, Secret),
    /// Surely no secret: a key that clients may hold, a number, `true`.
    Harmless,
    /// Something else, or nothing.
    Unknown,
}

impl<'a> TaintedVariables<'a> {
    /// Weighs what declarations say; examples say nothing.
    pub(crate) fn new(
        declarations: &'a [Declaration],
        names: &'a SecretNames,
        keys: &dyn KeyFinder,
        catalog: &'a Catalog,
    ) -> Self {
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, declaration) in declarations.iter().enumerate() {
            if !declaration.is_example {
                by_name.entry(&declaration.name).or_default().push(index);
            }
        }
        let held = declarations.iter().map(|declaration| held(&declaration.value, keys, catalog));
        let held = held.collect();
        let mut env = Self { names, catalog, declarations, held, by_name, proven: HashMap::new() };
        env.prove();
        env
    }

    /// Follows secrets to all variables that refer to them, however long the way: first those that
    /// are written down, then what has a secret's name.
    fn prove(&mut self) {
        let mut users: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut queue = VecDeque::new();
        let mut by_name = Vec::new();
        for (index, declaration) in self.declarations.iter().enumerate() {
            if declaration.is_example {
                continue;
            }
            if let ValueClass::Secret(key_kind, _) = &self.held[index] {
                queue.push_back((declaration.name.as_str(), *key_kind, index));
            }
            for other in others(declaration) {
                users.entry(other).or_default().push(index);
                by_name.extend(
                    self.named(other).map(|key_kind| (&*declaration.name, key_kind, index)),
                );
            }
        }
        queue.extend(by_name);
        while let Some((name, key_kind, index)) = queue.pop_front() {
            if self.proven.contains_key(name) {
                continue;
            }
            self.proven.insert(name, (key_kind, index));
            for &user in users.get(name).map_or(&[][..], Vec::as_slice) {
                queue.push_back((&self.declarations[user].name, key_kind, user));
            }
        }
    }

    /// The rule of the secret that a variable is to hold by its name.
    fn named(&self, name: &str) -> Option<KeyKindId> {
        if self.is_cleared(name) { None } else { self.names.key_kind_of_variable(name, &[]) }
    }

    /// The rule of the secret that a variable holds.
    pub(crate) fn secret(&self, name: &str) -> Option<KeyKindId> {
        self.proven.get(name).map(|(key_kind, _)| *key_kind).or_else(|| self.named(name))
    }

    /// The same for a property of a configuration, which may be in camel case.
    pub(crate) fn secret_property(&self, name: &str) -> Option<KeyKindId> {
        self.secret(name).or_else(|| self.names.key_kind_of_property(name))
    }

    /// The rule of the secret that a variable is known to be given.
    pub(crate) fn given(&self, name: &str) -> Option<KeyKindId> {
        self.proven.get(name).map(|(key_kind, _)| *key_kind)
    }

    /// The variables whose values are known to be secret, whatever their names.
    pub(crate) fn proven_names(&self) -> impl Iterator<Item = &'a str> {
        self.proven.keys().copied()
    }

    /// Whether the value is known to be secret, or the name is one that a provider gives.
    pub(crate) fn is_proven(&self, name: &str) -> bool {
        self.proof(name).is_some()
            || self
                .catalog
                .kinds
                .iter()
                .any(|key_kind| key_kind.env.iter().any(|known| known == name))
    }

    /// What proves that a variable is secret: it is given a secret there, or a secret variable.
    pub(crate) fn proof(&self, name: &str) -> Option<&'a Declaration> {
        self.proven.get(name).map(|(_, index)| &self.declarations[*index])
    }

    /// The rule of the first secret variable that a declaration refers to, and that variable.
    fn referred<'d>(&self, declaration: &'d Declaration) -> Option<(KeyKindId, &'d str)> {
        others(declaration).find_map(|other| Some((self.secret(other)?, other)))
    }

    /// Whether what a variable is given is surely no secret.
    fn is_cleared(&self, name: &str) -> bool {
        let own = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        own.iter().any(|index| matches!(self.held[*index], ValueClass::Harmless))
    }
}

/// The variables that a declaration refers to. One that is passed on under its own name proves
/// nothing.
fn others(declaration: &Declaration) -> impl Iterator<Item = &str> {
    let all = match &declaration.value {
        Declared::Refers(others) => others.as_slice(),
        Declared::Text(_) | Declared::Nothing => &[],
    };
    all.iter().map(String::as_str).filter(|other| *other != declaration.name)
}

fn held(value: &Declared, keys: &dyn KeyFinder, catalog: &Catalog) -> ValueClass {
    let Declared::Text(text) = value else { return ValueClass::Unknown };
    let found = keys.find(text);
    let secret = found.iter().find(|key| catalog.is_secret(key.key_kind));
    if let Some(key) = secret {
        return ValueClass::Secret(key.key_kind, key.secret.clone());
    }
    let text = text.trim();
    let is_flag = matches!(text, "true" | "false" | "yes" | "no" | "on" | "off");
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    if !found.is_empty() || is_flag || is_number {
        ValueClass::Harmless
    } else {
        ValueClass::Unknown
    }
}

/// Variables that are public by their names, be it by one of `prefixes`, and are given secrets or
/// are to be: one for a name in a file, by place.
pub(crate) fn leaks(app: &App<'_>, prefixes: &[String], env: &TaintedVariables<'_>) -> Vec<Leak> {
    let mut found: BTreeMap<(&str, &str), Leak> = BTreeMap::new();
    for (declaration, held) in env.declarations.iter().zip(&env.held) {
        let Some((prefix, rest)) = public_prefix(&declaration.name, prefixes) else { continue };
        let Some(leak) = leak(declaration, held, env, (prefix, rest)) else { continue };
        if !app.catalog.kind(leak.key_kind).is_wanted {
            continue;
        }
        let key = (&*declaration.at.path, declaration.name.as_str());
        match found.get(&key) {
            Some(known) if known.severity >= leak.severity => {}
            Some(_) | None => {
                found.insert(key, leak);
            }
        }
    }
    let mut leaks: Vec<Leak> = found.into_values().collect();
    leaks.sort_by(|a, b| a.at.cmp(&b.at));
    leaks
}

/// What a declaration of a public name leaks; `parts` are the name's prefix and the rest.
fn leak(
    declaration: &Declaration,
    held: &ValueClass,
    env: &TaintedVariables<'_>,
    parts: (&str, &str),
) -> Option<Leak> {
    let (name, (prefix, rest)) = (&declaration.name, parts);
    let by_name = || env.names.key_kind(rest).or_else(|| env.names.key_kind(name));
    let mut related = Vec::new();
    let (key_kind, subject, severity) = match held {
        ValueClass::Secret(key_kind, secret) => {
            (*key_kind, LeakSubject::Secret(secret.clone()), Severity::Error)
        }
        ValueClass::Harmless => return None,
        ValueClass::Unknown => {
            let subject = LeakSubject::Name(name.clone());
            if let Some((key_kind, other)) = env.referred(declaration) {
                related.extend(source(env, other));
                (key_kind, subject, Severity::Error)
            } else if env.is_cleared(name) {
                return None;
            } else {
                (by_name()?, subject, Severity::Warning)
            }
        }
    };
    let severity = if declaration.is_example { Severity::Warning } else { severity };
    let note = format!("the name makes {name} public ({})", declaration.place);
    let at = declaration.at.clone();
    Some(Leak {
        kind: LeakKind::PublicEnvSecret,
        key_kind,
        subject,
        at: at.clone(),
        written_at: None,
        severity,
        confidence: Confidence::High,
        framework: None,
        trace: vec![TraceStep { at, kind: StepKind::Source, note }],
        related,
        fix: fix(env, name, prefix, rest),
    })
}

/// Where the variable is declared that a public one refers to.
fn source(env: &TaintedVariables<'_>, name: &str) -> Option<TraceStep> {
    let first = || env.by_name.get(name)?.first().map(|index| &env.declarations[*index]);
    let declaration = env.proof(name).or_else(first)?;
    let note = format!("{name} is declared here ({})", declaration.place);
    Some(TraceStep { at: declaration.at.clone(), kind: StepKind::Source, note })
}

/// What to do. A prefix of a configuration may be all of a name that speaks of the provider.
fn fix(env: &TaintedVariables<'_>, name: &str, prefix: &str, rest: &str) -> String {
    if PUBLIC_PREFIXES.contains(&prefix) || env.names.key_kind(rest).is_some() {
        return format!(
            "Rename {name} to {rest}, without the public prefix, and read it in server code only."
        );
    }
    format!("Take {prefix} off the public prefixes, and read {name} in server code only.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Files;
    use crate::testing::catalog::catalog;
    use crate::testing::keys::Prefixes;
    use crate::testing::memory::Memory;
    use crate::testing::rng::Rng;
    use crate::variables::declarations::declarations;

    const BODY: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// Runs `check` with what is known of files in which `{SK}` and `{PK}` are keys.
    fn with(
        files: &[(&str, &str)],
        prefixes: &[&str],
        check: impl FnOnce(&TaintedVariables<'_>, &[Leak]),
    ) {
        let catalog = catalog();
        let names = SecretNames::new(&catalog);
        let body = Rng::new(3).text(BODY, 40);
        let filled: Vec<(&str, String)> = files
            .iter()
            .map(|(path, text)| {
                let text = text.replace("{SK}", &format!("sk_v1_{body}"));
                (*path, text.replace("{PK}", &format!("pk_v1_{body}")))
            })
            .collect();
        let pairs: Vec<(&str, &str)> =
            filled.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let memory = Memory::new(&pairs);
        let keys = Prefixes(&catalog);
        let (declarations, _) = declarations(&memory, &memory.below(""), &[], &keys);
        let app = App {
            root: String::new(),
            package: None,
            files: memory.below(""),
            configs: Vec::new(),
            declarations: &declarations,
            state: &memory,
            catalog: &catalog,
            names: &names,
        };
        let env = TaintedVariables::new(&declarations, &names, &keys, &catalog);
        let prefixes: Vec<String> = prefixes.iter().map(|&prefix| prefix.to_owned()).collect();
        let leaks = leaks(&app, &prefixes, &env);
        for leak in &leaks {
            let hops = leak.trace.iter().chain(&leak.related);
            for text in hops.map(|hop| &hop.note).chain([&leak.fix]) {
                assert!(!text.contains(&body), "{text}");
            }
        }
        check(&env, &leaks);
    }

    #[test]
    fn what_a_variable_is_given_counts_more_than_its_name() {
        let text = "MAGICX_API_KEY={SK}\nMAGICX_SECRET_KEY={PK}\nA=$MAGICX_API_KEY\nB=$A\nC=$D\nD=$C\n\
                    E=$AIMAGICX_TOKEN\nMAGICX_SK=true\nF=$MAGICX_SK\nMAGICX_SECRET=$MAGICX_SECRET\n";
        let example = "G={SK}\nAIMAGICX_KEY={PK}\n";
        with(&[(".env", text), (".env.example", example)], &[], |env, _| {
            for (name, is_secret, is_given) in [
                ("MAGICX_API_KEY", true, true),
                ("MAGICX_SECRET_KEY", false, false),
                ("A", true, true),
                ("B", true, true),
                ("C", false, false),
                ("E", true, true),
                ("MAGICX_SK", false, false),
                ("F", false, false),
                ("G", false, false),
                ("AIMAGICX_KEY", true, false),
                ("MAGICX_SECRET", true, false),
                ("MAGICX_PRIVATE_KEY", true, false),
                ("MAGICX_KEY", false, false),
            ] {
                assert_eq!(env.secret(name).is_some(), is_secret, "{name}");
                assert_eq!(env.proof(name).is_some(), is_given, "{name}");
            }
        });
    }

    #[test]
    fn chains_of_references_end() {
        let chain: String = (0..2000).map(|n| format!("A{n}=$A{} $A{}\n", n + 1, n + 2)).collect();
        with(&[(".env", &chain)], &[], |env, _| assert!(env.secret("A0").is_none()));
        let secret = format!("{chain}A2000=$A0\nA2001={{SK}}\n");
        with(&[(".env", &secret)], &[], |env, _| assert!(env.proof("A0").is_some()));
    }

    /// Path, line, name or `key`, whether it is an error.
    fn told(leaks: &[Leak], files: &[(&str, &str)]) -> Vec<String> {
        let line = |leak: &Leak| {
            let text = files.iter().find(|(path, _)| **path == *leak.at.path).unwrap().1;
            // KeyFinder are longer than what stands for them, but never on a line of their own.
            let name = leak.trace[0].note.split(' ').nth(3).unwrap();
            1 + text.lines().position(|line| line.contains(name)).unwrap()
        };
        let subject = |leak: &Leak| match &leak.subject {
            LeakSubject::Secret(_) => "key".to_owned(),
            LeakSubject::Name(name) => name.clone(),
        };
        let all = leaks.iter().map(|leak| {
            format!("{}:{} {} {:?}", leak.at.path, line(leak), subject(leak), leak.severity)
        });
        all.collect()
    }

    #[test]
    fn public_names_with_secrets_are_told() {
        for (path, text, prefixes, expected) in [
            (".env", "VITE_X={SK}\n", &[][..], &[".env:1 key Error"][..]),
            (
                ".env",
                "MAGICX_API_KEY={SK}\nVITE_X=$MAGICX_API_KEY\n",
                &[],
                &[".env:2 VITE_X Error"],
            ),
            (".env", "VITE_X={PK}\nVITE_MAGICX_SK={PK}\nX={SK}\n", &[], &[]),
            (".env", "VITE_MAGICX_SECRET_KEY=\n", &[], &[".env:1 VITE_MAGICX_SECRET_KEY Warning"]),
            (
                ".env",
                "VITE_MAGICX_SECRET_KEY=your_key\n",
                &[],
                &[".env:1 VITE_MAGICX_SECRET_KEY Warning"],
            ),
            (".env", "VITE_MAGICX_HAS_SECRET=true\nVITE_MAGICX_PRODUCT_ID=7\n", &[], &[]),
            (".env", "VITE_MAGICX_API_KEY=\nNEXT_PUBLIC_MAGICX_PK=x\n", &[], &[]),
            (".env.example", "VITE_X={SK}\n", &[], &[".env.example:1 key Warning"]),
            (".env", "PUBLIC_MAGICX_SECRET_KEY={SK}\n", &[], &[]),
            (".env", "PUBLIC_MAGICX_SECRET_KEY={SK}\n", &["PUBLIC_"], &[".env:1 key Error"]),
            (".env", "MAGICX_SECRET_KEY={SK}\n", &["MAGICX_"], &[".env:1 key Error"]),
            (
                "Dockerfile",
                "FROM node\nARG MAGICX_SECRET_KEY\nENV VITE_MAGICX_SECRET_KEY=$MAGICX_SECRET_KEY\n",
                &[],
                &["Dockerfile:3 VITE_MAGICX_SECRET_KEY Error"],
            ),
            (
                "Dockerfile",
                "ARG VITE_MAGICX_PUBLIC_KEY\nENV VITE_MAGICX_PUBLIC_KEY=$VITE_MAGICX_PUBLIC_KEY\n\
                 ENV MAGICX_SECRET_KEY=\"\"\n",
                &[],
                &[],
            ),
            (
                ".github/workflows/a.yml",
                "env:\n  MAGICX_SECRET_KEY: ${{ secrets.MAGICX_SECRET_KEY }}\n  \
                 NEXT_PUBLIC_MAGICX_PUBLIC_KEY: ${{ vars.MAGICX_PUBLIC_KEY }}\n  \
                 NEXT_PUBLIC_K: ${{ secrets.aimagicx_api_key }}\n",
                &[],
                &[".github/workflows/a.yml:4 NEXT_PUBLIC_K Error"],
            ),
        ] {
            let files = [(path, text)];
            with(&files, prefixes, |_, leaks| assert_eq!(told(leaks, &files), expected, "{text}"));
        }
        let files = [(".env", "VITE_X={SK}\nVITE_X={SK}\n"), (".env.local", "VITE_X={SK}\n")];
        with(&files, &[], |_, leaks| {
            assert_eq!(told(leaks, &files), [".env:1 key Error", ".env.local:1 key Error"]);
        });
    }

    #[test]
    fn a_leak_says_what_it_refers_to_and_what_to_do() {
        let files = [(".env", "A={SK}\nVITE_AI_KEY=$A\n")];
        with(&files, &[], |_, leaks| {
            assert_eq!(leaks[0].related[0].note, "A is declared here (.env file)");
            let fix = "Rename VITE_AI_KEY to AI_KEY, without the public prefix, \
                       and read it in server code only.";
            assert_eq!(leaks[0].fix, fix);
        });
        with(&[(".env", "MAGICX_SECRET_KEY={SK}\n")], &["MAGICX_"], |_, leaks| {
            assert!(leaks[0].fix.starts_with("Take MAGICX_ off the public prefixes"));
        });
    }
}
