//! What code gets as its configuration when it runs: `useRuntimeConfig()` of Nuxt, `getConfig()` of
//! Next.js. Its properties are secret by what the configuration gives them, whatever their names.

use std::sync::Arc;

use super::frameworks::RuntimeConfig;
use super::judge::told;
use super::known::Env;
use super::names::upper_snake;
use super::value::{Origin, Value};

/// Parts within parts are told apart so far.
const MAX_DEPTH: usize = 8;

/// The configuration of an app, as its code gets it.
#[derive(Debug, Default)]
pub(super) struct Runtime {
    /// The properties of its objects, the whole first.
    parts: Vec<Vec<(Arc<str>, Property)>>,
}

/// What a property is.
#[derive(Debug, Clone)]
pub(super) enum Property {
    /// Another object: its number, and whether it is the one that clients have.
    Part(u32, bool),
    /// A secret of the rule of this index, and the variable that it is given by, or what the
    /// property is called.
    Secret(usize, Arc<str>),
}

impl Runtime {
    /// The configuration as its framework gives it to code.
    pub(super) fn new(config: Option<&RuntimeConfig>, env: &Env<'_>) -> Self {
        let mut runtime = Self::default();
        if let Some(config) = config {
            runtime.add(&config.value, config, env, config.prefix.unwrap_or_default(), 0);
        }
        runtime
    }

    /// What is known of a property; nothing if its name alone tells.
    pub(super) fn property(&self, part: u32, name: &str) -> Option<Property> {
        let part = self.parts.get(part as usize)?;
        let found = part.iter().rev().find(|(own, _)| **own == *name);
        found.map(|(_, property)| property.clone())
    }

    /// Whether a secret is called so in any part.
    pub(super) fn has_secret(&self, name: &str) -> bool {
        let mut all = self.parts.iter().flatten();
        all.any(|(own, property)| **own == *name && matches!(property, Property::Secret(..)))
    }

    /// The secrets of a part, at any depth.
    pub(super) fn secrets(&self, part: u32) -> Vec<(usize, Arc<str>)> {
        let mut found = Vec::new();
        let mut open = vec![part];
        while let Some(part) = open.pop() {
            for (_, property) in self.parts.get(part as usize).into_iter().flatten() {
                match property {
                    Property::Part(inner, _) => open.push(*inner),
                    Property::Secret(rule, name) => found.push((*rule, Arc::clone(name))),
                }
            }
        }
        found
    }

    /// Adds an object; `name` is that of the variable for all of it.
    fn add(
        &mut self,
        value: &Value,
        config: &RuntimeConfig,
        env: &Env<'_>,
        name: &str,
        depth: usize,
    ) -> u32 {
        let own = self.parts.len();
        self.parts.push(Vec::new());
        for field in value.fields() {
            let name = format!("{name}_{}", upper_snake(&field.key));
            let property = if matches!(field.value, Value::Object(_)) && depth < MAX_DEPTH {
                let part = self.add(&field.value, config, env, &name, depth + 1);
                let is_public = depth == 0 && *field.key == *config.public;
                Property::Part(part, is_public)
            } else if let Some(taint) = told(&field.value).first() {
                let given_by = match &taint.origin {
                    Origin::Variable { name, .. } => Arc::clone(name),
                    Origin::Written { .. } => Arc::clone(&field.key),
                };
                Property::Secret(taint.rule, given_by)
            } else if let Some(rule) = env.given(&name).filter(|_| config.prefix.is_some()) {
                Property::Secret(rule, name.into())
            } else {
                continue;
            };
            self.parts[own].push((Arc::clone(&field.key), property));
        }
        own as u32
    }
}
