//! The path of a secret to a client as a tree of steps, the entry first.
//!
//! ```text
//! = path to the client (Next.js)
//!     app/widget.tsx:1      'use client' directive
//!     └ app/widget.tsx:2    imports ../lib/api
//!       └ lib/api.ts:1      imports ./config
//!         └ lib/config.ts:3 the key
//! ```

use std::io;

use anstyle::Style;

use super::colors::{BOLD, FRAME};
use super::numbers::{counted_more, grouped};
use super::text_width::{columns, truncated};
use super::visible::visible;
use crate::model::{Confidence, Exposure, Side, Step, StepKind};

/// The most lines of a tree, and how many of them are first steps if it is longer.
const LINES: usize = 12;
const FIRST: usize = 5;

/// The widest column of places, so that one long path does not push all notes away.
const PLACES: usize = 60;

/// The columns shown of a note.
const NOTE: usize = 80;

/// The most related places.
const RELATED: usize = 5;

/// The side of a finding, if it is known and no tree shows it.
pub(super) fn side(exposure: &Exposure) -> Option<String> {
    let name = match exposure.side {
        Side::Unknown => return None,
        Side::Client if !exposure.trace.is_empty() => return None,
        Side::Client => "client",
        Side::Server => "server",
    };
    let framework = exposure.framework.map(framework_name);
    let place = exposure.trace.first().map(|step| visible(&step.note));
    let words: Vec<_> = framework.map(str::to_owned).into_iter().chain(place).collect();
    let colon = if words.is_empty() { "" } else { ": " };
    Some(format!("{name}{colon}{}", words.join(" ")))
}

/// The answer of the client's build about a leak, if its output was asked.
pub(super) fn confirmation(exposure: &Exposure) -> Option<&'static str> {
    Some(match exposure.confirmed? {
        true => "the output for clients holds the secret",
        false => "the output for clients is newer and does not hold the secret",
    })
}

/// Places that explain a finding: `.env.production:1  declared here`.
pub(super) fn related(exposure: &Exposure) -> Vec<String> {
    let steps = &exposure.related;
    let mut lines: Vec<_> = steps
        .iter()
        .take(RELATED)
        .map(|step| format!("{}  {}", place(step), truncated(&visible(&step.note), NOTE)))
        .collect();
    if steps.len() > RELATED {
        lines.push(format!("and {}", counted_more((steps.len() - RELATED) as u64, "place")));
    }
    lines
}

/// Writes the path to the client, indented, with the last step in `style`.
pub(super) fn write(
    exposure: &Exposure,
    style: Style,
    indent: usize,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let Some(heading) = heading(exposure) else { return Ok(()) };
    writeln!(out, "{:indent$} {FRAME}={FRAME:#} {BOLD}path{BOLD:#} {heading}", "")?;
    let lines = tree(&exposure.trace);
    let width = lines.iter().map(|line| line.columns()).filter(|columns| *columns <= PLACES);
    let width = width.max().unwrap_or(0);
    for (nth, line) in lines.iter().enumerate() {
        let (branch, note) = (line.branch(), &line.note);
        let gap = width.saturating_sub(line.columns());
        let style = if nth + 1 == lines.len() { style } else { Style::new() };
        write!(out, "{:indent$}     {FRAME}{branch}{FRAME:#}{}", "", line.place)?;
        writeln!(out, "{:gap$}  {style}{note}{style:#}", "")?;
    }
    Ok(())
}

/// A line of a tree, sanitized.
struct Line {
    depth: usize,
    place: String,
    note: String,
}

impl Line {
    /// The indentation and the branch; empty for the root.
    fn branch(&self) -> String {
        match self.depth.checked_sub(1) {
            None => String::new(),
            Some(above) => format!("{:1$}└ ", "", 2 * above),
        }
    }

    fn columns(&self) -> usize {
        2 * self.depth + columns(&self.place)
    }
}

/// The lines of a trace; the middle of a long one becomes a single line.
fn tree(trace: &[Step]) -> Vec<Line> {
    let line = |depth: usize, step: &Step| Line {
        depth,
        place: place(step),
        note: truncated(&visible(&step.note), NOTE),
    };
    let ShortTrace { first, left_out, last } = ShortTrace::new(trace);
    let mut lines: Vec<_> = first.iter().enumerate().map(|(nth, step)| line(nth, step)).collect();
    if !last.is_empty() {
        lines.push(Line { depth: FIRST, place: left_out, note: String::new() });
        lines.extend(last.iter().enumerate().map(|(nth, step)| line(FIRST + 1 + nth, step)));
    }
    lines
}

