//! Values of expressions, as far as constants and secrets go.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "few of the kinds of values and expressions matter here"
)]

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::catalog::KeyKindId;
use crate::eval::limits::MAX_HOPS;
use crate::leak::{FileSpan, TraceStep};
use crate::secret::Secret;
use crate::variables::read::{EnvRoot, ReadForm};

/// The value of an expression.
#[derive(Debug, Clone, Default)]
pub(crate) enum Value {
    /// Nothing is known about it, or it does not matter.
    #[default]
    Unknown,
    /// A text that is not secret.
    Text(Arc<str>),
    /// A number, `true`, `false`, `null` or `undefined`.
    Literal(Arc<str>),
    /// A secret, or a text with a secret in it.
    Secret(Arc<Taint>),
    /// A variable that is not known to be secret.
    Variable,
    /// All variables: `process.env`, `loadEnv(…, '')`. The place is where they are named.
    Environment(EnvRoot, FileSpan),
    /// An object of which some properties are known.
    Object(Parts<Field>),
    /// A list.
    List(Parts<Self>),
    /// A function: its module and its number there.
    Function(usize, u32),
    /// All exports of a module.
    Module(usize),
    /// An instance of a class: its module, its number there, and the arguments of `new`.
    Instance(usize, u32, Parts<Self>),
    /// The result of an unknown function: its name as it is written (`DefinePlugin` for
    /// `new DefinePlugin` and `webpack.DefinePlugin`) and its arguments.
    CallResult(Arc<str>, Parts<Self>),
    /// Any of these.
    Any(Parts<Self>),
}

