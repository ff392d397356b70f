//! How shapes look: a class for the style sheet of a page, and colours for a picture that stands
//! alone.

/// Colours of series, one after the other. Judgement: told apart on white.
const COLOURS: [&str; SERIES] =
    ["#0b6e4f", "#c0392b", "#2c5aa0", "#b7791f", "#6b4c9a", "#00838f", "#8d6e63", "#5f6b6d"];

/// Dashes of series, one after the other, so that colour is not all that tells them apart.
const DASHES: [&str; SERIES] = ["", "6 3", "2 2", "10 3 2 3", "12 4", "4 4", "10 3 2 3 2 3", "1 3"];

/// Series that differ in colour and dashes.
pub const SERIES: usize = 8;

/// What a shape is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// The ground of a picture that stands alone.
    Paper,
    /// An axis.
    Axis,
    /// A line of the grid.
    Grid,
    /// The line of a series, counted from 0.
    Line(usize),
    /// The points of a series, counted from 0.
    Points(usize),
    /// Where 90 of 100 outcomes lie.
    Band95,
    /// Where half of the outcomes lie.
    Band50,
    /// Bars of what was.
    Bar,
    /// What marks bars that a stock-out cut short.
    Censored,
}

impl Look {
    /// The attributes of a shape, with a blank before each.
    pub(super) fn attributes(self) -> String {
        match self {
            Self::Paper => " class=\"paper\" fill=\"white\"".to_owned(),
            Self::Axis => line("axis", "#666", 1.0),
            Self::Grid => line("grid", "#ddd", 1.0),
            Self::Line(series) => {
                let at = series % SERIES;
                let dash = match DASHES[at] {
                    "" => String::new(),
                    dashes => format!(" stroke-dasharray=\"{dashes}\""),
                };
                format!("{}{dash}", line(&format!("s{}", at + 1), COLOURS[at], 2.0))
            }
            Self::Points(series) => {
                let at = series % SERIES;
                format!(" class=\"f{}\" fill=\"{}\"", at + 1, COLOURS[at])
            }
            Self::Band95 => " class=\"band95\" fill=\"#0b6e4f\" fill-opacity=\"0.15\"".to_owned(),
            Self::Band50 => " class=\"band50\" fill=\"#0b6e4f\" fill-opacity=\"0.3\"".to_owned(),
            Self::Bar => " class=\"bar\" fill=\"#5f6b6d\"".to_owned(),
            Self::Censored => line("censored", "#c0392b", 1.0),
        }
    }
}

fn line(class: &str, colour: &str, width: f64) -> String {
    format!(" class=\"{class}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"")
}
