//! A small chart of one item for the terminal: what was demanded, then the band that demand is
//! expected in.

use std::fmt::Write;

use crate::drawing::scale::short;

/// Rows of the chart. Judgement: half of a terminal's 24.
const HEIGHT: usize = 12;
/// Quantile levels of the band, from low to high.
pub(super) const LEVELS: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// Draws history as bars and each bucket ahead as its quantiles at [`LEVELS`]; `dates` stand under
/// the first bucket, where the forecast begins and under the last.
pub(super) fn chart(history: &[f64], ahead: &[[f64; LEVELS.len()]], dates: [&str; 3]) -> String {
    let highest = ahead.iter().map(|band| band[LEVELS.len() - 1]);
    let max = history
        .iter()
        .copied()
        .chain(highest)
        .filter(|y| y.is_finite())
        .fold(0.0, f64::max)
        .max(1.0);

    let mut out = String::new();
    for row in (0..HEIGHT).rev() {
        let (from, to) = (max * row as f64 / HEIGHT as f64, max * (row + 1) as f64 / HEIGHT as f64);
        let label = match row {
            11 => short(max),
            5 => short(max * 6.0 / HEIGHT as f64),
            0 => short(0.0),
            _ => String::new(),
        };

        // Writing to a String cannot fail.
        let _ = write!(out, "{label:>9} ");
        history.iter().for_each(|units| out.push(bar(*units, from, to)));
        out.push('│');
        ahead.iter().for_each(|band| out.push(shade(band, from, to)));
        out.truncate(out.trim_end_matches(' ').len());
        out.push('\n');
    }

    let [first, begin, last] = dates;
    let middle = (history.len() + 1).saturating_sub(first.len()).max(1);
    let gap = ahead.len().saturating_sub(begin.len() + last.len()).max(1);
    let _ = writeln!(out, "{:>10}{first}{:middle$}{begin}{:gap$}{last}", "", "", "");
    let _ =
        writeln!(out, "{:>10}█ demand   ─ half of the outcomes below   ▒ 25–75 %   ░ 5–95 %\n", "");
    out
}

/// The part of a bar that lies between two heights, in eighths.
fn bar(units: f64, from: f64, to: f64) -> char {
    const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let share = ((units - from) / (to - from)).clamp(0.0, 1.0);
    // Whatever was sold shows, however little.
    let min = if from == 0.0 && units > 0.0 { 1 } else { 0 };
    EIGHTHS[((share * 8.0).round() as usize).clamp(min, 8)]
}

fn shade(band: &[f64; LEVELS.len()], from: f64, to: f64) -> char {
    let [low, quarter, median, three_quarters, high] = *band;
    let holds = |units: f64| (units >= from && units < to) || (from == 0.0 && units <= 0.0);
    let overlaps = |min: f64, max: f64| max >= from && min < to;

    if holds(median) {
        '─'
    } else if overlaps(quarter, three_quarters) {
        '▒'
    } else if overlaps(low, high) {
        '░'
    } else {
        ' '
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_band_stands_at_the_height_of_its_quantiles() {
        let drawn = chart(&[0.0, 6.0, 12.0], &[[1.0, 3.0, 6.0, 9.0, 11.0]], ["a", "b", "c"]);
        let column = |at: usize| -> String {
            drawn
                .lines()
                .take(HEIGHT)
                .map(|line| line.chars().nth(10 + at).unwrap_or(' '))
                .collect()
        };
        assert_eq!(column(0), " ".repeat(12));
        assert_eq!(column(1), format!("{}{}", " ".repeat(6), "█".repeat(6)));
        assert_eq!(column(2), "█".repeat(12));
        assert_eq!(column(4), "░░▒▒▒─▒▒▒░░ ");
    }

    #[test]
    fn an_item_without_any_demand_is_drawn() {
        let drawn = chart(&[], &[[0.0; 5]; 3], ["", "2026-06-29", "2026-07-13"]);
        assert!(drawn.lines().count() >= HEIGHT && drawn.contains("───"), "{drawn}");
    }
}
