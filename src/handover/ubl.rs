//! An order as OASIS UBL 2.1 Order.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::codes::{Identifier, Parties, UnitCodes, location_id, parties, unit_code, xml_text};
use super::documents::Document;
use super::sheets::address_lines;
use super::values::name_of;
use super::{Layout, Notes, Problems};
use crate::domain::calendar::date_of;
use crate::domain::fixed::Fixed;
use crate::domain::money::decimals_of;
use crate::error::{Error, Result};
use crate::plan::orders::OrderLine;

/// The namespaces of the document, of what holds others, and of what holds a value.
const NAMESPACES: [(&str, &str); 3] = [
    ("xmlns", "urn:oasis:names:specification:ubl:schema:xsd:Order-2"),
    ("xmlns:cac", "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"),
    ("xmlns:cbc", "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"),
];

/// The scheme of Global Location Numbers, and of article numbers, in ISO/IEC 6523.
const GLN: &str = "0088";
const GTIN: &str = "0160";

/// The document of the one order that a file has.
pub(super) fn order(
    layout: &Layout<'_>,
    documents: &[Document<'_>],
    problems: &mut Problems,
    notes: &mut Notes,
) -> Result<Vec<u8>> {
    let Some(document) = documents.first() else { return Ok(Vec::new()) };
    // All that is missing is said at once.
    let parties = parties(layout, document.head(), problems);
    let location = location_id(layout, document.head(), problems);
    let units: Vec<String> = document
        .lines
        .iter()
        .map(|line| unit_code(layout, line, UnitCodes::Unece, problems))
        .collect();
    let Some(parties) = parties else { return Ok(Vec::new()) };
    let mut xml = Xml { writer: Writer::new_with_indent(Vec::new(), b' ', 2), notes };
    let said = Said { parties, location, units };
    let written = write(layout, document, &said, &mut xml);
    written.map_err(|cause| Error::internal("cannot write an order as XML").because(cause))?;
    let mut bytes = xml.writer.into_inner();
    bytes.push(b'\n');
    Ok(bytes)
}

/// What the order says in codes.
struct Said {
    parties: Parties,
    location: Identifier,
    /// The unit of each line.
    units: Vec<String>,
}

/// A side of the order.
struct Side<'a> {
    id: &'a Identifier,
    name: &'a str,
    address: &'a [String],
    country: Option<&'a str>,
    email: Option<&'a str>,
}

fn write(
    layout: &Layout<'_>,
    document: &Document<'_>,
    said: &Said,
    xml: &mut Xml<'_>,
) -> io::Result<()> {
    let head = document.head();
    let Said { parties, location, units } = said;
    let currency = &*head.currency;
    xml.writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.writer.write_event(Event::Start(BytesStart::new("Order").with_attributes(NAMESPACES)))?;
    xml.value("UBLVersionID", "2.1")?;
    xml.value("ID", &document.number)?;
    xml.value("IssueDate", &date_of(head.order_day).to_string())?;
    xml.value("DocumentCurrencyCode", currency)?;
    xml.value("LineCountNumeric", &document.lines.len().to_string())?;

    xml.open("BuyerCustomerParty")?;
    let address = address_lines(layout.buyer.address.as_deref());
    xml.party(&Side {
        id: &parties.buyer,
        name: &parties.buyer_name,
        address: &address,
        country: layout.buyer.country.as_deref(),
        email: None,
    })?;
    xml.close("BuyerCustomerParty")?;
    xml.open("SellerSupplierParty")?;
    xml.value("CustomerAssignedAccountID", &head.supplier)?;
    xml.party(&Side {
        id: &parties.supplier,
        name: name_of(head),
        address: &[],
        country: None,
        email: layout.email(head),
    })?;
    xml.close("SellerSupplierParty")?;

    xml.open("Delivery")?;
    xml.open("DeliveryLocation")?;
    xml.identifier("ID", location)?;
    xml.value("Name", &layout.location_name(head))?;
    xml.close("DeliveryLocation")?;
    xml.period(document.earliest_requested(), "RequestedDeliveryPeriod")?;
    xml.close("Delivery")?;

    if let Some(total) = document.total() {
        let total = total.with_decimals(decimals_of(currency));
        xml.open("AnticipatedMonetaryTotal")?;
        xml.amount("LineExtensionAmount", &total, currency)?;
        xml.amount("PayableAmount", &total, currency)?;
        xml.close("AnticipatedMonetaryTotal")?;
    }
    for (line, unit) in document.lines.iter().zip(units) {
        xml.line(layout, line, unit, document.is_of_one_day())?;
    }
    xml.writer.write_event(Event::End(BytesEnd::new("Order")))
}

/// The document as it is written.
struct Xml<'n> {
    writer: Writer<Vec<u8>>,
    notes: &'n mut Notes,
}

