//! The texts of notices: templates of ours, which templates of the user's own may replace one by
//! one.
//!
//! A template may use what the structs of this file hold, and the filter `long_date`. Dates are
//! ISO 8601; what is not known is `none`. Its first line may be `Subject: …`.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;

use crate::backorder::told::NoticeKind;
use crate::config::choices::Regime;
use crate::config::suggestions::with_suggestion;
use crate::domain::calendar::{Day, date_of};
use crate::domain::wording::{is_invisible, shortened, wrapped};
use crate::error::{Error, Result};

/// Characters of a line of a text.
const WIDTH: usize = 76;
/// Characters of a text from outside that are shown. Judgement: a description takes two lines.
const MAX_FIELD: usize = 150;
/// What the first line of a template may begin with.
const SUBJECT: &str = "Subject:";

/// Our templates, and the parts that they share, by file name.
macro_rules! ours {
    ($($name:literal),* $(,)?) => {
        const OURS: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../config/notices/", $name)))),*];
    };
}

ours![
    "ask.txt",
    "cannot_ship.eu-2011-83.txt",
    "cannot_ship.txt",
    "cannot_ship.us-435.txt",
    "chase.txt",
    "choices.us-435.txt",
    "delay_first.eu-2011-83.txt",
    "delay_first.txt",
    "delay_first.us-435.txt",
    "delay_indefinite.eu-2011-83.txt",
    "delay_indefinite.txt",
    "delay_indefinite.us-435.txt",
    "delay_renewed.eu-2011-83.txt",
    "delay_renewed.txt",
    "delay_renewed.us-435.txt",
    "digest.txt",
    "good_news.txt",
    "greeting.txt",
    "lines.txt",
    "refund_due.txt",
    "rights.eu-2011-83.txt",
];

/// A line of a customer's order, in a notice to the customer or in a team's task.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LineText {
    /// Item.
    pub sku: String,
    /// What it is.
    pub description: Option<String>,
    /// Units that are still owed.
    pub quantity: String,
    /// The day of the order.
    pub ordered_on: String,
    /// What is told of this line: a kind of notice.
    pub kind: String,
    /// Whether dates are of delivery, not of shipment.
    pub is_delivery: bool,
    /// The date that stood until now.
    pub old_date: Option<String>,
    /// The new one.
    pub new_date: Option<String>,
    /// Whether all of it ships today.
    pub ships_today: bool,
    /// Why it is as it is.
    pub why: Option<String>,
    /// What the customer could have in its place.
    pub alternative: Option<String>,
    /// The day on which a right to a refund arose.
    pub arose_on: Option<String>,
    /// Whether the customer may have agreed to wait.
    pub may_have_agreed: bool,
}

/// What a notice to a customer may say.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CustomerText {
    /// The order.
    pub order: String,
    /// The customer's name.
    pub name: Option<String>,
    /// The lines that the notice is about.
    pub lines: Vec<LineText>,
    /// Whether a line has no date.
    pub has_no_date: bool,
    /// What no answer means: `consent` or `cancellation`.
    pub silence: Option<String>,
    /// The day until which an answer counts.
    pub respond_by: Option<String>,
    /// The last day on which the notice may be sent.
    pub send_by: Option<String>,
    /// The day by which the customer is paid back for what cannot be shipped.
    pub refund_by: Option<String>,
    /// Where customers cancel.
    pub cancel_by: Option<String>,
}

/// An open order line that a supplier is asked about.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ChaseLine {
    /// Number of the purchase order.
    pub po_number: String,
    /// Number of its line.
    pub line: Option<String>,
    /// Item.
    pub sku: String,
    /// What the supplier calls it.
    pub supplier_sku: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Units still to come.
    pub quantity: String,
    /// The day on which it should come.
    pub expected_on: String,
    /// Days by which it is overdue.
    pub overdue_days: Option<Day>,
    /// Days by which it is needed sooner.
    pub sooner_days: Option<u32>,
    /// Whether customers wait for it.
    pub customers_wait: bool,
}

/// What a notice to a supplier may say.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SupplierText {
    /// The supplier's code.
    pub supplier: String,
    /// Its name.
    pub name: Option<String>,
    /// The lines, those first that are needed most.
    pub lines: Vec<ChaseLine>,
}

/// A risk in the digest.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RiskText {
    /// The item and where it is stocked.
    pub item: String,
    /// Against the previous run.
    pub status: String,
    /// Why it is at risk.
    pub why: String,
    /// What to do.
    pub action: String,
}

