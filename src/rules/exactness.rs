//! The exactness of rules: of several rules that match one place, the most exact one is right.

use std::cmp::Ordering;

use regex_syntax::hir::{Class, Hir, HirKind};

/// The exactness of a pattern: how few of all texts it matches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PatternExactness {
    /// The least number of bytes that are the same in every match: its prefix and fixed markers.
    fixed: usize,
    /// Bits of choice per byte of the longest match: 0 for a literal text, about 6 for letters and
    /// digits.
    choice: f64,
}

impl PatternExactness {
    pub(super) fn of(hir: &Hir) -> Self {
        let Extent { fixed, length, bits } = extent(hir);
        Self { fixed, choice: bits / length.max(1.0) }
    }

    /// `Greater` if this pattern is the more exact one.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let fewer_choices = other.choice.total_cmp(&self.choice);
        self.fixed.cmp(&other.fixed).then(fewer_choices)
    }
}

/// Sums over a part of a pattern.
struct Extent {
    /// Bytes that are the same in every match.
    fixed: usize,
    /// The longest match in bytes.
    length: f64,
    /// Bits of choice in it.
    bits: f64,
}

fn extent(hir: &Hir) -> Extent {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Extent { fixed: 0, length: 0.0, bits: 0.0 },
        HirKind::Literal(literal) => {
            let length = literal.0.len();
            Extent { fixed: length, length: length as f64, bits: 0.0 }
        }
        HirKind::Class(class) => {
            let size: u32 = match class {
                Class::Bytes(class) => class
                    .ranges()
                    .iter()
                    .map(|range| u32::from(range.end()) - u32::from(range.start()) + 1)
                    .sum(),
                Class::Unicode(class) => class
                    .ranges()
                    .iter()
                    .map(|range| u32::from(range.end()) - u32::from(range.start()) + 1)
                    .sum(),
            };
            Extent {
                fixed: usize::from(size == 1),
                length: 1.0,
                bits: f64::from(size.max(1)).log2(),
            }
        }
        HirKind::Capture(group) => extent(&group.sub),
        HirKind::Repetition(repetition) => {
            let one = extent(&repetition.sub);
            let times = f64::from(repetition.max.unwrap_or(repetition.min.saturating_add(1)));
            Extent {
                fixed: one.fixed.saturating_mul(repetition.min as usize),
                length: one.length * times,
                bits: one.bits * times,
            }
        }
        HirKind::Concat(parts) => {
            parts.iter().map(extent).fold(extent(&Hir::empty()), |sum, part| Extent {
                fixed: sum.fixed.saturating_add(part.fixed),
                length: sum.length + part.length,
                bits: sum.bits + part.bits,
            })
        }
        HirKind::Alternation(branches) => {
            let all: Vec<_> = branches.iter().map(extent).collect();
            let longest = all.iter().max_by(|a, b| a.length.total_cmp(&b.length));
            let (length, bits) =
                longest.map_or((0.0, 0.0), |longest| (longest.length, longest.bits));
            Extent {
                fixed: all.iter().map(|branch| branch.fixed).min().unwrap_or(0),
                length,
                bits: bits + (branches.len() as f64).log2(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Pattern;

    #[test]
    fn the_pattern_that_fits_fewer_texts_is_more_exact() {
        for (more, less) in [
            // A marker, and a longer prefix.
            ("sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}", "sk-[A-Za-z0-9]{48}"),
            ("sk_live_[A-Za-z0-9]{24}", "sk_[A-Za-z0-9_]{20,40}"),
            // Fewer characters, and fewer lengths at which they are free.
            ("sk_live_[0-9a-f]{40}", "sk_live_[A-Za-z0-9]{24,99}"),
            ("sk_live_[0-9A-F]{16}", "sk_live_[0-9a-zA-Z]{16}"),
            ("(?:live|test)_[0-9a-f]{35}", "[a-z]{4}_[0-9a-f]{35}"),
            ("ab[c]", "ab[cd]"),
        ] {
            let of = |pattern: &str| PatternExactness::of(&Pattern::hir(pattern).unwrap());
            assert_eq!(of(more).compare(&of(less)), Ordering::Greater, "{more} {less}");
            assert_eq!(of(less).compare(&of(more)), Ordering::Less, "{more} {less}");
            assert_eq!(of(more).compare(&of(more)), Ordering::Equal, "{more}");
        }
    }
}
