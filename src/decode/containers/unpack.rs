//! Opens containers, and those inside them.

use std::io::{self, Cursor, Read};

use super::budget::{Budget, MeteredReader};
use super::container::{Container, Fault, Members, Opening, ReadSeek, fill};
use super::limits::ArchiveLimits;
use super::registry::{START, detect_end, detect_named, may_precede};

/// Between a container and its member, in the names of places.
pub const SEPARATOR: u8 = b'!';

/// Receives the texts in a container. Places are named relative to it, `b/inner.zip!c.env`.
pub trait TextVisitor {
    /// Receives a text.
    ///
    /// # Errors
    /// Those of reading it.
    fn text(&mut self, place: &[u8], content: &mut dyn Read) -> io::Result<()>;

    /// Receives the reason why a place, the container itself if it is empty, was not read to its end.
    fn fault(&mut self, place: &[u8], fault: Fault);
}

/// Passes on all texts in a container of `size` bytes whose file is called `name`.
pub fn unpack(
    container: &dyn Container,
    input: &mut dyn ReadSeek,
    (name, size): (&[u8], u64),
    limits: ArchiveLimits,
    visitor: &mut dyn TextVisitor,
) {
    let budget = Budget::new(limits, size);
    let mut level = Level {
        budget: &budget,
        visitor,
        place: Vec::new(),
        name,
        depth: 1,
        is_compression: container.is_compression(),
        is_certain: container.is_certain(name),
    };
    let read = match container.opening() {
        Opening::Stream(read) => read(&mut io::BufReader::new(input), &mut level),
        Opening::File(read) => read(input, &mut level),
    };
    if let Err(fault) = read {
        level.own_fault(fault);
    }
}

/// An open container.
struct Level<'l> {
    budget: &'l Budget,
    visitor: &'l mut dyn TextVisitor,
    /// The place of the container; empty for the outermost.
    place: Vec<u8>,
    /// The name of its file.
    name: &'l [u8],
    /// How many containers are open, this one included.
    depth: usize,
    is_compression: bool,
    is_certain: bool,
}

