// The page of the control API in a real browser: it loads without an error, and its buttons do what they say.
//
// SIMULATOR has the base URL, CHROMIUM the path of the browser, and SCREENSHOTS a folder for pictures of the page.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import puppeteer from "puppeteer-core";

const { SIMULATOR, PANDADOC_API_KEY, CHROMIUM, SCREENSHOTS } = process.env;
const MARKUP = "<script>document.title = 'replaced'</script>";

let browser;
let page;
let receiver;
let complaints;

before(async () => {
  browser = await puppeteer.launch({
    executablePath: CHROMIUM,
    // A container's user is often root, for whom Chromium has no sandbox.
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
  receiver = createServer((request, response) => request.resume().on("end", () => response.end()));
  await new Promise((listening) => receiver.listen(0, "127.0.0.1", listening));
});

after(async () => {
  await browser?.close();
  receiver?.close();
});

// Each test has a simulator without the subscriptions of another, and a page that shows one subscription.
beforeEach(async () => {
  await fetch(`${SIMULATOR}/__admin/reset`, { method: "POST" });
  await page?.close();
  page = await browser.newPage();
  complaints = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("requestfailed", (request) => complaints.push(request.url()));
  await page.goto(`${SIMULATOR}/__admin/`);
  await subscribe(MARKUP);
  await page.waitForSelector("article");
});

async function subscribe(name) {
  const { port } = receiver.address();
  const subscription = { name, url: `http://127.0.0.1:${port}/hooks`, triggers: ["document_updated"] };
  const answer = await fetch(`${SIMULATOR}/public/v1/webhook-subscriptions`, {
    method: "POST",
    headers: { authorization: `API-Key ${PANDADOC_API_KEY}`, "content-type": "application/json" },
    body: JSON.stringify(subscription),
  });
  assert.equal(answer.status, 201);
}

async function click(text) {
  await page.locator(`button ::-p-text(${text})`).click();
}

// Waits until an element has a text.
async function shows(selector, text) {
  const has = (selector, text) => document.querySelector(selector)?.textContent.includes(text);
  await page.waitForFunction(has, { timeout: 5000 }, selector, text);
}

test("the page loads without an error of its policy, its script or a resource", async () => {
  await shows("#connection", "connected");
  assert.deepEqual(complaints, []);
});

test("a subscription named <script> shows as text", async () => {
  await shows("article h3", MARKUP);
  assert.equal(await page.title(), "Webhook simulator");
});

test("a request appears when it is made", async () => {
  await subscribe("Offers");
  await shows("#requests", "POST /public/v1/webhook-subscriptions → 201");
});

test("a delivery that its button triggers appears", async () => {
  await click("Deliver");
  await shows("#told", "Delivered: 200, attempts: 1, key: 1.");
  await shows("#deliveries", "document_updated with key 1 → 200");
});

test("a key that its button regenerates signs the next delivery", async () => {
  await click("Regenerate the key");
  await shows("article", "Key 2");
  await click("Deliver");
  await shows("#deliveries", "document_updated with key 2 → 200");
});

test("a fault that its button injects happens, and is removed by another", async () => {
  await page.select("select[name=fault]", "duplicate");
  await click("Inject the fault");
  await shows("#faults", "duplicate (all, every time), hits: 0");
  await click("Deliver");
  await shows("#faults", "duplicate (all, every time), hits: 1");
  await click("Remove duplicate");
  await page.waitForFunction(() => document.querySelector("#faults").children.length === 0);
});

test("a fault without a parameter asks for none", async () => {
  assert.equal(await page.$eval("input[name=parameter]", (input) => input.checkVisibility()), false);
});

test("a fault with a parameter asks for it", async () => {
  await page.select("select[name=fault]", "delay");
  await click("Inject the fault");
  assert.ok(await page.$("input[name=parameter]:invalid"));
  await page.type("input[name=parameter]", "1.5");
  await click("Inject the fault");
  await shows("#faults", "delay");
});

test("the button advances the clock", async () => {
  const before = await page.$eval("#now", (time) => time.dateTime);
  await click("Advance the clock");
  const isLater = (before) => Date.parse(document.querySelector("#now").dateTime) >= Date.parse(before) + 3.6e6;
  await page.waitForFunction(isLater, { timeout: 5000 }, before);
});

test("the keyboard alone triggers a delivery", async () => {
  const isDeliver = () => document.activeElement.textContent === "Deliver";
  for (let tabs = 0; tabs < 20 && !(await page.evaluate(isDeliver)); tabs += 1) {
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await shows("#deliveries", "document_updated with key 1 → 200");
});

test("the page is not wider than a telephone", async () => {
  await page.setViewport({ width: 400, height: 900 });
  await click("Deliver");
  await shows("#deliveries", "document_updated");
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 400, `${width}`);
  await picture("narrow");
});

test("the page is dark if the system is", async () => {
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
  const color = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(color, "rgb(21, 24, 27)");
  await click("Deliver");
  await shows("#deliveries", "document_updated");
  await picture("dark");
});

async function picture(name) {
  if (SCREENSHOTS) await page.screenshot({ path: `${SCREENSHOTS}/${name}.png`, fullPage: true });
}
