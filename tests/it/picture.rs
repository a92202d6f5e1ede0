//! The README's picture: a terminal with a real report, drawn as SVG; `just bless` rewrites it.

use std::fmt::Write;
use std::ops::Range;

use crate::documents::check;
use crate::support::{Dir, SECRET};

/// A cell of the terminal, in pixels.
const CELL: (f32, f32) = (8.2, 19.0);
const FONT_SIZE: f32 = 13.6;

/// The margin around the text, and the height of the title bar.
const PADDING: f32 = 22.0;
const TITLE_BAR: f32 = 38.0;

const TITLE: &str =
    "keyside scan finds a secret key, and the imports by which it reaches the browser";

const STYLE: &str = "
    text { font-family: ui-monospace, SFMono-Regular, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', \
                     monospace; white-space: pre; fill: #c9d1d9 }
    .bold { font-weight: 600; fill: #f0f6fc }
    .dim { fill: #8b949e }
    .red { fill: #ff7b72 }
    .green { fill: #56d364 }
    .yellow { fill: #e3b341 }
    .blue { fill: #79c0ff }
    .cyan { fill: #56d4dd }
";

#[test]
fn the_picture_matches_the_output() {
    let dir = Dir::repository();
    lay_out_shop(&dir);
    let run = dir.run(&["scan", "--color", "always"]).expect(1);
    let screen =
        format!("\x1b[32m$\x1b[0m \x1b[1mkeyside scan\x1b[0m\n{}", without_times(&run.stdout));
    check("docs/leak.svg", &svg(screen.trim_end()));
}

#[test]
fn escapes_become_spans() {
    let spans = spans("a \x1b[1m\x1b[31mb\x1b[0m \x1b[2mc\x1b[0m");
    let spans: Vec<_> =
        spans.iter().map(|span| (span.columns.clone(), span.text, &*span.class)).collect();
    assert_eq!(spans, [(0..1, "a", ""), (2..3, "b", "bold red"), (4..5, "c", "dim")]);
}

/// A small Next.js app whose search box imports a key through two modules.
fn lay_out_shop(dir: &Dir) {
    dir.write("package.json", r#"{ "dependencies": { "next": "16.0.0", "react": "19.2.0" } }"#);
    dir.write(
        "app/page.tsx",
        "import { SearchBox } from '../components/search-box'\n\n\
         export default () => <SearchBox />\n",
    );
    dir.write(
        "components/search-box.tsx",
        "'use client'\nimport { suggest } from '../lib/suggest'\n\n\
         export const SearchBox = () => <input onInput={event => suggest(event.currentTarget.value)} />\n",
    );
    dir.write(
        "lib/suggest.ts",
        "import { headers } from './settings'\n\n\
         export const suggest = (text: string) => fetch(`/suggest?q=${text}`, { headers })\n",
    );
    let key = dir.key(SECRET);
    dir.write(
        "lib/settings.ts",
        format!("const key = '{key}'\nexport const headers = {{ 'X-Key': key }}\n"),
    );
}

/// The output without the duration of the scan in its last line.
fn without_times(output: &str) -> String {
    let closing = output.trim_end().rfind('\n').expect("a report has several lines") + 1;
    let (report, closing) = output.split_at(closing);
    let words: Vec<_> = closing.split(' ').collect();
    let unit =
        words.iter().rposition(|word| matches!(word.trim_end(), "ms" | "s")).expect("a time");
    let (before, after) = (words[..unit - 1].join(" "), words[unit + 1..].join(" "));
    format!("{report}{before} 2 ms{after}\n")
}

/// Draws a terminal that shows `screen`, whose only escapes are colours.
fn svg(screen: &str) -> String {
    let lines: Vec<_> = screen.lines().map(spans).collect();
    let columns = lines.iter().flatten().map(|span| span.columns.end).max().unwrap_or(0);
    let width = (columns as f32 * CELL.0 + 2.0 * PADDING).ceil();
    let height = (TITLE_BAR + lines.len() as f32 * CELL.1 + 2.0 * PADDING).ceil();
    let middle = width / 2.0;
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" aria-labelledby="title" font-size="{FONT_SIZE}">
  <title id="title">{TITLE}</title>
  <style>{STYLE}  </style>
  <rect x="0.5" y="0.5" width="{}" height="{}" rx="10" fill="#0d1117" stroke="#6e7681"/>
  <path d="M0.5 {TITLE_BAR}H{}" stroke="#30363d"/>
  <circle cx="22" cy="19" r="6" fill="#ff5f57"/>
  <circle cx="42" cy="19" r="6" fill="#febc2e"/>
  <circle cx="62" cy="19" r="6" fill="#28c840"/>
  <text x="{middle}" y="24" text-anchor="middle" class="dim">~/shop</text>
"##,
        width - 1.0,
        height - 1.0,
        width - 0.5,
    );
    for (row, line) in lines.iter().enumerate() {
        let y = TITLE_BAR + PADDING + row as f32 * CELL.1 + FONT_SIZE;
        for Span { columns, text, class } in line {
            let x = PADDING + columns.start as f32 * CELL.0;
            // Fonts differ in width: each span is stretched to its own cells.
            let length = columns.len() as f32 * CELL.0;
            let class =
                if class.is_empty() { class.clone() } else { format!(r#" class="{class}""#) };
            let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            writeln!(
                svg,
                r#"  <text x="{x:.1}" y="{y:.1}" textLength="{length:.1}"{class}>{text}</text>"#
            )
            .unwrap();
        }
    }
    svg + "</svg>\n"
}

/// Text of one style on a line, without surrounding blanks.
struct Span<'t> {
    columns: Range<usize>,
    text: &'t str,
    class: String,
}

fn spans(line: &str) -> Vec<Span<'_>> {
    let (mut spans, mut column, mut classes) = (Vec::new(), 0, Vec::new());
    for (nth, part) in line.split("\x1b[").enumerate() {
        let text = if nth == 0 {
            part
        } else {
            let (code, text) = part.split_once('m').expect("only colours are set");
            match code {
                "0" => classes.clear(),
                code => classes.push(class(code)),
            }
            text
        };
        let start = column + text.chars().take_while(|c| *c == ' ').count();
        column += text.chars().count();
        let text = text.trim_matches(' ');
        if !text.is_empty() {
            let columns = start..start + text.chars().count();
            spans.push(Span { columns, text, class: classes.join(" ") });
        }
    }
    spans
}

/// The class of `STYLE` for an escape's number.
fn class(code: &str) -> &'static str {
    match code {
        "1" => "bold",
        "2" => "dim",
        "31" => "red",
        "32" => "green",
        "33" => "yellow",
        "34" => "blue",
        "36" => "cyan",
        _ => panic!("the picture has no colour for the escape `{code}`"),
    }
}
