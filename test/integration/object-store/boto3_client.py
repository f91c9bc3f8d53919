"""What a boto3 user does with the local S3 server. Prints one JSON line per step; exits 1 on a surprise."""

import io
import json
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import boto3
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

s3.delete_object(Bucket=bucket, Key=key)
results["deleted"] = error_of(s3.get_object, Bucket=bucket, Key=key)
many = [{"Key": item} for item in results["list"]]
results["delete_many"] = len(s3.delete_objects(Bucket=bucket, Delete={"Objects": many})["Deleted"])
results["list_v1"] = s3.list_objects(Bucket=bucket).get("Contents", [])
results["left"] = s3.list_objects_v2(Bucket=bucket)["KeyCount"]
s3.delete_bucket(Bucket=bucket)
results["buckets_left"] = len(s3.list_buckets()["Buckets"])
print(json.dumps(results))
