"""What a boto3 user does with an S3 server. Prints what came of each step as JSON; exits 1 on a surprise."""

import io
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint, access_key, secret_key = sys.argv[1:4]
connection = {
    "endpoint_url": endpoint,
    "region_name": "us-east-1",
    "aws_access_key_id": access_key,
    "aws_secret_access_key": secret_key,
}
s3 = boto3.client("s3", **connection)
bucket = "boto3-bucket"
key = "folder/ünï +%🚀.txt"
results = {}


def error_of(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "no error"


def post_form(form, content):
    boundary = "a-boundary"
    parts = [f'name="{name}"\r\n\r\n{value}'.encode() for name, value in form["fields"].items()]
    parts.append(b'name="file"; filename="f.txt"\r\n\r\n' + content)
    head = f"--{boundary}\r\nContent-Disposition: form-data; ".encode()
    body = b"".join(head + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    try:
        return urlopen(Request(form["url"], body, headers, method="POST")).status
    except HTTPError as error:
        return error.code


s3.create_bucket(Bucket=bucket)
results["buckets"] = [one["Name"] for one in s3.list_buckets()["Buckets"]]
results["location"] = s3.get_bucket_location(Bucket=bucket)["LocationConstraint"]
s3.head_bucket(Bucket=bucket)

s3.put_object(Bucket=bucket, Key=key, Body=b"0123456789", ContentType="text/plain", Metadata={"team": "birds"})
got = s3.get_object(Bucket=bucket, Key=key)
results["get"] = [got["Body"].read().decode(), got["ContentType"], got["Metadata"]]
results["range"] = s3.get_object(Bucket=bucket, Key=key, Range="bytes=-4")["Body"].read().decode()
results["head"] = s3.head_object(Bucket=bucket, Key=key)["ContentLength"]

big = bytes(range(256)) * 4096
s3.put_object(Bucket=bucket, Key="streamed", Body=io.BufferedReader(io.BytesIO(big)))
results["streamed"] = s3.get_object(Bucket=bucket, Key="streamed")["Body"].read() == big
s3.upload_fileobj(io.BytesIO(big), bucket, "uploaded")
results["uploaded"] = s3.head_object(Bucket=bucket, Key="uploaded")["ContentLength"]
# Above 8 MB boto3 uploads in parts and downloads by ranges.
huge = big * 20
s3.upload_fileobj(io.BytesIO(huge), bucket, "in-parts")
results["in_parts"] = s3.head_object(Bucket=bucket, Key="in-parts")["ETag"][-3:-1]
back = io.BytesIO()
s3.download_fileobj(bucket, "in-parts", back)
results["in_parts_back"] = back.getvalue() == huge
for algorithm in ["CRC32", "SHA1", "SHA256"]:
    s3.put_object(Bucket=bucket, Key=f"sum/{algorithm}", Body=b"x", ChecksumAlgorithm=algorithm)

results["create_again"] = error_of(s3.put_object, Bucket=bucket, Key=key, Body=b"", IfNoneMatch="*")
results["replace_stale"] = error_of(s3.put_object, Bucket=bucket, Key=key, Body=b"", IfMatch='"0"')
etag = got["ETag"]
results["replace"] = s3.put_object(Bucket=bucket, Key=key, Body=b"new", IfMatch=etag)["ETag"] != etag
results["not_modified"] = error_of(
    s3.get_object, Bucket=bucket, Key=key, IfNoneMatch=s3.head_object(Bucket=bucket, Key=key)["ETag"]
)

pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 2})
results["list"] = [item["Key"] for page in pages for item in page.get("Contents", [])]
top = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
results["folders"] = [one["Prefix"] for one in top["CommonPrefixes"]]

# Copies, the second of them in parts because it is above 8 MB.
s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": key})
results["copy"] = s3.get_object(Bucket=bucket, Key="copy")["Body"].read().decode()
s3.copy({"Bucket": bucket, "Key": "in-parts"}, bucket, "copy")
results["copy_in_parts"] = s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == huge
s3.delete_object(Bucket=bucket, Key="copy")

# URLs: boto3's default signature is the old one, s3v4 has to be asked for.
for name, client in [("v2", s3), ("v4", boto3.client("s3", config=Config(signature_version="s3v4"), **connection))]:
    put = client.generate_presigned_url("put_object", {"Bucket": bucket, "Key": key, "Metadata": {"by": name}}, 60)
    headers = {"x-amz-meta-by": name}
    urlopen(Request(put, name.encode(), headers | {"Content-Type": ""}, method="PUT"))
    download = {"Bucket": bucket, "Key": key, "ResponseContentDisposition": "attachment"}
    with urlopen(client.generate_presigned_url("get_object", download, 60)) as answer:
        got = [answer.read().decode(), answer.headers["x-amz-meta-by"], answer.headers["Content-Disposition"]]
    try:
        urlopen(client.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key}, 60).replace("Signature=", "Signature=a"))
    except HTTPError as error:
        got.append(error.code)
    results[f"presigned_{name}"] = got