/// The values inside another. They are shared, so a short text can make a huge value: its size is
/// counted when it is made.
#[derive(Debug, Clone)]
pub(crate) struct Parts<T> {
    parts: Arc<Vec<T>>,
    size: usize,
    has_secret: bool,
    is_telling: bool,
    may_yield_secret: bool,
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
        let is_telling = values().any(Value::is_telling);
        let may_yield_secret = values().any(Value::may_yield_secret);
        Self { parts: Arc::new(parts), size, has_secret, is_telling, may_yield_secret }
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
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Taint {
    /// The kind of key.
    pub key_kind: KeyKindId,
    /// Where it comes from.
    pub origin: TaintOrigin,
    /// The steps from there to here, in order: variables, exports, properties.
    pub hops: Vec<TraceStep>,
}

/// Where a secret in a value comes from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TaintOrigin {
    /// It is written down.
    Written {
        /// The secret.
        secret: Secret,
        /// Its place, or that of the expression that puts it together.
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
    /// One value, or any of several; unknown ones are left out.
    pub(super) fn any_of(values: Vec<Self>) -> Self {
        let mut known: Vec<Self> =
            values.into_iter().filter(|value| !matches!(value, Self::Unknown)).collect();
        match known.len() {
            0 => Self::Unknown,
            1 => known.remove(0),
            _ => Self::Any(known.into()),
        }
    }

    /// True for a secret, or for one of several values of which some are secret.
    pub(super) fn is_secret(&self) -> bool {
        match self {
            Self::Secret(_) => true,
            Self::Any(values) => values.iter().any(Self::is_secret),
            _ => false,
        }
    }

    /// The value with one more step on the path of its secret.
    pub(super) fn with_hop(self, hop: &dyn Fn() -> TraceStep) -> Self {
        match self {
            Self::Secret(taint) if taint.hops.len() < MAX_HOPS => {
                let mut taint = (*taint).clone();
                taint.hops.push(hop());
                Self::Secret(Arc::new(taint))
            }
            Self::Any(values) if values.iter().any(Self::is_secret) => {
                let values = values.iter().map(|value| value.clone().with_hop(hop));
                Self::Any(values.collect::<Vec<_>>().into())
            }
            other => other,
        }
    }

    /// True if it is certainly the same as another, with the same places and paths.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let all = |one: &Parts<Self>, other: &Parts<Self>| {
            Arc::ptr_eq(&one.parts, &other.parts)
                || one.len() == other.len()
                    && one.size == other.size
                    && one.iter().zip(other.iter()).all(|(one, other)| one.is_same(other))
        };
        match (self, other) {
            (Self::Unknown, Self::Unknown) | (Self::Variable, Self::Variable) => true,
            (Self::Text(one), Self::Text(other)) | (Self::Literal(one), Self::Literal(other)) => {
                one == other
            }
            (Self::Secret(one), Self::Secret(other)) => Arc::ptr_eq(one, other) || one == other,
            (Self::Environment(one, at), Self::Environment(other, other_at)) => {
                one == other && at == other_at
            }
            (Self::Object(one), Self::Object(other)) => {
                Arc::ptr_eq(&one.parts, &other.parts)
                    || one.len() == other.len()
                        && one.size == other.size
                        && one.iter().zip(other.iter()).all(|(one, other)| {
                            one.key == other.key
                                && one.at == other.at
                                && one.value.is_same(&other.value)
                        })
            }
            (Self::List(one), Self::List(other)) | (Self::Any(one), Self::Any(other)) => {
                all(one, other)
            }
            (Self::Function(home, number), Self::Function(other, own)) => {
                (home, number) == (other, own)
            }
            (Self::Module(one), Self::Module(other)) => one == other,
            (Self::Instance(home, class, one), Self::Instance(own, own_class, other)) => {
                (home, class) == (own, own_class) && all(one, other)
            }
            (Self::CallResult(name, one), Self::CallResult(own, other)) => {
                name == own && all(one, other)
            }
            _ => false,
        }
    }

    /// The number of values in it, itself included; a value that is in it twice counts twice.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Object(fields) => fields.size.saturating_add(1),
            Self::List(values)
            | Self::CallResult(_, values)
            | Self::Instance(_, _, values)
            | Self::Any(values) => values.size.saturating_add(1),
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

    /// True if a secret is in it, at any depth.
    pub(crate) fn has_secret(&self) -> bool {
        match self {
            Self::Secret(_) => true,
            Self::Object(fields) => fields.has_secret,
            Self::List(values)
            | Self::CallResult(_, values)
            | Self::Instance(_, _, values)
            | Self::Any(values) => values.has_secret,
            Self::Unknown
            | Self::Text(_)
            | Self::Literal(_)
            | Self::Variable
            | Self::Environment(..)
            | Self::Function(..)
            | Self::Module(_) => false,
        }
    }

    /// True if a secret may come of it, or of a function that gets it: a secret, a text, a function,
    /// variables or a module is in it, at any depth. All else is as good as unknown.
    pub(super) fn is_telling(&self) -> bool {
        match self {
            Self::Text(_) => true,
            Self::Object(fields) => fields.is_telling,
            Self::List(values) | Self::CallResult(_, values) | Self::Any(values) => {
                values.is_telling
            }
            other => other.may_yield_secret(),
        }
    }

    /// The same without texts: these alone are a secret only when they are put together.
    pub(super) fn may_yield_secret(&self) -> bool {
        match self {
            Self::Secret(_)
            | Self::Environment(..)
            | Self::Function(..)
            | Self::Module(_)
            | Self::Instance(..) => true,
            Self::Object(fields) => fields.may_yield_secret,
            Self::List(values) | Self::CallResult(_, values) | Self::Any(values) => {
                values.may_yield_secret
            }
            Self::Unknown | Self::Text(_) | Self::Literal(_) | Self::Variable => false,
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

    /// True for a class of the project, or for one of several values of which some are.
    pub(super) fn has_instances(&self) -> bool {
        match self {
            Self::Object(fields) => {
                fields.iter().any(|field| matches!(field.value, Self::Instance(..)))
            }
            // `new this()` in a static member.
            Self::Instance(..) => true,
            Self::Any(values) => values.iter().any(Self::has_instances),
            _ => false,
        }
    }

    /// All properties of an object; none of anything else.
    pub(crate) fn fields(&self) -> &[Field] {
        match self {
            Self::Object(fields) => fields,
            _ => &[],
        }
    }

    /// The elements of a list; a single value is a list of one, an unknown value an empty list.
    pub(crate) fn elements(&self) -> &[Self] {
        match self {
            Self::List(values) => values,
            Self::Unknown => &[],
            other => std::slice::from_ref(other),
        }
    }

    /// The text, if it is known.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// True for the literal `false`.
    pub(crate) fn is_false(&self) -> bool {
        matches!(self, Self::Literal(text) if &**text == "false")
    }

    /// True for the literal `true`.
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
            Self::List(values)
            | Self::CallResult(_, values)
            | Self::Instance(_, _, values)
            | Self::Any(values) => {
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

/// Every secret in a value that whoever gets the value can read. The result of an unknown function
/// is not the secret among its arguments.
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
        | Value::Instance(..)
        | Value::CallResult(..) => Vec::new(),
    }
}

/// The place where all variables of a process are named, if they are in a value as a whole.
pub(crate) fn whole_environment(value: &Value) -> Option<FileSpan> {
    match value {
        Value::Environment(
            EnvRoot::Process
            | EnvRoot::Runtime
            | EnvRoot::PrivateModule
            | EnvRoot::RuntimeConfig(0),
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
        | Value::Instance(..)
        | Value::CallResult(..) => None,
    }
}

/// The last of the properties of each name, which replaces the others. Entries for several
/// properties stay.
pub(super) fn last_of_each(fields: Vec<Field>) -> Vec<Field> {
    let mut last: HashMap<Arc<str>, usize, RandomState> = HashMap::default();
    for (index, field) in fields.iter().enumerate() {
        last.insert(Arc::clone(&field.key), index);
    }
    let is_kept = |(index, field): &(usize, Field)| {
        matches!(&*field.key, "..." | "[]") || last.get(&field.key) == Some(index)
    };
    fields.into_iter().enumerate().filter(is_kept).map(|(_, field)| field).collect()
}
