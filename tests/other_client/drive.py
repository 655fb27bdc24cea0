"""Has the generated client do what it can at the simulator, and checks what it reads.

Every answer, errors included, must have been read as the type that the document declares for its
status: the client leaves `parsed` empty where it cannot.
"""

import sys
from uuid import UUID

from pandadoc_client import AuthenticatedClient, models
from pandadoc_client.api.webhook_events import details_webhook_event, list_webhook_event
from pandadoc_client.api.webhook_subscriptions import (
    create_webhook_subscription as create,
    delete_webhook_subscription as delete,
    details_webhook_subscription as details,
    list_webhook_subscriptions as list_all,
    update_webhook_subscription as update,
    update_webhook_subscription_shared_key as regenerate,
)

TRIGGER = models.WebhookSubscriptionTriggerEnum.DOCUMENT_STATE_CHANGED


def settings(path):
    with open(path, encoding="utf-8") as lines:
        # What comes after the first empty line are requests.
        head = lines.read().split("\n\n")[0]
    return dict(line.split("=", 1) for line in head.splitlines())


def checked(answer, status):
    assert answer.status_code == status, (answer.status_code, answer.content)
    assert status == 204 or answer.parsed is not None, answer.content
    return answer.parsed


def subscription(url="https://shop.example/hooks"):
    return models.WebhookSubscriptionCreateRequest(name="Invoices", url=url, triggers=[TRIGGER])


def all_goes_well(client):
    made = checked(create.sync_detailed(client=client, body=subscription()), 201)
    assert (made.name, made.active, made.triggers) == ("Invoices", True, [TRIGGER]), made
    assert made.status == models.WebhookSubscriptionStatusEnum.ACTIVE, made
    one = made.uuid

    listed = checked(list_all.sync_detailed(client=client), 200)
    assert [item.uuid for item in listed.items] == [one], listed

    seen = checked(details.sync_detailed(one, client=client), 200)
    assert seen == made, (seen, made)

    change = models.WebhookSubscriptionPatchRequest(name="Offers", active=False)
    changed = checked(update.sync_detailed(one, client=client, body=change), 200)
    assert (changed.name, changed.url) == ("Offers", made.url), changed
    assert changed.status == models.WebhookSubscriptionStatusEnum.INACTIVE, changed

    key = checked(regenerate.sync_detailed(one, client=client), 200).shared_key
    assert key != made.shared_key and len(key) == 22, "no new key"
    assert checked(details.sync_detailed(one, client=client), 200).shared_key == key

    events = checked(list_webhook_event.sync_detailed(client=client, count=10, page=1), 200)
    assert events.items == [], events

    checked(delete.sync_detailed(one, client=client), 204)


def errors_are_read(base_url, keys):
    def caller(key):
        return AuthenticatedClient(base_url=base_url, token=keys[key], prefix="API-Key")

    admin, member, sandbox = map(
        caller,
        ["PANDADOC_API_KEY", "PANDADOC_MEMBER_API_KEY", "PANDADOC_SANDBOX_API_KEY"],
    )
    patch = models.WebhookSubscriptionPatchRequest(name="Offers")
    nothing = UUID("d173751d-0057-4d5c-ab75-49a670a4ca68")

    wrong = checked(create.sync_detailed(client=admin, body=subscription("no url")), 400)
    assert wrong.type_ == "request_error", wrong
    assert wrong.detail["url"] == ["Enter a valid URL."], wrong

    keys["nobody's"] = "0"
    for call in (
        lambda client: list_all.sync_detailed(client=client),
        lambda client: create.sync_detailed(client=client, body=subscription()),
        lambda client: details.sync_detailed(nothing, client=client),
        lambda client: update.sync_detailed(nothing, client=client, body=patch),
        lambda client: delete.sync_detailed(nothing, client=client),
        lambda client: regenerate.sync_detailed(nothing, client=client),
        lambda client: details_webhook_event.sync_detailed(nothing, client=client),
        lambda client: list_webhook_event.sync_detailed(client=client, count=1, page=1),
    ):
        refused = checked(call(caller("nobody's")), 401)
        assert (refused.type_, refused.detail) == ("authentication_error", "Invalid key.")

    for call in (
        lambda client: create.sync_detailed(client=client, body=subscription()),
        lambda client: details.sync_detailed(nothing, client=client),
        lambda client: update.sync_detailed(nothing, client=client, body=patch),
        lambda client: delete.sync_detailed(nothing, client=client),
        lambda client: regenerate.sync_detailed(nothing, client=client),
    ):
        forbidden = checked(call(member), 403)
        assert forbidden.type_ == "permissions_error" and forbidden.info_message, forbidden
        assert forbidden.links[0].rel == "help", forbidden

    for call in (
        lambda client: details.sync_detailed(nothing, client=client),
        lambda client: update.sync_detailed(nothing, client=client, body=patch),
        lambda client: delete.sync_detailed(nothing, client=client),
        lambda client: regenerate.sync_detailed(nothing, client=client),
    ):
        missing = checked(call(admin), 404)
        assert (missing.type_, missing.detail) == ("request_error", "Not found"), missing

    for _ in range(10):
        checked(list_all.sync_detailed(client=sandbox), 200)
    throttled = list_all.sync_detailed(client=sandbox)
    assert checked(throttled, 429).type_ == "throttled", throttled
    assert 0 < int(throttled.headers["retry-after"]) <= 60, throttled.headers


def main():
    given = settings(sys.argv[1])
    base_url = given["PANDADOC_BASE_URL"]
    all_goes_well(
        AuthenticatedClient(base_url=base_url, token=given["PANDADOC_API_KEY"], prefix="API-Key")
    )
    errors_are_read(base_url, given)
    print("the other client read every answer")


main()
