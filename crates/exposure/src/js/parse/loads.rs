//! Recognises calls that load modules: `require`, `import(…)`, `import.meta.glob`, workers.

#![expect(clippy::wildcard_enum_match_arm, reason = "most kinds of syntax mean the same here")]

use oxc_ast::ast;

use crate::js::ir::ImportKind;
use crate::js::parse::lowering::Lowering;
use crate::js::parse::syntax::{inner, is_import_meta, is_member, literal, prefix};

/// The modules that a call loads.
pub(super) struct ModuleLoad {
    pub(super) specifiers: Vec<String>,
    pub(super) kind: ImportKind,
    /// Set if the module is the value of the call.
    pub(super) is_value: bool,
    /// How the names of the modules begin that it loads in other modes than production.
    pub(super) in_other_modes: Option<String>,
}

impl ModuleLoad {
    /// Modules that are loaded in all modes.
    fn new(specifiers: Vec<String>, kind: ImportKind, is_value: bool) -> Self {
        Self { specifiers, kind, is_value, in_other_modes: None }
    }
}

impl Lowering<'_> {
    /// The modules that a call loads.
    pub(super) fn loaded_by(&self, it: &ast::CallExpression<'_>) -> Option<ModuleLoad> {
        let first = it.arguments.first().and_then(|argument| argument.as_expression());
        match inner(&it.callee) {
            callee if self.is_global(callee, "require") => {
                load_of_prefix(first?, ImportKind::Require)
            }
            callee if self.is_global(callee, "importScripts") => {
                let given = it.arguments.iter();
                let scripts = given.filter_map(|argument| literal(argument.as_expression()?));
                Some(ModuleLoad::new(scripts.collect(), ImportKind::Require, false))
            }
            ast::Expression::StaticMemberExpression(callee) => {
                let object = inner(&callee.object);
                match callee.property.name.as_str() {
                    "glob" | "globEager" if is_import_meta(object) => {
                        let patterns = glob_patterns(first?, asks_for_texts(it));
                        Some(ModuleLoad::new(patterns, ImportKind::Glob, false))
                    }
                    "context" if self.is_global(object, "require") => {
                        let mut folder = literal(first?)?;
                        if !folder.ends_with('/') {
                            folder.push('/');
                        }
                        Some(ModuleLoad::new(vec![folder], ImportKind::Glob, false))
                    }
                    "register" if is_member(object, "serviceWorker") => self.worker_file(first?),
                    "addModule"
                        if is_member(object, "audioWorklet")
                            || is_member(object, "paintWorklet") =>
                    {
                        self.worker_file(first?)
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn worker_file(&self, it: &ast::Expression<'_>) -> Option<ModuleLoad> {
        let specifier = literal(it).or_else(|| self.url(it))?;
        Some(ModuleLoad::new(vec![specifier], ImportKind::Worker, false))
    }

    /// The script of `new Worker(…)`.
    pub(super) fn worker(&self, it: &ast::NewExpression<'_>) -> Option<String> {
        let names = ["Worker", "SharedWorker"];
        if !names.iter().any(|name| self.is_global(&it.callee, name)) {
            return None;
        }
        let first = it.arguments.first()?.as_expression()?;
        literal(first).or_else(|| self.url(first))
    }

    /// The address in `new URL('…', import.meta.url)`.
    fn url(&self, it: &ast::Expression<'_>) -> Option<String> {
        let ast::Expression::NewExpression(it) = inner(it) else { return None };
        self.relative_url(it)
    }

    pub(super) fn relative_url(&self, it: &ast::NewExpression<'_>) -> Option<String> {
        let base = it.arguments.get(1)?.as_expression()?;
        let is_own = matches!(inner(base), ast::Expression::StaticMemberExpression(it) if is_import_meta(&it.object));
        if !is_own || !self.is_global(&it.callee, "URL") {
            return None;
        }
        literal(it.arguments.first()?.as_expression()?)
    }
}

fn load_of_prefix(it: &ast::Expression<'_>, kind: ImportKind) -> Option<ModuleLoad> {
    if let Some(specifier) = literal(it) {
        return Some(ModuleLoad::new(vec![specifier], kind, true));
    }
    let prefix = prefix(it).filter(|prefix| prefix.contains('/'))?;
    Some(match in_production(it) {
        Some(specifier) => ModuleLoad {
            in_other_modes: Some(prefix),
            ..ModuleLoad::new(vec![specifier], kind, true)
        },
        None => ModuleLoad::new(vec![prefix], ImportKind::Glob, true),
    })
}

/// The text of a template that only names the mode, in a build for production:
/// `./settings.${process.env.NODE_ENV}.json`.
fn in_production(it: &ast::Expression<'_>) -> Option<String> {
    let ast::Expression::TemplateLiteral(it) = inner(it) else { return None };
    let is_mode = |it: &ast::Expression<'_>| {
        is_member(it, "NODE_ENV")
            && matches!(inner(it), ast::Expression::StaticMemberExpression(it) if is_member(&it.object, "env"))
    };
    if !it.expressions.iter().all(is_mode) {
        return None;
    }
    let texts: Option<Vec<_>> =
        it.quasis.iter().map(|quasi| Some(quasi.value.cooked.as_ref()?.as_str())).collect();
    Some(texts?.join("production"))
}

/// For a call of `import.meta.glob`, the name of the export that it takes of each module, if any.
pub(super) fn globbed_export(it: &ast::CallExpression<'_>) -> Option<Option<String>> {
    let ast::Expression::StaticMemberExpression(callee) = inner(&it.callee) else { return None };
    if !is_import_meta(&callee.object) {
        return None;
    }
    let options = it.arguments.get(1).and_then(|argument| argument.as_expression()).map(inner);
    let Some(ast::Expression::ObjectExpression(options)) = options else { return Some(None) };
    Some(options.properties.iter().find_map(|property| {
        let ast::ObjectPropertyKind::ObjectProperty(property) = property else { return None };
        literal(&property.value).filter(|_| property.key.static_name().as_deref() == Some("import"))
    }))
}

pub(super) fn imported_by(it: &ast::ImportExpression<'_>) -> Option<ModuleLoad> {
    load_of_prefix(&it.source, ImportKind::Dynamic)
}

/// The patterns of `import.meta.glob`, each with those that leave files out behind it, and with `?raw`
/// of which texts are taken.
fn glob_patterns(it: &ast::Expression<'_>, is_text: bool) -> Vec<String> {
    let patterns = match inner(it) {
        ast::Expression::ArrayExpression(it) => {
            it.elements.iter().filter_map(|one| literal(one.as_expression()?)).collect()
        }
        other => literal(other).into_iter().collect::<Vec<_>>(),
    };
    let (excluded, included): (Vec<String>, Vec<String>) =
        patterns.into_iter().partition(|pattern| pattern.starts_with('!'));
    included
        .into_iter()
        .map(|mut pattern| {
            // Other wildcards are not understood: everything with the prefix before them counts.
            if pattern.contains(['[', '?']) {
                pattern.truncate(pattern.find(['*', '{', '[', '?']).unwrap_or(pattern.len()));
            }
            for excluded in excluded.iter().filter(|it| !it.contains(['[', '?', ' '])) {
                pattern.push(' ');
                pattern.push_str(excluded);
            }
            if is_text {
                pattern.push_str("?raw");
            }
            pattern
        })
        .collect()
}

/// True for `import.meta.glob(…, { eager: true })`.
pub(super) fn is_eager(it: &ast::CallExpression<'_>) -> bool {
    let options = it.arguments.get(1).and_then(|argument| argument.as_expression()).map(inner);
    let Some(ast::Expression::ObjectExpression(options)) = options else { return false };
    options.properties.iter().any(|property| {
        let ast::ObjectPropertyKind::ObjectProperty(property) = property else { return false };
        let is_on =
            matches!(inner(&property.value), ast::Expression::BooleanLiteral(it) if it.value);
        is_on && property.key.static_name().as_deref() == Some("eager")
    })
}

/// True if the options of `import.meta.glob` ask for texts or addresses: `{ query: '?raw' }`, `{
/// as: 'url' }`.
fn asks_for_texts(it: &ast::CallExpression<'_>) -> bool {
    let options = it.arguments.get(1).and_then(|argument| argument.as_expression()).map(inner);
    let Some(ast::Expression::ObjectExpression(options)) = options else { return false };
    options.properties.iter().any(|property| {
        let ast::ObjectPropertyKind::ObjectProperty(property) = property else { return false };
        let is_meant = matches!(property.key.static_name().as_deref(), Some("query" | "as"));
        let value = literal(&property.value).filter(|_| is_meant);
        value.is_some_and(|it| matches!(it.trim_start_matches('?'), "raw" | "url"))
    })
}
