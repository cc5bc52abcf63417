#!/usr/bin/python3
"""Prints what the dispatcher is made of, in SPDX 2.3 as JSON:

  sbom.py build FOLDER            the program in a build folder of Ninja's: the packages of the
                                  libraries it loads, and those whose headers it was compiled with
  sbom.py image LISTING FOLDER    an image, of its files in FOLDER: what LISTING says of the
                                  build, and every package that is installed there

Needs dpkg. The time in it is SOURCE_DATE_EPOCH's, if that is set.
"""
import datetime
import json
import os
import re
import subprocess
import sys
import urllib.parse
import uuid

# What SPDX calls the licences that Debian names so.
SPDX_LICENCES = {
    "Expat": "MIT", "MIT": "MIT", "Apache-2.0": "Apache-2.0", "Zlib": "Zlib", "0BSD": "0BSD",
    "BSD-2-Clause": "BSD-2-Clause", "BSD-2-clause": "BSD-2-Clause", "BSD-3-Clause": "BSD-3-Clause",
    "BSD-3-clause": "BSD-3-Clause", "BSL-1.0": "BSL-1.0", "CC0-1.0": "CC0-1.0", "ISC": "ISC",
    "GPL-1+": "GPL-1.0-or-later", "GPL-2": "GPL-2.0-only", "GPL-2+": "GPL-2.0-or-later", "GPL-2.0+": "GPL-2.0-or-later",
    "GPL-3": "GPL-3.0-only", "GPL-3+": "GPL-3.0-or-later", "LGPL-2+": "LGPL-2.0-or-later",
    "LGPL-2.1": "LGPL-2.1-only", "LGPL-2.1+": "LGPL-2.1-or-later", "LGPL-3+": "LGPL-3.0-or-later",
}
PROGRAM = "SPDXRef-dispatcher"
IMAGE = "SPDXRef-image"


def output(*command, check=True, **more):
    return subprocess.run(command, check=check, stdout=subprocess.PIPE, text=True, **more).stdout


def spdx_id(name):
    return "SPDXRef-Package-" + re.sub("[^A-Za-z0-9.-]", lambda sign: f".{ord(sign[0]):x}", name)


def system_name():
    """ID, VERSION_ID and NAME of this system."""
    lines = (line.rstrip().split("=", 1) for line in open("/etc/os-release") if "=" in line)
    values = {key: value.strip('"') for key, value in lines}
    return values["ID"], values.get("VERSION_ID", ""), values["NAME"]


def licence(package, root):
    """SPDX's expression for what Debian says of most of the package, and all that it says."""
    try:
        text = open(f"{root}/usr/share/doc/{package}/copyright", encoding="utf-8", errors="replace").read()
    except OSError:
        return "NOASSERTION", None
    place = f"/usr/share/doc/{package}/copyright"
    if not re.match("Format:.*copyright-format", text):
        return "NOASSERTION", f"{place}, not machine readable"
    names = list(dict.fromkeys(re.findall("^License: *(.+?) *$", text, re.M)))
    main = re.search(r"^Files: *\n? *\*(?:[ \n].*)?\n(?:.+\n)*?License: *(.+?) *$", text, re.M)
    words = re.split(r",? +(or|and) +", main[1]) if main else [""]
    known = [word if word in ("or", "and") else SPDX_LICENCES.get(word) for word in words]
    declared = " ".join(word.upper() if word in ("or", "and") else word for word in known) if all(known) else "NOASSERTION"
    return declared, f"{place}: {', '.join(names)}"


def debian_packages(names, root=""):
    """SPDX's packages for installed ones of Debian, or for all where none is named."""
    system, release, supplier = system_name()
    fields = "${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\t${Homepage}\t${db:Status-Status}\n"
    found = {}
    # Names of no package are none of an error: see owners().
    answer = output("dpkg-query", f"--admindir={root}/var/lib/dpkg", "-W", "-f", fields, *names, check=not names,
                    stderr=subprocess.DEVNULL if names else None)
    for line in answer.splitlines():
        name, version, architecture, source, source_version, homepage, status = line.split("\t")
        if status != "installed":
            continue
        declared, comment = licence(name, root)
        found[name] = {
            "SPDXID": spdx_id(name), "name": name, "versionInfo": version, "supplier": f"Organization: {supplier}",
            "downloadLocation": "NOASSERTION", "filesAnalyzed": False, "licenseConcluded": "NOASSERTION",
            "licenseDeclared": declared, "copyrightText": "NOASSERTION", "sourceInfo": f"built from {source} {source_version}",
            "externalRefs": [{
                "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                "referenceLocator": f"pkg:deb/{system}/{urllib.parse.quote(name)}@{urllib.parse.quote(version, safe='')}"
                                    f"?arch={architecture}&distro={system}-{release}"}],
        }
        if comment:
            found[name]["licenseComments"] = comment
        if homepage:
            found[name]["homepage"] = homepage
    return found


def ours(identity, name, version, purpose):
    return {
        "SPDXID": identity, "name": name, "versionInfo": version, "supplier": "Organization: the dispatcher's authors",
        "downloadLocation": "NOASSERTION", "filesAnalyzed": False, "licenseConcluded": "Apache-2.0",
        "licenseDeclared": "Apache-2.0", "copyrightText": "NOASSERTION", "primaryPackagePurpose": purpose,
    }


