"""Holds the emulated EnOS against a client that shares nothing with ours.

EnOS publishes no SDK of its token scheme, so this is the scheme as its manual
describes it, in Python's standard library. Prints a line a check and exits
with 1 at the first that fails.

usage: independent_client.py http://127.0.0.1:PORT
"""

import hashlib
import json
import sys
import time
import urllib.parse
import urllib.request

BASE = sys.argv[1]
KEY, SECRET, ORG = "sandbox-ak", "sandbox-sk", "o15sandbox"
PIPELINE, RUNNING = "sandbox-pipeline", "sandbox-running"


def sha256(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def send(method, url, body=None, headers=()):
    request = urllib.request.Request(url, data=body, method=method)
    request.add_header("Content-Type", "application/json;charset=UTF-8")
    for name, value in headers:
        request.add_header(name, value)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as response:
        return json.loads(response.read())


def ask_token(how="get", stamp=None, key=KEY, secret=SECRET, **more):
    stamp = str(int(time.time() * 1000)) if stamp is None else stamp  # as text, as a public integration sends it
    body = {"appKey": key, "encryption": sha256(key + str(stamp) + secret), "timestamp": stamp, **more}
    return send("POST", BASE + "/apim-token-service/v2.0/token/" + how, json.dumps(body).encode("utf-8"))


def sign(token, params, body, stamp, secret):
    data = "".join(name + value for name, value in sorted(params.items()))
    return sha256(token + data + body + stamp + secret)


def call(method, path, params=None, body="", token=None, secret=SECRET, org=ORG):
    params = {"orgId": org, **(params or {})}
    stamp = str(int(time.time() * 1000))
    url = BASE + "/streaming/v2.0/streaming/" + path + "?" + urllib.parse.urlencode(params)
    headers = [
        ("apim-accesstoken", token or TOKEN),
        ("apim-timestamp", stamp),
        ("apim-signature", sign(token or TOKEN, params, body, stamp, secret)),
    ]
    return send(method, url, body.encode("utf-8") if body or method == "POST" else None, headers)


def status_of(pipeline):
    listed = call("GET", "pipelines", {"ifReleased": "true", "pageSize": "10", "pageNo": "1"})
    return {p["pipelineId"]: p["status"] for p in listed["data"]["pipelines"]}[pipeline]


def check(what, got, want):
    if got != want:
        print(f"FAILED {what}: got {got!r}, want {want!r}")
        sys.exit(1)
    print("ok", what)


check(
    "the manual's own example of a signature",
    sign("xxxxaaaxxxx", {"k3": "v3", "k1": "v1", "k2": "v2"}, '{\n  "count": 20,\n  "page": 1,\n  "desc": "描述"\n}', "1572574909697", "xxxappSecretxxx"),
    "59828328f6c1f9771015dc74e4929ae30f518a35a3d2353972c2ea46556fc981",
)
check("a wrong secret is refused", ask_token(secret="wrong")["status"], 1003)
check("an unknown key is refused", ask_token(key="nobody")["status"], 1002)
now = int(time.time() * 1000)
granted = ask_token(stamp=now)
check("a token is granted", (granted["status"], granted["msg"], granted["business"]), (0, "SUCCESS", "apim-token-service"))
TOKEN = granted["data"]["accessToken"]
check("it lives for two hours", 7190 <= int(granted["data"]["expire"]) <= 7200, True)
check("the same request is refused", ask_token(stamp=now)["status"], 1001)
check("the same token comes back", ask_token(stamp=now + 1)["data"]["accessToken"], TOKEN)
check("a clock that is off is refused", ask_token(stamp=now - 20 * 60 * 1000)["status"], 1004)

check("a list hides released pipelines", call("GET", "pipelines")["data"]["count"], 0)
check("a paused pipeline is listed", status_of(PIPELINE), "PAUSED")
check("a running pipeline is listed", status_of(RUNNING), "RUNNING")
check("details have no status", "status" in call("GET", "pipeline/" + PIPELINE)["data"], False)
figures = call("GET", "pipeline/" + RUNNING + "/offset-lag")["data"]["lagAndOffset"]
check("a running pipeline tells figures", sorted(figures[-1]), ["lag", "offset", "ts"])
check("a paused one tells none", call("GET", "pipeline/" + PIPELINE + "/offset-lag")["code"], 99000)
check("an unknown pipeline is told", call("GET", "pipeline/nowhere")["msg"], "Stream processing job does not exit.")

check("a signature by another secret is refused", call("GET", "pipelines", secret="wrong")["code"], 1003)
check("a token that is none is refused", call("GET", "pipelines", token="none")["code"], 1203)
check("values are signed decoded", call("GET", "pipelines", org="o15 a:b/ü+%")["code"], 99403)

check("a paused pipeline is reset", call("POST", "pipeline/" + PIPELINE + "/offset")["code"], 0)
check("a running one is not", call("POST", "pipeline/" + RUNNING + "/offset")["code"] != 0, True)
check("a running one is paused", call("POST", "pipeline/" + RUNNING, {"action": "pause"})["code"], 0)
check("and is paused then", status_of(RUNNING), "PAUSED")
check("a paused one cannot be paused", call("POST", "pipeline/" + RUNNING, {"action": "pause"})["code"], 61152)
check("a paused one is reset", call("POST", "pipeline/" + RUNNING + "/offset")["code"], 0)
settings = json.dumps({"executionMode": 0, "kafkaRate": 1000, "resourceConfig": {"server": "1"}}, indent=2)
check("a paused one is started", call("POST", "pipeline/" + RUNNING, {"action": "start"}, settings)["code"], 0)
check("and runs then", status_of(RUNNING), "RUNNING")
check("it reads from the begin", int(call("GET", "pipeline/" + RUNNING + "/offset-lag")["data"]["lagAndOffset"][0]["offset"]), 0)
check("a start without settings is refused", call("POST", "pipeline/" + PIPELINE, {"action": "start"}, "{}")["code"], 61100)
check("a stop stops", call("POST", "pipeline/" + RUNNING, {"action": "stop"})["code"], 0)
check("and is stopped then", status_of(RUNNING), "STOPPED")

fresh = ask_token("refresh", accessToken=TOKEN)
check("a token is refreshed", fresh["status"], 0)
check("the old one has ended", call("GET", "pipelines")["code"], 1203)
TOKEN = fresh["data"]["accessToken"]
check("the new one is good", call("GET", "pipelines")["code"], 0)
check("the old one cannot be refreshed", ask_token("refresh", stamp=now + 2, accessToken=granted["data"]["accessToken"])["status"], 1204)
