"""KooCLI's commands, made by Huawei Cloud's own Python SDK.

    HCLOUD_ENDPOINT=http://127.0.0.1:PORT python hcloud.py RocketMQ ACTION --cli-region=… --project_id=… --group=…

KooCLI is in no package registry. Like it, this program takes the action's name and its
parameters under the names of the API, and calls the action of that name.
"""

import os
import re
import sys

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkrocketmq import v2


def main(service, action, *options):
    if service != "RocketMQ":
        sys.exit(f"unknown service {service}")
    given = dict(o.removeprefix("--").split("=", 1) for o in options)
    system = {name: given.pop(name) for name in list(given) if name.startswith("cli-")}
    if not system.get("cli-region"):
        sys.exit("--cli-region is missing")
    client = (v2.RocketMQClient.new_builder()
              .with_credentials(BasicCredentials(os.environ["HUAWEICLOUD_SDK_AK"], os.environ["HUAWEICLOUD_SDK_SK"], given.pop("project_id")))
              .with_endpoints([os.environ["HCLOUD_ENDPOINT"]])
              .build())
    request = getattr(v2, action + "Request")
    parameters = {name: given.pop(name) for name in list(given) if name in request.openapi_types}
    if "body" in request.openapi_types:
        model = getattr(v2, action + "Req")
        body = {name: given.pop(name) for name in list(given) if name in model.openapi_types}
        parameters["body"] = model(**body)
    if given:
        sys.exit(f"{action} has no parameters {sorted(given)}")
    print(getattr(client, re.sub(r"(?<!^)(?=[A-Z])", "_", action).lower())(request(**parameters)))


main(*sys.argv[1:])
