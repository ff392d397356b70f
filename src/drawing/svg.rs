//! The elements of a picture. Texts are escaped and numbers are finite here, and nowhere else.

use std::fmt::Write;

use crate::domain::wording::printable;

use super::look::Look;

/// Largest coordinate, pixels. Judgement: far beyond any picture.
const MAX_COORDINATE: f64 = 1e5;

/// Where a picture stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In a file of its own: it names its language, has a ground, and shows its title.
    File,
    /// In a page, which has all of these.
    Page,
}

/// A place in a picture, pixels from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// To the right.
    pub x: f64,
    /// Downward.
    pub y: f64,
}

/// A rectangle of a picture, pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Its left edge.
    pub left: f64,
    /// Its upper edge.
    pub top: f64,
    /// Its right edge.
    pub right: f64,
    /// Its lower edge.
    pub bottom: f64,
}

/// Which end of a text stands at its spot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Its beginning.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

/// A picture under construction.
#[derive(Debug)]
pub struct Svg {
    out: String,
}

impl Svg {
    /// A picture of a size in pixels, with the name that is read out for it.
    #[must_use]
    pub fn new(place: Place, width: f64, height: f64, title: &str) -> Self {
        let (width, height) = (number(width), number(height));
        let frame = match place {
            Place::File => "xmlns=\"http://www.w3.org/2000/svg\" font-family=\"sans-serif\"".into(),
            Place::Page => format!("width=\"{width}\" height=\"{height}\""),
        };
        let mut svg = Self {
            out: format!(
                "<svg {frame} viewBox=\"0 0 {width} {height}\" font-size=\"12\" role=\"img\">\
                 <title>{}</title>\n",
                escaped(title)
            ),
        };
        if place == Place::File {
            let look = Look::Paper.attributes();
            svg.write(format_args!("<rect{look} width=\"100%\" height=\"100%\"/>\n"));
        }
        svg
    }

    /// A straight line.
    pub fn line(&mut self, look: Look, from: Spot, to: Spot) {
        self.write(format_args!(
            "<line{} x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>\n",
            look.attributes(),
            number(from.x),
            number(from.y),
            number(to.x),
            number(to.y)
        ));
    }

    /// Lines and areas of any form; nothing where there is no form.
    pub fn path(&mut self, look: Look, path: &Path) {
        if !path.data.is_empty() {
            self.write(format_args!("<path{} d=\"{}\"/>\n", look.attributes(), path.data));
        }
    }

    /// A form with a text that appears where one points at it.
    pub fn path_with_hint(&mut self, look: Look, path: &Path, hint: &str) {
        self.write(format_args!(
            "<path{} d=\"{}\"><title>{}</title></path>\n",
            look.attributes(),
            path.data,
            escaped(hint)
        ));
    }

    /// A short text in small letters.
    pub fn text(&mut self, at: Spot, anchor: Anchor, text: &str) {
        self.write(format_args!(
            "<text class=\"label\" fill=\"#555\" x=\"{}\" y=\"{}\"{}>{}</text>\n",
            number(at.x),
            number(at.y),
            anchor.attribute(),
            escaped(text)
        ));
    }

    /// A title in letters of a size, pixels.
    pub fn heading(&mut self, at: Spot, anchor: Anchor, size: f64, text: &str) {
        self.write(format_args!(
            "<text class=\"heading\" fill=\"#111\" font-size=\"{}\" \
             x=\"{}\" y=\"{}\"{}>{}</text>\n",
            number(size),
            number(at.x),
            number(at.y),
            anchor.attribute(),
            escaped(text)
        ));
    }

    /// The whole picture.
    #[must_use]
    pub fn finish(mut self) -> String {
        self.out.push_str("</svg>\n");
        self.out
    }

    fn write(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.out.write_fmt(text);
    }
}

impl Anchor {
    fn attribute(self) -> &'static str {
        match self {
            Self::Start => "",
            Self::Middle => " text-anchor=\"middle\"",
            Self::End => " text-anchor=\"end\"",
        }
    }
}

/// The form of a shape.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Path {
    data: String,
}

