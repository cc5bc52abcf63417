# Reads what `ctest -V` printed for Catch2 suites; prints "PASSED FAILED" test cases.
#
#   3: All tests passed (120 assertions in 14 test cases)
#   3: test cases:  5 |  3 passed | 2 failed
#    5/17 Test  #3: net ..............   Passed    0.52 sec
/^[0-9]+: All tests passed \(/ {
  split($0, part, " in ")
  reported[$1] = 1
  passed += part[2] + 0
}
/^[0-9]+: test cases: / {
  reported[$1] = 1
  count = split($0, part, "|")
  for (i = 2; i <= count; i++) {
    if (part[i] ~ / passed/) passed += part[i] + 0
    if (part[i] ~ / failed/ && part[i] !~ /as expected/) { failed += part[i] + 0; blamed[$1] = 1 }
  }
}
/ Test +#[0-9]+: / {
  match($0, /#[0-9]+:/)
  id = substr($0, RSTART + 1, RLENGTH - 1)
  good = $0 ~ / Passed +[0-9.]+ sec/
  if (!good && !(id in blamed)) failed++
  if (good && !(id in reported)) passed++
}
END { print passed + 0, failed + 0 }