impl Xml<'_> {
    /// Begins an element that holds others.
    fn open(&mut self, name: &str) -> io::Result<()> {
        self.writer.write_event(Event::Start(BytesStart::new(format!("cac:{name}"))))
    }

    fn close(&mut self, name: &str) -> io::Result<()> {
        self.writer.write_event(Event::End(BytesEnd::new(format!("cac:{name}"))))
    }

    /// An element with a value.
    fn value(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.attributed(name, text, &[])
    }

    fn attributed(&mut self, name: &str, text: &str, with: &[(&str, &str)]) -> io::Result<()> {
        let text = xml_text(text, self.notes);
        let element = self.writer.create_element(format!("cbc:{name}"));
        let element = element.with_attributes(with.iter().copied());
        element.write_text_content(BytesText::new(&text)).map(drop)
    }

    fn amount(&mut self, name: &str, amount: &str, currency: &str) -> io::Result<()> {
        self.attributed(name, amount, &[("currencyID", currency)])
    }

    fn identifier(&mut self, name: &str, id: &Identifier) -> io::Result<()> {
        match (&id.qualifier, id.is_gln) {
            (_, true) => self.attributed(name, &id.id, &[("schemeID", GLN)]),
            (Some(scheme), _) => self.attributed(name, &id.id, &[("schemeID", scheme)]),
            (None, false) => self.value(name, &id.id),
        }
    }

    fn party(&mut self, side: &Side<'_>) -> io::Result<()> {
        let Side { id, name, address, country, email } = *side;
        self.open("Party")?;
        if id.is_gln {
            self.identifier("EndpointID", id)?;
        }
        self.open("PartyIdentification")?;
        self.identifier("ID", id)?;
        self.close("PartyIdentification")?;
        self.open("PartyName")?;
        self.value("Name", name)?;
        self.close("PartyName")?;
        if !address.is_empty() || country.is_some() {
            self.open("PostalAddress")?;
            for line in address {
                self.open("AddressLine")?;
                self.value("Line", line)?;
                self.close("AddressLine")?;
            }
            if let Some(country) = country {
                self.open("Country")?;
                self.value("IdentificationCode", country)?;
                self.close("Country")?;
            }
            self.close("PostalAddress")?;
        }
        if let Some(email) = email {
            self.open("Contact")?;
            self.value("ElectronicMail", email)?;
            self.close("Contact")?;
        }
        self.close("Party")
    }

    fn period(&mut self, day: crate::domain::calendar::Day, name: &str) -> io::Result<()> {
        let day = date_of(day).to_string();
        self.open(name)?;
        self.value("StartDate", &day)?;
        self.value("EndDate", &day)?;
        self.close(name)
    }

    fn line(
        &mut self,
        layout: &Layout<'_>,
        line: &OrderLine,
        unit: &str,
        is_of_one_day: bool,
    ) -> io::Result<()> {
        let currency = &*line.currency;
        self.open("OrderLine")?;
        self.open("LineItem")?;
        self.value("ID", &line.line.to_string())?;
        let quantity = layout.quantity(line).to_string();
        self.attributed("Quantity", &quantity, &[("unitCode", unit)])?;
        if let Some(total) = line.line_total {
            let total = total.with_decimals(decimals_of(currency));
            self.amount("LineExtensionAmount", &total, currency)?;
        }
        if !is_of_one_day {
            self.open("Delivery")?;
            self.period(line.requested_day, "RequestedDeliveryPeriod")?;
            self.close("Delivery")?;
        }
        if let Some(cost) = layout.cost(line) {
            self.price(cost, currency, unit)?;
        }
        self.item(layout, line)?;
        self.close("LineItem")?;
        self.close("OrderLine")
    }

    fn price(&mut self, cost: Fixed, currency: &str, unit: &str) -> io::Result<()> {
        self.open("Price")?;
        self.amount("PriceAmount", &cost.to_string(), currency)?;
        self.attributed("BaseQuantity", "1", &[("unitCode", unit)])?;
        self.close("Price")
    }

    fn item(&mut self, layout: &Layout<'_>, line: &OrderLine) -> io::Result<()> {
        self.open("Item")?;
        self.value("Name", line.description.as_deref().unwrap_or(&line.sku))?;
        let numbers = [
            ("BuyersItemIdentification", Some(&*line.sku), None),
            ("SellersItemIdentification", line.supplier_sku.as_deref(), None),
            ("StandardItemIdentification", layout.gtin(line), Some(GTIN)),
        ];
        for (name, number, scheme) in numbers {
            let Some(number) = number.filter(|number| !number.is_empty()) else { continue };
            self.open(name)?;
            match scheme {
                Some(scheme) => self.attributed("ID", number, &[("schemeID", scheme)])?,
                None => self.value("ID", number)?,
            }
            self.close(name)?;
        }
        self.close("Item")
    }
}
