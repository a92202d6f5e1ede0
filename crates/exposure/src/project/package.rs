//! Reads `package.json`.

use std::collections::BTreeMap;

use jsonc_parser::{JsonValue, ParseOptions};
use serde_json::Value;

/// A `package.json`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Package {
    /// Its name; empty if it has none.
    pub name: String,
    /// Dependencies of all kinds with their versions as written.
    pub dependencies: BTreeMap<String, String>,
    /// The commands of `scripts`, by name.
    pub scripts: BTreeMap<String, String>,
    /// The whole file, for keys that only one framework knows.
    pub value: Value,
}

/// The keys of dependencies; the first that names a package decides its version.
const DEPENDENCIES: [&str; 4] =
    ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];

impl Package {
    /// Reads the text of a `package.json`; comments and trailing commas are allowed.
    ///
    /// # Errors
    ///
    /// The text is not JSON, or not an object; the message contains none of it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let value = json(text)?;
        if !value.is_object() {
            return Err("it is not an object".to_owned());
        }
        let mut dependencies = BTreeMap::new();
        for key in DEPENDENCIES {
            for (name, version) in texts(&value, key) {
                dependencies.entry(name).or_insert(version);
            }
        }
        Ok(Self {
            name: value["name"].as_str().unwrap_or_default().to_owned(),
            dependencies,
            scripts: texts(&value, "scripts").collect(),
            value,
        })
    }

    /// True if it depends on another package, in any way.
    pub(crate) fn depends_on(&self, package: &str) -> bool {
        self.dependencies.contains_key(package)
    }

    /// The major version that it asks for of another package, if it can be told.
    pub(crate) fn major(&self, package: &str) -> Option<u32> {
        let wanted = self.dependencies.get(package)?;
        let digits = wanted.trim_start_matches(|c: char| !c.is_ascii_digit());
        digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    }
}

/// The string entries of an object in an object.
fn texts(value: &Value, key: &str) -> impl Iterator<Item = (String, String)> {
    let entries = value[key].as_object().into_iter().flatten();
    entries.filter_map(|(name, text)| Some((name.clone(), text.as_str()?.to_owned())))
}

/// Parses JSON with comments and trailing commas.
///
/// # Errors
///
/// The text is not JSON, or nests too deeply; the message contains none of it.
pub(crate) fn json(text: &str) -> Result<Value, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match jsonc_parser::parse_to_value(text, &ParseOptions::default()) {
        Ok(Some(value)) => Ok(plain(value)),
        Ok(None) => Err("it is empty".to_owned()),
        Err(error) => {
            let (line, column) = (error.line_display(), error.column_display());
            Err(format!("it is not JSON at line {line}, column {column}"))
        }
    }
}

/// Converts a value to that of `serde_json`. The parser limits its depth.
fn plain(value: JsonValue<'_>) -> Value {
    match value {
        JsonValue::String(text) => Value::String(text.into_owned()),
        JsonValue::Number(number) => serde_json::from_str(number).unwrap_or(Value::Null),
        JsonValue::Boolean(flag) => Value::Bool(flag),
        JsonValue::Object(object) => {
            object.into_iter().map(|(key, value)| (key.into_owned(), plain(value))).collect()
        }
        JsonValue::Array(array) => array.into_iter().map(plain).collect(),
        JsonValue::Null => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_read_with_comments_and_commas() {
        let text = "\u{feff}{
            // the web app
            \"name\": \"web\",
            \"dependencies\": { \"next\": \"^15.1.0\", \"odd\": 3 },
            \"devDependencies\": { \"next\": \"1.0.0\", \"vite\": \"workspace:*\" },
            \"peerDependencies\": { \"react\": \">=18 <20\" }, /* these too */
            \"optionalDependencies\": { \"fsevents\": \"2\" },
            \"scripts\": { \"dev\": \"next dev\", },
        }";
        let package = Package::parse(text).unwrap();
        assert_eq!(package.name, "web");
        assert_eq!(package.major("next"), Some(15));
        assert_eq!(package.major("react"), Some(18));
        assert_eq!(package.major("vite"), None);
        assert!(package.depends_on("fsevents") && !package.depends_on("odd"));
        assert_eq!(package.scripts["dev"], "next dev");
        assert_eq!(package.value["dependencies"]["odd"], 3);
    }

    #[test]
    fn invalid_packages_are_errors() {
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        for text in ["", " ", "{", "[]", "\"x\"", "{\"name\": }", "{}{}", "\u{0}", deep.as_str()] {
            assert!(Package::parse(text).is_err(), "{}", &text[..text.len().min(20)]);
        }
        for text in ["{}", "{\"name\": 1, \"scripts\": [], \"dependencies\": null}"] {
            let package = Package::parse(text).unwrap();
            assert!(package.name.is_empty() && package.dependencies.is_empty());
        }
        assert_eq!(
            Package::parse("{\"name\": \"x\",\n \"a\" 3 }").unwrap_err(),
            "it is not JSON at line 2, column 6"
        );
    }
}
