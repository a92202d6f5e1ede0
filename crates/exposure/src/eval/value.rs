//! What an expression comes to, as far as constants and secrets go.

use std::ops::Deref;
use std::sync::Arc;

use crate::catalog::KeyKindId;
use crate::leak::{FileSpan, TraceStep};
use crate::secret::Secret;
use crate::variables::read::{EnvRoot, ReadForm};

/// What an expression comes to.
#[derive(Debug, Clone, Default)]
pub(crate) enum Value {
    /// Nothing is known of it, or it does not matter.
    #[default]
    Unknown,
    /// A text that is no secret.
    Text(Arc<str>),
    /// A number, `true`, `false`, `null` or `undefined`.
    Literal(Arc<str>),
    /// A secret, or something that holds or tells one.
    Secret(Arc<Taint>),
    /// A variable that is not known to be secret.
    Variable,
    /// All variables: `process.env`, `loadEnv(…, '')`. The place is where they are named.
    Environment(EnvRoot, FileSpan),
    /// An object of which some properties are known.
    Object(Parts<Field>),
    /// A list.
    List(Parts<Self>),
    /// A function: the module and the number of it in there.
    Function(usize, u32),
    /// All that a module exports.
    Module(usize),
    /// What an unknown function made: its name as it is written (`new DefinePlugin` is
    /// `DefinePlugin`, `webpack.DefinePlugin` is that), and what it was given.
    CallResult(Arc<str>, Parts<Self>),
    /// Any of these.
    Any(Parts<Self>),
}

/// The values that another is made of. They are shared, so that a short text can make a huge value:
/// how much is in one is counted when it is made.
#[derive(Debug, Clone)]
pub(crate) struct Parts<T> {
    parts: Arc<Vec<T>>,
    size: usize,
    has_secret: bool,
}

impl<T> Deref for Parts<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.parts
    }
}

impl<T: AsRef<Value>> From<Vec<T>> for Parts<T> {
    fn from(parts: Vec<T>) -> Self {
        let values = || parts.iter().map(AsRef::as_ref);
        let size = values().map(Value::size).fold(0, usize::saturating_add);
        let has_secret = values().any(Value::has_secret);
        Self { parts: Arc::new(parts), size, has_secret }
    }
}

/// A property with a value.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// Its name.
    pub key: Arc<str>,
    /// Its value.
    pub value: Value,
    /// Name and value.
    pub at: FileSpan,
}

/// A secret in a value.
#[derive(Debug, Clone)]
pub(crate) struct Taint {
    /// Index of the rule in [`crate::catalog::Catalog::rules`].
    pub key_kind: KeyKindId,
    /// Where it comes from.
    pub origin: TaintOrigin,
    /// The way from there to here, in order: variables, exports, properties.
    pub hops: Vec<TraceStep>,
}

/// Where a secret in a value comes from.
#[derive(Debug, Clone)]
pub(crate) enum TaintOrigin {
    /// It is written down.
    Written {
        /// The secret.
        secret: Secret,
        /// Where it is, or where the expression is that puts it together.
        at: FileSpan,
    },
    /// A variable that is secret.
    Variable {
        /// Its name.
        name: Arc<str>,
        /// Where it is read from.
        root: EnvRoot,
        /// How it is read.
        form: ReadForm,
        /// The read.
        at: FileSpan,
    },
}

