//! The grammar of revisions (gitrevisions(7)): a base, such as `main@{1}` or `v1.0`, and what follows it, such
//! as `~3^2`.

use super::pack_entry::ObjectKind;

/// A revision in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RevisionSyntax<'w> {
    pub(super) base: RevisionBase<'w>,
    /// The steps from the object that the base names, in order.
    pub(super) steps: Vec<RevisionStep<'w>>,
}

/// The beginning of a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RevisionBase<'w> {
    /// `:/TEXT`: the youngest commit with a message that matches.
    Message(&'w str),
    /// A reference, an id or the beginning of one, or the output of `git describe`; with `@{upstream}`,
    /// `@{push}` or `@{-N}`, another reference.
    Name(&'w str),
    /// `NAME@{SELECTOR}`: an earlier value of a reference.
    Selected(&'w str, &'w str),
}

/// A step from one object to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RevisionStep<'w> {
    /// `^N`: the commit itself, if it is 0.
    Parent(usize),
    /// `~N`: by first parents.
    Ancestor(usize),
    /// `^{KIND}`, `^0` and `^{}`; `None` follows tags only.
    Peel(Option<ObjectKind>),
    /// `^{object}`: the object, if it is there.
    Object,
    /// `^{/TEXT}`: the youngest commit it reaches with a message that matches.
    Message(&'w str),
}

impl<'w> RevisionSyntax<'w> {
    /// Parses a revision that may name a commit.
    ///
    /// # Errors
    /// The mistake and what to write instead, in words that follow the revision.
    pub(super) fn parse(revision: &'w str) -> Result<Self, String> {
        if let Some(text) = revision.strip_prefix(":/").filter(|text| !text.is_empty()) {
            return Ok(Self { base: RevisionBase::Message(text), steps: Vec::new() });
        }
        if has_colon(revision) {
            return Err("it names a file or a folder; leave out the colon and the path".to_owned());
        }
        let mut rest = revision;
        let mut steps = Vec::new();
        while let Some((before, step)) = last_step(rest)? {
            steps.push(step);
            rest = before;
        }
        steps.reverse();
        Ok(Self { base: base(rest), steps })
    }
}

/// True if there is a colon outside of braces: what follows it is a path.
fn has_colon(revision: &str) -> bool {
    let mut depth = 0usize;
    revision.bytes().any(|byte| {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && byte == b':'
    })
}

/// The part of a revision before its last step, and the step.
fn last_step(revision: &str) -> Result<Option<(&str, RevisionStep<'_>)>, String> {
    for ending in ["^!", "^@", "^-"] {
        if let Some(commit) = revision.strip_suffix(ending) {
            return Err(format!("it stands for several commits; write `{commit}^..{commit}`"));
        }
    }
    let before = revision.trim_end_matches(|own: char| own.is_ascii_digit());
    let digits = &revision[before.len()..];
    let count = |digits: &str| match digits {
        "" => Ok(1),
        digits => digits.parse::<usize>().map_err(|_| format!("{digits} is too large")),
    };
    if let Some(before) = before.strip_suffix('~') {
        return Ok(Some((before, RevisionStep::Ancestor(count(digits)?))));
    }
    if let Some(before) = before.strip_suffix('^') {
        return Ok(Some((before, RevisionStep::Parent(count(digits)?))));
    }
    let braces = revision.strip_suffix('}').and_then(|inner| {
        let open = inner.rfind("^{")?;
        Some((&inner[..open], &inner[open + 2..]))
    });
    let Some((before, inner)) = braces else { return Ok(None) };
    let step = match inner {
        "" => RevisionStep::Peel(None),
        "object" => RevisionStep::Object,
        "commit" => RevisionStep::Peel(Some(ObjectKind::Commit)),
        "tag" => RevisionStep::Peel(Some(ObjectKind::Tag)),
        "tree" | "blob" => return Err(format!("it names a {inner}, not a commit")),
        _ => match inner.strip_prefix('/') {
            Some(text) => RevisionStep::Message(text),
            None => return Err(format!("`^{{{inner}}}` is no kind of object")),
        },
    };
    Ok(Some((before, step)))
}

fn base(text: &str) -> RevisionBase<'_> {
    let braces = text.strip_suffix('}').and_then(|inner| {
        let open = inner.rfind("@{")?;
        Some((&inner[..open], &inner[open + 2..]))
    });
    let is_past = |selector: &str| {
        let is_other = is_upstream_mark(selector) || is_push_mark(selector);
        !is_other && !selector.is_empty() && !selector.starts_with('-')
    };
    match braces {
        Some((name, selector)) if is_past(selector) => RevisionBase::Selected(name, selector),
        _ => RevisionBase::Name(text),
    }
}