impl Path {
    /// A line through some spots.
    #[must_use]
    pub fn through(spots: &[Spot]) -> Self {
        let mut path = Self::default();
        if let Some((first, others)) = spots.split_first() {
            path.move_to(*first);
            others.iter().for_each(|spot| path.line_to(*spot));
        }
        path
    }

    /// The area within some corners.
    #[must_use]
    pub fn within(corners: &[Spot]) -> Self {
        let mut path = Self::through(corners);
        path.close();
        path
    }

    /// A circle.
    #[must_use]
    pub fn circle(centre: Spot, radius: f64) -> Self {
        let mut path = Self::default();
        path.add_circle(centre, radius);
        path
    }

    /// Adds a circle.
    pub fn add_circle(&mut self, centre: Spot, radius: f64) {
        let (r, across) = (number(radius), number(2.0 * radius));
        self.move_to(Spot { x: centre.x - radius, ..centre });
        self.push(&format!("a{r} {r} 0 1 0 {across} 0a{r} {r} 0 1 0 -{across} 0z"));
    }

    /// Begins elsewhere.
    pub fn move_to(&mut self, to: Spot) {
        self.push(&format!("M{} {}", number(to.x), number(to.y)));
    }

    /// A straight line from where it stands.
    pub fn line_to(&mut self, to: Spot) {
        self.push(&format!("L{} {}", number(to.x), number(to.y)));
    }

    /// To a height, straight up or down.
    pub fn vertical_to(&mut self, y: f64) {
        self.push(&format!("V{}", number(y)));
    }

    /// To a column, straight to the side.
    pub fn horizontal_to(&mut self, x: f64) {
        self.push(&format!("H{}", number(x)));
    }

    /// Back to where it began.
    pub fn close(&mut self) {
        if !self.data.is_empty() {
            self.data.push('z');
        }
    }

    fn push(&mut self, text: &str) {
        self.data.push_str(text);
    }
}

/// A coordinate with at most one decimal; 0 where it is none.
fn number(value: f64) -> String {
    let value = if value.is_nan() { 0.0 } else { value };
    let text = format!("{:.1}", value.clamp(-MAX_COORDINATE, MAX_COORDINATE));
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// A text as markup shows it: nothing in it is markup, and each character is one that XML knows.
fn escaped(text: &str) -> String {
    let text = printable(text);
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_from_outside_is_inert() {
        let hostile = "</title><script>x</script>\"' & \u{202e}\u{1}\u{ffff}";
        let mut svg = Svg::new(Place::Page, 10.0, 10.0, hostile);
        svg.text(Spot { x: 0.0, y: 0.0 }, Anchor::Start, hostile);
        svg.heading(Spot { x: 0.0, y: 0.0 }, Anchor::Start, 15.0, hostile);
        svg.path_with_hint(Look::Bar, &Path::default(), hostile);
        let drawn = svg.finish();

        let shown = "&lt;/title&gt;&lt;script&gt;x&lt;/script&gt;&quot;&#39; &amp; \
                     \\u{202e}\\u{1}\u{fffd}";
        assert_eq!(drawn.matches(shown).count(), 4, "{drawn}");
        assert_eq!(drawn.matches("<title>").count(), 2);
    }

    #[test]
    fn numbers_are_short_and_finite() {
        let shown = [0.0, -0.01, 12.0, 12.34, 1e300, f64::INFINITY, f64::NEG_INFINITY, f64::NAN]
            .map(number);
        assert_eq!(shown, ["0", "0", "12", "12.3", "100000", "100000", "-100000", "0"]);
    }

    #[test]
    fn a_file_names_its_language_and_a_page_has_no_address_in_it() {
        let file = Svg::new(Place::File, 10.0, 20.0, "a").finish();
        assert!(file.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""), "{file}");
        let page = Svg::new(Place::Page, 10.0, 20.0, "a").finish();
        assert_eq!(
            page,
            "<svg width=\"10\" height=\"20\" viewBox=\"0 0 10 20\" font-size=\"12\" \
             role=\"img\"><title>a</title>\n</svg>\n"
        );
    }
}
