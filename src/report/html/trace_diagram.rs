//! A diagram of the path of a secret to a client: one box per file, from the entry at the top to the
//! key and its use, with the lines that lead from one to the next. The page also lists the steps.

use std::fmt::Write;

use super::escape::escaped;
use crate::model::{Step, StepKind};
use crate::report::text_width::{columns, truncated};
use crate::report::trace::ShortTrace;
use crate::report::visible::visible;

/// The width of the diagram, in pixels unless the page is narrower.
const WIDTH: usize = 520;

/// The width of a character of a path.
const CHARACTER: f64 = 7.6;

/// The columns shown of a path.
const COLUMNS: usize = 63;

/// The columns shown of a note, beside its line number.
const NOTE: usize = 66;

const PADDING: usize = 14;
const HEADING: usize = 34;
const LINE: usize = 20;
const GAP: usize = 26;

/// A file, or a gap if it has no lines.
struct FileBox<'t> {
    path: String,
    lines: Vec<&'t Step>,
}

impl FileBox<'_> {
    /// The CSS class, by the file's most important step.
    fn class(&self) -> &'static str {
        let has = |kind| self.lines.iter().any(|step| step.kind == kind);
        if self.lines.is_empty() {
            "gap"
        } else if has(StepKind::Source) {
            "key"
        } else if has(StepKind::Sink) {
            "sink"
        } else if has(StepKind::Entry) {
            "entry"
        } else {
            ""
        }
    }

    fn height(&self) -> usize {
        if self.lines.is_empty() { HEADING } else { HEADING + LINE * self.lines.len() + 6 }
    }
}

/// Draws a trace as an SVG element.
pub(super) fn svg(trace: &[Step]) -> String {
    let files = files(trace);
    let heights: usize = files.iter().map(FileBox::height).sum();
    let height = heights + GAP * files.len().saturating_sub(1) + 2;
    let mut svg = format!("<svg viewBox=\"0 0 {} {height}\" aria-hidden=\"true\">", WIDTH + 2);
    let mut top = 1;
    for (nth, file) in files.iter().enumerate() {
        if nth > 0 {
            arrow(&mut svg, top - GAP);
        }
        draw(&mut svg, file, top);
        top += file.height() + GAP;
    }
    svg + "</svg>"
}

/// The boxes of a trace, in order.
fn files(trace: &[Step]) -> Vec<FileBox<'_>> {
    let ShortTrace { first, left_out, last } = ShortTrace::new(trace);
    let mut files = Vec::new();
    put(&mut files, first);
    if !last.is_empty() {
        files.push(FileBox { path: left_out, lines: Vec::new() });
        put(&mut files, last);
    }
    files
}

/// Adds steps; consecutive ones in a file share a box.
fn put<'t>(files: &mut Vec<FileBox<'t>>, steps: &'t [Step]) {
    for step in steps {
        let path = visible(&step.path.to_text());
        match files.last_mut() {
            Some(file) if file.path == path && !file.lines.is_empty() => file.lines.push(step),
            _ => files.push(FileBox { path, lines: vec![step] }),
        }
    }
}

fn draw(svg: &mut String, file: &FileBox<'_>, top: usize) {
    let FileBox { path, lines } = file;
    let (class, height) = (file.class(), file.height());
    let (x, baseline) = (1 + PADDING, top + 22);
    let shown = escaped(&end_of(path, COLUMNS));
    write!(
        svg,
        "<g class=\"{class}\"><title>{}</title><rect class=\"box\" x=\"1\" y=\"{top}\" \
         width=\"{WIDTH}\" height=\"{height}\" rx=\"8\"/><text class=\"file\" x=\"{x}\" \
         y=\"{baseline}\">{shown}</text>",
        escaped(path)
    )
    .expect(INFALLIBLE);
    // Line numbers are right-aligned.
    let digits = lines.iter().map(|step| step.place.line.to_string().len()).max().unwrap_or(0);
    let edge = x as f64 + CHARACTER * digits.max(2) as f64;
    for (nth, step) in lines.iter().enumerate() {
        let y = top + HEADING + LINE * nth + 13;
        let note = visible(&step.note).replace('`', "'");
        let note = escaped(&truncated(&note, NOTE));
        write!(
            svg,
            "<text class=\"number\" x=\"{edge:.0}\" y=\"{y}\" text-anchor=\"end\">{}</text>\
             <text class=\"note\" x=\"{:.0}\" y=\"{y}\">{note}</text>",
            step.place.line,
            edge + 10.0,
        )
        .expect(INFALLIBLE);
    }
    svg.push_str("</g>");
}