/// What the digest may say.
#[derive(Debug, Clone, Default, Serialize)]
pub struct DigestText {
    /// The day that the run stands at the start of.
    pub today: String,
    /// Risks that are new.
    pub new: usize,
    /// Risks that are worse.
    pub worse: usize,
    /// Risks that are gone.
    pub resolved: usize,
    /// The first of them.
    pub risks: Vec<RiskText>,
    /// How many more there are.
    pub more: usize,
    /// Notices to customers.
    pub to_customers: usize,
    /// Notices to suppliers.
    pub to_suppliers: usize,
    /// Notices to customers that lack an address for cancellations.
    pub withheld: usize,
    /// Orders that are to be paid back.
    pub refunds: usize,
    /// The day by which the first of them is.
    pub first_refund_by: Option<String>,
}

/// What the task of a refund may say.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RefundText {
    /// The order.
    pub order: String,
    /// The customer's code.
    pub customer: Option<String>,
    /// The customer's name.
    pub name: Option<String>,
    /// The lines to pay back.
    pub lines: Vec<LineText>,
    /// The day by which.
    pub refund_by: String,
    /// Whether the customer may have agreed to wait for every one of them.
    pub may_have_agreed: bool,
    /// Whether one of them could still ship.
    pub may_wait: bool,
}

/// A text from outside on one line, without what controls or cannot be seen, and not too long.
///
/// ```
/// use restock::backorder::notices::texts::clean;
/// assert_eq!(clean("Mug\r\nBcc: all\u{202e}"), "Mug Bcc: all");
/// ```
#[must_use]
pub fn clean(text: &str) -> String {
    let blank = |c: char| if c.is_control() { ' ' } else { c };
    let seen: String = text.chars().filter(|c| !is_invisible(*c)).map(blank).collect();
    let words: Vec<&str> = seen.split_whitespace().collect();
    shortened(&words.join(" "), MAX_FIELD)
}

/// The same of a text that may be missing; `None` too where nothing is left.
#[must_use]
pub fn clean_opt(text: Option<&str>) -> Option<String> {
    text.map(clean).filter(|text| !text.is_empty())
}

/// A day as templates see it.
#[must_use]
pub fn iso(day: Day) -> String {
    date_of(day).to_string()
}

/// A notice's subject and text, and what is wrong with the user's template where ours stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// The rest.
    pub text: String,
    /// Why the user's own template could not be filled in.
    pub fault: Option<String>,
}

/// All templates, ready to be filled in.
pub struct Texts<'a> {
    ours: Environment<'a>,
    /// Ours, and the user's in their place.
    own: Environment<'a>,
}

impl<'a> Texts<'a> {
    /// Reads the user's templates, by file name, beside ours.
    ///
    /// # Errors
    /// A configuration error where one is no template, or has the name of none.
    pub fn of(own_texts: &'a BTreeMap<String, String>) -> Result<Self> {
        let mut ours = environment();
        for (name, text) in OURS {
            ours.add_template(name, text).map_err(|cause| Error::internal(explained(&cause)))?;
        }
        let mut own = ours.clone();
        for (name, text) in own_texts {
            if !OURS.iter().any(|(known, _)| known == name) {
                let error = Error::config(format!("`notices.templates`: no notice uses {name}"));
                let known: Vec<String> =
                    OURS.iter().map(|(known, _)| (*known).to_owned()).collect();
                return Err(with_suggestion(error, name, &known));
            }
            own.add_template(name, text).map_err(|cause| broken(&cause))?;
        }
        Ok(Self { ours, own })
    }

    /// Fills each template in with examples, so that a name that does not exist is found before a
    /// night needs it.
    ///
    /// # Errors
    /// A configuration error that names the file and the line.
    pub fn check(&self) -> Result<()> {
        for (kind, example) in examples() {
            for regime in [Regime::None, Regime::Us435, Regime::Eu201183] {
                let name = name_of(kind, Some(regime));
                let template = self.own.get_template(&name).map_err(|cause| broken(&cause))?;
                template.render(&example).map_err(|cause| broken(&cause))?;
            }
        }
        Ok(())
    }

    /// Fills in the template of a kind under some rules; ours, where the user's own fails.
    #[must_use]
    pub fn render(
        &self,
        kind: NoticeKind,
        regime: Option<Regime>,
        about: &impl Serialize,
    ) -> Rendered {
        let name = name_of(kind, regime);
        let filled = |templates: &Environment<'a>| templates.get_template(&name)?.render(about);
        let (text, fault) = match filled(&self.own) {
            Ok(text) => (text, None),
            Err(cause) => (filled(&self.ours).unwrap_or_default(), Some(explained(&cause))),
        };

        let first = text.lines().next().unwrap_or_default();
        let (subject, text) = match first.strip_prefix(SUBJECT) {
            Some(subject) => (clean(subject), &text[first.len()..]),
            None => (kind.as_str().replace('_', " "), text.as_str()),
        };
        Rendered { subject, text: laid_out(text), fault }
    }
}

