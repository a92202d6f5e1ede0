//! Places of texts in files.

use crate::app::App;
use crate::js::ir::Span;
use crate::leak::FileSpan;

/// The place of a quoted text within another place; that place itself if the text is not in it.
pub(crate) fn quoted(app: &App<'_>, within: &FileSpan, text: &str) -> FileSpan {
    let found = || {
        let bytes = app.state.read(&within.path).ok()??;
        let content = str::from_utf8(&bytes).ok()?;
        let range =
            usize::try_from(within.span.start).ok()?..usize::try_from(within.span.end).ok()?;
        let start = content.get(range.clone())?.find(text)? + range.start;
        place(&within.path, start, text.len())
    };
    found().unwrap_or_else(|| within.clone())
}

/// A stretch of a file; `None` for offsets beyond 4 GiB.
pub(crate) fn place(path: &str, start: usize, length: usize) -> Option<FileSpan> {
    let end = u32::try_from(start.checked_add(length)?).ok()?;
    let start = u32::try_from(start).ok()?;
    Some(FileSpan { path: path.into(), span: Span::new(start, end) })
}
