"""Drives the emulated service with the vendor's own SDK for Python.

usage: official_sdk.py HOST:PORT

Prints one line a check and ends with the first that fails.
"""

import sys
import time

from tencentcloud.common import credential
from tencentcloud.common.exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.dts.v20211206 import dts_client, models

SUBSCRIPTION = "subs-sandbox0001"
TOPIC = "topic-subs-sandbox0001-cdb-1"
GROUP = "consumer-grp-subs-sandbox0001-audit"


def client(secret_id="sandbox-ak", secret_key="sandbox-sk", token=None, region="ap-guangzhou", unsigned=False):
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=sys.argv[1]))
    profile.unsignedPayload = unsigned
    return dts_client.DtsClient(credential.Credential(secret_id, secret_key, token), region, profile)


def fill(request, **fields):
    for name, value in fields.items():
        setattr(request, name, value)
    return request


def check(name, got, want):
    if got != want:
        sys.exit(f"{name}: got {got!r}, want {want!r}")
    print("ok", name)


def refused(name, code, call):
    try:
        answer = call()
    except TencentCloudSDKException as e:
        check(name, (e.get_code(), bool(e.get_request_id())), (code, True))
        return
    sys.exit(f"{name}: it is not refused: {answer}")


def groups(c, **fields):
    return c.DescribeConsumerGroups(fill(models.DescribeConsumerGroupsRequest(), SubscribeId=SUBSCRIPTION, **fields))


def stands(c):
    return [p.ConsumerGroupOffset for p in groups(c).Items[0].StateOfPartition]


def places(c, when):
    answer = c.DescribeOffsetByTime(fill(models.DescribeOffsetByTimeRequest(), SubscribeId=SUBSCRIPTION, Time=when))
    return {i.PartitionNo: i.Offset for i in answer.Items}


def reset(c, partitions, mode, when=None, group=GROUP, topic=TOPIC):
    request = fill(models.ResetConsumerGroupOffsetRequest(), SubscribeId=SUBSCRIPTION, TopicName=topic, ConsumerGroupName=group, PartitionNos=partitions, ResetMode=mode)
    if when:
        request.ResetDatetime = when
    return bool(c.ResetConsumerGroupOffset(request).RequestId)


def beijing(seconds):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 8 * 3600 + seconds))


c = client()

detail = c.DescribeSubscribeDetail(fill(models.DescribeSubscribeDetailRequest(), SubscribeId=SUBSCRIPTION))
check("the subscription", (detail.SubscribeId, detail.Topic, detail.SubsStatus, detail.KafkaConfig.NumberOfPartitions), (SUBSCRIPTION, TOPIC, "running", 4))

listed = groups(c)
check("the groups", (listed.TotalCount, len(listed.Items)), (12, 10))
check("the second page", [len(groups(c, Offset=10).Items), len(groups(c, Offset=3, Limit=2).Items)], [2, 2])
first = listed.Items[0]
check("a group", (first.ConsumerGroupName, first.ConsumerGroupState, first.Account), (GROUP, "Empty", "account-subs-sandbox0001-audit"))
check("its positions", [(p.PartitionNo, p.ConsumerGroupOffset, p.ConsumerGroupLag) for p in first.StateOfPartition], [(n, 400, 176) for n in range(4)])

check("the oldest places", places(c, ""), {n: 0 for n in range(4)})
check("the newest places", places(c, beijing(86400)), {n: 576 for n in range(4)})
check("the places of a time", places(c, beijing(-24 * 3600 + 5)), {n: 288 for n in range(4)})

check("a reset to a time", (reset(c, [0, 1], "datetime", beijing(-24 * 3600 + 5)), stands(c)), (True, [288, 288, 400, 400]))
check("a reset to the begin", (reset(c, [1], "earliest"), stands(c)), (True, [288, 0, 400, 400]))
check("a reset to the end", (reset(c, [3], "latest"), stands(c)), (True, [288, 0, 400, 576]))
check("a reset without its time", (reset(c, [0], "datetime"), stands(c)), (True, [0, 0, 400, 576]))

check("a payload that is not signed", stands(client(unsigned=True)), [0, 0, 400, 576])
check("a temporary key", stands(client("sandbox-tmp-ak", "sandbox-tmp-sk", "sandbox-token")), [0, 0, 400, 576])

refused("a wrong secret", "AuthFailure.SignatureFailure", lambda: stands(client(secret_key="wrong")))
refused("an unknown key", "AuthFailure.SecretIdNotFound", lambda: stands(client(secret_id="nobody")))
refused("an expired token", "AuthFailure.TokenFailure", lambda: stands(client("sandbox-tmp-ak", "sandbox-tmp-sk", "expired")))
refused("another region", "ResourceNotFound.ResourceNotFoundError", lambda: stands(client(region="ap-shanghai")))
refused("an unknown group", "ResourceNotFound.ResourceNotFoundError", lambda: reset(c, [0], "earliest", group=GROUP + "x"))
refused("an unknown topic", "ResourceNotFound.ResourceNotFoundError", lambda: reset(c, [0], "earliest", topic="orders"))
refused("an unknown partition", "InvalidParameterValue.InvalidParameterValueError", lambda: reset(c, [77], "earliest"))
refused("an unknown mode", "InvalidParameterValue.InvalidParameterValueError", lambda: reset(c, [0], "begin"))
refused("no partitions", "MissingParameter", lambda: reset(c, [], "earliest"))
refused("partitions as texts", "InvalidParameter", lambda: reset(c, ["0"], "earliest"))
refused("a time that is none", "InvalidParameterValue.DataConvertError", lambda: places(c, "yesterday"))
refused("an unknown action", "InvalidAction", lambda: c.call("NobodyKnowsThis", {}) and c.call_json("NobodyKnowsThis", {}))
check("nothing was moved by them", stands(c), [0, 0, 400, 576])
