"""Huawei Cloud's own Python SDK against the emulated service.

    python official_sdk.py http://127.0.0.1:PORT

One line a check; the first that fails ends it with a status that is not 0.
The service is expected as seeded, and to take a reset up within a second.
"""

import sys
import time

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions import exceptions
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkrocketmq import v2

INSTANCE, GROUP, TOPIC, RETRY = "sandbox-rocketmq", "group_01", "topic_01", "%RETRY%group_01"


def client(address, secret="sandbox-sk", project="sandbox-project"):
    config = HttpConfig.get_default_config()
    config.retry_times = 0
    return (v2.RocketMQClient.new_builder()
            .with_http_config(config)
            .with_credentials(BasicCredentials("sandbox-ak", secret, project))
            .with_endpoints([address])
            .build())


def check(what, got, want):
    if got != want:
        sys.exit(f"FAIL {what}: got {got!r}, want {want!r}")
    print(f"ok   {what}")


def refused(what, call, status, code):
    try:
        got = call()
    except exceptions.ServiceResponseException as e:
        check(what, (e.status_code, e.error_code, bool(e.request_id)), (status, code, True))
        return
    sys.exit(f"FAIL {what}: it is answered with {got}")


def committed(c, topic=TOPIC):
    answer = c.show_consumer_list_or_details(v2.ShowConsumerListOrDetailsRequest(instance_id=INSTANCE, group=GROUP, topic=topic))
    return {(b.broker_name, q.id): q.consumer_offset for b in answer.brokers for q in b.queues}


def everywhere(offset):
    return {(broker, n): offset for broker in ("broker-0", "broker-1") for n in range(4)}


def reads(c):
    answer = c.list_instance_consumer_groups(v2.ListInstanceConsumerGroupsRequest(instance_id=INSTANCE, limit=50, offset=0))
    check("groups are listed", [g.name for g in answer.groups], [GROUP])
    answer = c.list_rocket_instance_topics(v2.ListRocketInstanceTopicsRequest(instance_id=INSTANCE, limit=1, offset=1))
    check("topics are listed in pages", ([t.name for t in answer.topics], answer.total), ([TOPIC], 2))
    answer = c.show_one_topic(v2.ShowOneTopicRequest(instance_id=INSTANCE, topic=TOPIC))
    check("a topic is shown", [b.read_queue_num for b in answer.brokers], [4, 4])
    answer = c.show_topic_status(v2.ShowTopicStatusRequest(instance_id=INSTANCE, topic=TOPIC))
    check("its boundaries are told", {(b.broker_name, q.id): q.max_offset - q.min_offset for b in answer.brokers for q in b.queues}, everywhere(500))
    answer = c.show_group(v2.ShowGroupRequest(instance_id=INSTANCE, group=GROUP))
    check("a group is shown", (answer.name, answer.group_online, answer.broadcast), (GROUP, True, False))
    answer = c.show_consumer_connections(v2.ShowConsumerConnectionsRequest(instance_id=INSTANCE, group=GROUP, is_detail=True))
    check("its clients are listed", (answer.online, len(answer.clients), answer.clients[0].subscriptions[-1].topic), (True, 1, TOPIC))
    answer = c.show_consumer_connections_for_rocket_mq(v2.ShowConsumerConnectionsForRocketMqRequest(instance_id=INSTANCE, group=GROUP))
    check("and by the newer path", answer.online, True)
    answer = c.show_consumer_list_or_details(v2.ShowConsumerListOrDetailsRequest(instance_id=INSTANCE, group=GROUP))
    check("its topics are listed, the retry topic among them", answer.topics, [RETRY, TOPIC])
    check("its offsets are told", committed(c), everywhere(500))
    check("and those of the retry topic", committed(c, RETRY), {("broker-0", 0): 3, ("broker-1", 0): 3})


def resets(c):
    def body(milliseconds):
        return v2.ResetConsumeOffsetReq(topic=TOPIC, timestamp=milliseconds)

    def settled(offset):
        for _ in range(50):
            if committed(c) == everywhere(offset):
                break
            time.sleep(0.1)
        check(f"the offsets move to {offset}", committed(c), everywhere(offset))

    answer = c.reset_consume_offset(v2.ResetConsumeOffsetRequest(engine="reliability", instance_id=INSTANCE, group=GROUP, body=body(0)))
    check("a reset tells where it leads", {(q.broker_name, q.queue_id): q.timestamp_offset for q in answer.queues}, everywhere(0))
    settled(0)
    c.reset_consume_offset(v2.ResetConsumeOffsetRequest(engine="rocketmq", instance_id=INSTANCE, group=GROUP, body=body(int(time.time() * 1000))))
    settled(500)
    c.reset_consume_offset_for_rocket_mq(v2.ResetConsumeOffsetForRocketMqRequest(instance_id=INSTANCE, group=GROUP, body=body(int(time.time() - 24 * 3600 - 120) * 1000)))
    settled(250)
    check("the retry topic has stayed", committed(c, RETRY), {("broker-0", 0): 3, ("broker-1", 0): 3})
    refused("an unknown group is refused", lambda: c.reset_consume_offset(
        v2.ResetConsumeOffsetRequest(engine="reliability", instance_id=INSTANCE, group="other", body=body(0))), 404, "DMS.00404901")


def refusals(address):
    request = v2.ShowGroupRequest(instance_id=INSTANCE, group=GROUP)
    refused("a wrong secret is refused", lambda: client(address, secret="wrong").show_group(request), 401, "APIGW.0301")
    refused("another project is refused", lambda: client(address, project="other").show_group(request), 401, "DMS.10240104")
    refused("an unknown instance is refused", lambda: client(address).show_group(v2.ShowGroupRequest(instance_id="other", group=GROUP)), 404, "DMS.00404022")


if __name__ == "__main__":
    reads(client(sys.argv[1]))
    resets(client(sys.argv[1]))
    refusals(sys.argv[1])
