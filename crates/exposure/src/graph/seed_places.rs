//! The places in a file from which a secret may come.

use std::sync::Arc;

use crate::js::ir::Span;

/// The places of seeds in a file.
#[derive(Debug, Clone, Default)]
pub(crate) enum SeedPlaces {
    /// It has none.
    #[default]
    Nowhere,
    /// The offsets of all, in order.
    At(Arc<[u32]>),
    /// They are not known.
    Anywhere,
}

impl SeedPlaces {
    /// Those at these offsets.
    pub(crate) fn at(mut offsets: Vec<u32>) -> Self {
        offsets.sort_unstable();
        offsets.dedup();
        Self::At(offsets.into())
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
            Self::At(offsets) => offsets.iter().any(|&offset| {
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
            Self::At(offsets) => {
                let next = offsets.partition_point(|offset| *offset < span.start);
                offsets.get(next).is_some_and(|offset| *offset < span.end)
            }
        }
    }
}