/// True for the selector of the branch that another one follows.
pub(super) fn is_upstream_mark(selector: &str) -> bool {
    ["u", "upstream"].iter().any(|own| selector.eq_ignore_ascii_case(own))
}

/// True for the selector of the branch that another one is pushed to.
pub(super) fn is_push_mark(selector: &str) -> bool {
    selector.eq_ignore_ascii_case("push")
}

/// The digits of the id at the end of what `git describe` prints: `v1.0-14-g2414721`.
pub(super) fn described(name: &str) -> Option<&str> {
    let (tag, digits) = name.rsplit_once("-g")?;
    let (_, count) = tag.rsplit_once('-')?;
    let is_count = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
    (is_count && is_short_id(digits)).then_some(digits)
}

/// True for digits that may be the beginning of an id.
pub(super) fn is_short_id(text: &str) -> bool {
    text.len() >= 4 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::RevisionBase::{Message, Name, Selected};
    use super::RevisionStep::{Ancestor, Object, Parent, Peel};
    use super::*;

    #[test]
    fn revisions_are_taken_apart() {
        let commit = Peel(Some(ObjectKind::Commit));
        let text = RevisionStep::Message;
        for (revision, base, steps) in [
            ("main", Name("main"), vec![]),
            ("main^2~3", Name("main"), vec![Parent(2), Ancestor(3)]),
            ("v1.0^{commit}~", Name("v1.0"), vec![commit, Ancestor(1)]),
            ("v1^{}^0", Name("v1"), vec![Peel(None), Parent(0)]),
            ("v1^{object}", Name("v1"), vec![Object]),
            ("main@{2 weeks ago}", Selected("main", "2 weeks ago"), vec![]),
            (
                "main@{2026-01-31 10:00:00}^",
                Selected("main", "2026-01-31 10:00:00"),
                vec![Parent(1)],
            ),
            ("@{-1}", Name("@{-1}"), vec![]),
            ("@{-1}@{Push}~", Name("@{-1}@{Push}"), vec![Ancestor(1)]),
            ("a@{u}@{1}", Selected("a@{u}", "1"), vec![]),
            ("a@{}", Name("a@{}"), vec![]),
            ("@~2", Name("@"), vec![Ancestor(2)]),
            (":/fix: it", Message("fix: it"), vec![]),
            ("HEAD^{/a {b}: c}^", Name("HEAD"), vec![text("a {b}: c"), Parent(1)]),
            ("a@b", Name("a@b"), vec![]),
            ("release-12", Name("release-12"), vec![]),
        ] {
            assert_eq!(
                RevisionSyntax::parse(revision),
                Ok(RevisionSyntax { base, steps }),
                "{revision}"
            );
        }
    }

    #[test]
    fn what_names_no_commit_is_refused_with_advice() {
        for (revision, says) in [
            ("HEAD:src/x", "file or a folder"),
            (":0:x", "file or a folder"),
            (":/", "file or a folder"),
            ("v1^!", "`v1^..v1`"),
            ("v1^{tree}", "tree"),
            ("v1^{x}", "no kind"),
            ("v1~99999999999999999999999", "too large"),
        ] {
            let error = RevisionSyntax::parse(revision).unwrap_err();
            assert!(error.contains(says), "{revision}: {error}");
        }
    }

    #[test]
    fn descriptions_end_with_an_id() {
        assert_eq!(described("v1.0-14-g2414721"), Some("2414721"));
        for name in ["v1.0-g2414721", "v1-14-g241", "v1-14-gnothing", "x"] {
            assert_eq!(described(name), None, "{name}");
        }
    }
}
