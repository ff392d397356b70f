// A shop whose names try to break out of the page: they are shown, and do nothing.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { assertQuiet, launch, open } from "./browser.mjs";
import { backtest, hostile, nights, report } from "./shops.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** Uses everything that shows a name: lines, drawers, filters, the search, the address. */
async function useAll(page) {
  await page.evaluate(() => {
    for (const it of document.querySelectorAll("details")) it.open = true;
  });
  const buttons = page.locator("button.open");
  for (let at = 0; at < (await buttons.count()); at += 1) {
    await buttons.nth(at).click();
    await page.locator("dialog#drawer[open]").waitFor();
    await page.keyboard.press("Escape");
  }
  for (const select of await page.locator("#items select").all()) {
    const options = await select.locator("option").evaluateAll((all) => all.map((it) => it.value));
    for (const option of options) await select.selectOption(option);
    await select.selectOption("");
  }
  for (const name of Object.values(hostile)) await page.fill("#q", name);
  await page.fill("#q", "");
}

/** What a name would have made if it had broken out. */
function made(page) {
  return page.evaluate(() => ({
    pictures: document.querySelectorAll("img, iframe, object, embed, link, base, form[action]")
      .length,
    scripts: document.querySelectorAll("script").length,
    handlers: [...document.querySelectorAll("*")]
      .filter((it) => it.getAttributeNames().some((name) => name.startsWith("on")))
      .map((it) => it.outerHTML.slice(0, 80)),
    styled: [...document.querySelectorAll("[style]")].map((it) => it.outerHTML.slice(0, 80)),
    strange: [...document.querySelectorAll("*")]
      .filter((it) => it instanceof HTMLUnknownElement)
      .map((it) => it.localName),
  }));
}

const nothing = { pictures: 0, scripts: 0, handlers: [], styled: [], strange: [] };

for (const night of nights) {
  test(`hostile names do nothing on ${night}`, async () => {
    const view = await open(browser, report("hostile", night));
    const { page } = view;
    await useAll(page);
    assert.deepEqual(await made(page), { ...nothing, scripts: 2 });
    assertQuiet(view);
    await view.close();
  });

  test(`hostile names are shown as they are on ${night}`, async () => {
    const view = await open(browser, report("hostile", night));
    const text = await view.page.locator("#items").evaluate((it) => it.textContent);
    for (const name of [hostile.script, hostile.image, hostile.formula]) {
      assert.ok(text.includes(name), `${name} is not shown`);
    }
    await view.page.locator("#all tbody button", { hasText: hostile.script }).first().click();
    const title = await view.page.locator("#d-title").evaluate((it) => it.textContent);
    assert.ok(title.includes(hostile.script), title);
    await view.close();
  });

  test(`long names do not burst the page on ${night}`, async () => {
    const view = await open(browser, report("hostile", night));
    await view.page.evaluate(() => {
      for (const it of document.querySelectorAll("details")) it.open = true;
    });
    const high = await view.page.locator("tr").evaluateAll((all) =>
      Math.max(...all.map((it) => it.getBoundingClientRect().height)));
    assert.ok(high < 300, `a row of ${high} pixels`);
    const wide = await view.page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 1280, `${wide} pixels wide`);
    const heavy = readFileSync(report("hostile", night)).length;
    assert.ok(heavy < 400_000, `${heavy} bytes for five items`);
    await view.close();
  });

  test(`marks that turn the direction of text stay inside of their name on ${night}`, async () => {
    const view = await open(browser, report("hostile", night));
    const loose = await view.page.evaluate(() => {
      const marks = /[\u202A-\u202E\u2066-\u2069\u200E\u200F\u061C]/u;
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const found = [];
      while (texts.nextNode()) {
        const parent = texts.currentNode.parentElement;
        if (!marks.test(texts.currentNode.data) || parent.localName === "script") continue;
        // What isolates its text must hold the name and nothing else.
        const isolated = getComputedStyle(parent).unicodeBidi !== "normal";
        const alone = parent.textContent.trim().startsWith("Cup ") &&
          parent.textContent.trim().endsWith(" end");
        if (!isolated || !alone) found.push(parent.outerHTML.slice(0, 160));
      }
      return found;
    });
    assert.deepEqual(loose, []);
    await view.close();
  });
}

test("hostile names are inert without the script and in print, too", async () => {
  const still = await open(browser, report("hostile", nights[0]), { javaScriptEnabled: false });
  const text = await still.page.locator("#decide").evaluate((it) => it.textContent);
  assert.ok(text.includes(hostile.script) && text.includes(hostile.image));
  assertQuiet(still);
  await still.close();
  const printed = await open(browser, report("hostile", nights[0]));
  assert.ok((await printed.page.pdf()).length > 1_000);
  assertQuiet(printed);
  await printed.close();
});

test("hostile names do nothing on the page of a backtest", async () => {
  const view = await open(browser, backtest("hostile"));
  const text = await view.page.locator("body").evaluate((it) => it.textContent);
  assert.ok(text.includes(hostile.script) && text.includes(hostile.image));
  assert.deepEqual(await made(view.page), nothing);
  assertQuiet(view);
  await view.close();
});
