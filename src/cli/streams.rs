//! The process's output streams, with or without colour.

use std::io::{self, Write};

use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};

use super::args::Color;
use super::command_escaper::CommandEscaper;

#[derive(Clone)]
pub(super) struct Streams {
    color: Color,
}

impl Streams {
    pub(super) fn new(color: Color) -> Self {
        Self { color }
    }

    pub(super) fn out(&self) -> AutoStream<Box<dyn Write>> {
        self.stream(io::stdout())
    }

    pub(super) fn err(&self) -> AutoStream<Box<dyn Write>> {
        self.stream(io::stderr())
    }

    fn stream(&self, raw: impl RawStream + 'static) -> AutoStream<Box<dyn Write>> {
        let wanted = self.color.choice();
        let choice = if wanted == ColorChoice::Auto { AutoStream::choice(&raw) } else { wanted };
        AutoStream::new(Box::new(CommandEscaper::new(raw)), choice)
    }
}
