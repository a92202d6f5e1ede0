//! Apps and modules in memory, for the tests of the frameworks.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use super::super::app::App;
use super::super::env::Declaration;
use super::super::env::Declared;
use super::super::facts::Directive;
use super::super::facts::Erased;
use super::super::facts::Import;
use super::super::facts::ImportKind;
use super::super::facts::Module;
use super::super::facts::Span;
use super::super::leak::At;
use super::super::names::SecretNames;
use super::super::package::Package;
use super::super::value::Field;
use super::super::value::Origin;
use super::super::value::Taint;
use super::super::value::Value;
use super::Entry;
use super::EnvRoot;
use super::Framework;
use super::Inlining;
use super::Modules;
use super::Read;
use super::ReadForm;
use crate::model::FilePath;
use crate::model::Side;
use crate::rules::Ruleset;
use crate::source::Files;

/// Everything that an [`App`] and [`Modules`] need.
pub(super) struct World {
    files: BTreeMap<String, String>,
    modules: BTreeMap<String, Module>,
    configs: Vec<(String, Value)>,
    declarations: Vec<Declaration>,
    rules: Ruleset,
    names: SecretNames,
}

impl World {
    /// Files by path and text. The text tells directives (`'use client'`) and imports
    /// (`import 'x'`), one a line.
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        let rules = Ruleset::built_in();
        let names = SecretNames::new(&rules);
        let texts = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        let modules = files.iter().map(|(path, text)| ((*path).to_owned(), facts(text)));
        Self {
            files: texts.collect(),
            modules: modules.collect(),
            configs: Vec::new(),
            declarations: Vec::new(),
            rules,
            names,
        }
    }

    /// The same with a configuration.
    pub(super) fn config(mut self, path: &str, value: Value) -> Self {
        self.files.entry(path.to_owned()).or_default();
        self.configs.push((path.to_owned(), value));
        self
    }

    /// The same with a variable that a file declares.
    pub(super) fn declared(mut self, path: &str, name: &str) -> Self {
        self.declarations.push(Declaration {
            name: name.to_owned(),
            value: Declared::Nothing,
            at: at(path),
            value_at: Span::default(),
            place: ".env file",
            is_example: false,
        });
        self
    }

    /// A module whose facts are to be changed.
    pub(super) fn module_mut(&mut self, path: &str) -> &mut Module {
        self.modules.entry(path.to_owned()).or_default()
    }

    /// The app at the top.
    pub(super) fn app(&self) -> App<'_> {
        let package = self.files.get("package.json").map(|text| {
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            let strings = |key: &str| -> BTreeMap<String, String> {
                let all = value[key].as_object().into_iter().flatten();
                all.map(|(k, v)| (k.clone(), v.as_str().unwrap().to_owned())).collect()
            };
            let mut dependencies = strings("dependencies");
            dependencies.extend(strings("devDependencies"));
            Package { name: String::new(), dependencies, scripts: strings("scripts"), value }
        });
        App {
            root: String::new(),
            package,
            files: self.files.keys().cloned().collect(),
            configs: self.configs.clone(),
            declarations: &self.declarations,
            state: self,
            rules: &self.rules,
            names: &self.names,
        }
    }

    /// The entries of a framework in words: `client path`, in order.
    pub(super) fn entries(&self, framework: &dyn Framework) -> Vec<String> {
        let app = self.app();
        assert!(framework.is_used(&app), "{} is not used", framework.name());
        let entries = framework.entries(&app, self);
        let word = |entry: &Entry| {
            let side = if entry.is_packaged { "packaged" } else { entry.side.name() };
            format!("{side} {}", entry.path)
        };
        let mut words: Vec<String> = entries.iter().map(word).collect();
        words.sort();
        words.dedup();
        words
    }

    /// Whether a framework cuts a module off from clients.
    pub(super) fn is_cut(&self, framework: &dyn Framework, path: &str) -> bool {
        framework.boundary(&self.app(), path, &self.modules[path]).is_some()
    }

    /// Whether a framework inlines a variable.
    pub(super) fn inlines(
        &self,
        framework: &dyn Framework,
        name: &str,
        root: EnvRoot,
        form: ReadForm,
    ) -> bool {
        let read = Read { path: "src/a.ts", name, root, form };
        framework.inlining(&self.app(), &read) != Inlining::No
    }

    /// What the configuration leaks: place and subject.
    pub(super) fn leaks(&self, framework: &dyn Framework) -> Vec<String> {
        let leaks = framework.configured(&self.app());
        let word = |at: &At| format!("{}:{}", at.path, at.span.start);
        leaks.iter().map(|leak| format!("{} {:?}", word(&leak.at), leak.subject)).collect()
    }
}

