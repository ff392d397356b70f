//! A notice: the row of `notices.csv`, and its text.

use crate::backorder::told::{NoticeKind, Silence};
use crate::config::choices::Regime;
use crate::domain::calendar::Day;
use crate::domain::names::safe_names;
use crate::domain::tables::Text;

/// Who reads a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience {
    /// A customer who waits.
    Customer,
    /// A supplier.
    Supplier,
    /// The people of the shop.
    Team,
}

impl Audience {
    /// The word written in outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Supplier => "supplier",
            Self::Team => "team",
        }
    }
}

/// A notice that is written tonight; nothing is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Who reads it.
    pub audience: Audience,
    /// What it says.
    pub kind: NoticeKind,
    /// Where it goes; `None` where no address is known, and for the team.
    pub recipient: Option<String>,
    /// Its subject, one line.
    pub subject: String,
    /// The order, the supplier or the day that it is about.
    pub reference: String,
    /// The customer whose order it is about.
    pub customer: Option<Text>,
    /// The item, where it is about one.
    pub sku: Option<Text>,
    /// The earliest date that stood until now.
    pub old_date: Option<Day>,
    /// The latest new one; `None` where a line has none.
    pub new_date: Option<Day>,
    /// The rules that its text follows; `None` for suppliers and the team.
    pub regime: Option<Regime>,
    /// The last day on which it may be sent.
    pub send_by: Option<Day>,
    /// The day until which an answer counts.
    pub respond_by: Option<Day>,
    /// What no answer means.
    pub silence: Option<Silence>,
    /// The day by which the customer is paid back.
    pub refund_by: Option<Day>,
    /// Its file under the run directory; its folder is [`FOLDER`].
    pub file: String,
    /// Its text.
    pub text: String,
}

/// The folder of the texts in a run directory.
pub const FOLDER: &str = "notices";

impl Notice {
    /// A notice to somebody of a kind, about a reference; what else it says is to be filled in.
    #[must_use]
    pub fn new(audience: Audience, kind: NoticeKind, reference: &str) -> Self {
        Self {
            audience,
            kind,
            recipient: None,
            subject: String::new(),
            reference: reference.to_owned(),
            customer: None,
            sku: None,
            old_date: None,
            new_date: None,
            regime: None,
            send_by: None,
            respond_by: None,
            silence: None,
            refund_by: None,
            file: String::new(),
            text: String::new(),
        }
    }

    /// What tells it from every other notice of the night. A customer is part of it only where two
    /// share an order's number; what parts them stands in no key of ours.
    fn identity(&self, is_shared: bool) -> String {
        let plain = format!("{}-{}", self.kind.as_str(), self.reference);
        match (&self.customer, is_shared) {
            (Some(customer), true) => format!("{plain}\0{customer}"),
            _ => plain,
        }
    }
}

/// Sorts notices by reader, kind, reference and customer, and gives each its file.
#[must_use]
pub fn filed(mut notices: Vec<Notice>) -> Vec<Notice> {
    fn order(notice: &Notice) -> (Audience, NoticeKind, &str, Option<&str>) {
        (notice.audience, notice.kind, &notice.reference, notice.customer.as_deref())
    }
    notices.sort_by(|a, b| order(a).cmp(&order(b)));

    let is_same = |a: &Notice, b: &Notice| (a.kind, &a.reference) == (b.kind, &b.reference);
    let identities: Vec<String> = notices
        .chunk_by(is_same)
        .flat_map(|same| same.iter().map(|notice| notice.identity(same.len() > 1)))
        .collect();
    let names = safe_names(identities.iter().map(String::as_str));
    for (notice, identity) in notices.iter_mut().zip(&identities) {
        notice.file = format!("{FOLDER}/{}.txt", names[identity]);
    }
    notices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_customers_who_share_an_orders_number_have_a_file_each() {
        let of = |reference: &str, customer: Option<&str>| Notice {
            customer: customer.map(Into::into),
            ..Notice::new(Audience::Customer, NoticeKind::DelayFirst, reference)
        };
        let all = [of("7", Some("b")), of("7", None), of("7", Some("a")), of("8", Some("a"))];
        let filed = filed(all.to_vec());
        let files: Vec<&str> = filed.iter().map(|notice| notice.file.as_str()).collect();
        assert_eq!(
            (files[0], files[3]),
            ("notices/delay_first-7.txt", "notices/delay_first-8.txt")
        );
        assert!(files.windows(2).all(|pair| pair[0] != pair[1]), "{files:?}");

        let mut turned = all.to_vec();
        turned.reverse();
        assert_eq!(super::filed(turned), filed);
    }
}