impl AsRef<Self> for Value {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl AsRef<Value> for Field {
    fn as_ref(&self) -> &Value {
        &self.value
    }
}

impl Value {
    /// How many values are in it, itself included; one that stands in it twice counts twice.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Object(fields) => fields.size.saturating_add(1),
            Self::List(values) | Self::CallResult(_, values) | Self::Any(values) => {
                values.size.saturating_add(1)
            }
            Self::Unknown
            | Self::Text(_)
            | Self::Literal(_)
            | Self::Secret(_)
            | Self::Variable
            | Self::Environment(..)
            | Self::Function(..)
            | Self::Module(_) => 1,
        }
    }

    /// Whether a secret is in it, at any depth.
    pub(crate) fn has_secret(&self) -> bool {
        match self {
            Self::Secret(_) => true,
            Self::Object(fields) => fields.has_secret,
            Self::List(values) | Self::CallResult(_, values) | Self::Any(values) => {
                values.has_secret
            }
            Self::Unknown
            | Self::Text(_)
            | Self::Literal(_)
            | Self::Variable
            | Self::Environment(..)
            | Self::Function(..)
            | Self::Module(_) => false,
        }
    }

    /// The value of a property; [`Value::Unknown`] if it has none of this name.
    pub(crate) fn get(&self, key: &str) -> &Self {
        self.field(key).map_or(&Self::Unknown, |field| &field.value)
    }

    /// A property; the last one of a name counts.
    pub(crate) fn field(&self, key: &str) -> Option<&Field> {
        self.fields().iter().rev().find(|field| &*field.key == key)
    }

    /// All properties of an object; none of anything else.
    pub(crate) fn fields(&self) -> &[Field] {
        match self {
            Self::Object(fields) => fields,
            _ => &[],
        }
    }

    /// The elements of a list; a single value is a list of one, and nothing known is none.
    pub(crate) fn elements(&self) -> &[Self] {
        match self {
            Self::List(values) => values,
            Self::Unknown => &[],
            other => std::slice::from_ref(other),
        }
    }

    /// The text, if it is a known one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is the literal `true`.
    pub(crate) fn is_true(&self) -> bool {
        matches!(self, Self::Literal(text) if &**text == "true")
    }

    /// Every secret in it, at any depth.
    pub(crate) fn taints(&self) -> Vec<&Arc<Taint>> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect<'v>(&'v self, found: &mut Vec<&'v Arc<Taint>>) {
        if !self.has_secret() {
            return;
        }
        match self {
            Self::Secret(taint) => found.push(taint),
            Self::Object(fields) => fields.iter().for_each(|field| field.value.collect(found)),
            Self::List(values) | Self::CallResult(_, values) | Self::Any(values) => {
                values.iter().for_each(|value| value.collect(found));
            }
            Self::Unknown
            | Self::Text(_)
            | Self::Literal(_)
            | Self::Variable
            | Self::Function(..)
            | Self::Module(_)
            | Self::Environment(..) => {}
        }
    }
}

/// Every secret in a value that reaches whoever gets it. What an unknown function makes of a
/// secret is not the secret.
pub(crate) fn leaked_taints(value: &Value) -> Vec<Arc<Taint>> {
    if !value.has_secret() {
        return Vec::new();
    }
    match value {
        Value::Secret(taint) => vec![Arc::clone(taint)],
        Value::Object(fields) => {
            fields.iter().flat_map(|field| leaked_taints(&field.value)).collect()
        }
        Value::List(values) | Value::Any(values) => values.iter().flat_map(leaked_taints).collect(),
        Value::Unknown
        | Value::Text(_)
        | Value::Literal(_)
        | Value::Variable
        | Value::Environment(..)
        | Value::Function(..)
        | Value::Module(_)
        | Value::CallResult(..) => Vec::new(),
    }
}

/// All variables of a process, if a value holds them as a whole.
pub(crate) fn whole_environment(value: &Value) -> Option<FileSpan> {
    match value {
        Value::Environment(
            EnvRoot::Process | EnvRoot::RuntimeProperties | EnvRoot::RuntimeConfig(0),
            at,
        ) => Some(at.clone()),
        Value::Object(fields) => fields.iter().find_map(|field| whole_environment(&field.value)),
        Value::List(values) | Value::Any(values) => values.iter().find_map(whole_environment),
        Value::Environment(..)
        | Value::Unknown
        | Value::Text(_)
        | Value::Literal(_)
        | Value::Variable
        | Value::Secret(_)
        | Value::Function(..)
        | Value::Module(_)
        | Value::CallResult(..) => None,
    }
}
