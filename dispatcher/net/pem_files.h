// Files of keys and certificates, looked at before anybody needs them.
//
// FailedPrecondition says what is wrong with the file and what to do, without its name ("can't be
// read (Permission denied): …"), and never what is in it.
#pragma once

#include <string>

#include "dispatcher/base/status.h"

namespace dispatcher {

// What OpenSSL asks for a key's password: none is given, so that nobody is asked on a terminal.
int NoKeyPassword(char*, int, int, void*);

// OK if it can be read and holds a word at least: a token, a password.
absl::Status CheckSecretFile(const std::string& file);

// OK if it holds certificates as PEM, and nothing that is begun as one and is none.
absl::Status CheckCaFile(const std::string& file);

// The same, and its first one is in force now.
absl::Status CheckCertFile(const std::string& file);

// OK if it holds a private key as PEM without a password.
absl::Status CheckKeyFile(const std::string& file);

// Whether the key is that of the first certificate; true if one of them can't be read.
bool BelongTogether(const std::string& cert_file, const std::string& key_file);

}  // namespace dispatcher
