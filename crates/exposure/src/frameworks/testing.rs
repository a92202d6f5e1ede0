//! Apps and modules in memory, for the tests of the frameworks.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use crate::app::App;
use crate::catalog::{Catalog, KeyKindId};
use crate::checks::build_inline_secret;
use crate::eval::value::{Field, Taint, TaintOrigin, Value};
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead};
use crate::input::{Files, FoundKey, KeyFinder};
use crate::js::guard::Guard;
use crate::js::ir::{Directive, Erased, ImportKind, Module, ModuleImport, Span};
use crate::leak::{FileSpan, Side};
use crate::project::package::Package;
use crate::testing::catalog::catalog;
use crate::testing::keys::Prefixes;
use crate::variables::declarations::{Declaration, Declared};
use crate::variables::names::SecretNames;
use crate::variables::read::{EnvRoot, ReadForm};

/// A project in memory, for an [`App`] and its [`Modules`].
pub(crate) struct World {
    files: BTreeMap<String, String>,
    modules: BTreeMap<String, Module>,
    configs: Vec<(String, Value)>,
    declarations: Vec<Declaration>,
    catalog: Catalog,
    names: SecretNames,
}

impl World {
    /// A project of files by path and text. Each line of a text may be a directive (`'use client'`)
    /// or an import (`import 'x'`).
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let catalog = catalog();
        let names = SecretNames::new(&catalog);
        let texts = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        let modules = files.iter().map(|(path, text)| ((*path).to_owned(), facts(text)));
        Self {
            files: texts.collect(),
            modules: modules.collect(),
            configs: Vec::new(),
            declarations: Vec::new(),
            catalog,
            names,
        }
    }

    /// The same project with a configuration.
    pub(crate) fn config(mut self, path: &str, value: Value) -> Self {
        self.files.entry(path.to_owned()).or_default();
        self.configs.push((path.to_owned(), value));
        self
    }

    /// The same project with a variable that a file declares.
    pub(crate) fn declared(mut self, path: &str, name: &str) -> Self {
        self.declarations.push(Declaration {
            name: name.to_owned(),
            value: Declared::Nothing,
            at: at(path),
            value_at: Span::default(),
            place: ".env file",
            is_example: false,
            is_for_development: false,
        });
        self
    }

    /// A module, to change its facts.
    pub(crate) fn module_mut(&mut self, path: &str) -> &mut Module {
        self.modules.entry(path.to_owned()).or_default()
    }

    /// The app at the top.
    pub(crate) fn app(&self) -> App<'_> {
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
            keys: self,
            catalog: &self.catalog,
            names: &self.names,
            conventions: &crate::frameworks::tables().variables,
        }
    }

    /// The entries of a framework in words: `client path`, in order.
    pub(crate) fn entries(&self, framework: &dyn Framework) -> Vec<String> {
        let app = self.app();
        assert!(framework.is_used(&app), "{} is not used", framework.id().name());
        let mut entries = framework.entries(&app, self);
        entries.extend(framework.default_entries(&app, self));
        let word = |entry: &EntryPoint| {
            let side = if entry.is_packaged { "packaged" } else { entry.side.name() };
            format!("{side} {}", entry.path)
        };
        let mut words: Vec<String> = entries.iter().map(word).collect();
        words.sort();
        words.dedup();
        words
    }

    /// True if clients cannot import a module.
    pub(crate) fn is_cut(&self, framework: &dyn Framework, path: &str) -> bool {
        framework.boundary(&self.app(), path, &self.modules[path]).is_some()
    }

    /// True if a framework inlines a variable.
    pub(crate) fn inlines(
        &self,
        framework: &dyn Framework,
        name: &str,
        root: EnvRoot,
        form: ReadForm,
    ) -> bool {
        let read = VariableRead { path: "src/a.ts", name, root, form };
        framework.inlining(&self.app(), &read) != Inlining::No
    }

    /// The leaks of the configuration: place and subject.
    pub(crate) fn leaks(&self, framework: &dyn Framework) -> Vec<String> {
        let leaks = build_inline_secret::leaks(&[framework], &self.app(), &|_| None);
        let word = |at: &FileSpan| format!("{}:{}", at.path, at.span.start);
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
}

impl KeyFinder for World {
    fn find(&self, text: &str) -> Vec<FoundKey> {
        Prefixes(&self.catalog).find(text)
    }

    fn masked(&self, text: &str) -> String {
        text.to_owned()
    }

    fn text(&self, bytes: &[u8]) -> String {
        Prefixes(&self.catalog).text(bytes)
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
        let path =
            crate::frameworks::paths::join(crate::frameworks::paths::folder(from), specifier)?;
        self.files.contains_key(&path).then_some(path)
    }
}

fn facts(text: &str) -> Module {
    let mut module = Module::default();
    for line in text.lines() {
        if let Some(specifier) = line.strip_prefix("import '") {
            module.imports.push(ModuleImport {
                specifier: specifier.trim_end_matches('\'').to_owned(),
                span: Span::default(),
                kind: ImportKind::Static,
                erased: Erased::No,
                guard: Guard::None,
            });
        } else if let Some(text) = line.strip_prefix('\'') {
            let text = text.trim_end_matches('\'').to_owned();
            module.directives.push(Directive { text, span: Span::default() });
        }
    }
    module
}

/// A package.json whose script `build` is this command.
pub(crate) fn scripts(build: &str) -> String {
    format!(r#"{{"scripts": {{"build": "{build}"}}}}"#)
}

/// A place at the start of a file.
pub(crate) fn at(path: &str) -> FileSpan {
    FileSpan { path: path.into(), span: Span::default() }
}

/// An object; the offset of each property is its index.
pub(crate) fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let fields = fields.into_iter().zip(0..).map(|((key, value), start)| {
        let at = FileSpan { path: "config".into(), span: Span::new(start, start + 1) };
        Field { key: Arc::from(key), value, at }
    });
    Value::Object(fields.collect::<Vec<_>>().into())
}

/// A list.
pub(crate) fn list<const N: usize>(values: [Value; N]) -> Value {
    Value::List(values.to_vec().into())
}

/// The result of a call.
pub(crate) fn made<const N: usize>(name: &str, arguments: [Value; N]) -> Value {
    Value::CallResult(Arc::from(name), arguments.to_vec().into())
}

/// A text.
pub(crate) fn text(text: &str) -> Value {
    Value::Text(Arc::from(text))
}

/// `true`.
pub(crate) fn yes() -> Value {
    Value::Literal(Arc::from("true"))
}

/// All variables.
pub(crate) fn environment() -> Value {
    Value::Environment(EnvRoot::Process, at("config"))
}

/// A secret variable.
pub(crate) fn variable(name: &str) -> Value {
    let origin = TaintOrigin::Variable {
        name: Arc::from(name),
        root: EnvRoot::Process,
        form: ReadForm::Member,
        at: at("config"),
    };
    Value::Secret(Arc::new(Taint { key_kind: KeyKindId(0), origin, hops: Vec::new() }))
}

/// Expected entries in words, in order.
pub(crate) fn sides(client: &[&str], server: &[&str]) -> Vec<String> {
    let word = |side: Side| move |path: &&str| format!("{} {path}", side.name());
    let client = client.iter().map(word(Side::Client));
    let mut words: Vec<String> = client.chain(server.iter().map(word(Side::Server))).collect();
    words.sort();
    words
}
