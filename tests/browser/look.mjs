// Copyright: (c) 2026, MIT Open Learning contributors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Opens pages in an installed Chromium, desktop and phone, light and dark, and prints as JSON what a test judges.
//   node look.mjs MODULES CHROMIUM SCREENSHOTS PAGE...     (SCREENSHOTS: a directory, or empty for none)
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, executablePath, screenshots, ...pages] = process.argv.slice(2);
const require = createRequire(join(resolve(modules), "node_modules", "x.js"));
const { chromium } = require("playwright-core");
const axe = require("axe-core");
const RULES = { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const looks = [];
for (const path of pages) {
  for (const [device, width, height] of [["desktop", 1280, 900], ["phone", 360, 780]]) {
    for (const colorScheme of ["light", "dark"]) {
      // bypassCSP lets the checker in, which the page itself forbids.
      const context = await browser.newContext({ viewport: { width, height }, colorScheme, bypassCSP: true });
      const page = await context.newPage();
      const requests = [];
      const messages = [];
      page.on("request", (request) => requests.push(request.url()));
      page.on("console", (message) => messages.push(message.text()));
      await page.goto(pathToFileURL(resolve(path)).href);
      const facts = await page.evaluate(() => ({
        scripts: document.scripts.length,
        overflow: document.documentElement.scrollWidth - window.innerWidth,
        overlaps: (() => {
          const boxes = [...document.querySelectorAll(".picture > svg text")].map((text) => text.getBoundingClientRect());
          const hit = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom - 2 && b.top < a.bottom - 2;
          return boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) => hit(a, b))).length;
        })(),
        // Texts that are wider than the smallest box they begin in.
        spills: (() => {
          const boxes = [...document.querySelectorAll(".picture > svg rect")].map((rect) => rect.getBoundingClientRect());
          const around = (text) => (box) => box.left <= text.left && text.left < box.right && box.top < text.bottom && text.top < box.bottom;
          return [...document.querySelectorAll(".picture > svg text")].filter((label) => {
            const text = label.getBoundingClientRect();
            const [box] = boxes.filter(around(text)).sort((a, b) => a.width * a.height - b.width * b.height);
            return !box || text.right > box.right;
          }).map((label) => label.textContent);
        })(),
      }));
      if (screenshots) {
        const name = `${basename(dirname(resolve(path)))}-${device}-${colorScheme}.png`;
        await page.screenshot({ path: join(screenshots, name), fullPage: true, clip: { x: 0, y: 0, width, height: 1250 } });
      }
      // What is folded is to be judged as well.
      await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
      await page.evaluate(axe.source);
      const found = await page.evaluate((rules) => window.axe.run(document, rules), RULES);
      const brief = (list) => list.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120)).slice(0, 3).join(" | ")}`);
      looks.push({
        page: path, device, colorScheme, ...facts, requests: requests.length, messages,
        violations: brief(found.violations), unsure: brief(found.incomplete), passes: found.passes.length,
      });
      await context.close();
    }
  }
}
await browser.close();
console.log(JSON.stringify(looks, null, 1));
