"""What `aliyun alikafka ACTION` does, for the options that a script of this
provider uses: the vendor's client is a program that no package registry has, so
that its SDK for Python sends the request instead. Unknown options are an error."""

import os
import sys

from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest

PARAMETERS = {"RegionId", "InstanceId", "ConsumerId", "Topic", "ResetType", "Time", "Offsets"}

product, action, *options = sys.argv[1:]
if product != "alikafka":
    sys.exit(f"unknown product {product}")
request = CommonRequest(version="2019-09-16", action_name=action)
request.set_method("POST")
request.set_protocol_type("https")
region = None
while options:
    name = options.pop(0).removeprefix("--")
    if name == "insecure":
        request.set_protocol_type("http")
        continue
    value = options.pop(0)
    if name == "region":
        region = value
    elif name == "endpoint":
        request.set_domain(value)
    elif name in PARAMETERS:
        request.add_query_param(name, value)
    else:
        sys.exit(f"unknown option --{name}")
client = AcsClient(os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"], os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"], region)
print(client.do_action_with_exception(request).decode())