/// Draws an arrow through the gap that begins at `top`.
fn arrow(svg: &mut String, top: usize) {
    let (x, end) = (1 + 2 * PADDING, top + GAP);
    write!(
        svg,
        "<path class=\"arrow\" d=\"M{x} {top}V{}\"/><path class=\"tip\" d=\"M{} {}H{}L{x} {}Z\"/>",
        end - 6,
        x - 5,
        end - 9,
        x + 5,
        end - 1,
    )
    .expect(INFALLIBLE);
}

const INFALLIBLE: &str = "a string takes whatever is written";

/// Cuts a long path at its beginning.
fn end_of(text: &str, most: usize) -> String {
    if columns(text) <= most {
        return text.to_owned();
    }
    let mut end = text;
    while columns(end) >= most {
        let mut characters = end.chars();
        characters.next();
        end = characters.as_str();
    }
    format!("…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LeakKind;
    use crate::report::sample;

    /// The texts of a diagram, box by box.
    fn texts(trace: &[Step]) -> Vec<(String, Vec<String>)> {
        let text = svg(trace);
        let document = roxmltree::Document::parse(&text).unwrap();
        let boxes = document.descendants().filter(|node| node.has_tag_name("g"));
        let texts = boxes.map(|node| {
            let texts = node.children().filter(|node| node.has_tag_name("text"));
            let texts = texts.map(|node| node.text().unwrap_or_default().to_owned()).collect();
            (node.attribute("class").unwrap().to_owned(), texts)
        });
        texts.collect()
    }

    #[test]
    fn a_file_is_a_box_with_the_lines_that_lead_on() {
        let finding =
            sample::of_kind(crate::model::FindingKind::Leak(LeakKind::ClientSecretLiteral));
        let boxes = texts(&finding.exposure.trace);
        let expected = [
            (
                "entry",
                vec![
                    "app/widget.tsx",
                    "1",
                    "'use client' directive",
                    "2",
                    "imports ../src/lib/api",
                ],
            ),
            ("", vec!["src/lib/api.ts", "1", "imports ./config"]),
            ("key", vec!["src/lib/config.ts", "3", "the key"]),
        ];
        let expected = expected.map(|(class, texts)| {
            (class.to_owned(), texts.into_iter().map(str::to_owned).collect::<Vec<_>>())
        });
        assert_eq!(boxes, expected);
        let single = [sample::step("a.env", 1, StepKind::Source, "declared here")];
        assert_eq!(texts(&single)[0].0, "key");
        assert_eq!(texts(&[]), []);
    }

    #[test]
    fn the_middle_of_a_long_way_is_left_out() {
        let boxes = texts(&sample::long_trace(300));
        let gap = boxes.iter().position(|(class, _)| class == "gap").unwrap();
        assert_eq!(boxes[gap].1, ["… 291 more imports"]);
        assert_eq!((boxes.len(), boxes[boxes.len() - 1].0.as_str()), (11, "key"));
    }

    #[test]
    fn words_are_cut_and_escaped() {
        let long = format!("{}/é.ts", "folder/日本/".repeat(20));
        let bad = "<img src=x onerror=alert(1)>\u{202e}";
        let trace = [
            sample::step(bad, 1, StepKind::Entry, bad),
            sample::step(&long, 123_456, StepKind::Source, &"word ".repeat(40)),
        ];
        let text = svg(&trace);
        assert!(!text.contains("<img") && !text.contains('\u{202e}'), "{text}");
        let boxes = texts(&trace);
        assert_eq!(boxes[0].1[0], "<img src=x onerror=alert(1)>\\u{202e}");
        let path = &boxes[1].1[0];
        assert!(path.starts_with('…') && path.ends_with("/é.ts"), "{path}");
        assert!(columns(path) <= COLUMNS && columns(&boxes[1].1[2]) <= NOTE);
    }
}
