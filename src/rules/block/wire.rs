//! The encoding of SSH (RFC 4251, section 5): texts and numbers with their length before them.

use super::fault::BlockFault;

/// Bytes of which the last text may be cut off if they are not whole.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wire<'b> {
    pub(super) rest: &'b [u8],
    pub(super) is_whole: bool,
}

impl<'b> Wire<'b> {
    pub(super) fn number(&mut self) -> Result<u32, BlockFault> {
        let Some((number, rest)) = self.rest.split_first_chunk::<4>() else {
            return Err(self.at_end());
        };
        self.rest = rest;
        Ok(u32::from_be_bytes(*number))
    }

    /// A text that may be cut off.
    pub(super) fn part(&mut self) -> Result<Self, BlockFault> {
        let length = self.number()? as usize;
        let is_whole = length <= self.rest.len();
        if !is_whole && self.is_whole {
            return Err(BlockFault::Structure);
        }
        let (part, rest) = self.rest.split_at(length.min(self.rest.len()));
        self.rest = rest;
        Ok(Self { rest: part, is_whole })
    }

    /// A text that must not be cut off.
    pub(super) fn text(&mut self) -> Result<&'b [u8], BlockFault> {
        let part = self.part()?;
        if part.is_whole { Ok(part.rest) } else { Err(BlockFault::Cut) }
    }

    pub(super) fn at_end(&self) -> BlockFault {
        if self.is_whole { BlockFault::Structure } else { BlockFault::Cut }
    }
}