impl Files for World {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.files.get(path).map(|text| text.clone().into_bytes()))
    }

    fn below(&self, _folder: &str) -> Vec<String> {
        self.files.keys().cloned().collect()
    }

    fn origin(&self, path: &str) -> crate::model::Provenance {
        crate::model::Provenance::tree(FilePath::from(path))
    }
}

impl Modules for World {
    fn paths(&self) -> Vec<&str> {
        self.modules.keys().map(String::as_str).collect()
    }

    fn module(&self, path: &str) -> Option<&Module> {
        self.modules.get(path)
    }

    fn resolve(&self, from: &str, specifier: &str) -> Option<String> {
        let path = super::paths::join(super::paths::folder(from), specifier)?;
        self.files.contains_key(&path).then_some(path)
    }
}

fn facts(text: &str) -> Module {
    let mut module = Module::default();
    for line in text.lines() {
        if let Some(specifier) = line.strip_prefix("import '") {
            module.imports.push(Import {
                specifier: specifier.trim_end_matches('\'').to_owned(),
                span: Span::default(),
                kind: ImportKind::Static,
                erased: Erased::No,
            });
        } else if let Some(text) = line.strip_prefix('\'') {
            let text = text.trim_end_matches('\'').to_owned();
            module.directives.push(Directive { text, span: Span::default() });
        }
    }
    module
}

/// A place of which only the start matters.
pub(super) fn at(path: &str) -> At {
    At { path: path.into(), span: Span::default() }
}

/// An object; each property begins at its number.
pub(super) fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let fields = fields.into_iter().zip(0..).map(|((key, value), start)| {
        let at = At { path: "config".into(), span: Span::new(start, start + 1) };
        Field { key: Arc::from(key), value, at }
    });
    Value::Object(fields.collect::<Vec<_>>().into())
}

/// A list.
pub(super) fn list<const N: usize>(values: [Value; N]) -> Value {
    Value::List(values.to_vec().into())
}

/// What a function made.
pub(super) fn made<const N: usize>(name: &str, arguments: [Value; N]) -> Value {
    Value::Made(Arc::from(name), arguments.to_vec().into())
}

/// A text.
pub(super) fn text(text: &str) -> Value {
    Value::Text(Arc::from(text))
}

/// `true`.
pub(super) fn yes() -> Value {
    Value::Literal(Arc::from("true"))
}

/// All variables.
pub(super) fn environment() -> Value {
    Value::Environment(EnvRoot::Process, at("config"))
}

/// A secret variable.
pub(super) fn variable(name: &str) -> Value {
    let origin = Origin::Variable {
        name: Arc::from(name),
        root: EnvRoot::Process,
        form: ReadForm::Member,
        at: at("config"),
    };
    Value::Secret(Arc::new(Taint { rule: 0, origin, hops: Vec::new() }))
}

/// The entries that `words` are to be, in their order.
pub(super) fn sides(client: &[&str], server: &[&str]) -> Vec<String> {
    let word = |side: Side| move |path: &&str| format!("{} {path}", side.name());
    let client = client.iter().map(word(Side::Client));
    let mut words: Vec<String> = client.chain(server.iter().map(word(Side::Server))).collect();
    words.sort();
    words
}
