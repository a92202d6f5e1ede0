//! Revisions by name: what stands before the first `^`, `~` or `:` is looked up in the repository's
//! references, wherever it keeps them, so that libgit2 is only asked about ids.

use git2::Direction;

use super::repo::Repository;
use crate::model::Oid;

/// The reason in the log of HEAD for changing to another branch.
const CHECKOUT: &[u8] = b"checkout: moving from ";

impl Repository {
    /// The same revision with an id in place of the name that it begins with; `None` if that is no
    /// reference (gitrevisions(7)).
    ///
    /// # Errors
    /// A reference that cannot be read, or whose log is too short.
    pub(super) fn revision_by_id(&self, revision: &str) -> Result<Option<String>, String> {
        let (name, rest) = revision.split_at(name_end(revision));
        let selected = rest.strip_prefix("@{").and_then(|rest| rest.split_once('}'));
        let (found, rest) = match selected {
            Some((selector, rest)) => (self.selected(name, selector)?, rest),
            None => (self.named_object(name)?, rest),
        };
        Ok(found.map(|oid| format!("{oid}{rest}")))
    }

    /// The object of a reference, by its short or its whole name.
    fn named_object(&self, name: &str) -> Result<Option<Oid>, String> {
        // An id is one, even if a branch has such a name.
        if name.is_empty() || Oid::from_hex(name.as_bytes()).is_some() {
            return Ok(None);
        }
        let references = self.references();
        match references.expand(name.as_bytes())? {
            Some(whole) => references.resolve(&whole),
            None => Ok(None),
        }
    }

    /// The object that `NAME@{SELECTOR}` means; `None` if that is left to libgit2.
    fn selected(&self, name: &str, selector: &str) -> Result<Option<Oid>, String> {
        let references = self.references();
        if let Some(back) = selector.strip_prefix('-').filter(|_| name.is_empty()) {
            let Ok(back) = back.parse::<usize>() else { return Ok(None) };
            let log = references.log(b"HEAD").into_iter();
            let mut left = log.filter_map(|change| {
                let branches = change.message.strip_prefix(CHECKOUT)?;
                let end = memchr::memmem::find(branches, b" to ")?;
                Some(String::from_utf8_lossy(&branches[..end]).into_owned())
            });
            let Some(branch) = back.checked_sub(1).and_then(|nth| left.nth(nth)) else {
                return Ok(None);
            };
            let oid = Oid::from_hex(branch.as_bytes());
            return oid.map_or_else(|| self.named_object(&branch), |oid| Ok(Some(oid)));
        }
        let whole = match name {
            "" => Some(references.head()?.branch.unwrap_or_else(|| b"HEAD".to_vec())),
            name => references.expand(name.as_bytes())?,
        };
        let Some(whole) = whole else { return Ok(None) };
        if ["u", "upstream"].iter().any(|own| selector.eq_ignore_ascii_case(own)) {
            let upstream = self.upstream(&whole);
            return upstream.map_or(Ok(None), |upstream| references.resolve(&upstream));
        }
        let Ok(back) = selector.parse::<usize>() else { return Ok(None) };
        if back == 0 {
            return references.resolve(&whole);
        }
        let log = references.log(&whole);
        let found = match log.get(back) {
            Some(change) => change.new,
            // The value before the oldest change.
            None if back == log.len() => log.last().and_then(|change| change.old),
            None => None,
        };
        let whole = String::from_utf8_lossy(&whole);
        let count = log.len();
        found.map(Some).ok_or_else(|| format!("the reflog of {whole} has only {count} entries"))
    }

    /// The reference that a branch follows, by the configuration.
    fn upstream(&self, branch: &[u8]) -> Option<Vec<u8>> {
        let branch = std::str::from_utf8(branch.strip_prefix(b"refs/heads/")?).ok()?;
        let config = self.git.config().ok()?;
        let remote = config.get_string(&format!("branch.{branch}.remote")).ok()?;
        let merge = config.get_string(&format!("branch.{branch}.merge")).ok()?;
        if remote == "." {
            return Some(merge.into_bytes());
        }
        let remote = self.git.find_remote(&remote).ok()?;
        let mut specs = remote.refspecs();
        let spec =
            specs.find(|spec| spec.direction() == Direction::Fetch && spec.src_matches(&merge))?;
        Some(spec.transform(&merge).ok()?.to_vec())
    }
}

/// The end of the name at the beginning of a revision.
fn name_end(revision: &str) -> usize {
    let operator = revision.find(['^', '~', ':']).unwrap_or(revision.len());
    operator.min(revision.find("@{").unwrap_or(revision.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_where_operators_begin() {
        for (revision, name) in [
            ("main", "main"),
            ("main^2~3", "main"),
            ("v1.0^{commit}", "v1.0"),
            ("HEAD:src/x", "HEAD"),
            ("main@{2 weeks ago}", "main"),
            ("@{-1}", ""),
            ("@~2", "@"),
            (":/text", ""),
            ("a@b", "a@b"),
        ] {
            assert_eq!(&revision[..name_end(revision)], name, "{revision}");
        }
    }
}
