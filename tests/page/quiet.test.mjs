// The page asks for nothing, says nothing, and has no fault that axe finds; and it is small.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { assertQuiet, findings, launch, open } from "./browser.mjs";
import { weigh } from "./measure.mjs";
import { backtest, nights, report } from "./shops.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const pages = ["sample", "hostile"].flatMap((shop) => [
  ...nights.map((night) => ({ name: `${shop} ${night}`, file: report(shop, night) })),
  { name: `the backtest of ${shop}`, file: backtest(shop) },
]);

for (const { name, file } of pages) {
  for (const colorScheme of ["light", "dark"]) {
    test(`axe finds nothing on ${name}, ${colorScheme}`, async () => {
      const view = await open(browser, file, { colorScheme });
      const found = [...(await findings(view.page))];
      // What is folded away is looked at, too, and what only a decision shows.
      await view.page.evaluate(() => {
        for (const it of document.querySelectorAll("details")) it.open = true;
      });
      for (const button of await view.page.locator("button.approve").all()) await button.click();
      found.push(...(await findings(view.page)));
      const opener = view.page.locator("#all tbody button").first();
      if (await opener.count()) {
        await opener.click();
        await view.page.locator("dialog#drawer[open]").waitFor();
        found.push(...(await findings(view.page)));
      }
      assert.deepEqual([...new Set(found)], []);
      assertQuiet(view);
      await view.close();
    });
  }

  test(`${name} is small`, async () => {
    const view = await open(browser, file);
    const { still, script } = weigh(readFileSync(file, "utf8"));
    const nodes = await view.page.evaluate(() => document.querySelectorAll("*").length);
    assert.ok(still <= 400_000, `${still} bytes without the island`);
    assert.ok(script <= 25_000, `${script} bytes of script`);
    assert.ok(nodes < 5_000, `${nodes} elements`);
    await view.close();
  });
}

test("the policy of the page stops what does not belong to it", async () => {
  const view = await open(browser, report("sample", nights[1]));
  await view.page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    const picture = document.createElement("img");
    picture.src = "x.png";
    document.body.append(script, picture);
  });
  await view.page.waitForTimeout(100);
  assert.equal(await view.page.evaluate(() => window.ran), undefined);
  assert.ok(view.seen.faults.some((it) => it.startsWith("policy: script-src")), view.seen.faults);
  assert.ok(view.seen.faults.some((it) => it.startsWith("policy: img-src")), view.seen.faults);
  await view.close();
});

for (const width of [390, 1280]) {
  test(`nothing but tables scrolls sideways at ${width} pixels`, async () => {
    for (const { name, file } of pages) {
      const view = await open(browser, file, { viewport: { width, height: 800 } });
      const wide = await view.page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= width, `${name}: ${wide} pixels`);
      await view.close();
    }
  });
}
