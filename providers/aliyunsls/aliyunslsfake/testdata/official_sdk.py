"""The vendor's two Python SDKs against the emulated Log Service.

Usage: official_sdk.py http://127.0.0.1:PORT

Prints one line a check and ends with the first that fails.
"""

import base64
import socket
import sys
import time

from Tea.exceptions import TeaException
from alibabacloud_sls20201230 import models
from alibabacloud_sls20201230.client import Client
from alibabacloud_tea_openapi.models import Config
from aliyun.log import LogClient, LogException
from aliyun.log.auth import AUTH_VERSION_1, AUTH_VERSION_4

ADDRESS = sys.argv[1]
HOST = ADDRESS.removeprefix("http://")
PROJECT, LOGSTORE, GROUP = "sandbox", "access-log", "access-log-etl"
KEY, SECRET = "sandbox-ak", "sandbox-sk"


def number(cursor):
    return int(base64.b64decode(cursor))


def cursor(n):
    return base64.b64encode(str(n).encode()).decode()


def check(what, ok):
    if not ok:
        sys.exit(f"FAIL {what}")
    print(f"ok {what}", flush=True)


def refused(what, code, do):
    try:
        do()
    except LogException as e:
        check(f"{what}: {code}", e.get_error_code() == code and e.get_request_id())
    except TeaException as e:
        check(f"{what}: {code}", e.code == code)
    else:
        sys.exit(f"FAIL {what}: it was not refused")


def log_client(version, secret=SECRET, token=None):
    client = LogClient(ADDRESS, KEY, secret, token, auth_version=version, region="cn-hangzhou")
    client._isRowIp = True  # the client overlooks an address with a port
    return client


def log_sdk(version):
    name = f"log sdk {version}"
    client = log_client(version)
    shards = client.list_shards(PROJECT, LOGSTORE).get_shards_info()
    check(f"{name}: shards", [(s["shardID"], s["status"]) for s in shards] == [(0, "readwrite"), (1, "readwrite"), (2, "readonly")])
    begin = client.get_begin_cursor(PROJECT, LOGSTORE, 0).get_cursor()
    end = client.get_end_cursor(PROJECT, LOGSTORE, 0).get_cursor()
    check(f"{name}: begin and end", number(end) - number(begin) == 500)
    middle = client.get_cursor(PROJECT, LOGSTORE, 0, int(time.time()) - 24 * 3600).get_cursor()
    check(f"{name}: a time", 240 <= number(middle) - number(begin) <= 260)
    at = client.get_cursor_time(PROJECT, LOGSTORE, 0, middle).get_cursor_time()
    check(f"{name}: a cursor's time", abs(int(at) - (time.time() - 24 * 3600)) < 600)
    groups = client.list_consumer_group(PROJECT, LOGSTORE).get_consumer_groups()
    check(f"{name}: groups", GROUP in [g.get_consumer_group_name() for g in groups])
    check(f"{name}: logstores", client.list_logstore(PROJECT).get_logstores() == [LOGSTORE])

    before = {p["shard"]: p for p in client.get_check_point(PROJECT, LOGSTORE, GROUP).get_consumer_group_check_points()}
    check(f"{name}: checkpoints", sorted(before) == [0, 1, 2] and before[0]["consumer"] != "")
    client.update_check_point(PROJECT, LOGSTORE, GROUP, 1, middle, force_success=True)
    after = {p["shard"]: p for p in client.get_check_point(PROJECT, LOGSTORE, GROUP).get_consumer_group_check_points()}
    check(f"{name}: a reset", after[1]["checkpoint"] == middle and after[0] == before[0])
    client.update_check_point(PROJECT, LOGSTORE, GROUP, 1, before[1]["checkpoint"], force_success=True)
    check(f"{name}: one shard", [p["shard"] for p in client.get_check_point(PROJECT, LOGSTORE, GROUP, 1).get_consumer_group_check_points()] == [1])
    check(f"{name}: no such shard", client.get_check_point(PROJECT, LOGSTORE, GROUP, 77).get_consumer_group_check_points() == [])

    client.create_consumer_group(PROJECT, LOGSTORE, "python", 60)
    held = client.heart_beat(PROJECT, LOGSTORE, "python", "worker-1", []).get_shards()
    check(f"{name}: a consumer holds the shards", held == [0, 1, 2])
    client.update_check_point(PROJECT, LOGSTORE, "python", 0, begin, consumer="worker-1", force_success=False)
    refused(f"{name}: another consumer's shard", "ConsumerNotExist",
            lambda: client.update_check_point(PROJECT, LOGSTORE, "python", 0, begin, consumer="worker-2", force_success=False))
    client.delete_consumer_group(PROJECT, LOGSTORE, "python")

    refused(f"{name}: not base64", "InvalidShardCheckPoint", lambda: client.update_check_point(PROJECT, LOGSTORE, GROUP, 0, "#", force_success=True))
    refused(f"{name}: no shard", "ShardNotExist", lambda: client.update_check_point(PROJECT, LOGSTORE, GROUP, 77, begin, force_success=True))
    refused(f"{name}: a cursor past the end", "InvalidCursor", lambda: client.get_cursor_time(PROJECT, LOGSTORE, 0, cursor(number(end) + 1)))
    refused(f"{name}: no group", "ConsumerGroupNotExist", lambda: client.get_check_point(PROJECT, LOGSTORE, "elt"))
    refused(f"{name}: no logstore", "LogStoreNotExist", lambda: client.list_shards(PROJECT, "acces-log"))
    refused(f"{name}: no project", "ProjectNotExist", lambda: client.list_shards("sandbx", LOGSTORE))
    refused(f"{name}: a wrong secret", "SignatureNotMatch", lambda: log_client(version, "wrong").list_shards(PROJECT, LOGSTORE))
    check(f"{name}: a token", len(log_client(version, token="sandbox-token").list_shards(PROJECT, LOGSTORE).get_shards_info()) == 3)
    refused(f"{name}: an expired token", "Unauthorized", lambda: log_client(version, token="sandbox-token-of-yesterday").list_shards(PROJECT, LOGSTORE))


