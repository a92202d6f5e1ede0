//! References as every store of them gives them: names, targets and logged changes.

use crate::model::Oid;

/// The target of a reference.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RefTarget {
    /// An object.
    Object(Oid),
    /// Another reference, by its whole name.
    Symbolic(Vec<u8>),
}

/// A reference: a name and its target.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference {
    /// The whole name, `refs/heads/main`.
    pub name: Vec<u8>,
    /// The target.
    pub target: RefTarget,
    /// The object that an annotated tag leads to, where the store says so.
    pub peeled: Option<Oid>,
}

impl Reference {
    /// The object that it names itself; `None` for symbolic ones. Tags are not followed.
    pub fn object(&self) -> Option<Oid> {
        match self.target {
            RefTarget::Object(oid) => Some(oid),
            RefTarget::Symbolic(_) => None,
        }
    }
}

/// A change of a reference, from its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedChange {
    /// The value before; `None` if there was none.
    pub old: Option<Oid>,
    /// The value after; `None` if there is none.
    pub new: Option<Oid>,
    /// Seconds since 1970.
    pub time: i64,
    /// The reason.
    pub message: Vec<u8>,
}

impl LoggedChange {
    /// Both values, as far as there are some.
    pub fn ids(&self) -> impl Iterator<Item = Oid> {
        [self.old, self.new].into_iter().flatten()
    }

    /// Parses a line of a log (gitrepository-layout(5), `logs`), without its end.
    pub(super) fn parse(line: &[u8]) -> Option<Self> {
        let (who, message) = match line.iter().position(|&byte| byte == b'\t') {
            Some(tab) => (&line[..tab], &line[tab + 1..]),
            None => (line, &b""[..]),
        };
        let (old, rest) = split_id(who)?;
        let (new, rest) = split_id(rest)?;
        // The name may contain anything but `>`; the time follows it.
        let time = rest.rsplit(|&byte| byte == b'>').next()?.trim_ascii();
        let time = time.split(|&byte| byte == b' ').next()?;
        let time = std::str::from_utf8(time).ok().and_then(|time| time.parse().ok());
        Some(Self { old, new, time: time.unwrap_or(0), message: message.to_owned() })
    }
}

/// The id at the beginning of a text, `None` if it is all zeros, and the text after the space behind it.
fn split_id(text: &[u8]) -> Option<(Option<Oid>, &[u8])> {
    let end = text.iter().position(|&byte| byte == b' ').unwrap_or(text.len());
    let oid = Oid::from_hex(&text[..end])?;
    Some((named(oid), text.get(end + 1..).unwrap_or_default()))
}

/// An id, unless it is the one of zeros, which stands for no object.
pub(super) fn named(oid: Oid) -> Option<Oid> {
    (!oid.is_null()).then_some(oid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_logs_are_parsed() {
        let (old, new) = (Oid::from([0; 20]), Oid::from([7; 20]));
        let line = format!("{old} {new} A <B> C <a@b> 1700000000 +0200\tcommit: x\ty");
        let change = LoggedChange::parse(line.as_bytes()).unwrap();
        assert_eq!((change.old, change.new, change.time), (None, Some(new), 1_700_000_000));
        assert_eq!(change.message, b"commit: x\ty");
        assert_eq!(change.ids().collect::<Vec<_>>(), [new]);
        // Damaged lines still name objects.
        let short = LoggedChange::parse(format!("{new} {new}").as_bytes()).unwrap();
        assert_eq!((short.ids().count(), short.time), (2, 0));
        for line in ["", "x", &format!("{new}"), &format!("{new} x")] {
            assert_eq!(LoggedChange::parse(line.as_bytes()), None, "{line}");
        }
    }
}
