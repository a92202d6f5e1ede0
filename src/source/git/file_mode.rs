//! File modes as trees and the index store them (gitformat-index(5)).

/// The bits of a mode that hold the kind of an entry.
pub(super) const KIND: u32 = 0o170_000;
pub(super) const FILE: u32 = 0o100_000;
pub(super) const LINK: u32 = 0o120_000;
pub(super) const FOLDER: u32 = 0o040_000;
pub(super) const SUBMODULE: u32 = 0o160_000;

/// True for a folder.
pub(super) fn is_folder(mode: u32) -> bool {
    mode & KIND == FOLDER
}

/// True for a submodule: a commit of another repository.
pub(super) fn is_submodule(mode: u32) -> bool {
    mode & KIND == SUBMODULE
}

/// True for a file, a link or a folder of them; a submodule has its content elsewhere.
pub(super) fn is_content(mode: u32) -> bool {
    matches!(mode & KIND, FILE | LINK | FOLDER)
}

/// Parses the octal digits of a mode in a tree; some programs have written leading zeros.
pub(super) fn parse(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0u32, |mode, digit| match digit {
        b'0'..=b'7' => mode.checked_mul(8)?.checked_add(u32::from(digit - b'0')),
        _ => None,
    })
}