def resolve(host, *rest, look_up=socket.getaddrinfo):
    """The generated client always connects to project.endpoint."""
    return look_up("127.0.0.1" if host.endswith(".localhost") else host, *rest)


socket.getaddrinfo = resolve


def generated_client(version, secret=SECRET):
    return Client(Config(access_key_id=KEY, access_key_secret=secret, endpoint=HOST.replace("127.0.0.1", "localhost"),
                         protocol="http", region_id="cn-hangzhou", signature_version=version))


def generated_sdk(version):
    name = f"generated sdk {version}"
    client = generated_client(version)
    shards = client.list_shards(PROJECT, LOGSTORE).body
    check(f"{name}: shards", [(s.shard_id, s.status) for s in shards] == [(0, "readwrite"), (1, "readwrite"), (2, "readonly")])
    begin = client.get_cursor(PROJECT, LOGSTORE, "0", models.GetCursorRequest(from_="begin")).body.cursor
    end = client.get_cursor(PROJECT, LOGSTORE, "0", models.GetCursorRequest(from_="end")).body.cursor
    check(f"{name}: begin and end", number(end) - number(begin) == 500)
    at = client.get_cursor_time(PROJECT, LOGSTORE, "0", models.GetCursorTimeRequest(cursor=begin)).body.cursor_time
    check(f"{name}: a cursor's time", abs(int(at) - (time.time() - 48 * 3600)) < 600)
    groups = client.list_consumer_group(PROJECT, LOGSTORE).body
    check(f"{name}: groups", GROUP in [g.name for g in groups])
    before = client.get_check_point(PROJECT, LOGSTORE, GROUP, models.GetCheckPointRequest()).body
    check(f"{name}: checkpoints", [p.shard for p in before] == [0, 1, 2])
    client.consumer_group_update_check_point(PROJECT, LOGSTORE, GROUP,
                                             models.ConsumerGroupUpdateCheckPointRequest(shard=2, checkpoint=begin, force_success=True))
    after = client.get_check_point(PROJECT, LOGSTORE, GROUP, models.GetCheckPointRequest(shard=2)).body
    check(f"{name}: a reset", [p.checkpoint for p in after] == [begin])
    client.consumer_group_update_check_point(PROJECT, LOGSTORE, GROUP,
                                             models.ConsumerGroupUpdateCheckPointRequest(shard=2, checkpoint=before[2].checkpoint, force_success=True))
    refused(f"{name}: a wrong secret", "SignatureNotMatch", lambda: generated_client(version, "wrong").list_shards(PROJECT, LOGSTORE))


for v in (AUTH_VERSION_1, AUTH_VERSION_4):
    log_sdk(v)
for v in ("v1", "v4"):
    generated_sdk(v)