def owners(paths):
    """The package that each file belongs to; without one, the file's or its folder's name."""
    # A library in /lib is known as one in /usr/lib, or the other way round.
    asked = {path: {path, os.path.realpath(path), "/usr" + path, re.sub("^/usr", "", path)} for path in paths}
    answer = output("dpkg", "-S", *sorted(set().union(*asked.values())), check=False, stderr=subprocess.DEVNULL)
    known = {}
    for line in answer.splitlines():
        package, found, path = line.partition(": ")
        if found and not package.startswith("diversion "):
            known[path] = package.split(",")[0].split(":")[0]
    return {path: next((known[name] for name in sorted(names) if name in known), re.sub(".*/(include|lib)/", "", path).split("/")[0])
            for path, names in asked.items()}


def linked(program):
    """Path of each library that the program loads: by the name it is asked for."""
    found = {}
    for line in output("ldd", program).splitlines():
        words = line.split()
        if "not found" in line:
            sys.exit(f"sbom: {line.strip()}")
        path = words[2] if "=>" in words else words[0]
        if path.startswith("/"):
            found[os.path.basename(words[0])] = path
    return found


def headers(folder):
    """Each file that the program's compilation read and that is not of this tree."""
    objects = [name for name in output("ninja", "-C", folder, "-t", "inputs", "dispatcher").splitlines() if name.endswith(".o")]
    cache = open(os.path.join(folder, "CMakeCache.txt"), encoding="utf-8").read()
    tree = {folder, re.search("^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$", cache, re.M)[1]}
    found = set()
    for line in output("ninja", "-C", folder, "-t", "deps", *objects).splitlines():
        path = os.path.normpath(os.path.join(folder, line.strip()))
        if line.startswith("    ") and not any(path.startswith(place + "/") for place in tree):
            found.add(path)
    if not found:
        sys.exit(f"sbom: {folder} does not know what it was compiled with")
    return found


def relation(one, kind, other, comment=None):
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other, **({"comment": comment} if comment else {})}


def document(name, root, packages, relations):
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    now = datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc) if epoch else datetime.datetime.now(datetime.timezone.utc)
    relations = [relation("SPDXRef-DOCUMENT", "DESCRIBES", root), *relations]
    # Another content is another document.
    content = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([packages, relations], sort_keys=True))
    return {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": name,
        "documentNamespace": f"https://spdx.org/spdxdocs/{urllib.parse.quote(name)}-{content}",
        "creationInfo": {"created": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: dispatcher-sbom.py"]},
        "packages": packages, "relationships": relations,
    }


def of_build(folder):
    folder = os.path.realpath(folder)
    program = os.path.join(folder, "bin/dispatcher")
    version = output(program, "version").split()[1]
    libraries = linked(program)
    owner = owners([*libraries.values(), *headers(folder)])
    loaded = {}
    for name, path in libraries.items():
        loaded.setdefault(owner[path], []).append(name)
    compiled = sorted({name for path, name in owner.items() if path not in libraries.values()} - set(loaded))
    known = debian_packages(sorted({*loaded, *compiled}))
    foreign = {name: {**ours(spdx_id(name), name, "", "LIBRARY"), "supplier": "NOASSERTION", "licenseConcluded": "NOASSERTION",
                      "licenseDeclared": "NOASSERTION"} for name in {*loaded, *compiled} - set(known)}
    packages = {**known, **foreign}
    return document(
        f"dispatcher-{version}", PROGRAM,
        [ours(PROGRAM, "dispatcher", version, "APPLICATION"), *(packages[name] for name in sorted(packages))],
        [*(relation(PROGRAM, "DYNAMIC_LINK", spdx_id(name), " ".join(sorted(loaded[name]))) for name in sorted(loaded)),
         *(relation(spdx_id(name), "BUILD_DEPENDENCY_OF", PROGRAM, "headers") for name in compiled)])


def of_image(listing, folder):
    build = json.load(open(listing))
    version = build["packages"][0]["versionInfo"]
    here = debian_packages([], folder)
    here.pop("dispatcher")
    kept = [entry for entry in build["relationships"] if entry["relationshipType"] != "DESCRIBES"]
    absent = [entry["relatedSpdxElement"] for entry in kept if entry["relationshipType"] == "DYNAMIC_LINK"
              and entry["relatedSpdxElement"] not in {package["SPDXID"] for package in here.values()}]
    if absent:
        sys.exit(f"sbom: not in the image: {' '.join(absent)}")
    # What was there for the build alone comes from its listing.
    only_built = [package for package in build["packages"] if package["name"] not in here]
    return document(
        f"dispatcher-image-{version}", IMAGE,
        [ours(IMAGE, "dispatcher-image", version, "CONTAINER"), *only_built, *here.values()],
        [relation(IMAGE, "CONTAINS", PROGRAM), *(relation(IMAGE, "CONTAINS", package["SPDXID"]) for package in here.values()), *kept])


if sys.argv[1:2] == ["build"] and len(sys.argv) == 3:
    listing = of_build(sys.argv[2])
elif sys.argv[1:2] == ["image"] and len(sys.argv) == 4:
    listing = of_image(sys.argv[2], sys.argv[3])
else:
    sys.exit(__doc__)
json.dump(listing, sys.stdout, indent=1, ensure_ascii=False)
print()
