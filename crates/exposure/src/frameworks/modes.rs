//! The modes and browsers for which commands of package.json build.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::App;
use crate::frameworks::shell;
use crate::js::guard::{Absence, BuildValue, CodeWord};
use crate::variables::declarations::Declared;

/// The one mode in which Vite builds the app for production: `production`, or that of its only
/// command that builds; `None` if there are several.
pub(crate) fn production_mode(app: &App<'_>) -> Option<String> {
    single(app, "build", &["--mode", "-m"], "production")
}

/// The one browser for which WXT builds an extension; `None` if there are several.
pub(crate) fn browser(app: &App<'_>) -> Option<String> {
    single(app, "wxt", &["--browser", "-b"], "chrome")
}

/// The absence of variables in a dotenv file that builds for production do not read: that of
/// another mode than the only one, or of another browser.
pub(crate) fn unread_file(app: &App<'_>, path: &str) -> Option<Absence> {
    let words = path.rsplit('/').next()?.strip_prefix(".env.")?;
    let mut words = words.split('.');
    if app.depends_on("wxt")
        && let Some(own) = browser(app)
        && words.clone().any(|word| BROWSERS.contains(&word) && word != own)
    {
        return Some(Absence::Is(BuildValue::Browser, CodeWord::new("another")));
    }
    let is_other = words.any(|word| word == "production")
        && production_mode(app).is_some_and(|mode| mode != "production");
    is_other.then_some(Absence::Is(BuildValue::Mode, CodeWord::new("production")))
}

/// The tests that a variable has another value than the one that files declare for production, of
/// all public variables.
pub(super) fn constant_variables(app: &App<'_>, prefixes: &[String]) -> Vec<Absence> {
    if production_mode(app).as_deref() != Some("production") {
        return Vec::new();
    }
    let known = app.conventions.public_prefixes.iter().copied();
    let prefixes: Vec<&str> = known.chain(prefixes.iter().map(String::as_str)).collect();
    let is_public = |name: &str| prefixes.iter().any(|it| !it.is_empty() && name.starts_with(it));
    // The values of each variable: for all modes, for production, elsewhere.
    let mut values: BTreeMap<&str, [BTreeSet<Option<&str>>; 3]> = BTreeMap::new();
    for declared in app.declarations {
        if declared.is_example || declared.is_for_development || !is_public(&declared.name) {
            continue;
        }
        let place = match declared.at.path.rsplit('/').next() {
            Some(".env") => 0,
            Some(".env.production") => 1,
            _ => 2,
        };
        let value = match &declared.value {
            Declared::Text(text) => Some(text.as_str()),
            Declared::Refers(_) | Declared::Nothing => None,
        };
        values.entry(&declared.name).or_default()[place].insert(value);
    }
    let only = |(name, [all, production, elsewhere]): (&str, [BTreeSet<Option<&str>>; 3])| {
        let own = if production.is_empty() { all } else { production };
        let value = own.first().copied().flatten().filter(|_| own.len() == 1)?;
        let is_same = elsewhere.iter().all(|other| *other == Some(value));
        let variable = BuildValue::Variable(CodeWord::new(name));
        is_same.then(|| Absence::IsNot(variable, CodeWord::new(value)))
    };
    values.into_iter().filter_map(only).collect()
}

/// The browsers for which WXT builds.
pub(crate) const BROWSERS: [&str; 5] = ["chrome", "firefox", "edge", "safari", "opera"];

/// The only value of an option among the commands with a word that build; `None` if there are
/// several.
fn single(app: &App<'_>, word: &str, names: &[&str], default: &str) -> Option<String> {
    let scripts = app.package.iter().flat_map(|package| package.scripts.values());
    let is_build = |words: &Vec<String>| {
        let has = |wanted: &str| words.iter().any(|word| word == wanted);
        has(word) && (has("build") || has("zip"))
    };
    let values: BTreeSet<String> = scripts
        .flat_map(|script| shell::commands(script))
        .filter(is_build)
        .map(|words| option(&words, names).unwrap_or(default).to_owned())
        .collect();
    let mut all = values.into_iter();
    match (all.next(), all.next()) {
        (None, _) => Some(default.to_owned()),
        (only, None) => only,
        (Some(_), Some(_)) => None,
    }
}

/// The value of an option, `--mode x` or `--mode=x`.
fn option<'w>(words: &'w [String], names: &[&str]) -> Option<&'w str> {
    words.iter().enumerate().find_map(|(at, word)| {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word.as_str(), words.get(at + 1).map(String::as_str)),
        };
        value.filter(|_| names.contains(&name))
    })
}
