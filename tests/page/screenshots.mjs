// Pictures of a page: node screenshots.mjs REPORT FOLDER [README's picture].
//
// At 1280 and 390 pixels, light and dark, the first screen and all of it, the drawer, and print.

import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { launch, open } from "./browser.mjs";
import { fewerColours } from "./png.mjs";

const [report, folder, readme] = process.argv.slice(2).map((it) => resolve(it));
mkdirSync(folder, { recursive: true });
const browser = await launch();

async function unfold(page) {
  await page.locator("#decide details").first().evaluate((it) => (it.open = true));
}

for (const [width, height] of [[1280, 900], [390, 844]]) {
  for (const colorScheme of ["light", "dark"]) {
    const view = await open(browser, report, { viewport: { width, height }, colorScheme });
    const { page } = view;
    const shot = (name, options) =>
      page.screenshot({ path: join(folder, `${width}-${colorScheme}-${name}.png`), ...options });
    await shot("first");
    await unfold(page);
    await shot("all", { fullPage: true });
    await page.locator("#all tbody button").first().click();
    await page.locator("dialog#drawer[open]").waitFor();
    await shot("drawer");
    await view.close();
  }
}

const view = await open(browser, report);
const pdf = await view.page.pdf({ format: "A4", path: join(folder, "print.pdf") });
await view.close();
const pages = spawnSync("pdftoppm", ["-png", "-r", "60", "-l", "4", "-", join(folder, "print")], {
  input: pdf,
});
if (pages.error) console.error("no pdftoppm here (Debian's poppler-utils): print.pdf alone");

if (readme) {
  const options = { viewport: { width: 1280, height: 900 } };
  const first = await open(browser, report, options);
  writeFileSync(readme, fewerColours(await first.page.screenshot()));
  await first.close();
}
await browser.close();