impl Level<'_> {
    fn joined(&self, name: &[u8]) -> Vec<u8> {
        if name.is_empty() {
            // It is the container itself in another form.
            self.place.clone()
        } else if self.place.is_empty() {
            name.to_owned()
        } else {
            [&self.place[..], &[SEPARATOR], name].concat()
        }
    }

    /// Reports what ended the reading of this container.
    fn own_fault(&mut self, fault: Fault) {
        match fault {
            Fault::Stopped => {}
            // It may be another format.
            Fault::Broken(_) if !self.is_certain => {}
            fault @ (Fault::Broken(_)
            | Fault::Encrypted
            | Fault::Unsupported(_)
            | Fault::Limit(_)
            | Fault::Undecoded(_)) => self.visitor.fault(&self.place, fault),
        }
    }

    /// Reports a member that was not read to its end.
    fn member_fault(&mut self, place: &[u8], fault: Fault) {
        let fault = match fault {
            Fault::Broken(why) if !self.is_certain => Fault::Undecoded(why),
            fault @ (Fault::Broken(_)
            | Fault::Encrypted
            | Fault::Unsupported(_)
            | Fault::Limit(_)
            | Fault::Undecoded(_)
            | Fault::Stopped) => fault,
        };
        self.visitor.fault(place, fault);
    }

    /// Reads a member that is a container.
    fn open(
        &mut self,
        container: &dyn Container,
        name: &[u8],
        content: &mut dyn Read,
    ) -> Result<(), Fault> {
        let is_compression = container.is_compression();
        // An archive that is compressed as a whole counts once, and its place is that of the file.
        let is_inner = !self.is_compression || is_compression;
        let place = if self.is_compression { self.place.clone() } else { self.joined(name) };
        let depth = self.depth + usize::from(is_inner);
        if depth > self.budget.limits.depth {
            let most = self.budget.limits.depth;
            let why = format!(
                "is {} inside {most} others, and was not opened; --max-archive-depth sets how many are",
                container.name()
            );
            self.visitor.fault(&place, Fault::Limit(why));
            return self.text(&self.joined(name), content);
        }
        let is_certain = container.is_certain(name);
        let (budget, held);
        match container.opening() {
            Opening::Stream(read) => {
                let visitor = &mut *self.visitor;
                budget = self.budget;
                let mut inner =
                    Level { budget, visitor, place, name, depth, is_compression, is_certain };
                if let Err(fault) = read(content, &mut inner) {
                    inner.own_fault(fault);
                }
            }
            Opening::File(read) => {
                held = match self.budget.hold(content) {
                    Ok(held) => held,
                    Err(Fault::Stopped) => return Err(Fault::Stopped),
                    Err(fault) => {
                        self.visitor.fault(&place, fault);
                        return Ok(());
                    }
                };
                // Not everything in it is in a member.
                self.text(&place, &mut &held.bytes[..])?;
                let visitor = &mut *self.visitor;
                budget = self.budget;
                let mut inner =
                    Level { budget, visitor, place, name, depth, is_compression, is_certain };
                if let Err(fault) = read(&mut Cursor::new(&held.bytes[..]), &mut inner) {
                    inner.own_fault(fault);
                }
            }
        }
        Ok(())
    }

    fn text(&mut self, place: &[u8], content: &mut dyn Read) -> Result<(), Fault> {
        if let Err(error) = self.visitor.text(place, content) {
            let fault = Fault::from(error);
            if fault == Fault::Stopped {
                return Err(fault);
            }
            self.member_fault(place, fault);
        }
        Ok(())
    }

    /// Reads a member that may be a program or a script with an archive behind it.
    fn prefixed(&mut self, name: &[u8], content: &mut dyn Read) -> Result<(), Fault> {
        let (held, error) = self.budget.hold_some(content);
        let is_whole = error.is_none() && held.is_whole;
        match detect_end(&held.bytes).filter(|_| is_whole) {
            Some(container) => self.open(container, name, &mut &held.bytes[..])?,
            None => self.text(&self.joined(name), &mut (&held.bytes[..]).chain(content))?,
        }
        match error.map(Fault::from) {
            Some(Fault::Stopped) => Err(Fault::Stopped),
            Some(fault) => {
                self.member_fault(&self.joined(name), fault);
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl Members for Level<'_> {
    fn member(&mut self, name: &[u8], content: &mut dyn Read) -> Result<(), Fault> {
        self.budget.count_member()?;
        let name = match name {
            [] if self.is_compression => stem(self.name).to_vec(),
            name => name.strip_prefix(b"./").unwrap_or(name).to_vec(),
        };
        let mut content = MeteredReader { input: content, budget: self.budget };
        let mut start = [0; START];
        let (filled, error) = fill(&mut content, &mut start);
        let start = &start[..filled];
        match error.map(Fault::from) {
            None => match detect_named(&name, start) {
                Some(container) => self.open(container, &name, &mut start.chain(content))?,
                None if may_precede(start) => self.prefixed(&name, &mut start.chain(content))?,
                None => self.text(&self.joined(&name), &mut start.chain(content))?,
            },
            Some(Fault::Stopped) => return Err(Fault::Stopped),
            // It is another format, which begins like this one.
            Some(Fault::Broken(_)) if filled == 0 && self.is_compression && !self.is_certain => {}
            // What could be read is searched, too.
            Some(fault) => {
                let place = self.joined(&name);
                if filled > 0 {
                    self.text(&place, &mut { start })?;
                }
                self.member_fault(&place, fault);
            }
        }
        if self.budget.is_over() { Err(Fault::Stopped) } else { Ok(()) }
    }

    fn fault(&mut self, name: &[u8], fault: Fault) {
        if fault != Fault::Stopped {
            self.member_fault(&self.joined(name), fault);
        }
    }

    fn limits(&self) -> ArchiveLimits {
        self.budget.limits
    }
}

/// The name of what is in a compressed file that does not tell: its own without the last extension.
fn stem(name: &[u8]) -> &[u8] {
    let own = name.rsplit(|byte| matches!(byte, b'/' | b'\\')).next().unwrap_or_default();
    match own.iter().rposition(|byte| *byte == b'.') {
        Some(dot) if dot > 0 => &own[..dot],
        _ if own.is_empty() => b"content",
        _ => own,
    }
}
