//! The modes in which commands of package.json build.

use std::collections::BTreeSet;

use crate::app::App;
use crate::frameworks::shell;

/// The one mode in which Vite builds the app for production: `production`, or that of its only
/// command that builds; `None` if there are several.
pub(crate) fn production_mode(app: &App<'_>) -> Option<String> {
    let scripts = app.package.iter().flat_map(|package| package.scripts.values());
    let modes: BTreeSet<String> = scripts
        .flat_map(|script| shell::commands(script))
        .filter(|words| words.iter().any(|word| word == "build"))
        .map(|words| option(&words, &["--mode", "-m"]).unwrap_or("production").to_owned())
        .collect();
    let mut all = modes.into_iter();
    match (all.next(), all.next()) {
        (None, _) => Some("production".to_owned()),
        (only, None) => only,
        (Some(_), Some(_)) => None,
    }
}

/// The value of an option, `--mode x` or `--mode=x`.
pub(crate) fn option<'w>(words: &'w [String], names: &[&str]) -> Option<&'w str> {
    words.iter().enumerate().find_map(|(at, word)| {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word.as_str(), words.get(at + 1).map(String::as_str)),
        };
        value.filter(|_| names.contains(&name))
    })
}
