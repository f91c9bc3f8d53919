"""Runs lines of the AWS command line in one process: JSON in (a list of lists of words), JSON out (code and text of each)."""

import json
import os
import sys
import tempfile

from awscli.clidriver import create_clidriver

driver = create_clidriver()
results = []
out = os.dup(1)
for words in json.load(sys.stdin):
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            code = driver.main(words)
        except SystemExit as end:
            code = end.code
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(out, 1)
        file.seek(0)
        results.append([code, file.read().decode()])
os.write(out, json.dumps(results).encode())
