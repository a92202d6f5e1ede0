//! Source maps that a build publishes beside its code, with the sources in them.

use crate::app::App;
use crate::eval::value::{Field, Value};
use crate::leak::FileSpan;

/// Source maps that a build publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublishedMaps {
    /// The switch, for people: `devtool of webpack.config.js`.
    pub(crate) switch: String,
    /// The place of the switch; `None` if it is on by default.
    pub(crate) at: Option<FileSpan>,
    /// Set if there are maps of style sheets as well.
    pub(crate) has_styles: bool,
}

impl PublishedMaps {
    /// Maps that an option of a configuration turns on.
    pub(crate) fn by(field: &Field, option: &str, has_styles: bool) -> Self {
        let name = crate::paths::name(&field.at.path);
        let switch = format!("{option} of {name}");
        Self { switch, at: Some(field.at.clone()), has_styles }
    }

    /// Maps that are published unless an option turns them off.
    pub(crate) fn unless(option: &str, has_styles: bool) -> Self {
        let switch = format!("the default of {option}");
        Self { switch, at: None, has_styles }
    }
}

/// True if the value of an option turns maps on. One that depends on the kind of build may be for
/// development.
pub(crate) fn is_on(value: &Value) -> bool {
    value.is_true() || value.text().is_some_and(|text| !matches!(text, "none" | "false" | ""))
}

/// True if any command of package.json has a word.
pub(crate) fn has_word(app: &App<'_>, word: &str) -> bool {
    let mut scripts = app.package.iter().flat_map(|package| package.scripts.values());
    scripts.any(|script| script.split_whitespace().any(|own| own == word))
}
