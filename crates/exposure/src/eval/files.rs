//! Files that code reads when it runs: `JSON.parse(readFileSync('./a.json'))`, `dotenv.parse(…)`.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "few of the kinds of values and expressions matter here"
)]

use std::sync::Arc;

use crate::eval::calls::CallSite;
use crate::eval::collections::PREFIXED;
use crate::eval::evaluator::Evaluator;
use crate::eval::value::{Field, TaintOrigin, Value};
use crate::eval::variable_modules::DOTENV;
use crate::js::ir::{Body, Expr, ExprId, Property, PropertyKey, Span};
use crate::js::json;
use crate::leak::FileSpan;
use crate::paths;
use crate::variables::read::{EnvRoot, ReadForm};

/// Larger files are not settings that somebody wrote.
const MAX_FILE: usize = 1 << 20;

/// Functions that read a file at once.
const READERS: [&str; 5] =
    ["readFileSync", "readFile", "readJsonSync", "readJSONSync", "readTextFileSync"];

impl Evaluator<'_> {
    /// The result of a function that reads a file; `None` if it is none.
    pub(super) fn read_file(&self, site: CallSite<'_>, name: &str) -> Option<Value> {
        let short = name.rsplit('.').next().unwrap_or_default();
        match short {
            "parse" | "config" | "expand" | "load" => self.dotenv(site, short),
            "parseEnv" => Some(self.dotenv_variables(site)),
            _ if READERS.contains(&short) => {
                let path = self.path_of(&self.argument(site, 0))?;
                let text = self.text_of(&path)?;
                if short.to_ascii_lowercase().starts_with("readjson") {
                    return Some(self.json(&path, &text));
                }
                let span = Span::new(0, u32::try_from(text.len()).ok()?);
                Some(self.text_at(&path.into(), span, &text.into()))
            }
            _ => None,
        }
    }

    /// The value of a JSON file, for the text that was read of it.
    pub(super) fn parsed_json(&self, text: &Value) -> Option<Value> {
        let Value::Secret(taint) = text else { return None };
        let TaintOrigin::Written { at, .. } = &taint.origin else { return None };
        if !at.path.ends_with(".json") {
            return None;
        }
        let text = self.text_of(&at.path)?;
        Some(self.json(&at.path, &text))
    }

    /// `dotenv.parse(…)`, `dotenv.config()` and the like, by the package that they come from.
    fn dotenv(&self, site: CallSite<'_>, short: &str) -> Option<Value> {
        let (package, _) = self.external(site.module, site.callee)?;
        if !DOTENV.contains(&package) {
            return None;
        }
        let variables = self.dotenv_variables(site);
        if short == "parse" {
            return Some(variables);
        }
        let field =
            Field { key: "parsed".into(), value: variables, at: self.at(site.module, site.span) };
        Some(Value::Object(vec![field].into()))
    }

    /// The variables of dotenv files. Without such files, they are not known: any variable may be one.
    fn dotenv_variables(&self, site: CallSite<'_>) -> Value {
        let at = self.at(site.module, site.span);
        let is_dotenv = |path: &str| paths::name(path).starts_with(".env");
        let declared = self.env.declared().map(|(declared, _)| declared);
        let declared: Vec<_> = declared
            .filter(|declared| !declared.is_example && is_dotenv(&declared.at.path))
            .collect();
        if declared.is_empty() {
            return Value::Environment(EnvRoot::Runtime, at);
        }
        let mut fields: Vec<Field> = Vec::new();
        for declared in declared {
            let name: Arc<str> = declared.name.as_str().into();
            let value = self.variable(&name, EnvRoot::Runtime, ReadForm::Member, at.clone());
            if !fields.iter().any(|field| field.key == name) {
                fields.push(Field { key: name, value, at: at.clone() });
            }
        }
        let any = Value::CallResult(PREFIXED.into(), vec![Value::Text("".into())].into());
        fields.push(Field { key: "...".into(), value: any, at });
        Value::Object(fields.into())
    }

    /// The path that a value stands for, relative to the top of the project: a text, or texts that are
    /// joined.
    fn path_of(&self, value: &Value) -> Option<String> {
        let (_, root) = self.files?;
        let written = match value {
            Value::Text(text) => text.to_string(),
            Value::CallResult(name, parts) if !parts.is_empty() => match &**name {
                "join" | "resolve" | "URL" | "fileURLToPath" | "normalize" => {
                    let parts: Option<Vec<String>> = parts.iter().map(path_part).collect();
                    parts?.join("/")
                }
                _ => return None,
            },
            _ => return None,
        };
        let is_absolute = written.starts_with('/');
        paths::join(root, &written).filter(|_| !is_absolute)
    }

    /// The text of a file of the project.
    fn text_of(&self, path: &str) -> Option<String> {
        let (files, _) = self.files?;
        let bytes = files.read(path).ok()??;
        if bytes.len() > MAX_FILE {
            return None;
        }
        self.charge(bytes.len());
        // In other encodings, offsets in the text would not be those in the file.
        String::from_utf8(bytes).ok()
    }

    /// The value of a JSON text.
    fn json(&self, path: &str, text: &str) -> Value {
        let module = json::module(text);
        let Some(body) = module.body.as_ref() else { return Value::Unknown };
        self.charge(body.nodes.len());
        let root = body.default_export;
        root.map_or(Value::Unknown, |root| self.json_value(body, root, &path.into()))
    }

    fn json_value(&self, body: &Body, expr: ExprId, path: &Arc<str>) -> Value {
        let Some(node) = body.node(expr) else { return Value::Unknown };
        match &node.expr {
            Expr::Text(text) => self.text_at(path, node.span, text),
            Expr::Literal(text) => Value::Literal(Arc::clone(text)),
            Expr::Array(all) => {
                let all = all.iter().map(|&id| self.json_value(body, id, path));
                Value::List(all.collect::<Vec<_>>().into())
            }
            Expr::Object(properties) => {
                let field = |property: &Property| {
                    let PropertyKey::Name(name) = &property.key else { return None };
                    Some(Field {
                        key: Arc::clone(name),
                        value: self.json_value(body, property.value, path),
                        at: FileSpan { path: Arc::clone(path), span: property.span },
                    })
                };
                Value::Object(properties.iter().filter_map(field).collect::<Vec<_>>().into())
            }
            _ => Value::Unknown,
        }
    }
}

/// A part of a path, of joined texts again.
fn path_part(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.to_string()),
        // The folder where the program runs.
        Value::CallResult(name, parts) if &**name == "cwd" && parts.is_empty() => {
            Some(".".to_owned())
        }
        Value::CallResult(_, parts) if !parts.is_empty() => {
            let parts: Option<Vec<String>> = parts.iter().map(path_part).collect();
            Some(parts?.join("/"))
        }
        _ => None,
    }
}
