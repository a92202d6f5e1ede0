//! Secret variables, by their values and names. The value of a variable counts more than its name.

use std::collections::{HashMap, VecDeque};

use crate::catalog::{Catalog, KeyKindId};
use crate::input::KeyFinder;
use crate::leak::{StepKind, TraceStep};
use crate::secret::Secret;
use crate::variables::conventions::VariableConventions;
use crate::variables::declarations::{Declaration, Declared};
use crate::variables::names::SecretNames;

/// The secret variables of an app.
pub(crate) struct TaintedVariables<'a> {
    names: &'a SecretNames,
    conventions: &'a VariableConventions,
    declarations: &'a [Declaration],
    /// The class of each declaration's value.
    held: Vec<ValueClass>,
    /// The declarations of each name, without examples, by index.
    by_name: HashMap<&'a str, Vec<usize>>,
    /// The variables with secret values: the kind of key, and the declaration that shows it.
    proven: HashMap<&'a str, (KeyKindId, usize)>,
}

/// The class of a declared value.
#[derive(Debug, Clone)]
pub(crate) enum ValueClass {
    /// A secret of this kind.
    Secret(KeyKindId, Secret),
    /// Certainly not a secret: a key that clients may have, a number, `true`.
    Harmless,
    /// Something else, or nothing.
    Unknown,
}

impl<'a> TaintedVariables<'a> {
    /// The secret variables by these declarations; examples do not count.
    pub(crate) fn new(
        declarations: &'a [Declaration],
        names: &'a SecretNames,
        conventions: &'a VariableConventions,
        keys: &dyn KeyFinder,
        catalog: &Catalog,
    ) -> Self {
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, declaration) in declarations.iter().enumerate() {
            if !declaration.is_example {
                by_name.entry(&declaration.name).or_default().push(index);
            }
        }
        let held = declarations.iter().map(|declaration| held(declaration, keys, catalog));
        let held = held.collect();
        let mut env =
            Self { names, conventions, declarations, held, by_name, proven: HashMap::new() };
        env.prove();
        env
    }

    /// Follows secrets to all variables that refer to them, directly or not: written secrets first,
    /// then variables with secret names.
    fn prove(&mut self) {
        let mut users: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut queue = VecDeque::new();
        // What only development reads proves least.
        let mut late = Vec::new();
        let mut by_name = Vec::new();
        for (index, declaration) in self.declarations.iter().enumerate() {
            if declaration.is_example {
                continue;
            }
            if let ValueClass::Secret(key_kind, _) = &self.held[index] {
                let proof = (declaration.name.as_str(), *key_kind, index);
                if declaration.is_for_development {
                    late.push(proof);
                } else {
                    queue.push_back(proof);
                }
            }
            for other in others(declaration) {
                users.entry(other).or_default().push(index);
                by_name.extend(
                    self.named(other).map(|key_kind| (&*declaration.name, key_kind, index)),
                );
            }
        }
        queue.extend(by_name);
        queue.extend(late);
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

    /// How frameworks name public variables and give variables to code.
    pub(crate) fn conventions(&self) -> &'a VariableConventions {
        self.conventions
    }

    /// The kind of key that a variable is meant for by its name.
    fn named(&self, name: &str) -> Option<KeyKindId> {
        if self.is_cleared(name) {
            None
        } else {
            self.names.key_kind_of_variable(name, &self.conventions.name_prefixes)
        }
    }

    /// The kind of key that a variable contains, by its value or name.
    pub(crate) fn secret(&self, name: &str) -> Option<KeyKindId> {
        self.proven.get(name).map(|(key_kind, _)| *key_kind).or_else(|| self.named(name))
    }

    /// The same for a property of a configuration, which may be in camel case.
    pub(crate) fn secret_property(&self, name: &str) -> Option<KeyKindId> {
        self.secret(name).or_else(|| self.names.key_kind_of_property(name))
    }

    /// The kind of key that a variable is known to contain.
    pub(crate) fn given(&self, name: &str) -> Option<KeyKindId> {
        self.proven.get(name).map(|(key_kind, _)| *key_kind)
    }

    /// The variables whose values are known to be secret, whatever their names.
    pub(crate) fn proven_names(&self) -> impl Iterator<Item = &'a str> {
        self.proven.keys().copied()
    }

    /// True if a part of a name has the word of a provider, or is a listed name.
    pub(crate) fn has_provider_word(&self, part: &str) -> bool {
        self.names.lists(part) || self.names.has_word(part)
    }

    /// True if the value is known to be secret, or the catalog lists the name.
    pub(crate) fn is_proven(&self, name: &str) -> bool {
        self.proof(name).is_some() || self.names.lists(name)
    }

    /// The declaration that proves a variable secret: its value is a secret or a secret variable.
    pub(crate) fn proof(&self, name: &str) -> Option<&'a Declaration> {
        self.proven.get(name).map(|(_, index)| &self.declarations[*index])
    }

    /// All declarations with the classes of their values.
    pub(crate) fn declared(&self) -> impl Iterator<Item = (&'a Declaration, &ValueClass)> {
        self.declarations.iter().zip(&self.held)
    }

    /// The place where a variable is declared that another refers to.
    pub(crate) fn source(&self, name: &str) -> Option<TraceStep> {
        let first = || self.by_name.get(name)?.first().map(|index| &self.declarations[*index]);
        let declaration = self.proof(name).or_else(first)?;
        let note = format!("{name} is declared here ({})", declaration.place);
        Some(TraceStep { at: declaration.at.clone(), kind: StepKind::Source, note })
    }

    /// The kind of the first secret variable that a declaration refers to, and that variable.
    pub(crate) fn referred<'d>(
        &self,
        declaration: &'d Declaration,
    ) -> Option<(KeyKindId, &'d str)> {
        others(declaration).find_map(|other| Some((self.secret(other)?, other)))
    }

    /// True if the value that a variable is given is certainly not a secret.
    pub(crate) fn is_cleared(&self, name: &str) -> bool {
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

fn held(declaration: &Declaration, keys: &dyn KeyFinder, catalog: &Catalog) -> ValueClass {
    let Declared::Text(text) = &declaration.value else { return ValueClass::Unknown };
    let mut found = keys.find(text);
    if found.is_empty() {
        // Some keys are only told by the name that they are given to.
        let name = &declaration.name;
        found = keys.find(&format!("{name}={text}"));
        found.retain(|key| key.range.start > name.len());
    }
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

#[cfg(test)]
mod tests {
    use crate::testing::variables::with_variables;

    #[test]
    fn the_value_of_a_variable_counts_more_than_its_name() {
        let text = "MAGICX_API_KEY={SK}\nMAGICX_SECRET_KEY={PK}\nA=$MAGICX_API_KEY\nB=$A\nC=$D\nD=$C\n\
                    E=$AIMAGICX_TOKEN\nMAGICX_SK=true\nF=$MAGICX_SK\nMAGICX_SECRET=$MAGICX_SECRET\n";
        let example = "G={SK}\nAIMAGICX_KEY={PK}\n";
        with_variables(&[(".env", text), (".env.example", example)], |_, env| {
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
        with_variables(&[(".env", &chain)], |_, env| assert!(env.secret("A0").is_none()));
        let secret = format!("{chain}A2000=$A0\nA2001={{SK}}\n");
        with_variables(&[(".env", &secret)], |_, env| assert!(env.proof("A0").is_some()));
    }
}
