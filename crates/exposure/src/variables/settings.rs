//! Platform settings in JSON and TOML: objects named `env`, `vars` or the like, at any depth; and the
//! scripts of `package.json`.

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use toml::de::{DeTable, DeValue};

use crate::variables::entry::{Assignment, moved};
use crate::variables::scripts;

/// The names of objects with variables.
pub(crate) const TABLES: [&str; 11] = [
    "env",
    "environment",
    "variables",
    "Variables",
    "vars",
    "args",
    "build-args",
    "envVars",
    "env_variables",
    "env_vars",
    "containerEnv",
];

/// The variables of a JSON file.
pub(crate) fn of_json(text: &str) -> (Vec<Assignment>, Option<String>) {
    let mut entries = Vec::new();
    let fault = with_json(text, |value| json(value, false, &mut entries));
    (entries, fault)
}

/// The variables that the scripts of a `package.json` set.
pub(crate) fn of_package(text: &str) -> (Vec<Assignment>, Option<String>) {
    let mut entries = Vec::new();
    let fault = with_json(text, |value| {
        let Value::Object(Object { properties, .. }) = value else { return };
        let scripts = properties.iter().filter(|property| property.name.as_str() == "scripts");
        for property in scripts {
            let Value::Object(commands) = &property.value else { continue };
            for command in &commands.properties {
                if let Value::StringLit(string) = &command.value {
                    let at = string.range.start + 1;
                    let inner = text.get(at..string.range.end.saturating_sub(1));
                    let found = scripts::entries(inner.unwrap_or_default());
                    entries.extend(found.into_iter().map(|entry| moved(entry, at)));
                }
            }
        }
    });
    (entries, fault)
}

fn with_json(text: &str, read: impl FnOnce(&Value<'_>)) -> Option<String> {
    match parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default()) {
        Ok(result) => {
            result.value.as_ref().map(read);
            None
        }
        Err(_) => Some("is not valid JSON, so its variables are not known".to_owned()),
    }
}

/// The parser bounds the depth.
fn json(value: &Value<'_>, is_table: bool, entries: &mut Vec<Assignment>) {
    match value {
        Value::Object(object) => {
            for property in &object.properties {
                let name = property.name.as_str();
                if let (true, Value::StringLit(string)) = (is_table, &property.value) {
                    let name_start = property.range.start;
                    entries.push(Assignment {
                        name: name.to_owned(),
                        value: Some(reference(&string.value)),
                        expands: true,
                        name_at: name_start..name_start + name.len() + 2,
                        value_at: string.range.start..string.range.end,
                    });
                }
                json(&property.value, TABLES.contains(&name), entries);
            }
        }
        Value::Array(array) => {
            array.elements.iter().for_each(|element| json(element, false, entries));
        }
        Value::StringLit(_)
        | Value::NumberLit(_)
        | Value::BooleanLit(_)
        | Value::NullKeyword(_) => {}
    }
}

/// Vercel's `@name-of-secret` as a reference to a variable.
fn reference(value: &str) -> String {
    match value.strip_prefix('@') {
        Some(secret) => format!("${}", secret.replace('-', "_").to_ascii_uppercase()),
        None => value.to_owned(),
    }
}

/// The variables of a TOML file.
pub(crate) fn of_toml(text: &str) -> (Vec<Assignment>, Option<String>) {
    let mut entries = Vec::new();
    let (table, faults) = DeTable::parse_recoverable(text);
    toml_table(table.get_ref(), false, &mut entries);
    let fault = (!faults.is_empty())
        .then(|| "is not valid TOML, so some of its variables may be missed".to_owned());
    (entries, fault)
}

/// The parser bounds the depth.
fn toml_table(table: &DeTable<'_>, is_table: bool, entries: &mut Vec<Assignment>) {
    let first = entries.len();
    for (name, value) in table {
        match value.get_ref() {
            DeValue::String(text) if is_table => entries.push(Assignment {
                name: name.get_ref().to_string(),
                value: Some(text.to_string()),
                expands: true,
                name_at: name.span(),
                value_at: value.span(),
            }),
            DeValue::Table(inner) => {
                toml_table(inner, TABLES.contains(&name.get_ref().as_ref()), entries);
            }
            DeValue::Array(values) => {
                for value in values.iter() {
                    if let DeValue::Table(inner) = value.get_ref() {
                        toml_table(inner, false, entries);
                    }
                }
            }
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => {}
        }
    }
    entries[first..].sort_by_key(|entry| entry.name_at.start);
}
