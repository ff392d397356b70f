//! The configurations for the exports of some systems, as files of `config/presets/`.

use super::args::Preset;

/// The configuration.
pub(super) fn text(preset: Preset) -> &'static str {
    match preset {
        Preset::Shopify => include_str!("../../config/presets/shopify.toml"),
        Preset::Odoo => include_str!("../../config/presets/odoo.toml"),
        Preset::Erpnext => include_str!("../../config/presets/erpnext.toml"),
        Preset::Woocommerce => include_str!("../../config/presets/woocommerce.toml"),
        Preset::Bare => include_str!("../../config/presets/bare.toml"),
    }
}

/// What a person does first.
pub(super) fn first_step(preset: Preset) -> &'static str {
    match preset {
        Preset::Bare => "put sales.csv beside it and name its columns",
        Preset::Woocommerce => "name the database in it, put the export into exports/",
        Preset::Shopify | Preset::Odoo | Preset::Erpnext => {
            "put the exports that it names into exports/"
        }
    }
}
