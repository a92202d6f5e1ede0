//! What files say of variables: dotenv files, container files, workflows, platform settings.

use super::leak::At;

/// What one place says of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// The name.
    pub name: String,
    /// What it is given.
    pub value: Declared,
    /// The name and, where it stands beside it, the value.
    pub at: At,
    /// Where the value alone stands, in the same file.
    pub value_at: super::facts::Span,
    /// What kind of place it is, for people: `.env file`, `Dockerfile`, `workflow`.
    pub place: &'static str,
    /// Whether it is an example that nothing reads: `.env.example`.
    pub is_example: bool,
}

/// What a variable is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Declared {
    /// A text, with expansions made.
    Text(String),
    /// The values of these variables or secrets, maybe with text between.
    Refers(Vec<String>),
    /// Nothing: it is declared only (`ARG X`), or empty.
    Nothing,
}

/// What dotenv files say.
pub fn declarations(
    _: &dyn crate::source::Files,
    _: &[String],
    _: &[String],
    _: &dyn super::Keys,
) -> (Vec<Declaration>, Vec<crate::model::Notice>) {
    (Vec::new(), Vec::new())
}
