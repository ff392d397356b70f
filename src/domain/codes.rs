//! What can be noticed or set aside: each under a code with one number and one name, which stand
//! here alone.

/// How much a finding matters.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; the plan is what it should be.
    Info,
    /// The plan stands on an assumption that a person should look at.
    Warning,
    /// Something could not be planned or used.
    Error,
}

impl Severity {
    /// The word written in outputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Declares the codes: `Variant = "DQ001" name Severity, "what it means", "what to do";`.
macro_rules! codes {
    ($(
        $variant:ident = $id:literal $name:literal $severity:ident,
        $meaning:literal,
        $hint:literal;
    )*) => {
        /// What a finding or a row that was set aside is about. The number never changes its
        /// meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)*
        }

        impl Code {
            /// Every code, by number.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The number, such as `DQ001`.
            #[must_use]
            pub fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// The name, such as `bad_date`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// How much it matters.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// What it means, in a sentence.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }

            /// What to do about it.
            #[must_use]
            pub fn hint(self) -> &'static str {
                match self { $(Self::$variant => $hint,)* }
            }
        }
    };
}

codes! {
    // Rows that cannot be read.
    MissingValue = "DQ001" "missing_value" Warning,
        "A required field is empty.",
        "Fill the field, map another column to it, carry it down from the order's first line by \
         `fill_down`, or leave such rows out: exclude = [{ column = \"…\", equals = \"\" }].";
    BadNumber = "DQ002" "bad_number" Warning,
        "A number cannot be read.",
        "Set `decimal` for the input if it writes 1,5 for one and a half.";
    BadDate = "DQ003" "bad_date" Warning,
        "A date cannot be read.",
        "Set `date_format` for the input, such as \"%d/%m/%Y\".";
    NotFinite = "DQ004" "not_finite" Warning,
        "A number is NaN or infinite.",
        "Correct the export.";
    DateOutOfRange = "DQ005" "date_out_of_range" Warning,
        "A date lies outside 1970-01-01 … 2100-12-31.",
        "Correct the date.";
    NumberOutOfRange = "DQ006" "number_out_of_range" Warning,
        "A number is too large, or negative where that makes no sense.",
        "Correct the number.";
    FieldTooLong = "DQ007" "field_too_long" Warning,
        "A field is longer than 1 MB.",
        "Look for an unclosed quote above this row.";
    InvalidBytes = "DQ008" "invalid_bytes" Warning,
        "A field is not valid in the input's encoding.",
        "Set `encoding = \"windows-1252\"` if that is what the file is in.";
    RaggedRow = "DQ009" "ragged_row" Warning,
        "A row has fewer or more fields than the header.",
        "Look for an unquoted delimiter in the row.";
    MalformedRow = "DQ010" "malformed_row" Warning,
        "A line is not a JSON object.",
        "Correct the line.";
    BadChoice = "DQ011" "bad_choice" Warning,
        "A field holds none of the values it may hold.",
        "The message lists the values.";
    // Rows that are read and are not demand.
    Excluded = "DQ012" "excluded" Info,
        "An `exclude` rule matches the row.",
        "Nothing, if the rule is meant.";
    CancelledSale = "DQ013" "cancelled_sale" Info,
        "A later negative line cancels this one.",
        "Nothing.";
    Cancellation = "DQ014" "cancellation" Info,
        "The line cancels an earlier one.",
        "Nothing.";
    ReturnIgnored = "DQ015" "return_ignored" Info,
        "A negative quantity that matches no sale.",
        "Set `demand.returns = \"net\"` to take returns off demand.";
    DuplicateLine = "DQ016" "duplicate_line" Warning,
        "Another row has the same order, line and sku; of purchase orders, the same quantity and \
         dates too.",
        "Export each order line once.";
    AfterAsOf = "DQ017" "after_as_of" Info,
        "The row is dated on or after the day the run stands at.",
        "Nothing.";
    FutureDate = "DQ018" "future_date" Warning,
        "The row is dated later than today.",
        "Correct the date, or pass --as-of.";
    DropShip = "DQ019" "drop_ship" Info,
        "Shipped by the supplier: no demand on stock.",
        "Nothing.";
    MakeToOrder = "DQ020" "make_to_order" Info,
        "Made or bought for this order: no demand on stock.",
        "Nothing.";
    CancelledStatus = "DQ021" "cancelled_status" Info,
        "The row's status says that it was cancelled.",
        "Nothing.";
    DuplicateKey = "DQ022" "duplicate_key" Warning,
        "Another row of the table has the same key; of stock, another row is equal as a whole.",
        "Keep one row for each key.";
    RepeatedHeader = "DQ023" "repeated_header" Info,
        "The row repeats the names of the columns.",
        "Nothing.";
    TotalRow = "DQ024" "total_row" Info,
        "The row is a sum of others, known by its text.",
        "Nothing; rename the item if it is one.";
    RepeatedRow = "DQ025" "repeated_row" Info,
        "Another file of the input holds the same row of the same order; it counts once.",
        "Nothing, if the files overlap.";
    UnlikelyDate = "DQ026" "unlikely_date" Warning,
        "A date that all others show to be mistyped, or to stand for none.",
        "Correct the date, or leave it empty.";
    // Rows that are used, but not as they stand.
    StockAddsUp = "DQ027" "stock_adds_up" Info,
        "Several stock rows of one item and location, as of bins or lots, add up.",
        "Nothing, if they are different stock; else export one row an item.";
    UnreadableField = "DQ028" "unreadable_field" Warning,
        "A field cannot be read and the row is used without it, or a row of purchase orders cannot \
         be used at all; where that bears on orders, the lines concerned need review.",
        "Correct the field; the message names it with its value.";
    // Findings about items.
    EqualRows = "DQ030" "equal_rows" Info,
        "Equal rows without a line number are counted as separate sales.",
        "Map `order_id` and `line` if they are duplicates.";
    DiffersByCase = "DQ031" "differs_by_case" Warning,
        "SKUs, suppliers or locations differ only by upper and lower case.",
        "Write them alike if they are one; for SKUs, `demand.sku_case = \"upper\"` does it.";
    UnknownItem = "DQ032" "unknown_item" Error,
        "The sku is not in the items table, so it is not ordered.",
        "Add it to the items table.";
    NegativeStock = "DQ033" "negative_stock" Warning,
        "Stock on hand is negative; it counts as 0 with that many backorders.",
        "Count the item.";
    MissingStock = "DQ034" "missing_stock" Warning,
        "The stock table has no row for the item; it counts as 0.",
        "Add the row, with 0 if there is none.";
    SuspectedStockout = "DQ035" "suspected_stockout" Warning,
        "A run of periods without demand that chance does not explain; it counts as sold out where \
         the stock record, waiting customers or the demand after it say so.",
        "Give an `availability` table, so that lost sales are not read as no demand.";
    Spike = "DQ036" "spike" Info,
        "A one-off spike or bulk order was damped before forecasting.",
        "Set `demand.spikes = \"keep\"`, or add an override, if it will recur.";
    PeakAtEnd = "DQ037" "peak_at_end" Warning,
        "The history ends in a high season and is too short to tell season from growth.",
        "Give a longer history, or an override.";
    NoLeadTimeSpread = "DQ038" "no_lead_time_spread" Info,
        "No spread of the lead time is known; deliveries are taken to be punctual.",
        "Give receipts, or `lead_time_sd_days`.";
    DeadOrder = "DQ039" "dead_order" Warning,
        "An open purchase order is so late that it is not counted on.",
        "Cancel it, or ask the supplier.";
    CoverExceedsLimit = "DQ040" "cover_exceeds_limit" Warning,
        "The least order, of MOQ and pack size, lasts longer than `max_cover_days`, or what is \
         there does; not ordered.",
        "Negotiate the MOQ, or raise `max_cover_days`.";
    UnknownSupplier = "DQ041" "unknown_supplier" Warning,
        "The supplier is not in the suppliers table.",
        "Add it to the suppliers table.";
    NoSupplier = "DQ042" "no_supplier" Info,
        "No supplier is known; the order goes to `unassigned`.",
        "Give `items.supplier`.";
    NoCost = "DQ043" "no_cost" Info,
        "No unit cost is known; the order line carries no amount.",
        "Give `items.unit_cost`.";
    NoCurrencyRate = "DQ044" "no_currency_rate" Error,
        "The supplier's currency has no rate, so the item is not ordered.",
        "Add it to `[currency] rates`.";
    // DQ045 was a model that fell back; a number that was given is not given again.
    MaxStockLimits = "DQ046" "max_stock_limits" Warning,
        "The maximum stock, or what sells within the shelf life, keeps the order below what the \
         target needs, or leaves no room for any.",
        "Raise `max_stock`, take a smaller pack, or accept the lower service.";
    ReturnsExceedSales = "DQ047" "returns_exceed_sales" Info,
        "Returns in a period exceed its sales; demand counts as 0.",
        "Nothing.";
    DiscontinuedDemand = "DQ048" "discontinued_demand" Info,
        "A discontinued item still sells.",
        "Name its successor in `replaces`.";
    MinOrderValue = "DQ049" "below_min_order_value" Warning,
        "The order is below the supplier's minimum order value; it needs review.",
        "Top it up, or let it wait.";
    OverBudget = "DQ050" "over_budget" Warning,
        "The line did not fit the budget, or has no cost that could tell whether it does, and is \
         held.",
        "Raise `purchasing.budget` or `budget_per_month`, give the cost, or release it by hand.";
    LatePromise = "DQ051" "overdue_order" Info,
        "An open purchase order is overdue.",
        "Ask the supplier.";
    StaleInput = "DQ052" "stale_input" Warning,
        "An input is older than `run.max_age_days`.",
        "Check that the export ran.";
    OrphanRow = "DQ053" "orphan_row" Info,
        "The row names an item, supplier or location that nothing else does; it has no effect.",
        "Check the spelling.";
    WorthUnknown = "DQ054" "worth_unknown" Info,
        "An item has neither price nor cost; its ABC class goes by the median of its category or \
         location.",
        "Give `items.unit_price` or `items.unit_cost`.";
    RisingBreak = "DQ055" "rising_price_break" Warning,
        "A price break costs more than a smaller quantity does; no order is raised to it.",
        "Correct the price break.";
    CostRounded = "DQ056" "cost_rounded" Warning,
        "A cost or price loses more than 0.1 % by rounding to four decimals.",
        "State it in a larger unit: a pack of a thousand in place of one.";
    UndatedOrder = "DQ057" "undated_order" Info,
        "An open purchase order lacks a date; it is expected after the usual lead time, or counts \
         as ordered so long before.",
        "Give `ordered_on`, and `expected_on` as the supplier confirmed it.";
    LeadTimeDisagrees = "DQ058" "lead_time_disagrees" Warning,
        "A stated lead time and the receipts disagree plainly; levels count on a mix of both, and \
         the more on receipts the more there are.",
        "Correct `lead_time_days`; or set `lead_time = \"stated\"` in a rule, or a day in \
         `lead_time_until`, if what is stated is right from now on.";
    MayHaveEnded = "DQ059" "may_have_ended" Warning,
        "An item does not sell any more, which chance does not explain: stock of it lies there, or \
         nothing is left and nobody has bought it anew.",
        "Set its status to `phase_out` or `discontinued` if it is at its end, or `replaces` of \
         its successor. If it was sold out, say so by an `availability` table or an override.";
    OffSeason = "DQ060" "off_season" Info,
        "A run of periods without demand that chance does not explain, at a time at which the item \
         did not sell in another year either.",
        "Nothing.";
    SameFile = "DQ061" "same_file" Warning,
        "Two files of an input hold the same bytes; they are read once.",
        "Remove the copy.";
    UnlikelyLeadTime = "DQ062" "unlikely_lead_time" Warning,
        "A delivery or an open order is so much older than the others of its supplier that its \
         dates say nothing of lead times.",
        "Correct its dates, above all `ordered_on`.";
    RowsNotListed = "DQ063" "rows_not_listed" Warning,
        "More rows of a table are set aside than quarantine.csv lists; the others are counted.",
        "Mend the export: the rows that are listed show what is wrong.";
    StockUnreadable = "DQ064" "stock_unreadable" Error,
        "A stock row cannot be read, so the stock of its item is unknown and it is not ordered.",
        "Correct the row.";
    StockIncomplete = "DQ065" "stock_incomplete" Error,
        "The stock table lacks most of what sells, at all or at one location, or has less than \
         half the rows of the previous run; every order line, or every one there, is held.",
        "Look at the export of stock, and run again.";
    SalesWereLost = "DQ066" "sales_were_lost" Warning,
        "On days on which the availability table says that items were not on sale, hardly any were \
         ordered: demand was lost then.",
        "Set `plan.unmet_demand` to `lost` if customers go elsewhere; without it the table counts \
         for the past alone, and with `backorder` it has no effect.";
    // What looks wrong without being refused.
    ZeroAmount = "DQ067" "zero_amount" Warning,
        "A cost or price is 0.",
        "Leave the field empty where the amount is not known.";
    NoProduct = "DQ068" "no_product" Warning,
        "A sku looks like no product: shipping, a discount, a fee. It is planned like one.",
        "If it is none, leave its rows out by an `exclude` rule under [inputs.orders].";
    UnitsJump = "DQ069" "units_jump" Warning,
        "The usual quantity of an item's order lines became ten times what it was, or a tenth: its \
         unit may have changed.",
        "If it did, convert the older rows; or give `launch_date`, the day of the new unit.";
    // Findings about orders.
    ToppedUp = "DQ070" "topped_up" Info,
        "The order was below the supplier's minimum order value and was topped up with what will \
         be needed soonest.",
        "Nothing.";
    WaitsForMinimum = "DQ071" "waits_for_minimum" Info,
        "The order is below the supplier's minimum order value, and waiting costs less than \
         topping it up; its lines are held.",
        "Release it by hand if it cannot wait.";
    BudgetLine = "DQ072" "budget_line" Warning,
        "The budget does not reach all lines: where it stops, and what more money would buy.",
        "Raise `purchasing.budget` or `budget_per_month`, or release lines by hand.";
    LeadTimeDrift = "DQ073" "lead_time_drift" Warning,
        "A supplier's recent deliveries took longer or shorter than its earlier ones.",
        "Ask the supplier; set `lead_time_days` if the change will last.";
    SupplierLate = "DQ074" "supplier_late" Warning,
        "A supplier delivers later than it promises.",
        "Ask the supplier for dates that it can keep.";
    CostUnknown = "DQ075" "cost_unknown" Warning,
        "A cost target needs a cost or margin that is not known.",
        "Give `unit_cost` and `unit_price`, or costs in money.";
    LimitsConflict = "DQ076" "limits_conflict" Warning,
        "Limits of the item contradict each other; the message says which one holds.",
        "Correct the limits.";
    SupplyShort = "DQ077" "supply_short" Warning,
        "The supplying location has less than its locations need; it is shared by need.",
        "Buy more there.";
    ContainerFilled = "DQ078" "container_filled" Info,
        "The room left in the order's containers was filled with what will be needed soonest, \
         where that costs less than shipping it later.",
        "Nothing.";
    ContainerRoom = "DQ079" "container_room" Info,
        "The order takes more than whole containers, and the last one goes partly empty.",
        "Cut the order to whole containers where little is beyond them, or give `container_cost` \
         so that the room is filled.";
    // Orders that a person should look at.
    BeyondExperience = "DQ080" "beyond_experience" Warning,
        "The order would bring more than twice the stock that was ever sold in the time it has to \
         last; it needs review.",
        "Look at the item's largest orders: are they likely to come again? Give it a lower \
         target, or a maximum.";
    GoneQuiet = "DQ081" "gone_quiet" Warning,
        "The item is ordered and has not been sold for long; it needs review.",
        "Set its status to `phase_out` if it is at its end.";
    SeasonOver = "DQ082" "season_over" Warning,
        "Last year the item hardly sold after the day on which the order would arrive; it needs \
         review.",
        "Order what the rest of the season needs, or nothing.";
    CoverLimits = "DQ083" "cover_limits" Warning,
        "The target needs more than `max_cover_days` of demand; the order is cut to that.",
        "Raise `max_cover_days` for the item by a rule, or give it a lower target.";
    BeyondLaunches = "DQ084" "beyond_launches" Warning,
        "The item is under a year old and its target needs more than comparable launches sold and \
         than twice what it sold itself; the order is cut to that.",
        "Give an override with the expected demand if the item will do better than others did.";
    // Findings about the surroundings of a run.
    PreviousRunDamaged = "DQ085" "previous_run_damaged" Warning,
        "A file of the previous run is missing or damaged; tonight is not compared with it.",
        "Leave the files of a run as they were written; work on copies.";
    // Findings about notices.
    NoCancelBy = "DQ086" "no_cancel_by" Warning,
        "Consumers in the United States are to be told of a delay, and nothing says where they can \
         cancel; they are not told.",
        "Set `[notices] cancel_by`: an address or a telephone number that is free for them.";
    NoticeTemplate = "DQ087" "notice_template" Warning,
        "A text of your own for a notice cannot be filled in; ours stands in its place.",
        "Correct the file in `[notices] templates`; the message names it with the line.";
    // Findings about files.
    CleanedKey = "DQ090" "cleaned_key" Warning,
        "Keys hold characters that nobody sees, or a spreadsheet's quotes; they are read without.",
        "Correct the export, so that other programs read the same keys.";
    DoubtfulMarks = "DQ091" "doubtful_marks" Warning,
        "Each number with a mark has one only, and none shows whether it groups thousands or is a \
         decimal mark; it is read as set by `decimal`.",
        "Set `decimal` to the other mark if 1,250 is meant for a quarter more than one, or 1.250 \
         for a thousand and more; nothing if they are read as they should be.";
    HeaderBelow = "DQ092" "header_below" Info,
        "The names of the columns do not stand in the first line; what stands above is left out.",
        "Set `skip_rows` if another line holds the names.";
    DoubtfulColumn = "DQ093" "doubtful_column" Warning,
        "A column is not read though its name is nearly that of one of ours, or another column has \
         the same name.",
        "Map it in `columns`, or rename it.";
    DoubtfulDates = "DQ094" "doubtful_dates" Warning,
        "Several of the formats that `date_format` lists fit every date of a file.",
        "Leave only the format that the file is written in.";
    IdleExclusion = "DQ095" "idle_exclusion" Info,
        "No row satisfies an `exclude` rule.",
        "Look at the column and the text that the rule names; take the rule out if it is not \
         needed.";
    LikelyCancelled = "DQ096" "likely_cancelled" Warning,
        "Rows count as demand whose status sounds like a cancellation.",
        "Add the status to `cancelled_statuses` under [demand], if it is one.";
    LikelySameKey = "DQ097" "likely_same_key" Warning,
        "SKUs differ only as a spreadsheet changes them: by zeros in front, or by `.0` behind.",
        "Export keys as text, so that every table writes them alike.";
    ChanceRepeats = "DQ098" "chance_repeats" Warning,
        "Files share rows that count once, and too few of them for exports that overlap.",
        "If the files are of tills or shops that number alike, put the till into `order_id`.";
    PricesOverlap = "DQ099" "prices_overlap" Warning,
        "Two prices of an item hold on the same days, and neither is of a promotion.",
        "Correct the last day of the first, or name the promotion.";
    // Findings about orders that earlier runs handed over.
    OrderNeverSeen = "DQ100" "order_never_seen" Warning,
        "An order line was handed over and is in no table of open orders after \
         `confirm_within_days`; it counts no more, and its need shows again.",
        "Ask whether the order was placed; place it, or let tonight's take its place.";
    OrderChanged = "DQ101" "order_changed" Warning,
        "The table of open orders has another quantity than was handed over; the table's counts.",
        "Nothing, if it was changed on purpose.";
    OrderGone = "DQ102" "order_gone" Warning,
        "An order that was open is neither open nor received any more; it counts as cancelled \
         there.",
        "Nothing, if it was cancelled; else look for its receipt.";
    OrderDoubled = "DQ103" "order_doubled" Warning,
        "Two open orders carry the number of one line that was handed over; both count.",
        "Cancel one of them if it was placed twice by mistake.";
    OrderInPacks = "DQ104" "order_in_packs" Warning,
        "The table of open orders counts packs where stock units are meant; they are converted for \
         orders that were handed over by a run.",
        "Export quantities in stock units.";
    OrderSeenLate = "DQ105" "order_seen_late" Warning,
        "An order line that counted as expired or cancelled is in the tables now.",
        "Cancel what was ordered in its place; raise `purchasing.confirm_within_days` if imports \
         take that long.";
    OrdersBeyondUsual = "DQ106" "orders_beyond_usual" Error,
        "The night orders more than `max_order_value`, or more than `max_times_usual` times the \
         largest of the last nights; every order line is held.",
        "Look at the largest lines; approve what is right by `restock orders approve`.";
    BeyondApproval = "DQ107" "beyond_approval" Info,
        "A line lies beyond the limits of `[purchasing.auto_approve]`, or needed review on an \
         earlier night, and waits for a person.",
        "Approve it by `restock orders approve`, or reject it.";
    OpenOrdersIncomplete = "DQ108" "open_orders_incomplete" Error,
        "Most of the order lines that were open are neither open nor received any more: the table \
         of open orders cannot be the whole. Every order line is held for this night; lines that \
         are still gone on the next one count as cancelled.",
        "Look at the export of open orders, and run again.";
    // Findings about workbooks, databases and commands.
    NoValue = "DQ110" "no_value" Warning,
        "A cell holds an error such as #N/A, or a formula that nothing has worked out, or a \
         database field holds bytes that are no text.",
        "Correct the formula; open the workbook in a spreadsheet and save it, so that formulas \
         have their values; select the field as text.";
    // Findings about what is handed over.
    HandoverNotWritten = "DQ115" "handover_not_written" Error,
        "A hand-over profile cannot write an order: a value has no word in its map, or an \
         identifier is missing. Its file is not written; `purchase_orders.csv` has the lines.",
        "Complete the profile, and write the order by `restock orders export NUMBER --profile`.";
    HandoverNoProfile = "DQ116" "handover_no_profile" Info,
        "There are hand-over profiles, and none takes the orders of a supplier.",
        "Nothing, if its file in `purchase_orders/` is what goes out; else name it in `suppliers`.";
    HandoverReplaced = "DQ117" "handover_replaced" Info,
        "A format has no room for a character or a text; something else was written.",
        "Nothing, unless it misleads the supplier.";
    HandoverKeyReplaced = "DQ118" "handover_key_replaced" Warning,
        "A format cannot hold a key as it is, or has no character like one in it; the supplier \
         reads another.",
        "Tell the supplier, or give the item another number by `map` or in the tables.";
    // Findings about bundles.
    BundleUnresolved = "DQ120" "bundle_unresolved" Error,
        "The components of a bundle lead back to themselves, or are nested more than 8 deep. It \
         is not taken apart: its sales stay its own, and it is blocked.",
        "Correct the rows of `components` that the message names.";
    ComponentsOverlap = "DQ121" "components_overlap" Warning,
        "Two rows of one bundle and component hold on the same days; their quantities add up.",
        "Nothing, if the bundle takes both; else end the older row by its `to`.";
    BundleStocked = "DQ122" "bundle_stocked" Warning,
        "A bundle has stock, units held or waited for, or open orders of its own. They are not \
         counted: a bundle is made of its components when it is sold.",
        "Count what is packed already as its components; leave an item that is bought and stocked \
         as such out of `components`.";
    BundleRowsUnused = "DQ123" "bundle_rows_unused" Warning,
        "Rows about a bundle that say nothing of its components are not used: `set` and \
         `multiply` overrides, availability, prices.",
        "State them for the components. An override that adds units of a bundle is used.";
    SoldWithoutComponents = "DQ124" "sold_without_components" Warning,
        "A bundle was sold on days on which no row of `components` holds; these sales are demand \
         of no item.",
        "Let the rows begin with the first sale: leave `from` empty.";
    // Money ahead.
    CashIncomplete = "DQ125" "cash_incomplete" Info,
        "Order lines without a cost are not in `cash.csv`: open, tonight's or projected ones.",
        "Give their items a `unit_cost`, in `items` or in `item_suppliers`.";
}

impl serde::Serialize for Code {
    /// By its number, which never changes its meaning.
    fn serialize<S: serde::Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        writer.serialize_str(self.id())
    }
}

impl<'de> serde::Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let id = String::deserialize(reader)?;
        let code = Self::ALL.iter().find(|code| code.id() == id).copied();
        code.ok_or_else(|| serde::de::Error::custom(format!("no code is called {id}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_code_has_its_own_number_and_name() {
        let ids: BTreeSet<_> = Code::ALL.iter().map(|code| code.id()).collect();
        let names: BTreeSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!((ids.len(), names.len()), (Code::ALL.len(), Code::ALL.len()));
        assert!(Code::ALL.windows(2).all(|pair| pair[0].id() < pair[1].id()));
    }
}