# A form for a browser, again in both ways of signing.
for name, client in [("v2", s3), ("v4", boto3.client("s3", config=Config(signature_version="s3v4"), **connection))]:
    conditions = [["content-length-range", 1, 10], {"x-amz-meta-by": name}]
    form = client.generate_presigned_post(bucket, "form/${filename}", {"x-amz-meta-by": name}, conditions, 60)
    statuses = [post_form(form, content) for content in [b"posted", b"more than ten bytes"]]
    head = s3.head_object(Bucket=bucket, Key="form/f.txt")
    results[f"form_{name}"] = [*statuses, head["ContentLength"], head["Metadata"]]
s3.delete_object(Bucket=bucket, Key="form/f.txt")

# Files, with settings that make six parts of one; parts by number; attributes.
config = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20, max_concurrency=3)
with TemporaryDirectory() as folder:
    path = Path(folder)
    (path / "up").write_bytes(huge + huge[: 6 << 20])
    extra = {"ContentType": "text/csv", "Metadata": {"team": "fish"}, "ChecksumAlgorithm": "SHA256"}
    s3.upload_file(str(path / "up"), bucket, "file", ExtraArgs=extra, Config=config)
    s3.download_file(bucket, "file", str(path / "down"), Config=config)
    results["file"] = (path / "down").read_bytes() == (path / "up").read_bytes()
part = s3.get_object(Bucket=bucket, Key="file", PartNumber=6)
results["part"] = [part["PartsCount"], part["ContentLength"], len(part["Body"].read())]
wanted = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]
attributes = s3.get_object_attributes(Bucket=bucket, Key="file", ObjectAttributes=wanted)
results["attributes"] = [
    attributes["ETag"][-2:],
    attributes["Checksum"]["ChecksumType"],
    [one["Size"] for one in attributes["ObjectParts"]["Parts"]][-2:],
    attributes["StorageClass"],
    attributes["ObjectSize"],
]
s3.delete_object(Bucket=bucket, Key="file")

# The resource interface, waiters, tags, settings.
resource = boto3.resource("s3", **connection).Bucket(bucket)
resource.Object("res/one").put(Body=b"1")
results["resource"] = [one.key for one in resource.objects.filter(Prefix="res/")]
s3.get_waiter("object_exists").wait(Bucket=bucket, Key="res/one")
s3.put_object_tagging(Bucket=bucket, Key="res/one", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
results["tags"] = s3.get_object_tagging(Bucket=bucket, Key="res/one")["TagSet"]
resource.objects.filter(Prefix="res/").delete()
results["no_bucket_tags"] = error_of(s3.get_bucket_tagging, Bucket=bucket)
s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
results["bucket_tags"] = s3.get_bucket_tagging(Bucket=bucket)["TagSet"]
rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "jobs/"}, "Expiration": {"Days": 7}}
s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
results["rules"] = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == [rule]
results["no_such_bucket"] = error_of(s3.head_bucket, Bucket="no-such-bucket")

# Versions.
versioned = "boto3-versions"
s3.create_bucket(Bucket=versioned)
s3.put_bucket_versioning(Bucket=versioned, VersioningConfiguration={"Status": "Enabled"})
first = s3.put_object(Bucket=versioned, Key="v", Body=b"1")["VersionId"]
s3.put_object(Bucket=versioned, Key="v", Body=b"22")
marker = s3.delete_object(Bucket=versioned, Key="v")["DeleteMarker"]
pages = list(s3.get_paginator("list_object_versions").paginate(Bucket=versioned, PaginationConfig={"PageSize": 1}))
old = s3.get_object(Bucket=versioned, Key="v", VersionId=first)["Body"].read().decode()
results["versions"] = [marker, sum(len(page.get("Versions", [])) for page in pages), old]
boto3.resource("s3", **connection).Bucket(versioned).object_versions.delete()
s3.delete_bucket(Bucket=versioned)

s3.delete_object(Bucket=bucket, Key=key)
results["deleted"] = error_of(s3.get_object, Bucket=bucket, Key=key)
many = [{"Key": item} for item in results["list"]]
results["delete_many"] = len(s3.delete_objects(Bucket=bucket, Delete={"Objects": many})["Deleted"])
results["list_v1"] = s3.list_objects(Bucket=bucket).get("Contents", [])
results["left"] = s3.list_objects_v2(Bucket=bucket)["KeyCount"]
s3.delete_bucket(Bucket=bucket)
results["buckets_left"] = len(s3.list_buckets()["Buckets"])
print(json.dumps(results))
