// All items: search, filters, sort, pages, and their state in the address.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertQuiet, launch, leadingNumber, open, ready } from "./browser.mjs";
import { groupedBy, nights, report, rows, shops } from "./shops.mjs";

const night = nights[1];
const run = join(shops, "sample/runs", night);
let browser;
let plan;
before(async () => {
  browser = await launch();
  const texts = new Map(
    rows(import.meta.dirname, "../../data/items.csv").map((row) => [row.sku, row]),
  );
  plan = rows(run, "plan.csv").map((row) => ({ ...texts.get(row.sku), ...row }));
});
after(() => browser.close());

const hits = async (page) => leadingNumber(await page.locator("#hits").innerText());
const shown = (page) => page.locator("#all tbody tr").allInnerTexts();

/** Waits until the live region says a number of hits. */
async function says(page, count, what) {
  const end = Date.now() + 3_000;
  while ((await hits(page)) !== count && Date.now() < end) await page.waitForTimeout(20);
  assert.equal(await hits(page), count, what);
}

test("the number of hits is that of the plan, and is said aloud", async () => {
  const view = await open(browser, report("sample", night));
  await says(view.page, plan.length, "all");
  const live = view.page.locator("#hits");
  const role = [await live.getAttribute("role"), await live.getAttribute("aria-live")];
  assert.ok(role.includes("status") || role.includes("polite"), `${role}`);
  await view.close();
});

test("the search finds SKUs, texts and numbers of suppliers, whatever their case", async () => {
  const view = await open(browser, report("sample", night));
  const { page } = view;
  // Every word, wherever it stands.
  const has = (row, text) => {
    const all = [row.sku, row.description, row.supplier_sku].join("\n").toLowerCase();
    return text.split(" ").every((word) => all.includes(word));
  };
  const texts = ["ce-1037", "GREETING card", "fe50635", "mug", "lid seal, no. 1", "no such thing"];
  for (const text of texts) {
    await page.fill("#q", text);
    await says(page, plan.filter((row) => has(row, text.toLowerCase())).length, text);
  }
  // Nothing found is said, and no row stands.
  assert.equal(await page.locator("#all tbody tr button").count(), 0);
  await page.fill("#q", "CE-1037");
  await says(page, plan.filter((row) => row.sku === "CE-1037").length, "one SKU");
  for (const row of await shown(page)) assert.match(row, /CE-1037/u);
  assertQuiet(view);
  await view.close();
});

for (const name of ["supplier", "location", "abc", "decision", "cause"]) {
  test(`the filter of the ${name} leaves what the tables have`, async () => {
    const view = await open(browser, report("sample", night));
    const { page } = view;
    const risk = () => rows(run, "backorder_risk.csv").filter((row) => row.group !== "resolved");
    const table = name === "cause" ? risk() : plan;
    const counted = groupedBy(table, name);
    counted.delete("");
    const select = page.locator(`#f-${name}`);
    const most = await page.locator("#all tbody tr").count();
    const options = await select
      .locator("option")
      .evaluateAll((all) => all.map((it) => it.value).filter((it) => it !== ""));
    assert.deepEqual(options.toSorted(), [...counted.keys()].toSorted(), "choices");
    for (const option of options) {
      await select.selectOption(option);
      const items = new Set(counted.get(option).map((row) => `${row.sku} ${row.location}`));
      await says(page, items.size, option);
      assert.equal((await shown(page)).length, Math.min(items.size, most), option);
    }
    await select.selectOption("");
    await says(page, plan.length, "no filter");
    assertQuiet(view);
    await view.close();
  });
}

test("filters and the search hold together", async () => {
  const view = await open(browser, report("sample", night));
  const { page } = view;
  await page.selectOption("#f-supplier", "KILNHOUSE");
  await page.selectOption("#f-location", "shop");
  await page.fill("#q", "mug");
  const wanted = plan.filter(
    (row) =>
      row.supplier === "KILNHOUSE" &&
      row.location === "shop" &&
      row.description.toLowerCase().includes("mug"),
  );
  assert.ok(wanted.length > 0);
  await says(page, wanted.length, "all three");
  await view.close();
});

/** Compares as the page should: numbers by size, texts by their letters, nothing at the end. */
function ordered(values, descending) {
  const known = values.filter((it) => it !== "" && it !== "–" && it !== "—");
  // Shares beyond the ends are told as such: "<1 %" comes after "0 %" and before "1 %".
  const beyond = (it) => ({ "<": -0.5, ">": 0.5 })[it[0]] ?? 0;
  const size = (it) => Number(it.replace(/[<>,\s%]/gu, "")) + beyond(it);
  const numbers = known.map((it) => (/\d/u.test(it) ? size(it) : NaN));
  const keys = numbers.every((it) => !Number.isNaN(it)) ? numbers : known;
  const wrong = keys.findIndex((it, at) => {
    if (at === 0) return false;
    return descending ? it > keys[at - 1] : it < keys[at - 1];
  });
  return wrong === -1 ? undefined : `${known[wrong - 1]} before ${known[wrong]}`;
}

