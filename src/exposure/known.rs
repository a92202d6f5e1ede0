//! What is known of variables: which are secret, and why.

use std::collections::{BTreeMap, BTreeSet};

use super::Keys;
use super::app::App;
use super::env::{Declaration, Declared};
use super::leak::{At, Hop, Leak, Subject};
use super::names::{SecretNames, public_prefix};
use crate::model::{Confidence, KeyClass, Kind, Severity, StepKind};
use crate::rules::Ruleset;

/// What is known of variables.
pub struct Env<'a> {
    names: &'a SecretNames,
    rules: &'a Ruleset,
    declarations: &'a [Declaration],
    /// Names whose value is a secret, or that of a secret variable; with what says so.
    proven: BTreeMap<&'a str, (usize, usize)>,
    /// Names whose value is a public key.
    cleared: BTreeSet<&'a str>,
}

impl<'a> Env<'a> {
    /// Weighs what declarations say; examples say nothing.
    pub fn new(
        declarations: &'a [Declaration],
        names: &'a SecretNames,
        keys: &dyn Keys,
        rules: &'a Ruleset,
    ) -> Self {
        let (mut proven, mut cleared) = (BTreeMap::new(), BTreeSet::new());
        for (index, declaration) in declarations.iter().enumerate() {
            if declaration.is_example {
                continue;
            }
            let name = declaration.name.as_str();
            match &declaration.value {
                Declared::Text(text) => {
                    for key in keys.find(text) {
                        match rules.rules[key.rule].class {
                            KeyClass::Secret => {
                                proven.entry(name).or_insert((key.rule, index));
                            }
                            KeyClass::Public | KeyClass::Token => {
                                cleared.insert(name);
                            }
                        }
                    }
                }
                Declared::Refers(others) => {
                    let rule = others.iter().find_map(|other| names.rule_of_variable(other, &[]));
                    if let Some(rule) = rule {
                        proven.entry(name).or_insert((rule, index));
                    }
                }
                Declared::Nothing => {}
            }
        }
        cleared.retain(|name| !proven.contains_key(name));
        Self { names, rules, declarations, proven, cleared }
    }

    /// The rule of the secret that a variable holds.
    pub fn secret(&self, name: &str) -> Option<usize> {
        if let Some((rule, _)) = self.proven.get(name) {
            return Some(*rule);
        }
        if self.cleared.contains(name) {
            return None;
        }
        self.names.rule_of_variable(name, &[])
    }

    /// The same for a property of a configuration, which may be in camel case.
    pub fn secret_property(&self, name: &str) -> Option<usize> {
        self.secret(name).or_else(|| self.names.rule_of_property(name))
    }

    /// Whether the value is known to be secret, or the name is one that a provider gives.
    pub fn is_proven(&self, name: &str) -> bool {
        self.proven.contains_key(name)
            || self.rules.rules.iter().any(|rule| rule.env.iter().any(|known| known == name))
    }

    /// What proves that a variable is secret.
    pub fn proof(&self, name: &str) -> Option<&Declaration> {
        self.proven.get(name).map(|(_, index)| &self.declarations[*index])
    }
}

/// Variables that are public by their names and hold secrets.
pub fn leaks(app: &App<'_>, prefixes: &[String], env: &Env<'_>, keys: &dyn Keys) -> Vec<Leak> {
    let mut found: BTreeMap<(&str, &str), Leak> = BTreeMap::new();
    for declaration in &app.declarations {
        let name = declaration.name.as_str();
        let Some((_, rest)) = public_prefix(name, prefixes) else { continue };
        let named = app.names.rule(rest).or_else(|| app.names.rule(name));
        let mut leak = None;
        match &declaration.value {
            Declared::Text(text) => {
                let all = keys.find(text);
                let secret =
                    all.iter().find(|key| app.rules.rules[key.rule].class == KeyClass::Secret);
                match secret {
                    Some(key) => {
                        leak =
                            Some((key.rule, Subject::Secret(key.secret.clone()), Severity::Error));
                    }
                    None if all.is_empty() => {
                        leak = named
                            .map(|rule| (rule, Subject::Name(name.to_owned()), Severity::Warning));
                    }
                    None => {}
                }
            }
            Declared::Refers(others) => {
                let rule = others.iter().find_map(|other| env.secret(other));
                let by_value = rule.map(|rule| (rule, Severity::Error));
                leak = by_value
                    .or(named.map(|rule| (rule, Severity::Warning)))
                    .map(|(rule, severity)| (rule, Subject::Name(name.to_owned()), severity));
            }
            Declared::Nothing => {
                leak = named.map(|rule| (rule, Subject::Name(name.to_owned()), Severity::Warning));
            }
        }
        let Some((rule, subject, mut severity)) = leak else { continue };
        if declaration.is_example {
            severity = severity.min(Severity::Warning);
        }
        let span = match &subject {
            Subject::Secret(_) => declaration.value_at,
            Subject::Name(_) => declaration.at.span,
        };
        let at = At { path: declaration.at.path.clone(), span };
        let note = format!("the name makes {name} public ({})", declaration.place);
        let leak = Leak {
            kind: Kind::PublicEnvSecret,
            rule,
            subject,
            at: at.clone(),
            written_at: None,
            severity,
            confidence: Confidence::High,
            framework: None,
            trace: vec![Hop { at, kind: StepKind::Source, note }],
            related: Vec::new(),
            fix: format!(
                "Rename {name} to {rest}, without the public prefix, and read it in server code only."
            ),
        };
        let key = (declaration.at.path.as_str(), name);
        match found.get(&key) {
            Some(known) if known.severity >= leak.severity => {}
            Some(_) | None => {
                found.insert(key, leak);
            }
        }
    }
    found.into_values().collect()
}
