// Decisions: made on the page, saved as a file, applied to the ledger, seen on tomorrow's page.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertQuiet, launch, leadingNumber, open } from "./browser.mjs";
import { nights, rows, rowsOf, sample, shops } from "./shops.mjs";

const folder = join(shops, "deciding");
const runs = join(folder, "runs");
// A plain model: what the decisions are about does not matter here, and it is quick.
const settings = ['purchasing.handover="approve"', 'forecast.model="moving-average"'];
const reason = 'promotion is off, says "Ann"; ask again';
let browser;
let command;
before(async () => {
  command = sample(runs, [nights[0]], ...settings);
  browser = await launch();
});
after(() => browser.close());

const decided = async (page) => leadingNumber(await page.locator("#decided").innerText());

/** The row of a line in its order, its lines unfolded. */
async function unfolded(page, line) {
  const order = page.locator(`article.order[data-po="${line.po_number}"]`);
  const details = order.locator("details").first();
  if (!(await details.evaluate((it) => it.open))) await details.locator("summary").click();
  return order.locator("tr[data-key]", { hasText: line.sku }).first();
}

async function openLine(page, line) {
  await (await unfolded(page, line)).locator("button.open").click();
  await page.locator("dialog#drawer[open]").waitFor();
}

async function closeDrawer(page) {
  if (await page.locator("dialog#drawer[open]").count()) await page.keyboard.press("Escape");
}

/** Presses *Save decisions*: the rows of the file that it downloads, and the file. */
async function save(page) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#save")]);
  assert.equal(download.suggestedFilename(), "decisions.csv");
  const file = join(folder, "decisions.csv");
  await download.saveAs(file);
  return { file, saved: rowsOf(readFileSync(file, "utf8")) };
}

test("what is decided is saved, applied, and shown tomorrow", async () => {
  const lines = rows(runs, nights[0], "purchase_orders.csv");
  assert.ok(lines.length >= 6, "too few lines to decide on");
  const [approved, edited, refused, ...rest] = lines;
  const pack = Number(edited.pack_size) || 1;
  const quantity = Number(edited.quantity) + 2 * pack;
  const view = await open(browser, join(runs, nights[0], "report.html"));
  const { page } = view;

  await (await unfolded(page, approved)).locator("button.approve").click();
  assert.equal(await decided(page), 1, "one decision");

  await openLine(page, edited);
  await page.fill("#d-quantity", String(quantity));
  await page.click("#d-edit");
  await closeDrawer(page);
  assert.equal(await decided(page), 2, "two decisions");

  await openLine(page, refused);
  await page.fill("#d-until", "2026-08-01");
  await page.fill("#d-reason", reason);
  await page.click("#d-reject");
  await closeDrawer(page);
  assert.equal(await decided(page), 3, "three decisions");

  const { file, saved } = await save(page);
  assertQuiet(view);
  await view.close();

  const key = (line) => `${line.po_number}:${line.line}`;
  const of = (line) => saved.find((row) => key(row) === key(line));
  assert.equal(saved.length, 3, JSON.stringify(saved));
  assert.equal(of(approved).action, "approve");
  assert.deepEqual([of(edited).action, Number(of(edited).quantity)], ["edit", quantity]);
  assert.deepEqual([of(refused).action, of(refused).until], ["reject", "2026-08-01"]);
  assert.equal(of(refused).reason, reason);

  command("orders", "apply", file, "--by", "ann");
  const listed = rowsOf(command("orders", "list", "--all", "--format", "csv"));
  const state = (line) => listed.find((row) => key(row) === key(line));
  assert.equal(state(approved).state, "approved");
  assert.deepEqual([state(edited).state, Number(state(edited).quantity)], ["approved", quantity]);
  assert.equal(state(refused).state, "rejected");
  for (const line of rest) assert.equal(state(line).state, "suggested", key(line));

  // Tomorrow.
  sample(runs, [nights[1]], ...settings);
  const tomorrow = await open(browser, join(runs, nights[1], "report.html"), {
    javaScriptEnabled: false,
  });
  const earlier = await tomorrow.page.locator(".earlier tbody tr").allInnerTexts();
  const shows = (line, ...words) => {
    const row = earlier.find((it) => it.includes(line.sku)) ?? "";
    for (const word of [line.po_number, ...words]) {
      assert.ok(row.includes(word), `${line.sku}: "${word}" is not in "${row}"`);
    }
  };
  assert.equal(earlier.length, 3, earlier.join("\n"));
  shows(approved, "sent");
  shows(edited, String(quantity));
  shows(refused, "rejected", "2026-08-01", reason, "ann");
  assertQuiet(tomorrow);
  await tomorrow.close();
});

test("a decision can be taken back, and nothing is kept by the browser", async () => {
  const line = rows(runs, nights[0], "purchase_orders.csv").at(-1);
  const view = await open(browser, join(runs, nights[0], "report.html"));
  const { page } = view;
  assert.ok(!(await page.locator("#save").isVisible()), "nothing to save yet");
  const button = (await unfolded(page, line)).locator("button.approve");
  await button.click();
  assert.equal(await decided(page), 1);
  assert.equal(await button.getAttribute("aria-pressed"), "true", "the button says so");
  await button.click();
  assert.ok(!(await page.locator("#save").isVisible()), "taken back");
  await button.click();
  const stored = await page.evaluate(() => [localStorage.length, sessionStorage.length]);
  assert.deepEqual(stored, [0, 0]);
  assert.equal(await page.evaluate(() => document.cookie), "");
  assertQuiet(view);
  await view.close();
});

test("no decision is lost by leaving unasked", async () => {
  const line = rows(runs, nights[0], "purchase_orders.csv").at(-1);
  const view = await open(browser, join(runs, nights[0], "report.html"));
  await (await unfolded(view.page, line)).locator("button.approve").click();
  // The browser asks where the page prevents that it is left.
  const asks = () => {
    const leaving = new Event("beforeunload", { cancelable: true });
    dispatchEvent(leaving);
    return leaving.defaultPrevented;
  };
  assert.equal(await view.page.evaluate(asks), true, "before it is saved");
  await save(view.page);
  assert.equal(await view.page.evaluate(asks), false, "after");
  await view.close();
});

test("what makes no sense is refused before it is saved", async () => {
  const line = rows(runs, nights[0], "purchase_orders.csv").at(-1);
  const view = await open(browser, join(runs, nights[0], "report.html"));
  const { page } = view;
  for (const quantity of ["-3", "0", ""]) {
    await openLine(page, line);
    await page.fill("#d-quantity", quantity);
    await page.click("#d-edit");
    assert.equal(await page.locator("#bar").isVisible(), false, `a quantity of "${quantity}"`);
    await closeDrawer(page);
  }
  assertQuiet(view);
  await view.close();
});
