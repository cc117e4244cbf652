//! Pictures as SVG. The same source is drawn in a page of the web, where style sheets colour it by the reader's theme,
//! and on paper.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::colours::paper_style;
use super::document::{Weight, clean};
use super::fonts;

/// A picture. Its classes are those of `colours`.
#[derive(Clone, Debug, Default)]
pub struct Svg {
    /// In units of which a picture over the whole column has [`WIDTH`].
    pub width: f64,
    pub height: f64,
    /// What the picture shows, for those who don't see it.
    pub about: String,
    body: String,
    /// The texts in it with their weights, for the fonts.
    pub texts: Vec<(Weight, String)>,
}

/// The width of a picture over the whole column.
pub const WIDTH: f64 = 680.0;
/// The size of letters in pictures.
pub const SIZE: f64 = 12.0;
/// The size of small letters in pictures.
pub const SMALL: f64 = 11.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// A text as XML holds it.
pub fn escaped(text: &str) -> String {
    let text = clean(text);
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A coordinate with two digits at most. What is no number becomes 0, so that no picture breaks.
fn n(x: f64) -> String {
    let x = if x.is_finite() { x } else { 0.0 };
    let text = format!("{x:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

impl Svg {
    pub fn new(width: f64, height: f64, about: String) -> Self {
        Self { width, height, about, ..Self::default() }
    }

    fn add(&mut self, element: std::fmt::Arguments<'_>) {
        // Writing into a text cannot fail.
        self.body.write_fmt(element).ok();
    }

    pub fn line(&mut self, class: &str, from: [f64; 2], to: [f64; 2], width: f64) {
        let [x1, y1, x2, y2] = [from[0], from[1], to[0], to[1]].map(n);
        self.add(format_args!(
            "<line class=\"s-{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\" stroke-width=\"{}\"/>",
            n(width)
        ));
    }

    pub fn dashed(&mut self, class: &str, from: [f64; 2], to: [f64; 2]) {
        let [x1, y1, x2, y2] = [from[0], from[1], to[0], to[1]].map(n);
        self.add(format_args!(
            "<line class=\"s-{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\" stroke-width=\"1\" \
             stroke-dasharray=\"5 3\"/>"
        ));
    }

    /// A rectangle, whose corners are round by `radius`.
    pub fn rect(&mut self, class: &str, [x, y, width, height]: [f64; 4], radius: f64, opacity: f64) {
        let [x, y, w, h, r, o] = [x, y, width.max(0.0), height.max(0.0), radius, opacity].map(n);
        self.add(format_args!(
            "<rect class=\"f-{class}\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"{r}\" fill-opacity=\"{o}\"/>"
        ));
    }

    /// The outline of a rectangle.
    pub fn frame(&mut self, class: &str, [x, y, width, height]: [f64; 4], radius: f64) {
        let [x, y, w, h, r] = [x, y, width.max(0.0), height.max(0.0), radius].map(n);
        self.add(format_args!(
            "<rect class=\"s-{class}\" fill=\"none\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"{r}\" \
             stroke-width=\"1\"/>"
        ));
    }

    /// A curve through the points; where a point is no number it has a gap.
    pub fn curve(&mut self, class: &str, points: &[[f64; 2]], width: f64, opacity: f64) {
        let is_number = |point: &[f64; 2]| point.iter().all(|x| x.is_finite());
        let mut path = String::new();
        for run in points.split(|point| !is_number(point)) {
            for (i, [x, y]) in run.iter().enumerate() {
                path += &format!("{}{} {}", if i == 0 { "M" } else { "L" }, n(*x), n(*y));
            }
            // A single point would be no line at all.
            if let [[x, y]] = run {
                path += &format!("L{} {}", n(x + 0.01), n(*y));
            }
        }
        if !path.is_empty() {
            let (width, opacity) = (n(width), n(opacity));
            self.add(format_args!(
                "<path class=\"s-{class}\" d=\"{path}\" fill=\"none\" stroke-width=\"{width}\" stroke-opacity=\"{opacity}\" \
                 stroke-linejoin=\"round\" stroke-linecap=\"round\"/>"
            ));
        }
    }

    pub fn dot(&mut self, class: &str, [x, y]: [f64; 2], radius: f64) {
        if x.is_finite() && y.is_finite() {
            let [x, y, radius] = [x, y, radius].map(n);
            self.add(format_args!("<circle class=\"f-{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"/>"));
        }
    }

    pub fn diamond(&mut self, class: &str, [x, y]: [f64; 2], radius: f64) {
        if x.is_finite() && y.is_finite() {
            let [left, right, top, bottom] = [x - radius, x + radius, y - radius, y + radius].map(n);
            let (x, y) = (n(x), n(y));
            self.add(format_args!("<path class=\"f-{class}\" d=\"M{x} {top}L{right} {y}L{x} {bottom}L{left} {y}Z\"/>"));
        }
    }

    /// A picture of points, which is in the element itself.
    pub fn photo(&mut self, kind: &str, bytes: &[u8], [width, height]: [f64; 2]) {
        let ([width, height], data) = ([width, height].map(n), STANDARD.encode(bytes));
        self.add(format_args!(
            "<image x=\"0\" y=\"0\" width=\"{width}\" height=\"{height}\" href=\"data:image/{kind};base64,{data}\"/>"
        ));
    }

    pub fn text(&mut self, class: &str, anchor: Anchor, at: [f64; 2], size: f64, text: &str) {
        self.letters(class, anchor, at, size, Weight::Regular, "", text);
    }

    pub fn bold(&mut self, class: &str, anchor: Anchor, at: [f64; 2], size: f64, text: &str) {
        self.letters(class, anchor, at, size, Weight::Bold, "", text);
    }

    /// A text that is read from below.
    pub fn upward(&mut self, class: &str, at: [f64; 2], size: f64, text: &str) {
        let [x, y] = at.map(n);
        self.letters(
            class,
            Anchor::Middle,
            at,
            size,
            Weight::Regular,
            &format!(" transform=\"rotate(-90 {x} {y})\""),
            text,
        );
    }

    #[expect(clippy::too_many_arguments, reason = "they are the attributes of one element")]
    fn letters(
        &mut self,
        class: &str,
        anchor: Anchor,
        [x, y]: [f64; 2],
        size: f64,
        weight: Weight,
        more: &str,
        text: &str,
    ) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let heavy = if weight == Weight::Bold { " font-weight=\"600\"" } else { "" };
        let ([x, y, size], shown) = ([x, y, size].map(n), escaped(text));
        self.add(format_args!(
            "<text class=\"f-{class}\" x=\"{x}\" y=\"{y}\" font-size=\"{size}\" text-anchor=\"{anchor}\"{heavy}{more}>{shown}</text>"
        ));
        self.texts.push((weight, clean(text)));
    }

    /// The element for a page of the web, whose style sheet colours it.
    pub fn inline(&self) -> String {
        self.markup("", &format!(" role=\"img\" aria-label=\"{}\"", escaped(&self.about)))
    }

    /// The picture as a file of its own, in the light colours.
    pub fn alone(&self) -> String {
        self.markup(&format!("<style>{}</style>", paper_style()), "")
    }

    fn markup(&self, style: &str, attributes: &str) -> String {
        let (width, height) = (n(self.width), n(self.height));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
             font-family=\"{}\"{attributes}>{style}{}</svg>",
            fonts::FAMILY,
            self.body
        )
    }
}
