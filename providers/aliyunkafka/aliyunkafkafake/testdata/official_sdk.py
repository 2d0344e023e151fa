"""Alibaba Cloud's own SDKs for Python against the service at the address in
argv: the older one, which signs with HMAC-SHA1, and the newer, generated one,
which signs with ACS3-HMAC-SHA256. One line a check; the first that fails ends
it."""

import json
import sys
import time

from alibabacloud_alikafka20190916 import models
from alibabacloud_alikafka20190916.client import Client
from alibabacloud_tea_openapi.models import Config
from aliyunsdkalikafka.request.v20190916 import (
    GetConsumerListRequest,
    GetConsumerProgressRequest,
    GetTopicListRequest,
    GetTopicStatusRequest,
    UpdateConsumerOffsetRequest,
)
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient

HOST = sys.argv[1].removeprefix("http://")
KEY, SECRET, REGION = "sandbox-ak", "sandbox-sk", "cn-hangzhou"
INSTANCE, GROUP, TOPIC = "alikafka_post-cn-sandbox", "orders-billing", "orders"


def check(what, got, want):
    if got != want:
        print(f"FAILED: {what}: got {got!r}, want {want!r}")
        sys.exit(1)
    print(f"ok: {what}")


class Older:
    """aliyun-python-sdk-core, with the answers as they come."""

    name = "aliyun-python-sdk"

    def __init__(self, secret=SECRET):
        self.client = AcsClient(KEY, secret, REGION)

    def ask(self, module, **params):
        request = getattr(module, module.__name__.rsplit(".", 1)[1])()
        request.set_endpoint(HOST)
        request.set_protocol_type("http")
        request.set_InstanceId(INSTANCE)
        for name, value in params.items():
            getattr(request, "set_" + name)(value)
        return json.loads(self.client.do_action_with_exception(request))

    def groups(self):
        answer = self.ask(GetConsumerListRequest)
        return [g["ConsumerId"] for g in answer["ConsumerList"]["ConsumerVO"]]

    def topics(self):
        answer = self.ask(GetTopicListRequest, CurrentPage="1", PageSize="5")
        return [(t["Topic"], t["PartitionNum"]) for t in answer["TopicList"]["TopicVO"]]

    def bounds(self):
        answer = self.ask(GetTopicStatusRequest, Topic=TOPIC)
        return [(o["Partition"], o["MinOffset"], o["MaxOffset"]) for o in answer["TopicStatus"]["OffsetTable"]["OffsetTable"]]

    def offsets(self):
        answer = self.ask(GetConsumerProgressRequest, ConsumerId=GROUP)
        return [o["ConsumerOffset"] for o in answer["ConsumerProgress"]["TopicList"]["TopicList"][0]["OffsetList"]["OffsetList"]]

    def last_read(self):
        answer = self.ask(GetConsumerProgressRequest, ConsumerId=GROUP)
        return answer["ConsumerProgress"]["TopicList"]["TopicList"][0]["OffsetList"]["OffsetList"][0]["LastTimestamp"]

    def state(self):
        return self.ask(GetConsumerProgressRequest, ConsumerId=GROUP)["ConsumerProgress"]["state"]

    def to_offsets(self, offsets):
        entries = [{"partition": p, "offset": o} for p, o in offsets.items()]
        return self.ask(UpdateConsumerOffsetRequest, ConsumerId=GROUP, Topic=TOPIC, ResetType="offset", Offsets=entries)["Success"]

    def to_time(self, topic, milli):
        return self.ask(UpdateConsumerOffsetRequest, ConsumerId=GROUP, Topic=topic, ResetType="timestamp", Time=str(milli))["Success"]

    def refusal(self):
        try:
            self.groups()
        except ServerException as e:
            return e.get_error_code()
        return None


class Newer:
    """alibabacloud_alikafka20190916, with its own types."""

    name = "alibabacloud_alikafka20190916"

    def __init__(self, secret=SECRET):
        self.client = Client(Config(access_key_id=KEY, access_key_secret=secret, region_id=REGION, endpoint=HOST, protocol="http"))

    def groups(self):
        body = self.client.get_consumer_list(models.GetConsumerListRequest(instance_id=INSTANCE, region_id=REGION)).body
        return [g.consumer_id for g in body.consumer_list.consumer_vo]

    def topics(self):
        body = self.client.get_topic_list(models.GetTopicListRequest(instance_id=INSTANCE, region_id=REGION, page_size="5")).body
        return [(t.topic, t.partition_num) for t in body.topic_list.topic_vo]

    def bounds(self):
        body = self.client.get_topic_status(models.GetTopicStatusRequest(instance_id=INSTANCE, region_id=REGION, topic=TOPIC)).body
        return [(o.partition, o.min_offset, o.max_offset) for o in body.topic_status.offset_table.offset_table]

    def progress(self, hide=True):
        request = models.GetConsumerProgressRequest(instance_id=INSTANCE, region_id=REGION, consumer_id=GROUP, hide_last_timestamp=hide)
        return self.client.get_consumer_progress(request).body.consumer_progress

    def offsets(self):
        return [o.consumer_offset for o in self.progress().topic_list.topic_list[0].offset_list.offset_list]

    def last_read(self):
        return self.progress(hide=False).topic_list.topic_list[0].offset_list.offset_list[0].last_timestamp

    def state(self):
        return self.progress().state

    def update(self, **params):
        request = models.UpdateConsumerOffsetRequest(instance_id=INSTANCE, region_id=REGION, consumer_id=GROUP, **params)
        return self.client.update_consumer_offset(request).body.success

    def to_offsets(self, offsets):
        entries = [models.UpdateConsumerOffsetRequestOffsets(partition=p, offset=o) for p, o in offsets.items()]
        return self.update(topic=TOPIC, reset_type="offset", offsets=entries)

    def to_time(self, topic, milli):
        return self.update(topic=topic, reset_type="timestamp", time=str(milli))

    def refusal(self):
        try:
            self.groups()
        except Exception as e:  # the generated SDKs have no common base
            return getattr(e, "code", repr(e))
        return None


# The older one says InvalidAccessKeySecret itself, once it finds that the
# service has signed the same string.
for sdk, refused in ((Older, "InvalidAccessKeySecret"), (Newer, "SignatureDoesNotMatch")):
    s = sdk()
    check(f"{s.name}: groups", GROUP in s.groups(), True)
    check(f"{s.name}: topics", (TOPIC, 3) in s.topics(), True)
    check(f"{s.name}: boundaries", s.bounds(), [(0, 0, 500), (1, 0, 500), (2, 0, 500)])
    check(f"{s.name}: state", s.state(), "EMPTY")
    check(f"{s.name}: time of the last consumed record", 0 < s.last_read() < time.time() * 1000, True)
    check(f"{s.name}: reset to offsets", s.to_offsets({0: 10, 2: 30}), True)
    check(f"{s.name}: read back", s.offsets()[::2], [10, 30])
    check(f"{s.name}: reset a topic to the earliest", s.to_time(TOPIC, -2), True)
    check(f"{s.name}: read back", s.offsets(), [0, 0, 0])
    check(f"{s.name}: reset every topic to a time", s.to_time("", int(time.time() * 1000) - 24 * 3600 * 1000), True)
    check(f"{s.name}: read back", all(0 < n < 500 for n in s.offsets()), True)
    check(f"{s.name}: reset to the latest", s.to_time(TOPIC, -1), True)
    check(f"{s.name}: read back", s.offsets(), [500, 500, 500])
    check(f"{s.name}: a wrong secret is refused", sdk("wrong").refusal(), refused)
