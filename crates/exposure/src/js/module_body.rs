//! The expressions of a module. Those that an earlier run has kept are read when they are first asked
//! for: of most modules, nobody does.

use std::sync::OnceLock;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::js::body::Body;
use crate::js::left::{ERRORS, left_in};

/// The expressions of a module, if they were asked for when it was parsed.
#[derive(Debug, Clone, Default)]
pub(crate) struct ModuleBody {
    facts: BodyFacts,
    /// The expressions as an earlier run has kept them.
    stored: Option<Box<[u8]>>,
    read: OnceLock<Option<Box<Body>>>,
}

/// The facts about the expressions of a module for which these need not be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BodyFacts {
    /// [`Body::origins`].
    pub(crate) origins: Vec<usize>,
    /// [`Body::changed_bindings`].
    pub(crate) changes: Vec<(usize, usize)>,
    /// True if they [leave values](left_in) for other code, besides errors.
    pub(crate) leaves: bool,
    /// True if they leave errors.
    pub(crate) throws: bool,
}

impl BodyFacts {
    fn of(body: &Body) -> Self {
        let mut changes = body.changed_bindings();
        changes.sort_unstable();
        changes.dedup();
        let left = left_in(body);
        let throws = left.iter().any(|it| it.holder == ERRORS);
        let leaves = left.iter().any(|it| it.holder != ERRORS);
        Self { origins: body.origins.clone(), changes, leaves, throws }
    }
}

impl ModuleBody {
    /// The expressions. If those that were kept are damaged, there are none.
    pub(crate) fn as_ref(&self) -> Option<&Body> {
        let read = || postcard::from_bytes(self.stored.as_deref()?).ok();
        match self.stored {
            Some(_) => self.read.get_or_init(read).as_deref(),
            None => self.read.get()?.as_deref(),
        }
    }

    /// The expressions of a module that was parsed in this run, for changes of what [facts](Self::facts) do not
    /// tell.
    pub(crate) fn as_mut(&mut self) -> Option<&mut Body> {
        self.read.get_mut()?.as_deref_mut()
    }

    /// True if they were not asked for.
    pub(crate) fn is_none(&self) -> bool {
        self.stored.is_none() && self.read.get().is_none_or(Option::is_none)
    }

    /// The facts about them; none if they were not asked for.
    pub(crate) fn facts(&self) -> &BodyFacts {
        &self.facts
    }
}

impl From<Body> for ModuleBody {
    fn from(body: Body) -> Self {
        let facts = BodyFacts::of(&body);
        Self { facts, stored: None, read: OnceLock::from(Some(Box::new(body))) }
    }
}

impl From<Option<Body>> for ModuleBody {
    fn from(body: Option<Body>) -> Self {
        body.map(Self::from).unwrap_or_default()
    }
}

/// StoredBytes that are kept as they are.
struct StoredBytes<'b>(&'b [u8]);

impl Serialize for StoredBytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl Serialize for ModuleBody {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = match (&self.stored, self.as_ref()) {
            (Some(_), _) | (None, None) => None,
            (None, Some(body)) => {
                Some(postcard::to_allocvec(body).map_err(serde::ser::Error::custom)?)
            }
        };
        let bytes = written.as_deref().or(self.stored.as_deref());
        (&self.facts, bytes.map(StoredBytes)).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ModuleBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (facts, bytes): (BodyFacts, Option<&'de [u8]>) =
            Deserialize::deserialize(deserializer)?;
        Ok(Self { facts, stored: bytes.map(Into::into), read: OnceLock::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::js::body::{Expr, ExprNode};
    use crate::span::Span;

    fn body() -> Body {
        let node = ExprNode { expr: Expr::Text("text".into()), span: Span::new(3, 9), context: 0 };
        Body { nodes: vec![node], origins: vec![2], ..Body::default() }
    }

    #[test]
    fn what_is_kept_is_read_as_it_was() {
        for body in [None, Some(body())] {
            let expected = format!("{body:?}");
            let first = ModuleBody::from(body);
            let kept = postcard::to_allocvec(&first).unwrap();
            let second: ModuleBody = postcard::from_bytes(&kept).unwrap();
            // Before and after it is read.
            for _ in 0..2 {
                assert_eq!(second.is_none(), first.is_none());
                assert_eq!(second.facts(), first.facts());
                assert_eq!(postcard::to_allocvec(&second).unwrap(), kept);
                assert_eq!(format!("{:?}", second.as_ref()), expected);
            }
        }
    }

    #[test]
    fn damaged_expressions_are_none() {
        let stored = ModuleBody { stored: Some([9; 3].into()), ..ModuleBody::default() };
        assert!(stored.as_ref().is_none());
    }
}