test("each column sorts up and down, and says so", async () => {
  const view = await open(browser, report("sample", night));
  const { page } = view;
  const headers = page.locator("#all thead th");
  const columns = await headers.count();
  let sortable = 0;
  for (let at = 0; at < columns; at += 1) {
    const button = headers.nth(at).locator("button");
    if ((await button.count()) === 0) continue;
    sortable += 1;
    const seen = new Set();
    for (let turn = 0; turn < 2; turn += 1) {
      await button.click();
      const states = await headers.evaluateAll((all) => all.map((it) => it.ariaSort ?? "none"));
      const sorted = states.filter((it) => it === "ascending" || it === "descending");
      assert.equal(sorted.length, 1, `sorted by one column: ${states}`);
      assert.equal(states[at], sorted[0], "the column that was pressed");
      seen.add(sorted[0]);
      const cells = await page
        .locator(`#all tbody tr > :nth-child(${at + 1})`)
        .evaluateAll((all) => all.map((it) => it.dataset.value ?? it.innerText.trim()));
      const name = await button.innerText();
      assert.equal(ordered(cells, sorted[0] === "descending"), undefined, `${name} ${sorted[0]}`);
    }
    assert.equal(seen.size, 2, "up and down");
  }
  assert.ok(sortable >= 5, `${sortable} columns sort`);
  assertQuiet(view);
  await view.close();
});

test("the pages hold every item once", async () => {
  const view = await open(browser, report("sample", night));
  const { page } = view;
  const rowsOfPage = () => page.locator("#all tbody tr").evaluateAll((all) =>
    all.map((it) => [...it.cells].map((cell) => cell.innerText).join("|")));
  const items = [];
  const [previous, next] = [page.locator("#prev"), page.locator("#next")];
  assert.ok(await off(previous), "nothing before the first page");
  const sizes = [];
  for (;;) {
    const some = await rowsOfPage();
    sizes.push(some.length);
    items.push(...some);
    if ((await off(next)) || sizes.length > 20) break;
    await next.click();
  }
  const most = sizes[0];
  assert.ok(most < plan.length, "more than one page");
  assert.equal(sizes.pop(), plan.length % most);
  assert.deepEqual(sizes, Array(Math.floor(plan.length / most)).fill(most));
  assert.equal(new Set(items).size, plan.length, "no row twice");
  await previous.click();
  const before = items.slice(-most - (plan.length % most)).slice(0, most);
  assert.deepEqual(await rowsOfPage(), before, "back");
  // A search begins at its first page again.
  await page.fill("#q", "e");
  assert.ok(await off(previous));
  assertQuiet(view);
  await view.close();
});

/** Whether a button does nothing. */
async function off(button) {
  return (await button.isDisabled()) || (await button.getAttribute("aria-disabled")) === "true";
}

/** What a reader sees of the state of the table. */
async function state(page) {
  return page.evaluate(() => ({
    fields: ["q", "f-supplier", "f-location", "f-abc", "f-decision", "f-cause"].map(
      (id) => document.getElementById(id).value),
    hits: document.getElementById("hits").innerText,
    sorted: [...document.querySelectorAll("#all th")].map((it) => it.ariaSort),
    rows: [...document.querySelectorAll("#all tbody tr")].map((it) => it.innerText),
  }));
}

test("the state is in the address, survives a reload and opens elsewhere", async () => {
  const view = await open(browser, report("sample", night));
  const { page } = view;
  await page.fill("#q", "e");
  await page.selectOption("#f-location", "depot");
  const button = page.locator("#all thead button").nth(1);
  await button.click();
  await button.click();
  await page.locator("#next").click();
  const before = await state(page);
  assert.ok(before.rows.length > 0 && before.rows.length < plan.length);
  await page.waitForFunction(() => location.hash.length > 1);
  await page.waitForTimeout(300);
  await page.reload();
  await ready(page);
  assert.deepEqual(await state(page), before, "after a reload");
  const other = await open(browser, report("sample", night), { hash: new URL(page.url()).hash });
  assert.deepEqual(await state(other.page), before, "in another window");
  assertQuiet(view, 2);
  assertQuiet(other);
  await view.close();
  await other.close();
});

test("an address that somebody made up breaks nothing", async () => {
  const made = [
    "#q=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E",
    "#sort=__proto__&page=1e9&q=%E0%A4%A",
    "#page=-1&p=-1&s=99&sort=99&supplier=NOBODY&abc=%00",
    "#decide",
  ];
  for (const hash of made) {
    const view = await open(browser, report("sample", night), { hash }).catch(() => null);
    // With nothing found no row stands: what counts is that the table answers to the next search.
    if (view) {
      await view.page.fill("#q", "CE-1037");
      assertQuiet(view);
      await view.close();
    }
  }
});