/// A trace without its middle, if it is long.
pub(super) struct ShortTrace<'t> {
    /// The first steps.
    pub(super) first: &'t [Step],
    /// The text for the omitted middle: `… 289 more imports`; empty if nothing is omitted.
    pub(super) left_out: String,
    /// The last steps; empty if nothing is omitted.
    pub(super) last: &'t [Step],
}

impl<'t> ShortTrace<'t> {
    pub(super) fn new(trace: &'t [Step]) -> Self {
        if trace.len() <= LINES {
            return Self { first: trace, left_out: String::new(), last: &[] };
        }
        let (first, rest) = trace.split_at(FIRST);
        let (middle, last) = rest.split_at(rest.len() - (LINES - FIRST - 1));
        let only_imports = middle.iter().all(|step| step.kind == StepKind::Import);
        let noun = if only_imports { "imports" } else { "steps" };
        let left_out = format!("… {} more {noun}", grouped(middle.len() as u64));
        Self { first, left_out, last }
    }
}

/// The heading of a path: `to the client (Next.js), likely`; `None` if there is no path.
pub(super) fn heading(exposure: &Exposure) -> Option<String> {
    if exposure.side != Side::Client || exposure.trace.is_empty() {
        return None;
    }
    let framework = exposure.framework.map(|id| format!(" ({})", framework_name(id)));
    let likely = match exposure.confidence {
        None | Some(Confidence::High) => "",
        Some(Confidence::Medium | Confidence::Low) => ", likely",
    };
    Some(format!("to the client{}{likely}", framework.unwrap_or_default()))
}

/// A path to a client in one line, with the notes of its ends.
pub(super) fn one_line(exposure: &Exposure) -> Option<String> {
    let heading = heading(exposure)?;
    let ShortTrace { first, left_out, last } = ShortTrace::new(&exposure.trace);
    let mut parts: Vec<_> = first.iter().map(place).collect();
    parts.extend((!last.is_empty()).then_some(left_out));
    parts.extend(last.iter().map(place));
    let (from, to) = (exposure.trace.first()?, exposure.trace.last()?);
    let end = parts.len() - 1;
    for (nth, step) in [(0, from), (end, to)].into_iter().take(parts.len()) {
        let note = truncated(&visible(&step.note), NOTE);
        parts[nth] = format!("{} ({note})", parts[nth]);
    }
    Some(format!("Path {heading}: {}", parts.join(" → ")))
}

/// The place of a step: `src/lib/api.ts:12`.
pub(super) fn place(step: &Step) -> String {
    format!("{}:{}", visible(&step.path.to_text()), step.place.line)
}

