// PandaDoc's official client for Node works with the simulator, and Node verifies what the simulator delivers.
//
// SIMULATOR has the base URL, and PANDADOC_API_KEY the key.

import assert from "node:assert/strict";
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import pandadoc from "pandadoc-node-client";

const { SIMULATOR, PANDADOC_API_KEY } = process.env;
const EVENT = "document_updated";

const api = new pandadoc.WebhookSubscriptionsApi(
  pandadoc.createConfiguration({
    baseServer: new pandadoc.ServerConfiguration(SIMULATOR, {}),
    authMethods: { apiKey: `API-Key ${PANDADOC_API_KEY}` },
  }),
);

let receiver;
let received;

before(async () => {
  receiver = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push({ url: request.url, body: Buffer.concat(chunks) });
    response.end();
  });
  await new Promise((listening) => receiver.listen(0, "127.0.0.1", listening));
});

after(() => receiver?.close());

beforeEach(async () => {
  received = [];
  await control("POST", "reset");
});

async function control(method, path, body) {
  const answer = await fetch(`${SIMULATOR}/__admin/${path}`, {
    method,
    headers: body && { "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, text);
  return text && JSON.parse(text);
}

function subscribe() {
  const url = `http://127.0.0.1:${receiver.address().port}/hooks?tenant=7`;
  return api.createWebhookSubscription({
    webhookSubscriptionCreateRequest: { name: "Invoices", url, triggers: [EVENT] },
  });
}

function deliver(subscription) {
  const data = { id: "d-1" };
  return control("POST", "deliveries", { provider: "pandadoc", subscription, event: EVENT, data });
}

// PandaDoc's documentation of the signature, https://developers.pandadoc.com/docs/webhook-verification.
function isGenuine({ url, body }, key) {
  const signature = new URL(url, SIMULATOR).searchParams.get("signature");
  const expected = createHmac("sha256", key).update(body).digest();
  return timingSafeEqual(Buffer.from(signature, "hex"), expected);
}

test("the client creates a subscription and reads it", async () => {
  const created = await subscribe();
  const read = await api.detailsWebhookSubscription({ id: created.uuid });
  assert.deepEqual([created.active, created.triggers, created.sharedKey.length], [true, [EVENT], 22]);
  assert.deepEqual(read, created);
});

test("the client reads why a request was rejected", async () => {
  const nothing = { id: "d173751d-0057-4d5c-ab75-49a670a4ca68" };
  const isNotFound = ({ code, body }) => code === 404 && body.type === "request_error";
  await assert.rejects(api.detailsWebhookSubscription(nothing), isNotFound);
});

test("a delivery is signed with the key that the client created", async () => {
  const { uuid, sharedKey } = await subscribe();
  const report = await deliver(uuid);
  assert.deepEqual([report.status, report.key_generation], [200, 1]);
  assert.ok(isGenuine(received[0], sharedKey));
});

test("a delivery is signed with the key that the client regenerated, and not with the one before it", async () => {
  const { uuid, sharedKey: old } = await subscribe();
  const { sharedKey } = await api.updateWebhookSubscriptionSharedKey({ id: uuid });
  await deliver(uuid);
  assert.deepEqual([isGenuine(received[0], sharedKey), isGenuine(received[0], old)], [true, false]);
});

test("a regeneration whose answer is lost has changed the key", async () => {
  const { uuid, sharedKey: old } = await subscribe();
  const operation = "updateWebhookSubscriptionSharedKey";
  const fault = { fault: "cut_after_applying", operation, times: 1 };
  const { id } = await control("POST", "faults", fault);
  await assert.rejects(api.updateWebhookSubscriptionSharedKey({ id: uuid }));
  const { sharedKey } = await api.detailsWebhookSubscription({ id: uuid });
  const { hits } = await control("GET", `faults/${id}`);
  assert.deepEqual([hits.length, hits[0].effect], [1, "cut after applying, 200 OK lost"]);
  assert.notEqual(sharedKey, old);
});
