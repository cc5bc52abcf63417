#!/usr/bin/python3
"""Checks a listing that deploy/package/sbom.py made: whether it is SPDX 2.3, and true.

  check_sbom.py LISTING VERSION LDD INSTALLED

VERSION is the dispatcher's; LDD a file with what `ldd` says of the program where it runs,
INSTALLED one with what `dpkg-query -W` says where it was built, or in the image, whose
listing has to have all of it.
"""
import json
import re
import sys

breaches = []


def need(truth, what):
    if not truth:
        breaches.append(what)


def check_form(listing):
    for field in ("spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace", "creationInfo", "packages", "relationships"):
        need(listing.get(field), f"the document has no {field}")
    need(listing["spdxVersion"] == "SPDX-2.3" and listing["dataLicense"] == "CC0-1.0", "the document is not SPDX 2.3")
    need(listing["SPDXID"] == "SPDXRef-DOCUMENT", "the document has another id")
    need(re.fullmatch(r"https://[^#\s]+", listing["documentNamespace"]), "the namespace is no address")
    made = listing["creationInfo"]
    need(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", made["created"]), f"created at {made['created']}")
    need(all(re.match("(Tool|Person|Organization): .", creator) for creator in made["creators"]), "a creator is of no kind")

    ids = ["SPDXRef-DOCUMENT"]
    for package in listing["packages"]:
        name = package.get("name") or "a package without a name"
        ids.append(package.get("SPDXID", ""))
        need(re.fullmatch("SPDXRef-[A-Za-z0-9.-]+", ids[-1]), f"{name} has the id '{ids[-1]}'")
        need(package.get("filesAnalyzed") is False, f"{name}'s files are listed nowhere")
        for field in ("versionInfo", "supplier", "downloadLocation", "licenseConcluded", "licenseDeclared", "copyrightText"):
            need(package.get(field), f"{name} has no {field}")
        need(package.get("supplier") == "NOASSERTION" or package.get("supplier", "").startswith("Organization: "),
             f"{name}'s supplier is of no kind")
        need(re.fullmatch(r"NOASSERTION|[A-Za-z0-9.-]+( (AND|OR) [A-Za-z0-9.-]+)*", package.get("licenseDeclared", "")),
             f"{name}'s licence is no expression")
        for outside in package.get("externalRefs", []):
            need(re.fullmatch(r"pkg:deb/[a-z]+/[^@/]+@[^@?:+]+\?arch=[a-z0-9]+&distro=[a-z0-9.-]+", outside["referenceLocator"]),
                 f"{name}'s address {outside['referenceLocator']}")
    need(len(ids) == len(set(ids)), f"an id stands for two: {[one for one in ids if ids.count(one) > 1]}")
    for entry in listing["relationships"]:
        need(entry["relationshipType"] in ("DESCRIBES", "CONTAINS", "DYNAMIC_LINK", "BUILD_DEPENDENCY_OF"), f"{entry} is of no kind")
        need(entry["spdxElementId"] in ids and entry["relatedSpdxElement"] in ids, f"{entry} is about nothing")
    need([entry["relationshipType"] for entry in listing["relationships"]].count("DESCRIBES") == 1, "it describes one thing")


def check_truth(listing, version, libraries, installed):
    packages = {package["SPDXID"]: package for package in listing["packages"]}
    need(packages.get("SPDXRef-dispatcher", {}).get("versionInfo") == version, f"the dispatcher is not of version {version}")

    def related(kind):
        return [(packages[entry["spdxElementId"]], packages[entry["relatedSpdxElement"]], entry.get("comment", ""))
                for entry in listing["relationships"] if entry["relationshipType"] == kind]

    told = {}
    for _, package, files in related("DYNAMIC_LINK"):
        told.update(dict.fromkeys(files.split(), package))
        need(installed.get(package["name"]) == package["versionInfo"],
             f"{package['name']} is {package['versionInfo']}, and installed {installed.get(package['name'])}")
    need(len(libraries) > 10, "ldd says too little")
    need(set(told) == libraries, f"linked: {sorted(libraries)}, listed: {sorted(told)}")
    compiled = {package["name"] for package, _, _ in related("BUILD_DEPENDENCY_OF")}
    for name in ("libabsl-dev", "libcpp-httplib-dev", "libspdlog-dev", "nlohmann-json3-dev", "prometheus-cpp-dev"):
        need(name in compiled, f"{name} was compiled in, and is not listed")
    need(not any("catch2" in name for name in compiled), "a library of the tests is listed")

    contained = {package["name"]: package["versionInfo"] for _, package, _ in related("CONTAINS")}
    need(not contained or contained == installed, f"the image has {sorted(set(contained.items()) ^ set(installed.items()))}")


listing_file, version, ldd_file, installed_file = sys.argv[1:]
with open(listing_file, encoding="utf-8") as file:
    listing = json.load(file)
with open(ldd_file, encoding="utf-8") as file:
    libraries = {line.split()[0].rpartition("/")[2] for line in file} - {"linux-vdso.so.1"}
with open(installed_file, encoding="utf-8") as file:
    installed = {name.split(":")[0]: version for name, version in (line.split() for line in file)}
check_form(listing)
if not breaches:
    check_truth(listing, version, libraries, installed)
for breach in breaches:
    print(f"check_sbom: {breach}")
if breaches:
    sys.exit(1)
print(f"{listing['name']}: {len(listing['packages'])} packages, {len(libraries)} libraries")
