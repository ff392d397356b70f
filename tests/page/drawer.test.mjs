// The drawer of an item, and the way there and back without a mouse.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertQuiet, launch, leadingNumber, open, openDrawer } from "./browser.mjs";
import { nights, report, rows, shops } from "./shops.mjs";

const night = nights[1];
const run = join(shops, "sample/runs", night);
let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const sample = () => open(browser, report("sample", night));

/** What has the focus: its id or class, and whether it is inside of an element. */
const focused = (page, within) =>
  page.evaluate((selector) => Boolean(document.activeElement?.closest(selector)), within);

/** Presses Tab until the focus is inside of an element; how often that took. */
async function tabTo(page, within, most) {
  for (let presses = 1; presses <= most; presses += 1) {
    await page.keyboard.press("Tab");
    if (await focused(page, within)) return presses;
  }
  return assert.fail(`${within} is not reached with ${most} presses of Tab`);
}

const marked = (page) => page.evaluate(() => document.activeElement?.dataset.mark ?? "");
const mark = (page) => page.evaluate(() => (document.activeElement.dataset.mark = "here"));

/** Enter opens the drawer from where the focus is, Escape closes it and leads back. */
async function thereAndBack(page) {
  await mark(page);
  await page.keyboard.press("Enter");
  await page.locator("dialog#drawer[open]").waitFor();
  assert.ok(await focused(page, "#drawer"), "the focus goes into the drawer");
  await tabTo(page, "#d-close", 40);
  await page.keyboard.press("Escape");
  await page.locator("dialog#drawer:not([open])").waitFor({ state: "attached" });
  assert.equal(await marked(page), "here", "the focus returns");
}

test("all items, with the keyboard alone", async () => {
  const view = await sample();
  const { page } = view;
  await page.focus("#q");
  await page.keyboard.type("CE-10");
  // The filters and the headers come between.
  await tabTo(page, "#all tbody", 40);
  await thereAndBack(page);
  assertQuiet(view);
  await view.close();
});

test("an order, with the keyboard alone", async () => {
  const view = await sample();
  const { page } = view;
  await page.locator("#decide article.order summary").first().focus();
  await page.keyboard.press("Enter");
  assert.ok(await page.locator("#decide article.order details").first().evaluate((it) => it.open));
  await tabTo(page, "#decide tr[data-key] button.open", 10);
  await thereAndBack(page);
  assertQuiet(view);
  await view.close();
});

test("everything that can be pressed can be reached and shows that it has the focus", async () => {
  const view = await sample();
  const { page } = view;
  // Only a decision shows the button that saves it.
  await page.locator("#decide details").first().evaluate((it) => (it.open = true));
  await page.locator("button.reject").first().click();
  const pressed = ["button.approve", "#q", "#f-abc", "#all thead button", "#next", "#save"];
  for (const selector of pressed) {
    const element = page.locator(selector).first();
    const look = () =>
      element.evaluate((it) => {
        const { outlineStyle, outlineWidth, boxShadow, borderColor } = getComputedStyle(it);
        return `${outlineStyle} ${outlineWidth} ${boxShadow} ${borderColor}`;
      });
    await page.evaluate(() => document.activeElement?.blur());
    const before = await look();
    // A key first, so that the focus counts as one of the keyboard.
    await page.keyboard.press("Tab");
    await element.focus();
    assert.notEqual(await look(), before, selector);
  }
  await view.close();
});

test("the drawer has the figures of the plan, and its pictures have names", async () => {
  const view = await sample();
  const { page } = view;
  const plan = rows(run, "plan.csv");
  const item = plan.find((row) => row.decision === "order" && row.location === "depot");
  await openDrawer(page, item.sku);
  const drawer = page.locator("#drawer");
  assert.match(await page.locator("#d-title").innerText(), new RegExp(item.sku, "u"));
  const named = await drawer.getAttribute("aria-labelledby");
  assert.equal(named, "d-title", "the drawer is named by its title");

  const pictures = await drawer.locator("svg").evaluateAll((all) =>
    all.map((it) => ({
      role: it.getAttribute("role"),
      hidden: it.closest('[aria-hidden="true"]') !== null,
      name: it.getAttribute("aria-label") ?? it.querySelector("title")?.textContent ?? "",
      labelled: it.hasAttribute("aria-labelledby") || it.closest("figure") !== null,
      shapes: it.querySelectorAll("path, rect, line, polyline, polygon, circle").length,
      size: it.getBoundingClientRect().width,
    })));
  assert.ok(pictures.length >= 2, `${pictures.length} pictures`);
  for (const it of pictures) {
    assert.ok(it.hidden || (it.role === "img" && (it.name || it.labelled)), JSON.stringify(it));
    assert.ok(it.shapes > 3 && it.size > 100, JSON.stringify(it));
  }

  const numbers = await drawer.locator("#d-figures dd").allInnerTexts();
  const stated = numbers.map(leadingNumber);
  for (const name of ["reorder_point", "order_up_to_level", "inventory_position"]) {
    const wanted = Math.abs(Number(item[name]));
    assert.ok(stated.includes(wanted), `${name} ${wanted} is not among ${numbers}`);
  }
  const text = await drawer.innerText();
  assert.match(text, new RegExp(`restock explain .*${item.sku}`, "u"), "the command");
  // No number of a machine: nothing that a template could not fill.
  assert.doesNotMatch(text, /NaN|undefined|null|Infinity|\[object/u);
  assertQuiet(view);
  await view.close();
});

test("no drawer has a hole", async () => {
  const view = await sample();
  const { page } = view;
  const faults = [];
  for (;;) {
    const buttons = page.locator("#all tbody tr button.open, #all tbody tr th button");
    for (let at = 0; at < (await buttons.count()); at += 20) {
      await buttons.nth(at).click();
      const text = await page.locator("#drawer").innerText();
      const hole = /.*(NaN|undefined|null|Infinity|\[object).*/u.exec(text);
      if (hole) faults.push(`${text.slice(0, 40)}: ${hole[0]}`);
      await page.keyboard.press("Escape");
    }
    if (await page.locator("#next").isDisabled()) break;
    await page.locator("#next").click();
  }
  assert.deepEqual(faults, []);
  assertQuiet(view);
  await view.close();
});

test("lost sales are marked, and not by their colour alone", async () => {
  const view = await sample();
  const { page } = view;
  const bare = rows(import.meta.dirname, "../../data/availability.csv").at(-1);
  await openDrawer(page, bare.sku);
  const bars = page.locator("#drawer rect.censored");
  const marks = page.locator("#drawer svg text", { hasText: /^≥$/u });
  assert.ok((await bars.count()) > 0, `no marked bar for ${bare.sku}`);
  assert.equal(await marks.count(), await bars.count());
  assert.match(await page.locator("#drawer").innerText(), /≥ where stock was out/u, "legend");
  await view.close();
});
