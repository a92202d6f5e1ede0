//! Parts of build configurations whose values ship to clients.

use crate::eval::value::{Field, Value};
use crate::frameworks::sending_call::REDIRECT;
use crate::leak::FileSpan;

/// A part of a build configuration that ships.
#[derive(Debug, Clone)]
pub(crate) struct ShippedSetting {
    /// The content that ships.
    pub(crate) content: ShippedContent,
    /// The effect of the part, for people: `env of next.config ships to the browser`.
    pub(crate) note: &'static str,
    /// The names by which code gets it.
    pub(crate) named: NamedBy,
    /// Set if it is code that is minified afterwards, so that plain comments in it do not ship.
    pub(crate) is_minified: bool,
    /// Set if the minifier drops legal comments in it, too.
    pub(crate) drops_legal: bool,
}

/// The names by which code gets the content of a setting. A build leaves out what no code names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NamedBy {
    /// It ships in any case.
    Nothing,
    /// Each property by its own name.
    Keys,
    /// All of it by this name.
    Name(String),
}

/// The content of a setting that ships.
#[derive(Debug, Clone)]
pub(crate) enum ShippedContent {
    /// The values of an object's properties.
    Fields(Value),
    /// The variable of this name, which the setting only names.
    Variable(String, FileSpan),
    /// A text with the keys in it.
    Text(String, FileSpan),
}

impl ShippedSetting {
    /// The values of an object's properties ship to code that names the properties.
    pub(crate) fn names(value: &Value, note: &'static str) -> Self {
        Self { named: NamedBy::Keys, ..Self::fields(value, note) }
    }

    /// The same setting, which ships to code that has this name in it.
    pub(crate) fn read_as(self, name: &str) -> Self {
        Self { named: NamedBy::Name(name.to_owned()), ..self }
    }

    /// The same setting, if it is code that the build minifies afterwards.
    pub(crate) fn minified(self, is_minified: bool) -> Self {
        Self { is_minified, ..self }
    }

    /// The same setting, if the minifier drops legal comments in it, too.
    pub(crate) fn without_legal(self, drops_legal: bool) -> Self {
        Self { drops_legal, ..self }
    }

    /// The values of an object's properties ship.
    pub(crate) fn fields(value: &Value, note: &'static str) -> Self {
        Self {
            content: ShippedContent::Fields(value.clone()),
            note,
            named: NamedBy::Nothing,
            is_minified: false,
            drops_legal: false,
        }
    }

    /// The value of one property of an object ships.
    pub(crate) fn property(value: &Value, key: &str, note: &'static str) -> Self {
        let field: Vec<Field> = value.field(key).cloned().into_iter().collect();
        Self::fields(&Value::Object(field.into()), note)
    }

    /// The value of one property ships.
    pub(crate) fn field(field: &Field, note: &'static str) -> Self {
        Self::fields(&Value::Object(vec![field.clone()].into()), note)
    }

    /// The address of a redirect ships: the value itself, or one of these properties of it.
    pub(crate) fn redirect(field: &Field, properties: &[&str]) -> Self {
        let own = properties.iter().filter_map(|name| field.value.field(name));
        let is_object = matches!(field.value, Value::Object(_));
        let parts: Vec<Field> =
            if is_object { own.cloned().collect() } else { vec![field.clone()] };
        Self::fields(&Value::Object(parts.into()), REDIRECT)
    }

    /// The keys in a text that stands at a place.
    pub(crate) fn text(text: &str, at: &FileSpan, note: &'static str) -> Self {
        Self {
            content: ShippedContent::Text(text.to_owned(), at.clone()),
            note,
            named: NamedBy::Nothing,
            is_minified: false,
            drops_legal: false,
        }
    }

    /// A variable ships that is named at a place.
    pub(crate) fn variable(name: impl Into<String>, at: &FileSpan, note: &'static str) -> Self {
        Self {
            content: ShippedContent::Variable(name.into(), at.clone()),
            note,
            named: NamedBy::Nothing,
            is_minified: false,
            drops_legal: false,
        }
    }
}
