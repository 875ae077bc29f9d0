// Copyright: (c) 2026, MIT Open Learning contributors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// A person in an installed Chromium: from the LMS's login page by its button to where the app has people sign in, and
// back. Prints as JSON where each step ended, and what the last page says.
//   node sign_in.mjs MODULES CHROMIUM SCREENSHOTS LMS BUTTON EMAIL PASSWORD     (SCREENSHOTS: a directory, or empty for none)
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [modules, executablePath, screenshots, lms, button, email, password] = process.argv.slice(2);
const { chromium } = createRequire(join(resolve(modules), "node_modules", "x.js"))("playwright-core");

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const page = await (await browser.newContext({ viewport: { width: 1000, height: 700 } })).newPage();
const steps = [];
const note = async (name) => {
  await page.waitForLoadState("networkidle");
  if (screenshots) await page.screenshot({ path: join(screenshots, `${steps.length + 1}-${name}.png`) });
  steps.push({ name, url: page.url(), text: await page.innerText("body") });
};
// What is pressed leads away, sooner or later.
const leave = async (press) => {
  const from = page.url();
  await Promise.all([page.waitForURL((url) => url.href !== from), press()]);
};
const pressButton = () => leave(() => page.getByRole("link", { name: button }).click());

await page.goto(`${lms}/login`);
await note("lms-login");
await pressButton();
await note("sign-in");
await page.fill("[name=username]", email);
await page.fill("[name=password]", password);
await leave(() => page.keyboard.press("Enter"));
await note("signed-in");
// The gateway leads to the app's own dashboard, so the button is pressed once more.
await page.goto(`${lms}/login`);
await pressButton();
await note("lms");
if (new URL(page.url()).pathname === "/register") {
  // Somebody new; the LMS asks for what the app did not tell.
  await page.fill("[name=name]", "Test Student");
  await page.check("[name=honor_code]");
  await leave(() => page.getByRole("button", { name: "Create account" }).click());
  await note("lms-registered");
}
await browser.close();
console.log(JSON.stringify(steps));
