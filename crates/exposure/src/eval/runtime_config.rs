//! The configuration that code gets when it runs: `useRuntimeConfig()` of Nuxt, `getConfig()` of
//! Next.js. A property is secret if its value in the configuration is, whatever its name.

use std::sync::Arc;

use crate::catalog::KeyKindId;
use crate::eval::value::{TaintOrigin, Value, leaked_taints};
use crate::leak::FileSpan;
use crate::variables::names::upper_snake;
use crate::variables::tainted::TaintedVariables;

/// How deep parts within parts are distinguished.
const MAX_DEPTH: usize = 8;

/// The configuration that code gets when it runs.
pub(crate) struct RuntimeConfig {
    /// All of it.
    pub value: Value,
    /// The property that clients have as well.
    pub public: &'static str,
    /// The prefix of variables whose values replace the written ones: `NUXT_AI_KEY` that of `ai.key`.
    pub prefix: Option<&'static str>,
}

/// The configuration of an app, as its code gets it.
#[derive(Debug, Default)]
pub(crate) struct RuntimeProperties {
    /// The properties of its objects, the whole first.
    parts: Vec<Vec<(Arc<str>, ConfigProperty)>>,
    /// The place of each secret that is given, by the name that it is reported under.
    places: Vec<(Arc<str>, FileSpan)>,
    /// Set if the app has such a configuration.
    is_known: bool,
}

/// A property of the configuration.
#[derive(Debug, Clone)]
pub(crate) enum ConfigProperty {
    /// Another object: its number, and true if it is the one that clients have.
    Part(u32, bool),
    /// A secret of this kind, and the variable that it comes from or the name of the property.
    Secret(KeyKindId, Arc<str>),
}

impl RuntimeProperties {
    /// The properties of a configuration, as its framework gives it to code.
    pub(crate) fn new(config: Option<&RuntimeConfig>, env: &TaintedVariables<'_>) -> Self {
        let mut runtime = Self { is_known: config.is_some(), ..Self::default() };
        if let Some(config) = config {
            runtime.add(&config.value, config, env, config.prefix.unwrap_or_default(), 0);
        }
        runtime
    }

    /// A property; `None` if only its name says what it is.
    pub(crate) fn property(&self, part: u32, name: &str) -> Option<ConfigProperty> {
        let part = self.parts.get(part as usize)?;
        let found = part.iter().rev().find(|(own, _)| **own == *name);
        found.map(|(_, property)| property.clone())
    }

    /// True if the app has such a configuration.
    pub(crate) fn is_known(&self) -> bool {
        self.is_known
    }

    /// The place where a secret is given, by the name that it is reported under.
    pub(crate) fn place(&self, name: &str) -> Option<&FileSpan> {
        self.places.iter().find(|(own, _)| **own == *name).map(|(_, place)| place)
    }

    /// True if a secret has this name in any part.
    pub(crate) fn has_secret(&self, name: &str) -> bool {
        let mut all = self.parts.iter().flatten();
        all.any(|(own, property)| **own == *name && matches!(property, ConfigProperty::Secret(..)))
    }

    /// The secrets of a part, at any depth.
    pub(crate) fn secrets(&self, part: u32) -> Vec<(KeyKindId, Arc<str>)> {
        let mut found = Vec::new();
        let mut open = vec![part];
        while let Some(part) = open.pop() {
            for (_, property) in self.parts.get(part as usize).into_iter().flatten() {
                match property {
                    ConfigProperty::Part(inner, _) => open.push(*inner),
                    ConfigProperty::Secret(key_kind, name) => {
                        found.push((*key_kind, Arc::clone(name)));
                    }
                }
            }
        }
        found
    }

    /// Adds an object; `name` is the variable for all of it.
    fn add(
        &mut self,
        value: &Value,
        config: &RuntimeConfig,
        env: &TaintedVariables<'_>,
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
                ConfigProperty::Part(part, is_public)
            } else if let Some(taint) = leaked_taints(&field.value).first() {
                let given_by = match &taint.origin {
                    TaintOrigin::Variable { name, .. } => Arc::clone(name),
                    TaintOrigin::Written { .. } => Arc::clone(&field.key),
                };
                self.places.push((Arc::clone(&given_by), field.at.clone()));
                ConfigProperty::Secret(taint.key_kind, given_by)
            } else if let Some(key_kind) = env.given(&name).filter(|_| config.prefix.is_some()) {
                ConfigProperty::Secret(key_kind, name.into())
            } else {
                continue;
            };
            self.parts[own].push((Arc::clone(&field.key), property));
        }
        own as u32
    }
}