/// The file of a kind under some rules: one for these rules where there is one.
fn name_of(kind: NoticeKind, regime: Option<Regime>) -> String {
    let plain = format!("{}.txt", kind.as_str());
    let special = regime.map(|regime| format!("{}.{}.txt", kind.as_str(), regime.as_str()));
    let is_ours = |name: &String| OURS.iter().any(|(known, _)| known == name);
    special.filter(is_ours).unwrap_or(plain)
}

fn environment<'a>() -> Environment<'a> {
    let mut templates = Environment::new();
    templates.set_trim_blocks(true);
    templates.set_lstrip_blocks(true);
    // An included part is as if its lines stood there.
    templates.set_keep_trailing_newline(true);
    // Texts are plain: nothing is escaped in them.
    templates.set_auto_escape_callback(|_| AutoEscape::None);
    // A name that does not exist is a mistake, not an empty text.
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    templates.set_formatter(|out, state, value| {
        let shown = if value.is_none() { &Value::from("") } else { value };
        minijinja::escape_formatter(out, state, shown)
    });
    templates.add_filter("long_date", long_date);
    templates
}

/// `2026-08-02` as "2 August 2026", with blanks at which no line breaks; what is no date stays as
/// it is.
fn long_date(text: String) -> String {
    let date: Option<NaiveDate> = text.parse().ok();
    date.map_or(text, |date| date.format("%-d\u{a0}%B\u{a0}%Y").to_string())
}

fn broken(cause: &minijinja::Error) -> Error {
    Error::config(format!("`notices.templates`: {}", explained(cause)))
        .hint("config/notices/ holds our own texts, with all that templates may use")
}

/// Where a template is wrong, and how.
fn explained(cause: &minijinja::Error) -> String {
    // What an included template says is the cause of what the one that includes it says.
    let inner = std::error::Error::source(cause).and_then(|inner| inner.downcast_ref());
    let cause: &minijinja::Error = inner.unwrap_or(cause);
    let place = match (cause.name(), cause.line()) {
        (Some(name), Some(line)) => format!("{name}, line {line}: "),
        (Some(name), None) => format!("{name}: "),
        (None, _) => String::new(),
    };
    match cause.detail() {
        Some(detail) => format!("{place}{}: {detail}", cause.kind()),
        None => format!("{place}{}", cause.kind()),
    }
}

/// A text with its lines broken, at most one blank line between two, and one end.
fn laid_out(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    let mut is_after_blank = true;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() {
            is_after_blank = is_after_blank || {
                out.push('\n');
                true
            };
            continue;
        }
        is_after_blank = false;
        let start = line.len() - line.trim_start().len();
        let indent = if line[start..].starts_with("- ") { start + 2 } else { start };
        out.push_str(&wrapped(line, WIDTH, &" ".repeat(indent)));
        out.push('\n');
    }
    if is_after_blank && out.ends_with("\n\n") {
        out.pop();
    }
    out.replace('\u{a0}', " ")
}

