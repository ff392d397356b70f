//! Pictures as SVG: what runs, their page and backtests draw.
//!
//! [`svg`] writes elements, so that no text from outside and no odd number breaks a picture;
//! [`look`] says how shapes look; [`scale`] puts values and dates on pixels, with ticks that people
//! would choose; [`plot`] draws axes and shapes with both. The rest are the pictures.
//!
//! A picture has a name that is read out (`role="img"` and a `<title>`), and tells nothing by
//! colour alone. Colours are attributes, for a file that stands alone, and classes, for the style
//! sheet of a page; there is never a `style` attribute, which a page's policy forbids.

pub mod curve;
pub mod dates;
pub mod fan;
pub mod look;
pub mod plot;
pub mod projected_stock;
pub mod reliability;
pub mod scale;
pub mod spark;
pub mod svg;
pub mod timeline;

#[cfg(test)]
mod tests;
