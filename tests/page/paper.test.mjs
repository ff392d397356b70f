// On paper, in the dark, and without the script.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertQuiet, launch, leadingNumber, open } from "./browser.mjs";
import { groupedBy, nights, report, rows, shops } from "./shops.mjs";

const night = nights[1];
const run = join(shops, "sample/runs", night);
let browser;
let lines;
before(async () => {
  browser = await launch();
  lines = rows(run, "purchase_orders.csv");
});
after(() => browser.close());

/** The texts of the pages of a PDF. */
function pagesOf(pdf) {
  const done = spawnSync("pdftotext", ["-layout", "-", "-"], { input: pdf, maxBuffer: 1 << 28 });
  return done.error ? undefined : done.stdout.toString("utf8").split("\f").slice(0, -1);
}

/** What an order's lines have in print. */
const words = (text) => text.replace(/\s+/gu, " ");

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "" : ", without the script";
  test(`in print every order is whole, and each supplier has its own pages${how}`, async (t) => {
    const view = await open(browser, report("sample", night), { javaScriptEnabled });
    const pages = pagesOf(await view.page.pdf({ format: "A4" }));
    if (!pages) return t.skip("no pdftotext here (Debian's poppler-utils)");
    const text = words(pages.join(" "));
    for (const line of lines) {
      assert.ok(text.includes(line.sku), `${line.po_number}: ${line.sku} is not printed`);
    }
    // The first sheet is ours: it lists the orders, and no line of them.
    const sheet = words(pages.shift());
    for (const number of groupedBy(lines, "po_number").keys()) {
      assert.ok(sheet.includes(number), `${number} is not on the first sheet`);
    }
    const suppliers = groupedBy(lines, "supplier");
    const firstPages = new Set();
    for (const [supplier, its] of suppliers) {
      const others = lines.filter((line) => line.supplier !== supplier);
      const numbers = new Set(its.map((line) => line.po_number));
      for (const number of numbers) {
        // The order itself is where most of its SKUs stand; other sections may name it, too.
        const skus = its.filter((line) => line.po_number === number).map((line) => line.sku);
        const on = (page) => skus.filter((sku) => page.includes(sku)).length;
        const best = pages.toSorted((a, b) => on(b) - on(a)).find((it) => it.includes(number));
        assert.ok(best, `${number} is not printed`);
        const strange = others.find((line) => best.includes(line.po_number));
        assert.equal(strange?.po_number, undefined, `on the page of ${number}`);
      }
      const [number] = numbers;
      firstPages.add(pages.findIndex((page) => page.includes(number)));
    }
    assert.equal(firstPages.size, suppliers.size, "as many first pages as suppliers");
    // What is no supplier's business begins on a page of its own.
    const inner = pages.find((page) => /^ *At risk *$/mu.test(page));
    assert.match(inner ?? "", /^\s*At risk/u, "the rest stands below an order");
    assertQuiet(view);
    await view.close();
    return undefined;
  });
}

test("what only a screen can do is not printed", async () => {
  const view = await open(browser, report("sample", night));
  await view.page.emulateMedia({ media: "print" });
  for (const selector of ["#save", "#q", "#prev", "#next", "button.approve"]) {
    const seen = await view.page.locator(selector).evaluateAll((all) =>
      all.filter((it) => it.checkVisibility()).length);
    assert.equal(seen, 0, selector);
  }
  await view.close();
});

test("an order says until when it can be placed, as the plan has it", async () => {
  const plan = new Map(rows(run, "plan.csv").map((row) => [`${row.sku} ${row.location}`, row]));
  const view = await open(browser, report("sample", night), { javaScriptEnabled: false });
  for (const [number, its] of groupedBy(lines, "po_number")) {
    const next = its.map((line) => plan.get(`${line.sku} ${line.location}`).next_order_date);
    const order = view.page.locator(`article[data-po="${number}"] details > p`).first();
    const says = words(await order.textContent());
    const [soonest] = next.toSorted();
    assert.ok(
      says.includes(`place it on ${its[0].order_date}, or not before ${soonest};`),
      `${number}: ${says}`,
    );
  }
  await view.close();
});

test("the sections stay in sight, with what in them waits for somebody", async () => {
  for (const width of [390, 1280]) {
    const view = await open(browser, report("sample", night), { viewport: { width, height: 800 } });
    await view.page.evaluate(() => scrollTo(0, 6000));
    const place = view.page.locator('nav a[href="#decide"]');
    const { y } = await place.boundingBox();
    assert.ok(y >= 0 && y < 60, `${width}: ${y} pixels from the top`);
    const waiting = lines.filter((line) => ["needs_review", "held"].includes(line.state)).length;
    assert.equal(words(await place.innerText()).trim(), `Decide ${waiting}`);
    await view.close();
  }
});

