// What a page costs to open and to use, and what it does beyond that, as a row of a table:
//
//     tests/page/with_browser.sh node tests/page/measure.mjs runs/2026-06-29/report.html

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { findings, launch, open } from "./browser.mjs";

/** Bytes of a page: all, without its island, and of its script. */
export function weigh(html) {
  const bytes = (text) => Buffer.byteLength(text);
  const island = /<script[^>]*id="island"[^>]*>([^<]*)<\/script>/u.exec(html)?.[1] ?? "";
  const script = /<script>([^]*?)<\/script>/u.exec(html)?.[1] ?? "";
  return { all: bytes(html), still: bytes(html) - bytes(island), script: bytes(script) };
}

/** The middle one. */
function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Milliseconds from the start of the navigation until the table of all items is painted. */
async function openingTime(browser, report) {
  const view = await open(browser, report);
  // The table stands already; the time is that of its first rows, as an observer saw them.
  const time = await view.page.evaluate(() => window.stoodAt);
  await view.close();
  return time;
}

/** Milliseconds from a key stroke in the search to the next picture with its hits. */
async function filterTimes(page) {
  return page.evaluate(async () => {
    const [search, hits] = ["q", "hits"].map((id) => document.getElementById(id));
    const times = [];
    for (const text of ["a", "a1", "a10", "0", "10", "1", "", "e", "er", ""]) {
      const before = hits.textContent;
      const start = performance.now();
      search.value = text;
      search.dispatchEvent(new Event("input", { bubbles: true }));
      // Hits that stay the same are waited for no longer than a second.
      while (hits.textContent === before && performance.now() - start < 1_000) {
        await new Promise(requestAnimationFrame);
      }
      await new Promise(requestAnimationFrame);
      if (hits.textContent !== before) times.push(performance.now() - start);
    }
    return times;
  });
}

async function measure(report) {
  const size = weigh(readFileSync(report, "utf8"));
  const browser = await launch();
  const times = [];
  for (let turn = 0; turn < 5; turn += 1) times.push(await openingTime(browser, report));

  const { page, seen } = await open(browser, report);
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const heap = async () => {
    await session.send("HeapProfiler.collectGarbage");
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "JSHeapUsedSize").value;
  };
  const elements = await page.evaluate(() => document.querySelectorAll("*").length);
  const used = await heap();
  const strokes = await filterTimes(page);
  const found = await findings(page);
  await browser.close();

  const number = (value, digits = 0) =>
    value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const kilo = (value) => `${number(value / 1_000)} kB`;
  const row = {
    file: kilo(size.all),
    "without island": kilo(size.still),
    script: `${number(size.script / 1_000, 1)} kB`,
    open: `${number(median(times))} ms`,
    "key stroke": `${number(median(strokes))} ms (most ${number(Math.max(...strokes))})`,
    elements: number(elements),
    heap: `${number(used / 1e6, 1)} MB`,
    requests: number(seen.requests.length - 1),
    messages: number(seen.faults.length),
    axe: number(found.length),
  };
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const names = Object.keys(row);
  console.log([line(names), line(names.map(() => "--:")), line(Object.values(row))].join("\n"));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await measure(resolve(process.argv[2]));