/// The name of a framework, in its own spelling.
pub(super) fn framework_name(id: &str) -> &str {
    match id {
        "android" => "Android",
        "angular" => "Angular",
        "astro" => "Astro",
        "bun" => "Bun",
        "cra" | "create-react-app" => "Create React App",
        "electron" => "Electron",
        "expo" => "Expo",
        "extension" | "browser-extension" => "browser extension",
        "flutter" => "Flutter",
        "gatsby" => "Gatsby",
        "html" => "HTML",
        "ios" => "iOS",
        "next" => "Next.js",
        "nuxt" => "Nuxt",
        "parcel" => "Parcel",
        "react-native" => "React Native",
        "react-router" => "React Router",
        "remix" => "Remix",
        "sveltekit" => "SvelteKit",
        "vite" => "Vite",
        "vue-cli" => "Vue CLI",
        // Includes those spelled in lower case.
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn written(exposure: &Exposure) -> String {
        let mut text = Vec::new();
        write(exposure, Style::new(), 1, &mut text).unwrap();
        anstream::adapter::strip_str(std::str::from_utf8(&text).unwrap()).to_string()
    }

    fn client(trace: Vec<Step>) -> Exposure {
        Exposure { side: Side::Client, trace, ..Exposure::default() }
    }

    #[test]
    fn a_way_is_a_tree_from_the_entry_to_the_key() {
        let exposure = Exposure {
            framework: Some("next"),
            confidence: Some(Confidence::High),
            ..client(vec![
                sample::step("app/page/widget.tsx", 1, StepKind::Entry, "'use client' directive"),
                sample::step("app/page/widget.tsx", 2, StepKind::Import, "imports ../../lib/api"),
                sample::step("src/lib/api.ts", 12, StepKind::Import, "imports ./config"),
                sample::step("src/日本.ts", 3, StepKind::Source, "the key"),
            ])
        };
        let expected = "  \
  = path to the client (Next.js)
      app/page/widget.tsx:1    'use client' directive
      └ app/page/widget.tsx:2  imports ../../lib/api
        └ src/lib/api.ts:12    imports ./config
          └ src/日本.ts:3      the key
";
        assert_eq!(written(&exposure), expected);
        let guess = Exposure { confidence: Some(Confidence::Medium), framework: None, ..exposure };
        assert!(written(&guess).starts_with("  = path to the client, likely\n"));
    }

    #[test]
    fn the_middle_of_a_long_way_is_left_out() {
        for (imports, lines, elided) in [
            (0, 2, None),
            (10, 12, None),
            (11, 12, Some("… 2 more imports")),
            (298, 12, Some("… 289 more imports")),
            (2_000, 12, Some("… 1,991 more imports")),
        ] {
            let text = written(&client(sample::long_trace(imports)));
            assert_eq!(text.lines().count(), 1 + lines, "{text}");
            let found = text.lines().find(|line| line.contains('…'));
            let found = found.map(|line| line.trim_matches([' ', '└']));
            assert_eq!(found, elided, "{text}");
            assert!(text.ends_with("the key\n") && text.contains("m0.ts:1 "), "{text}");
        }
        let mut trace = sample::long_trace(20);
        trace[8].kind = StepKind::Flow;
        assert!(written(&client(trace)).contains("… 11 more steps"));
    }

    #[test]
    fn a_way_in_a_line_tells_its_ends() {
        let line = |trace| one_line(&Exposure { framework: Some("next"), ..client(trace) });
        assert_eq!(
            line(sample::long_trace(2)).unwrap(),
            "Path to the client (Next.js): m0.ts:1 (route component) → m0.ts:2 → m1.ts:2 → \
             m2.ts:7 (the key)"
        );
        assert!(line(sample::long_trace(300)).unwrap().contains(" → … 291 more imports → "));
        let single = vec![sample::step("a.env", 1, StepKind::Source, "declared here")];
        assert_eq!(line(single).unwrap(), "Path to the client (Next.js): a.env:1 (declared here)");
        assert_eq!(one_line(&Exposure::default()), None);
    }

    #[test]
    fn words_of_the_repository_stay_in_their_line() {
        let bad = "x\x1b[31m\u{202e}\r\n  = id";
        let exposure = Exposure {
            related: vec![sample::step(bad, 1, StepKind::Source, bad)],
            ..client(vec![sample::step(bad, 1, StepKind::Entry, bad)])
        };
        let texts = [written(&exposure), related(&exposure).join("")];
        for (text, lines) in texts.iter().zip([2, 1]) {
            assert_eq!(text.lines().count(), lines, "{text}");
            assert_eq!(text.matches("x\\x1b[31m\\u{202e}\\x0d\\x0a").count(), 2, "{text}");
        }
        let server = Exposure { side: Side::Server, ..exposure };
        assert_eq!(side(&server).unwrap(), "server: x\\x1b[31m\\u{202e}\\x0d\\x0a  = id");
    }

    #[test]
    fn long_paths_and_notes_do_not_push_the_others_away() {
        let long = "folder/".repeat(40);
        let exposure = client(vec![
            sample::step("a.ts", 1, StepKind::Entry, &long),
            sample::step(&long, 2, StepKind::Import, "imports ./b"),
            sample::step("b.ts", 3, StepKind::Source, "the key"),
        ]);
        let text = written(&exposure);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(columns(lines[1]), 6 + 10 + 2 + NOTE, "{text}");
        assert!(lines[3].ends_with("  └ b.ts:3  the key"), "{text}");
    }

    #[test]
    fn a_side_is_one_short_line() {
        let route = vec![sample::step("a.ts", 1, StepKind::Entry, "route handler")];
        for (side_of, framework, trace, expected) in [
            (Side::Unknown, None, Vec::new(), None),
            (Side::Server, None, Vec::new(), Some("server")),
            (Side::Server, Some("next"), Vec::new(), Some("server: Next.js")),
            (Side::Server, Some("next"), route.clone(), Some("server: Next.js route handler")),
            (Side::Client, Some("webpack"), Vec::new(), Some("client: webpack")),
            (Side::Client, Some("next"), route, None),
        ] {
            let exposure = Exposure { side: side_of, framework, trace, ..Exposure::default() };
            assert_eq!(side(&exposure).as_deref(), expected);
        }
    }

    #[test]
    fn related_places_are_limited() {
        let related_to = |count: u64| {
            let steps = (0..count).map(|nth| sample::step("e", nth, StepKind::Source, "declared"));
            related(&Exposure { related: steps.collect(), ..Exposure::default() })
        };
        assert_eq!(related_to(0), Vec::<String>::new());
        assert_eq!(related_to(1), ["e:0  declared"]);
        assert_eq!(related_to(5).len(), 5);
        assert_eq!(related_to(9)[5], "and 4 more places");
    }
}