/// One example of each kind and more where a kind says different things.
fn examples() -> Vec<(NoticeKind, Value)> {
    let day = || "2026-08-02".to_owned();
    let some = || Some("text".to_owned());
    let line = |kind: NoticeKind, new_date: Option<String>| LineText {
        sku: "A1".to_owned(),
        description: some(),
        quantity: "2".to_owned(),
        ordered_on: day(),
        kind: kind.as_str().to_owned(),
        old_date: Some(day()),
        new_date,
        why: some(),
        alternative: some(),
        arose_on: Some(day()),
        ..LineText::default()
    };

    let customer = [
        (NoticeKind::DelayFirst, Some(day()), Some("consent")),
        (NoticeKind::DelayFirst, Some(day()), Some("cancellation")),
        (NoticeKind::DelayRenewed, Some(day()), Some("cancellation")),
        (NoticeKind::DelayRenewed, None, Some("cancellation")),
        (NoticeKind::DelayIndefinite, None, Some("cancellation")),
        (NoticeKind::CannotShip, None, None),
        (NoticeKind::GoodNews, Some(day()), None),
    ];
    let mut examples: Vec<(NoticeKind, Value)> = customer
        .into_iter()
        .map(|(kind, new_date, silence)| {
            let has_no_date = new_date.is_none();
            let today = LineText { ships_today: true, ..line(NoticeKind::GoodNews, Some(day())) };
            let never = line(NoticeKind::CannotShip, None);
            let about = CustomerText {
                order: "1".to_owned(),
                name: some(),
                lines: vec![line(kind, new_date), never, today, LineText::default()],
                has_no_date,
                silence: silence.map(str::to_owned),
                respond_by: Some(day()),
                send_by: Some(day()),
                refund_by: Some(day()),
                cancel_by: some(),
            };
            (kind, Value::from_serialize(about))
        })
        .collect();

    let overdue = ChaseLine { overdue_days: Some(3), ..ChaseLine::default() };
    let sooner = ChaseLine { sooner_days: Some(7), customers_wait: true, ..ChaseLine::default() };
    let chase = SupplierText { lines: vec![overdue, sooner], ..SupplierText::default() };
    let digest = DigestText {
        risks: vec![RiskText::default()],
        more: 1,
        withheld: 1,
        refunds: 1,
        first_refund_by: Some(day()),
        ..DigestText::default()
    };
    let refund = RefundText {
        customer: some(),
        lines: vec![line(NoticeKind::CannotShip, None), line(NoticeKind::RefundDue, None)],
        may_have_agreed: true,
        may_wait: true,
        ..RefundText::default()
    };
    examples.push((NoticeKind::Chase, Value::from_serialize(chase)));
    examples.push((NoticeKind::Digest, Value::from_serialize(digest)));
    examples.push((NoticeKind::RefundDue, Value::from_serialize(refund)));
    examples
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(name: &str, text: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(name.to_owned(), text.to_owned())])
    }

    fn refused(name: &str, text: &str) -> Error {
        let texts = own(name, text);
        Texts::of(&texts).and_then(|texts| texts.check()).unwrap_err()
    }

    #[test]
    fn our_own_texts_can_be_filled_in() {
        let none = BTreeMap::new();
        Texts::of(&none).unwrap().check().unwrap();
    }

    #[test]
    fn a_broken_template_is_a_configuration_error_with_file_and_line() {
        let cases = [
            ("delay_first.txt", "one\ntwo {% if %}\n", "delay_first.txt, line 2"),
            ("good_news.txt", "{{ order }}\n\n{{ ordr }}\n", "good_news.txt, line 3"),
            (
                "lines.txt",
                "{% for line in lines %}\n{{ line.skuu }}\n{% endfor %}",
                "lines.txt, line 2",
            ),
            ("delay_frist.txt", "x", "delay_frist.txt"),
            ("chase.txt", "{% include \"nothing.txt\" %}", "chase.txt, line 1"),
        ];
        for (name, text, told) in cases {
            let error = refused(name, text);
            assert_eq!(error.exit_code(), 2, "{error}");
            assert!(error.message.contains(told), "{told}: {}", error.message);
        }
        assert!(refused("delay_frist.txt", "x").hints[0].contains("delay_first.txt"));
    }

    #[test]
    fn a_text_of_the_users_own_replaces_one_kind_and_no_legal_text_of_another() {
        let texts = own("delay_first.txt", "Subject: Ihre Bestellung {{ order }}\nHallo\n");
        let texts = Texts::of(&texts).unwrap();
        let about = CustomerText {
            order: "7".to_owned(),
            cancel_by: Some("x".to_owned()),
            respond_by: Some("2026-08-02".to_owned()),
            ..CustomerText::default()
        };
        let kind = NoticeKind::DelayFirst;
        let plain = texts.render(kind, Some(Regime::None), &about);
        assert_eq!((plain.subject.as_str(), plain.text.as_str()), ("Ihre Bestellung 7", "Hallo\n"));
        let of_law = texts.render(kind, Some(Regime::Us435), &about);
        assert!(of_law.text.contains("2 August 2026"), "{}", of_law.text);
        assert!(of_law.text.starts_with("Dear customer,\n\nwe are sorry"), "{}", of_law.text);
    }

    #[test]
    fn what_a_template_prints_is_neither_escaped_nor_taken_for_a_template() {
        let texts = own("delay_first.txt", "{{ name }} {{ respond_by }}|\n");
        let texts = Texts::of(&texts).unwrap();
        let name = "<b> & {{ order }} {% x";
        let about = CustomerText { name: Some(name.to_owned()), ..CustomerText::default() };
        let rendered = texts.render(NoticeKind::DelayFirst, None, &about);
        assert_eq!(rendered.text, format!("{} |\n", name));
    }

    #[test]
    fn our_text_stands_in_where_the_users_fails_on_a_night() {
        let texts = own("good_news.txt", "{% if not lines %}{{ order / 2 }}{% endif %}");
        let texts = Texts::of(&texts).unwrap();
        texts.check().unwrap();
        let about = CustomerText { order: "x".to_owned(), ..CustomerText::default() };
        let rendered = texts.render(NoticeKind::GoodNews, Some(Regime::None), &about);
        assert!(rendered.fault.unwrap().contains("good_news.txt, line 1"));
        assert!(rendered.text.starts_with("Dear customer,\n"), "{}", rendered.text);
    }
}
