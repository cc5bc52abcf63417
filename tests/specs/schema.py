"""Holds a JSON file against a schema of tests/data/marathon/schema:

    schema.py SCHEMA FILE

Prints each breach with its place. Exit code: 0 none, 1 some, 2 it can't be tried.
"""
import json
import os
import sys

try:
    import jsonschema
except ImportError:
    print("install the Debian package python3-jsonschema")
    sys.exit(2)

schema_file, file = (os.path.abspath(path) for path in sys.argv[1:3])
with open(schema_file) as text:
    schema = json.load(text)
with open(file) as text:
    document = json.load(text)
jsonschema.Draft7Validator.check_schema(schema)
# The schemas name each other by file.
resolver = jsonschema.RefResolver("file://" + schema_file, schema)
breaches = list(jsonschema.Draft7Validator(schema, resolver=resolver).iter_errors(document))
for breach in breaches:
    print("/" + "/".join(str(part) for part in breach.absolute_path) + ": " + breach.message)
sys.exit(1 if breaches else 0)
