//! The places in a file from which a secret may come.

use std::sync::Arc;

use crate::catalog::KeyKindId;
use crate::js::ir::Span;

/// The places of seeds in a file.
#[derive(Debug, Clone, Default)]
pub(crate) enum SeedPlaces {
    /// It has none.
    #[default]
    Nowhere,
    /// The offsets of all, in order, and the keys among them that the text around them tells.
    At(Arc<[u32]>, Arc<[ToldKey]>),
    /// They are not known.
    Anywhere,
}

/// A key that only the text around it shows to be one, such as the name that it is given to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ToldKey {
    /// The range in its file.
    pub(crate) span: Span,
    /// The kind of key.
    pub(crate) key_kind: KeyKindId,
    /// The length of the part that all such keys begin with.
    pub(crate) prefix: usize,
}

impl SeedPlaces {
    /// Those at these offsets, with the keys that the text around them tells, by place.
    pub(crate) fn at(mut offsets: Vec<u32>, told: Vec<ToldKey>) -> Self {
        offsets.sort_unstable();
        offsets.dedup();
        Self::At(offsets.into(), told.into())
    }

    /// The keys in a range that only the text around them tells.
    pub(crate) fn told_keys(&self, span: Span) -> impl Iterator<Item = ToldKey> {
        let all = match self {
            Self::Nowhere | Self::Anywhere => &[],
            Self::At(_, told) => &told[told.partition_point(|key| key.span.start < span.start)..],
        };
        let inside = all.iter().take_while(move |key| key.span.start < span.end);
        inside.copied().filter(move |key| span.contains(key.span))
    }

    /// True if one is known, or may be anywhere.
    pub(crate) fn has_place(&self) -> bool {
        match self {
            Self::Nowhere => false,
            Self::Anywhere => true,
            Self::At(offsets, _) => !offsets.is_empty(),
        }
    }

    /// True if there are any.
    pub(crate) fn has_any(&self) -> bool {
        !matches!(self, Self::Nowhere)
    }

    /// True if one may be in none of these ranges.
    pub(crate) fn may_be_outside(&self, ranges: impl Iterator<Item = Span> + Clone) -> bool {
        match self {
            Self::Nowhere => false,
            Self::Anywhere => true,
            Self::At(offsets, _) => offsets.iter().any(|&offset| {
                let mut ranges = ranges.clone();
                !ranges.any(|range| range.start <= offset && offset < range.end)
            }),
        }
    }

    /// True if one may be in a range.
    pub(crate) fn may_be_in(&self, span: Span) -> bool {
        match self {
            Self::Nowhere => false,
            Self::Anywhere => true,
            Self::At(offsets, _) => {
                let next = offsets.partition_point(|offset| *offset < span.start);
                offsets.get(next).is_some_and(|offset| *offset < span.end)
            }
        }
    }
}
