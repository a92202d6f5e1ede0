//! Tags, their attributes, and scripts.

use std::ops::Range;

/// A script of a file.
pub(super) struct ScriptBlock {
    pub(super) content: Range<usize>,
    pub(super) is_module: bool,
    pub(super) is_typescript: bool,
    pub(super) is_jsx: bool,
}

/// An attribute.
pub(super) struct Attribute {
    pub(super) name: Range<usize>,
    pub(super) value: AttributeValue,
}

/// The value of an attribute: its range without quotes or braces.
#[derive(Clone)]
pub(super) enum AttributeValue {
    None,
    /// The flag is set if the value has quotes.
    Text(Range<usize>, bool),
    Braces(Range<usize>),
    Backticks(Range<usize>),
}

/// An opening tag.
pub(super) struct OpeningTag {
    pub(super) name: Range<usize>,
    pub(super) attributes: Vec<Attribute>,
    /// One past its `>`.
    pub(super) end: usize,
    pub(super) is_closed: bool,
}

/// The end of an attribute.
pub(super) fn value_end(attribute: &Attribute) -> usize {
    match &attribute.value {
        AttributeValue::None => attribute.name.end,
        AttributeValue::Text(value, has_quotes) => value.end + usize::from(*has_quotes),
        AttributeValue::Braces(value) | AttributeValue::Backticks(value) => value.end + 1,
    }
}
