// Shops to test with, made by the binary through its command line: node shops.mjs FOLDER.
//
// `sample` is the sample of the project on two nights, `hostile` a shop whose names try to break
// out of the page.

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(import.meta.dirname, "../..");
export const shops = process.env.PAGE_SHOPS;
export const nights = ["2026-06-28", "2026-06-29"];

/** Runs a command of restock; it must succeed. What it wrote to its standard output. */
export function restock(config, ...args) {
  const { RESTOCK_CONFIG, RESTOCK_USER, ...env } = process.env;
  const done = spawnSync(process.env.PAGE_BINARY, [...args, "--config", config], {
    env,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  // 1 stands for a run with findings that somebody should look at.
  if (done.status !== 0 && done.status !== 1) {
    throw new Error(`restock ${args.join(" ")}: ${done.status}\n${done.stderr}`);
  }
  return done.stdout;
}

/** Runs nights of the sample into a folder of its own. */
export function sample(folder, days, ...settings) {
  const flags = [`outputs.dir=${folder}`, ...settings].flatMap((it) => ["--set", it]);
  const command = (...args) => restock(join(root, "config/restock.toml"), ...args, ...flags);
  for (const day of days) command("run", "--quiet", "--as-of", day);
  return command;
}

/** The rows of a CSV text, each an object by column name. */
export function rowsOf(text) {
  const rows = [[""]];
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const row = rows.at(-1);
    const sign = text[at];
    if (quoted && sign === '"' && text[at + 1] === '"') {
      row[row.length - 1] += '"';
      at += 1;
    } else if (sign === '"') quoted = !quoted;
    else if (quoted) row[row.length - 1] += sign;
    else if (sign === ",") row.push("");
    else if (sign === "\n") rows.push([""]);
    else if (sign !== "\r") row[row.length - 1] += sign;
  }
  const [header, ...body] = rows.filter((row) => row.length > 1 || row[0] !== "");
  return body.map((row) => Object.fromEntries(header.map((name, at) => [name, row[at]])));
}

/** The rows of a CSV file. */
export function rows(...path) {
  return rowsOf(readFileSync(join(...path), "utf8"));
}

/** Rows by what one of their columns says. */
export function groupedBy(all, column) {
  const groups = new Map();
  for (const row of all) groups.set(row[column], [...(groups.get(row[column]) ?? []), row]);
  return groups;
}

/** Names that try to break out: of a script, an attribute, the line, the page, a cell. */
export const hostile = {
  script: "</script><script>alert(1)</script>",
  image: '"><img src=x onerror=alert(1)>',
  bidi: "Cup \u202Egnp.exe\u2066 end",
  long: `Long ${"x".repeat(10_000)}`,
  formula: "=cmd()",
};

/** A shop in which every text is one of the hostile names, each field with another one. */
function writeHostile(folder) {
  const names = Object.values(hostile);
  const turned = (by) => (at) => names[(at + by) % names.length];
  const [sku, text, supplier, place, order, customer] = [0, 1, 2, 1, 2, 3].map(turned);
  const every = names.map((_, at) => at);
  const orders = every.flatMap((at) =>
    Array.from({ length: 300 }, (_, day) => {
      const date = new Date(Date.UTC(2025, 8, 1 + day)).toISOString().slice(0, 10);
      const units = 3 + ((7 * day + 5 * at) % 9);
      return [date, sku(at), units, place(at), `${order(at)}${day}`, customer(at), at];
    }),
  );
  // A row that is set aside: the finding shows what stood there.
  orders.push(["2026-06-01", sku(0), hostile.image, place(0), hostile.script, customer(0), 9]);
  const tables = {
    orders: ["date,sku,quantity,location,order_id,customer,line", ...orders],
    items: [
      "sku,description,supplier,supplier_sku,category,unit_cost,unit_price,lead_time_days",
      ...every.map((at) => [sku(at), text(at), supplier(at), text(at), text(at), 2, 5, 10]),
    ],
    stock: ["sku,location,on_hand", ...every.map((at) => [sku(at), place(at), 10])],
    suppliers: [
      "supplier,name,lead_time_days,email",
      ...every.map((at) => [sku(at), text(at), 10, "orders@shop.example"]),
    ],
    locations: ["location,name", ...every.map((at) => [sku(at), text(at)])],
    customers: [
      "customer,name,email",
      ...every.map((at) => [sku(at), text(at), "ann@customer.example"]),
    ],
    backorders: [
      "order_id,line,customer,sku,location,quantity,ordered_on,promised_on",
      ...every.map((at) =>
        [order(at), 1, customer(at), sku(at), place(at), 50, "2026-06-01", "2026-06-20"]),
    ],
    purchase_orders: [
      "po_number,line,supplier,sku,location,quantity,ordered_on,expected_on",
      ...every.map((at) =>
        [customer(at), at, supplier(at), sku(at), place(at), 5, "2026-05-20", "2026-06-10"]),
    ],
  };
  let config = '[outputs]\ndir = "runs"\n';
  const quote = (value) => `"${String(value).replaceAll('"', '""')}"`;
  mkdirSync(folder, { recursive: true });
  for (const [table, [header, ...body]] of Object.entries(tables)) {
    const text = [header, ...body.map((row) => row.map(quote).join(","))].join("\n");
    writeFileSync(join(folder, `${table}.csv`), `${text}\n`);
    config += `[inputs.${table}]\npath = "${table}.csv"\n`;
  }
  writeFileSync(join(folder, "restock.toml"), config);
}

/** The report of a night of a shop. */
export function report(shop, night) {
  return join(shops, shop, "runs", night, "report.html");
}

/** The report of the backtest of a shop. */
export function backtest(shop) {
  return join(shops, shop, "backtest", "report.html");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = resolve(process.argv[2]);
  const replayed = (shop, days) => [
    "backtest", "--quiet", "--from", days, "--output", join(folder, shop, "backtest"),
  ];
  // Twenty items tell as much about the page as all would, in a few seconds.
  const command = sample(join(folder, "sample/runs"), nights);
  command(...replayed("sample", "2026-05-25"), "--sample", "20");
  const shop = join(folder, "hostile/restock.toml");
  writeHostile(join(folder, "hostile"));
  for (const night of nights) restock(shop, "run", "--quiet", "--as-of", night);
  restock(shop, ...replayed("hostile", "2026-05-25"));
}