test("on a telephone an order's lines and an item's pictures fit", async () => {
  const view = await open(browser, report("sample", night), {
    viewport: { width: 390, height: 800 },
  });
  const { page } = view;
  const over = await page.evaluate(() => {
    for (const order of document.querySelectorAll("#decide details")) order.open = true;
    const regions = [...document.querySelectorAll("#decide .order .scroll")];
    return regions.map((it) => it.scrollWidth - it.clientWidth);
  });
  assert.ok(over.length > 0 && over.every((pixels) => pixels <= 0), `${over}`);
  await page.locator("#all tbody button").first().click();
  await page.locator("dialog#drawer[open]").waitFor();
  for (const id of ["#d-fan", "#d-stock"]) {
    const [wide, letters] = await page.locator(`${id} svg`).evaluate((svg) => [
      svg.getBoundingClientRect().right - svg.closest("dialog").getBoundingClientRect().right,
      // How large a letter of 11 pixels is drawn.
      11 * svg.getScreenCTM().a,
    ]);
    assert.ok(wide <= 0, `${id} ends ${wide} pixels beyond the drawer`);
    assert.ok(letters >= 10, `${id}: letters of ${letters} pixels`);
  }
  assertQuiet(view);
  await view.close();
});

test("the dark page is dark", async () => {
  const luminance = async (colorScheme) => {
    const view = await open(browser, report("sample", night), { colorScheme });
    const found = await view.page.evaluate(() => {
      // A colour as the canvas paints it, whatever notation the style is written in.
      const context = document.createElement("canvas").getContext("2d");
      const light = (colour) => {
        context.fillStyle = "white";
        context.fillRect(0, 0, 1, 1);
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
        const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
        return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
      };
      const of = (element) => {
        const { color, backgroundColor } = getComputedStyle(element);
        return { text: light(color), ground: light(backgroundColor) };
      };
      const ground = (it) => (/, 0\)$|transparent/u.test(getComputedStyle(it).backgroundColor)
        ? document.documentElement : it);
      return {
        ground: of(ground(document.body)).ground,
        text: of(document.querySelector("h2")).text,
        cell: of(document.querySelector("#all tbody td")).text,
        field: of(document.querySelector("#q")),
      };
    });
    await view.close();
    return found;
  };
  const [day, dark] = [await luminance("light"), await luminance("dark")];
  assert.ok(day.ground > 0.8 && day.text < 0.3, JSON.stringify(day));
  assert.ok(dark.ground < 0.2 && dark.text > 0.5 && dark.cell > 0.5, JSON.stringify(dark));
  assert.ok(dark.field.ground < 0.3 && dark.field.text > 0.5, JSON.stringify(dark));
});

test("without the script every decision can be read", async () => {
  const view = await open(browser, report("sample", night), { javaScriptEnabled: false });
  const { page } = view;
  const orders = page.locator("#decide article.order");
  const numbers = await orders.evaluateAll((all) => all.map((it) => it.dataset.po));
  assert.deepEqual(numbers.toSorted(), [...new Set(lines.map((it) => it.po_number))].toSorted());
  for (let at = 0; at < numbers.length; at += 1) {
    const order = orders.nth(at);
    // A press on the summary unfolds the lines; that is the browser's work, not a script's.
    const folded = await order.locator("details").evaluate((it) => !it.open);
    if (folded) await order.locator("summary").click();
    const wanted = lines.filter((it) => it.po_number === numbers[at]);
    // The lines that matter most are rows of a table, the rest of a long night a plain list.
    const rowsShown = await order.locator("tr[data-key]").evaluateAll((all) =>
      all.map((it) => [...it.cells].map((cell) => cell.innerText)));
    const listed = (await order.locator("pre").allInnerTexts()).join("\n").split("\n");
    const told = [...rowsShown, ...listed.filter((it) => it.trim()).map((it) => [it])];
    assert.equal(told.length, wanted.length, numbers[at]);
    for (const line of wanted) {
      const row = told.find(
        (cells) =>
          cells.some((cell) => cell.split(/\s/u).includes(line.sku)) &&
          cells.map(leadingNumber).includes(Number(line.quantity)),
      );
      assert.ok(row, `${line.po_number}:${line.line} ${line.sku} × ${line.quantity}`);
    }
  }
  // Nothing invites to what does not work.
  const dead = await page.locator("button, input, select").evaluateAll((all) =>
    all.filter((it) => it.checkVisibility()).map((it) => it.outerHTML.slice(0, 80)));
  assert.deepEqual(dead, [], "controls that do nothing");
  assertQuiet(view);
  await view.close();
});

test("every section is there, in its order, with a heading and captions", async () => {
  const view = await open(browser, report("sample", night));
  const found = await view.page.evaluate(() => ({
    ids: [...document.querySelectorAll("main section, body > section")].map((it) => it.id),
    untitled: [...document.querySelectorAll("section")]
      .filter((it) => !it.querySelector("h2"))
      .map((it) => it.id),
    uncaptioned: [...document.querySelectorAll("table")]
      .filter((it) => !it.caption?.innerText.trim() && !it.caption?.textContent.trim())
      .map((it) => it.outerHTML.slice(0, 80)),
    unscoped: [...document.querySelectorAll("th:not([scope])")].map((it) => it.outerHTML),
  }));
  assert.deepEqual(found, {
    ids: "decide risk customers since chase suppliers excess data items trust".split(" "),
    untitled: [],
    uncaptioned: [],
    unscoped: [],
  });
  await view.close();
});
