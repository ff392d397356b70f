// A browser, and what a page does in it that it must not.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// The packages live outside the checkout, see with_browser.sh.
const require = createRequire(`${process.env.PAGE_MODULES}/`);
const { chromium } = require("playwright-core");
const axeSource = require("axe-core").source;

/** A headless browser that asks for nothing by itself; a fresh profile each time. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.PAGE_BROWSER,
    args: [
      // Root has no sandbox, and the pages are our own.
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/**
 * Opens a report in a context of its own and writes down all that it does beyond showing itself.
 * `options` are those of the context, such as `{ colorScheme: "dark" }`; `hash` ends the address.
 */
export async function open(browser, report, { hash = "", ...options } = {}) {
  const viewport = { width: 1280, height: 900 };
  const context = await browser.newContext({ viewport, acceptDownloads: true, ...options });
  const page = await context.newPage();
  const seen = { requests: [], faults: [] };
  page.on("request", (request) => seen.requests.push(request.url()));
  page.on("console", (message) => seen.faults.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => seen.faults.push(`error: ${error.message}`));
  page.on("popup", (popup) => seen.faults.push(`window: ${popup.url()}`));
  page.on("dialog", (dialog) => {
    seen.faults.push(`dialog: ${dialog.message()}`);
    return dialog.dismiss();
  });
  const tell = (violation) => seen.faults.push(`policy: ${violation}`);
  await page.exposeFunction("tellViolation", tell);
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      window.tellViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
    // When the picture with the first rows of the table of all items begins, for measure.mjs.
    const rows = new MutationObserver(() => {
      if (!document.querySelector("#all tbody tr")) return;
      rows.disconnect();
      requestAnimationFrame(() => (window.stoodAt = performance.now()));
    });
    rows.observe(document, { childList: true, subtree: true });
  });
  const address = pathToFileURL(report).href;
  await page.goto(address + hash);
  const isLive = (await page.locator("#island").count()) > 0;
  if (isLive && options.javaScriptEnabled !== false) await ready(page);
  return { page, seen, address, close: () => context.close() };
}

/** Waits until the script has shown the items: until it says how many. */
export async function ready(page) {
  await page.locator("#hits", { hasText: /\d/u }).waitFor();
}

/** The page asked for itself alone, as often as it was loaded, and said and broke nothing. */
export function assertQuiet({ seen, address }, times = 1) {
  const addresses = seen.requests.map((request) => request.split("#")[0]);
  assert.deepEqual(addresses, Array(times).fill(address), "requests");
  assert.deepEqual(seen.faults, [], "messages, errors, dialogs, violations of the policy");
}

/** The number that a text leads with, without its grouping: "1,234 items" is 1234. */
export function leadingNumber(text) {
  const found = /[\d][\d,.\u00a0\u202f\u2009]*/u.exec(text);
  return found ? Number(found[0].replace(/[^\d.]/gu, "").replace(/\.$/u, "")) : NaN;
}

/** Opens the drawer of an item by its row in the table of all items. */
export async function openDrawer(page, sku) {
  await page.fill("#q", sku);
  await page.locator("#all tbody tr", { hasText: sku }).first().locator("button").first().click();
  await page.locator("dialog#drawer[open]").waitFor();
}

/** What axe finds with every rule of its, those too that it does not apply by itself. */
export async function findings(page) {
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const rules = window.axe.getRules().map(({ ruleId }) => [ruleId, { enabled: true }]);
    const { violations } = await window.axe.run({
      rules: Object.fromEntries(rules),
      resultTypes: ["violations"],
    });
    return violations.map(({ id, nodes }) => ({ id, nodes: nodes.map((it) => it.html) }));
  });
  return found.map(({ id, nodes }) =>
    `${id} × ${nodes.length}: ${nodes.slice(0, 3).join(" ").slice(0, 400)}`);
}
